"""Read what stands after a title: review, site or publisher, place, editors, a remark.

"in Pierre Durand (dir.), Les communs, Paris, Presses fictives" and "Le Quotidien fictif" are
told apart by what else the line has: a day, a volume, an ISBN, a city.
"""

import re
from dataclasses import dataclass, field
from typing import Final

from indexer.bibliography.lines.markup import (
    ADDRESS,
    DATE,
    EM_OPEN,
    LINK_CLOSE,
    LINK_OPEN,
    TAKEN,
    plain,
)
from indexer.bibliography.lines.names import parse_byline
from indexer.bibliography.lines.vocabulary import CITIES, REGIONS
from indexer.model import Name

_CUT: Final = f"{ADDRESS}{DATE}{TAKEN}"
_PUBLISHER: Final = re.compile(
    r"\b(?:[ée]ditions?|[ée]d\.|press(?:es)?|publish(?:ing|ers)?|publications?|verlag|books|puf|"
    r"pur|pul|pug|puv|cnrs|"
    r"gallimard|seuil|la d[ée]couverte|l['’]harmattan|fayard|flammarion|dunod|armand colin|"
    r"albin michel|springer|routledge|sage|"
    r"elsevier|wiley|palgrave|la documentation fran[çc]aise|odile jacob|actes sud|hachette|"
    r"larousse|payot|minuit|vrin|"
    r"imprimerie|librairie)\b",
    re.IGNORECASE,
)
_SITE: Final = re.compile(
    r"\b[\w-]+\.(?:fr|com|org|net|info|eu|be|ch|ca|io|co|uk|de|coop|test)\b", re.IGNORECASE
)
_SKIP: Final = re.compile(
    r"^(?:traduit|traduction|trad\b|propos recueillis|r[ée]alis[ée]|recueillis?|pr[ée]fac|"
    r"postface|illustr|avec la (?:collab|participation)|"
    r"texte|non paginé|s\.\s?l\b|s\.\s?n\b|s\.\s?d\b|ibid|op\. cit|art\. cit|art\. cité|consult|"
    r"en ligne|online|soutenue?|"
    r"par\s|coll\.|collection\b|version\b|page\s|lien\b|url\b|archive\b|doi\b|issn\b|"
    r"[àa] para[îi]tre|sous presse|"
    r"(?:un |long )?entretien (?:avec|de|r[ée]alis)|interview (?:de|avec|par)|paru|publi[ée]|"
    r"mis en ligne|le$|du$|in$)",
    re.IGNORECASE,
)
_GENRE: Final = re.compile(
    r"^(?:(?:th[èe]se|m[ée]moire|rapport|document de travail|working paper|communication|hdr|"
    r"master|[ée]tude|livre blanc|"
    r"billet|article|note|dossier|discours|tribune|brochure|avis)\b.*)$",
    re.IGNORECASE,
)
_SEGMENT: Final = re.compile(
    rf"\s*(?:[{_CUT}()\[\];|<>{LINK_OPEN}{LINK_CLOSE}]|,(?=\s|$|[{_CUT}])|\.(?=\s|$|"
    rf"[{_CUT}{EM_OPEN}])|\s[–—-]\s|[–—](?=\s)|\s?:\s|:$)\s*"
)
_IN: Final = re.compile(r"^[\s,.;:–—-]*(?:in|dans|In|Dans)\s*:?\s+(?=\S)")
_BOOK: Final = re.compile(
    rf"[\s,.;:)–—-]*(?P<title>[^,;{_CUT}]+(?:,\s+[a-zà-ÿ][^,;{_CUT}]*)*?)\s*(?=[,;{_CUT}]|$)"
)
_BY: Final = re.compile(rf"^[\s,.;:–—{LINK_CLOSE}-]*(?:par|by|de)\s+")


@dataclass(slots=True)
class Tail:
    """What stands after the title."""

    container_title: str = ""
    publisher: str = ""
    publisher_place: str = ""
    genre: str = ""
    volume: str = ""
    authors: tuple[Name, ...] = ()
    editors: tuple[Name, ...] = ()
    confidence: float = 0.0
    remark_at: int | None = None  # where, in the text given, a remark on the same line starts
    loose: list[str] = field(default_factory=list)


def parse_tail(text: str, *, is_bookish: bool, wants_author: bool) -> Tail:
    """Read the text after a title.

    `is_bookish` says that nothing of the line speaks of a periodical; `wants_author` that nobody
    was named before the title, so that « Titre », Marie Dupont, Le Quotidien names her.
    """
    tail = Tail()
    offset = 0
    if lead := _IN.match(text):
        offset = lead.end()
        byline = parse_byline(text[offset:])
        if byline.names and (byline.role or text[offset + byline.end :].lstrip()[:1] == ","):
            tail.editors = byline.names
            offset += byline.end
        tail.confidence = 0.9
        offset = _read_book(text, offset, tail)
    elif wants_author:
        offset = _read_author(text, tail)
    _read_segments(text, offset, tail, is_bookish=is_bookish)
    return tail


def _read_book(text: str, offset: int, tail: Tail) -> int:
    """The title of the book that a chapter stands in; its subtitle may follow a full stop."""
    found = _BOOK.match(text, offset)
    if found is None or EM_OPEN in found[0] or not plain(found["title"]):
        return offset
    tail.container_title = plain(found["title"]).strip(' ,.«»“”"')
    return found.end()


def _read_author(text: str, tail: Tail) -> int:
    begin = len(text) - len(text.lstrip(f" \t,.;:–—-{LINK_CLOSE}"))
    said = _BY.match(text)
    byline = parse_byline(text[said.end() if said else begin :])
    if not byline.names:
        return 0
    start_at = said.end() if said else begin
    if not _has_container(text[start_at + byline.end :]) and not said and byline.confidence < 0.95:
        if not byline.before_last:
            return 0
        byline = (
            byline.without_last()
        )  # « Titre », Julie Ferrand, France Soir: the last is the paper
    tail.authors = byline.names
    return start_at + byline.end


def _has_container(text: str) -> bool:
    parts = (plain(part) for part in _SEGMENT.split(text))
    return any(part[:1].isupper() and not _SKIP.match(part) for part in parts)


def _read_segments(text: str, offset: int, tail: Tail, *, is_bookish: bool) -> None:
    position = offset
    slots: list[tuple[str, bool]] = []  # words, in italics
    while position <= len(text):
        cut = _SEGMENT.search(text, position)
        end = cut.start() if cut else len(text)
        segment = text[position:end]
        words = plain(segment).strip(" ,;:–—-.")
        separator = text[max(0, position - 3) : position]
        if (
            words
            and (slots or not _is_title_rest(words))
            and _is_remark(words, separator, text[end:], slots)
        ):
            tail.remark_at = position
            break
        byline = parse_byline(words) if words else None
        if byline and byline.role and byline.names:
            tail.editors = tail.editors or byline.names
        elif words and _GENRE.match(words) and EM_OPEN not in segment:
            tail.genre = tail.genre or words
        elif words and not _SKIP.match(words):
            slots.append((words, EM_OPEN in segment))
        if cut is None:
            break
        position = cut.end()
    _assign(slots, tail, is_bookish=is_bookish)


def _is_title_rest(words: str) -> bool:
    return False


def _is_remark(words: str, separator: str, after: str, slots: list[tuple[str, bool]]) -> bool:
    """Say whether a segment is a sentence about the text, not part of its reference."""
    count = words.split()
    small = [word for word in count if word[:1].islower()]
    if len(count) < 4 or len(small) < len(count) / 2:
        return False
    is_dash = bool(re.search(r"[–—:]\s*$|\s-\s*$", separator))
    if not words[:1].isupper() and not is_dash:
        return False
    return bool(slots) or is_dash or len(count) > 12


def _assign(slots: list[tuple[str, bool]], tail: Tail, *, is_bookish: bool) -> None:
    italics = [words for words, is_italic in slots if is_italic]
    names = [words for words, is_italic in slots if not is_italic]
    if italics:
        tail.container_title, tail.confidence = italics[0], 0.92
    places = [words for words in names if words.lower().replace(" ", "-") in CITIES]
    names = [words for words in names if words not in places and words.lower() not in REGIONS]
    tail.publisher_place = ", ".join(places[:1])
    for words in names:
        is_publisher = bool(_PUBLISHER.search(words))
        if (
            not tail.container_title
            and not is_publisher
            and not (is_bookish and not tail.editors)
            and (
                words[:1].isupper()
                or words[:1].isdigit()
                or _SITE.search(words)
                or re.match(r"(?:blog|le|la|les|l['’]|revue|site|the)\b", words)
            )
        ):
            tail.container_title, tail.confidence = words, max(tail.confidence, 0.75)
        elif is_publisher or not tail.publisher:
            if words[:1].isupper() and len(words.split()) <= 8:
                tail.publisher = f"{tail.publisher}, {words}" if tail.publisher else words
        else:
            tail.loose.append(words)
    if found := re.fullmatch(r"(?P<name>.*\D)\s+(?P<volume>\d{1,4})", tail.container_title):
        tail.container_title, tail.volume = found["name"].strip(" ,"), found["volume"]
