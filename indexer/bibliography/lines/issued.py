"""Choose, among the dates of a line, the one that says when the text came out."""

import re
from typing import Final

from indexer.bibliography.lines.dates import FoundDate, find_dates, find_undated
from indexer.bibliography.lines.identifiers import take_publication_cue, take_update
from indexer.bibliography.lines.markup import DATE, TAKEN
from indexer.bibliography.lines.scroll import Scroll

_LAW_OF: Final = re.compile(
    r"\b(?:loi|décret|arrêté|ordonnance|directive|règlement|résolution|décision|arrêt|circulaire|"
    r"délibération|recommandation|convention)\b[^,;.«]{0,60}\bdu $",
    re.IGNORECASE,
)


def take_date(scroll: Scroll) -> FoundDate | None:
    """Cut every date out, and return the one that says when the text came out."""
    take_update(scroll)
    take_publication_cue(scroll)
    found = sorted(find_dates(scroll.masked), key=lambda one: one.start)
    text = scroll.masked
    best = max(
        found,
        key=lambda one: (one.precision, _stands_alone(text, one), not one.is_range, one.start),
        default=None,
    )
    for one in reversed(found):
        if one is best and _LAW_OF.search(scroll.masked, 0, one.start):
            continue  # Décret n° 2015-999 du 17 août 2015 portant…: a part of the title
        # Another year may belong to a title ("…, 1850–1900"); the same one said twice does not.
        is_again = best is not None and one.value[:4] == best.value[:4] and not one.is_range
        if one is best or (is_again and _stands_alone(scroll.masked, one)):
            scroll.cut(one.start, one.end, DATE)
    undated = find_undated(scroll.masked)
    if undated:
        scroll.cut(*undated, TAKEN if best else DATE)
    return best


def _stands_alone(text: str, found: FoundDate) -> bool:
    """Say whether a date fills its slot: between commas, brackets or the line's ends."""
    before, after = text[: found.start].rstrip(), text[found.end :].lstrip()
    return (not before or before[-1] in ',.;:([–—-|\ue005\ue006\ue007\ue002»”"') and (
        not after or after[0] in ",.;:)]–—-|<\ue005\ue006\ue007"
    )
