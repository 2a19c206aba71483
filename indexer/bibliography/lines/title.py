"""Find the title of a reference line: quoted, in italics, linked, or told by what stands around.

Quotation marks make a title only where they open their slot: in « Ils « désactivent » ! » they
belong to it.
"""

import re
from dataclasses import dataclass
from typing import Final

from indexer.bibliography.lines.byline import parse_byline, parse_signature
from indexer.bibliography.lines.markup import (
    ADDRESS,
    DATE,
    EM_CLOSE,
    EM_OPEN,
    LINK_CLOSE,
    LINK_OPEN,
    TAKEN,
    plain,
)
from indexer.bibliography.lines.persons import is_body
from indexer.bibliography.lines.placed import ABBREVIATION, find_place
from indexer.bibliography.lines.pointers import is_generic_link
from indexer.bibliography.lines.scroll import Scroll, find_quotations

_CUT: Final = f"{ADDRESS}{DATE}{TAKEN}"
_OPENS: Final = re.compile(
    rf"(?:^|[,.;:!?)\]–—|/{_CUT}{LINK_OPEN}{LINK_CLOSE}{EM_CLOSE}]|\s-)[\s(]*$"
)
_CUE: Final = re.compile(
    r"(?:^|[\s,.;])(?:l['’])?(?:article|billet|chapitre|entr[ée]e|notice|page|dossier|tribune|"
    r"vid[ée]o|reportage|chronique|"
    r"post|podcast|[ée]pisode|s[ée]rie|film|communication|conf[ée]rence|titre|note|"
    r"rapport)(?:\s+(?:de\s+)?Wikip[ée]dia)?\s*:?\s*$",
    re.IGNORECASE,
)
_SERIES: Final = re.compile(
    r"\b(?:coll\.|collection|série|colloque|séminaire|journée|conférence|num[ée]ro|"
    r"dossier spécial|exposition|projet|programme)\s*:?\s*$",
    re.IGNORECASE,
)
_QUOTED_ENDS: Final = re.compile(
    rf"\s*(?:$|[,.;:()\[\]–—|/{_CUT}{LINK_CLOSE}{EM_OPEN}{EM_CLOSE}]|-\s|in\b|dans\b|par\b|by\b|"
    rf"sur\b)",
    re.IGNORECASE,
)
_IS_ANNOUNCED: Final = re.compile(rf"{EM_CLOSE}[\s,(]*{DATE}[\s)]*:\s*$")
_SLOT_END: Final = re.compile(rf",\s|\.\s|\s[—–-]\s|[{_CUT}(]|$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Title:
    """A title, where it stands, and what tells it."""

    value: str
    start: int
    end: int
    confidence: float
    sign: str  # "quotes", "italics", "link", "place"


def find_title(scroll: Scroll) -> Title | None:
    """The title of the line, or None where there are no words left for one."""
    marked = [title for title in (_linked(scroll), _italic(scroll)) if title]
    if marked and marked[0].sign == "link" and _IS_ANNOUNCED.search(scroll.text[: marked[0].start]):
        marked = marked[:1]  # *Le Courrier*, 14 juillet 2018 : [Titre](…)
    first = min(marked, key=lambda title: title.start, default=None)
    return _quoted(scroll) or first or _placed(scroll)


def _quoted(scroll: Scroll) -> Title | None:
    text = scroll.text
    for quotation in find_quotations(text):
        head = text[: quotation.start]
        start, end = quotation.start, quotation.end
        inner = text[quotation.start + 1 : quotation.end - 1]
        is_cued = bool(_CUE.search(head))  # l’article « Crowdsourcing » de Wikipédia
        opens = is_cued or bool(_OPENS.search(head))
        if (not opens and not _is_all_names(head)) or _SERIES.search(head):
            continue
        if _has_title(head):
            break  # a collection, after the title: « Poids et mesures du monde »
        if head.rstrip().endswith(":") and not _is_who(head.rstrip(" :")):
            # « Loi travail : « ce que disent… » »: the words before the colon are of the title.
            begin = _slot_start(head.rstrip(" :"))
            if not plain(head[begin:]).strip(" :"):
                continue
            return Title(
                value=_clean(text[begin:end]), start=begin, end=end, confidence=0.75, sign="quotes"
            )
        is_whole = (
            is_cued or bool(_QUOTED_ENDS.match(text, end)) or inner.rstrip()[-1:] in (".", ",")
        )
        following = text[end:].lstrip()[:1]
        if not is_whole and not following.isupper():
            stop = _SLOT_END.search(scroll.masked, end)
            end = stop.start() if stop else len(text)
            return Title(
                value=_clean(text[start:end]), start=start, end=end, confidence=0.7, sign="quotes"
            )
        return Title(value=_clean(inner), start=start, end=end, confidence=0.97, sign="quotes")
    return None


def _has_title(head: str) -> bool:
    """Say whether the words before a quotation hold names and a title already."""
    byline = parse_byline(head)
    rest = plain(re.sub(rf"[{_CUT}]", " ", head[byline.end :])).strip(" ,.:;()[]–—-")
    is_more_names = re.match(r"(?:and|et|und|&|with|avec)\b", rest) is not None
    slots = rest.count(",") + rest.count(". ")
    is_long = slots >= 1 and len(rest.split()) >= 5
    return byline.confidence >= 0.8 and is_long and not is_more_names


def _linked(scroll: Scroll) -> Title | None:
    for found in re.finditer(f"{LINK_OPEN}([^{LINK_CLOSE}]*){LINK_CLOSE}", scroll.text):
        words = plain(found[1])
        if is_generic_link(words) or not words:
            continue
        covers = scroll.masked[found.start() + 1 : found.end() - 1] == found[1]
        if covers and (parse_byline(words).names or set(found[1]) & set(_CUT + EM_OPEN)):
            continue  # the link is on the whole reference, not on the title
        before = scroll.text[: found.start()]
        if not _OPENS.search(before) and not _is_all_names(before):
            continue
        return Title(
            value=_clean(found[1]),
            start=found.start(),
            end=found.end(),
            confidence=0.9,
            sign="link",
        )
    return None


def _italic(scroll: Scroll) -> Title | None:
    found = re.search(f"{EM_OPEN}([^{EM_CLOSE}]*){EM_CLOSE}", scroll.text)
    if (
        found is None
        or not plain(found[1])
        or scroll.masked[found.start() + 1 : found.end() - 1] == found[1]
    ):
        return None
    head = plain(scroll.text[: found.start()]).strip(" ,:;()[]–—-")
    if head and not _is_who(head):
        return None  # what stands before is the title: italics are for the container
    return Title(
        value=_clean(found[1]),
        start=found.start(),
        end=found.end(),
        confidence=0.92,
        sign="italics",
    )


def _placed(scroll: Scroll) -> Title | None:
    """The title by its place: after who signs, up to what can only follow a title."""
    place = find_place(scroll.text, scroll.masked)
    if place is None:
        return None
    start, end = place
    value = _clean(scroll.text[start:end])
    if not value:
        return None
    return Title(value=value, start=start, end=end, confidence=0.7 if start else 0.6, sign="place")


def _is_who(head: str) -> bool:
    """Say whether the words before a title name who signs it."""
    head = re.sub(r"[(\[]\s*[)\]]", " ", plain(re.sub(rf"[{_CUT}]", " ", head)))
    head = re.sub(r"(?:\s*\.)+$", ".", head.strip(" ,:;()[]–—-"))
    if not head.strip("."):
        return True
    signature = parse_signature(head)
    if signature.is_nobody or signature.confidence >= 0.8:
        return True
    return len(head.split()) == 1 or is_body(head)


def _is_all_names(head: str) -> bool:
    head = plain(head).strip(" ,.:;")
    byline = parse_byline(head)
    return bool(byline.names) and not head[byline.end :].strip(" ,.:;()")


def _slot_start(head: str) -> int:
    """Where the last slot of a text starts."""
    last = 0
    for found in re.finditer(rf"[,;]\s|\.\s|\s[–—]\s|[{_CUT}]\)?\s*(?:[–—:,.]\s*)?", head):
        last = found.end()
    return last


def _clean(text: str) -> str:
    text = plain(re.sub(rf"[{_CUT}]", " ", text))
    text = re.sub(r"\s*[,;:/–—-]+$", "", text).strip()
    text = re.sub(r"^[,;:/–—-]+\s*", "", text)
    if text.endswith(".") and not text.endswith("..") and not ABBREVIATION.search(text):
        is_short = bool(re.search(r"\b[A-Z][a-z]{1,4}\.$", text))
        text = text if is_short else text[:-1]
    return text.strip()
