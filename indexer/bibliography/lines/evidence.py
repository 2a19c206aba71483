"""Weigh whether a line is a reference or a sentence of a note.

Each sign has a weight in a table; a line is a reference from `THRESHOLD` on.
"""

import re
from typing import Final

from indexer.bibliography.lines.addresses import take_addresses
from indexer.bibliography.lines.identifiers import take_access_date
from indexer.bibliography.lines.markup import (
    ADDRESS,
    EM_CLOSE,
    EM_OPEN,
    LINK_CLOSE,
    LINK_OPEN,
    Scroll,
    parse_markup,
    plain,
)
from indexer.bibliography.lines.reading import LineReading, parse_reference
from indexer.model import Reference

THRESHOLD: Final = 2.0
MAX_CHARS: Final = 1500  # no reference is longer; a paragraph is
LONG_CHARS: Final = (
    250  # nor longer than this without a date, an address or a quotation near its start
)
_SIGN: Final = re.compile(r"\b(?:1[5-9]|20)\d\d\b|//|www\.|^.{0,120}[«“\"<*\[]")

_PROSE_OPENER: Final = re.compile(
    r"^(?:cet(?:te)?|ces?|ce(?:ci|la)|le rapport|l['’](?:article|auteur|étude|ouvrage|autrice)|"
    r"les auteur|un(?:e)? |on |il |elle |ils |elles |nous |d['’]après |"
    r"selon |outre |ainsi|en effet|note qui|compte[- ]rendu|rapport d['’]une|tour d['’]horizon|"
    r"plaidoyer|pour |afin |dans (?:cet|ce)|"
    r"loin |au-delà|si |mais |or |s['’]|[àa] l['’]heure|aujourd|certain|this |the (?:author|"
    r"paper|article|book)|in this )",
    re.IGNORECASE,
)
_UNMARKED: Final = re.compile(f"[{EM_OPEN}{EM_CLOSE}{LINK_OPEN}{LINK_CLOSE}]")
_UNDATED: Final = re.compile(
    r"\bs\.\s?d\.|à paraître|sous presse|forthcoming|\bn\.d\.", re.IGNORECASE
)
_NO_AUTHOR: Final = re.compile(r"(?:anon(?:\.|yme)|collectif\b)", re.IGNORECASE)
_LAW: Final = re.compile(
    r"(?:loi|décret|arrêté|ordonnance|directive|règlement|résolution|décision)\b"
    r"(?:.* n°|\s\d{4}/\d+|\s(?:\S+\s){0,4}du \d)",
    re.IGNORECASE,
)
_IBID: Final = re.compile(
    r"(?:[^«“\"]{0,60}[,.]\s*)?\b(?:ibid(?:em)?|idem|id\.)[.,]?(?:[,.\s].{0,30})?$", re.IGNORECASE
)
_SENTENCE: Final = re.compile(r"(?<=[a-zà-ÿ)»])[.!?]\s+(?=[A-ZÀ-Ý])")
_FINITE: Final = re.compile(
    r"\b(?:est|sont|était|a été|ont été|fait|font|peut|peuvent|doit|doivent|permet(?:tent)?|"
    r"propose(?:nt)?|souligne(?:nt)?|montre(?:nt)?|"
    r"analyse(?:nt)?|explique(?:nt)?|décrit|porte sur|vise à|rappelle|met en|s['’]intéresse|"
    r"paraîtra|plaide|questionne|constate|dresse|"
    r"is|are|was|shows?|argues?|describes?)\b"
)


def weigh_reference(raw: str, *, is_listed: bool = False) -> tuple[float, LineReading]:
    """How much a line looks like a reference, and the reading that was weighed.

    `is_listed` says that the line is an entry of a list.
    """
    if len(raw) > MAX_CHARS or (len(raw) > LONG_CHARS and not _SIGN.search(raw)):
        return -9.0, LineReading(reference=Reference(id="", title="", raw=raw))
    reading = parse_reference(raw)
    words = _UNMARKED.sub("", parse_markup(raw).text)
    weight = 0.5 if is_listed else 0.0
    weight += sum(gain for gain, is_seen in _signs(reading, words) if is_seen)
    quoteless = re.sub(r"[«“\"][^»”\"]*[»”\"]", "", words)
    weight -= min(2.0, 0.75 * len(_FINITE.findall(quoteless)))
    weight -= 0.75 * max(0, len(_SENTENCE.findall(quoteless)) - 2)
    return weight, reading


def _signs(reading: LineReading, words: str) -> tuple[tuple[float, bool], ...]:
    """Give what speaks for a reference, and against one."""
    one = reading.reference
    authors = max(one.confidence.get("author", 0.0), one.confidence.get("editor", 0.0))
    numbers = (one.doi, one.isbn, one.volume, one.issue, one.page, one.number)
    ends_in_address = bool(one.url) and words.rstrip(" .)>»").endswith(ADDRESS)
    is_all_link = reading.title_sign == "link" and one.title == plain(words).strip(" .")
    is_italic = reading.title_sign == "italics"
    is_short_line = ends_in_address and len(words) < 120
    return (
        (2.0, bool(one.url)),
        (1.0, ends_in_address and len(words) < 400),
        (1.5, authors >= 0.7),
        (1.5, reading.title_sign == "quotes" and (authors >= 0.6 or words[:1] in '«“"')),
        (1.0, reading.title_sign == "link" or (is_italic and not one.title[:1].islower())),
        (1.0, bool(one.issued) or bool(_UNDATED.search(words))),
        (1.0, bool(one.editor_role)),
        (1.0, bool(one.publisher_place)),
        (0.5, bool(one.publisher)),
        (min(2.0, 1.0 * sum(map(bool, numbers))), True),
        (0.5, bool(_NO_AUTHOR.match(words))),
        (1.0, bool(_LAW.match(words))),
        (-1.5, words.endswith("?") and not one.url),
        (1.0, is_all_link),
        (-2.0, bool(_PROSE_OPENER.match(words)) and not (is_all_link or is_short_line)),
        (-1.5, len(words) > 450),
    )


def is_ibid(raw: str) -> bool:
    """Say whether a line only means the reference before it: "Ibid., p. 12"."""
    return bool(_IBID.match(plain(raw)))


def is_address_only(raw: str) -> bool:
    """Say whether a line holds an address and nothing but words that introduce one."""
    markup = parse_markup(raw)
    if not markup.addresses:
        return False
    scroll = Scroll(markup.text)
    take_addresses(scroll)
    take_access_date(scroll)
    return not any(map(str.isalnum, scroll.text))
