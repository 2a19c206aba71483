"""Cut French and English prose at the ends of its sentences."""

import re
from typing import Final

# A full stop after these ends nothing: "M. Dupont", "art. 3", "p. 12", "J.-C. Martin".
_ABBREVIATION: Final = re.compile(
    r"(?:\b(?:MM?|Mmes?|Mlles?|Dr|Pr|St|Ste|art|al|cf|chap|coll|dir|éd|ed|etc|ex|fig|ibid|id|"
    r"no|n°|op|cit|p|pp|par|réf|ref|s|t|trad|vol|vs|av|env|tél|Mr|Mrs|Ms|Jr|Inc|Ltd|[A-ZÀ-Ý]))\.$"
)
_END: Final = re.compile(
    r"[.!?…]+[\"»”’)\]]*(?:[ \u00a0\u202f]*[»”])?(?=\s+[\"«“(\[—–-]*\s*[A-ZÀ-Ý0-9])|\n\s*\n"
)


def cut_sentences(text: str) -> list[tuple[int, int]]:
    """The [start, end) of every sentence, in characters; blanks around belong to none."""
    ends = []
    for found in _END.finditer(text):
        before = text[max(0, found.start() - 8) : found.start() + 1]
        if not _ABBREVIATION.search(before):
            ends.append(found.end())
    spans, start = [], 0
    for end in [*ends, len(text)]:
        inside = text[start:end]
        left = start + len(inside) - len(inside.lstrip())
        right = start + len(inside.rstrip())
        if right > left:
            spans.append((left, right))
        start = end
    return spans
