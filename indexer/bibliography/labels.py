"""Read the labels before an annotation: "Résumé :", "Commentaire :", "Mots-clés :"."""

import re
from typing import Final

from indexer.bibliography.blocks import Told

_NOTE: Final = (
    r"résumé|commentaires?|annotation|note(?: de lecture)?|notre avis|avis|présentation|synthèse|"
    r"intérêt|apport|"
    r"extraits?|à retenir|remarques?|description|abstract|summary|comment|annotation|"
    r"compte[- ]rendu|contenu|lecture"
)
_KEYWORDS: Final = r"mots[- ‑]clé(?:s|f|fs)?|keywords?|thèmes?|tags?|descripteurs?|thématiques?"
_OPEN: Final = r"(?:<(?:strong|em)>|\*\*|__|\*|_)?"
_CLOSE: Final = r"(?:</(?:strong|em)>|\*\*|__|\*|_)?"
_LABEL: Final = re.compile(
    rf"\s*{_OPEN}\s*\[?(?:(?P<note>{_NOTE})|"
    rf"(?P<keywords>{_KEYWORDS}))\]?\s*{_CLOSE}\s*:\s*{_CLOSE}[ \t\u00a0]*",
    re.IGNORECASE,
)
_CAPITAL_NOTE: Final = re.sub(r"(?:^|(?<=\|))\w", lambda letter: letter[0].upper(), _NOTE)
_CAPITAL_KEYWORDS: Final = re.sub(r"(?:^|(?<=\|))\w", lambda letter: letter[0].upper(), _KEYWORDS)
_INSIDE: Final = re.compile(
    rf"(?<=[.)»”\"!?\]\d/>])\s*(?:[–—-]\s*)?(?={_OPEN}(?:{_CAPITAL_NOTE}|"
    rf"{_CAPITAL_KEYWORDS})\s*{_CLOSE}\s*:\s)"
)


def read_label(text: str) -> tuple[Told, str]:
    """What the label at the start of a text says it is, and the text without it."""
    found = _LABEL.match(text)
    if found is None:
        return Told.NOTHING, text
    told = Told.NOTE if found["note"] else Told.KEYWORDS
    return told, text[found.end() :]


def split_at_labels(text: str) -> list[str]:
    """A text cut before each label that stands at a line's start or after a sentence."""
    parts: list[str] = []
    start = 0
    for found in _INSIDE.finditer(text):
        parts.append(text[start : found.start()])
        start = found.end()
    parts.append(text[start:])
    cut: list[str] = []
    for part in parts:
        held: list[str] = []
        for line in part.split("\n"):
            if held and read_label(line)[0]:
                cut.append("\n".join(held))
                held = []
            held.append(line)
        cut.append("\n".join(held))
    return [part for part in cut if part.strip()]
