"""Weigh whether a line is a reference or a sentence of a note.

Each sign has a weight in a table; a line is a reference from `THRESHOLD` on.
"""

import re
from typing import Final

from indexer.bibliography.lines.identifiers import take_access_date, take_addresses
from indexer.bibliography.lines.markup import parse_markup, plain
from indexer.bibliography.lines.reading import LineReading, parse_reference
from indexer.bibliography.lines.scroll import Scroll

THRESHOLD: Final = 2.0

_PROSE_OPENER: Final = re.compile(
    r"^(?:cet(?:te)?|ces?|ce(?:ci|la)|le rapport|l['’](?:article|auteur|étude|ouvrage|autrice)|"
    r"les auteur|un(?:e)? |on |il |elle |ils |elles |nous |d['’]après |"
    r"selon |outre |ainsi|en effet|note qui|compte[- ]rendu|rapport d['’]une|tour d['’]horizon|"
    r"plaidoyer|pour |afin |dans (?:cet|ce)|"
    r"loin |au-delà|si |mais |or |s['’]|[àa] l['’]heure|aujourd|certain|this |the (?:author|"
    r"paper|article|book)|in this )",
    re.IGNORECASE,
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
    reading = parse_reference(raw)
    reference = reading.reference
    words = plain(reference.raw)
    weight = 0.5 if is_listed else 0.0
    authors = max(reference.confidence.get("author", 0.0), reference.confidence.get("editor", 0.0))
    if reference.url:
        weight += 2.0
    if authors >= 0.8:
        weight += 1.5
    if reading.title_sign == "quotes" and (authors >= 0.6 or words[:1] in '«“"'):
        weight += 1.5
    if reading.title_sign in ("italics", "link"):
        weight += 1.0
    if reference.issued:
        weight += 1.0
    if reference.editor_role:
        weight += 1.0
    weight += min(
        2.0,
        sum(
            1.0
            for value in (
                reference.doi,
                reference.isbn,
                reference.volume,
                reference.issue,
                reference.page,
                reference.number,
            )
            if value
        ),
    )
    if words.endswith("?") and not reference.url:
        weight -= 1.5
    if _PROSE_OPENER.match(words):
        weight -= 2.0
    finite = len(_FINITE.findall(re.sub(r"[«“\"][^»”\"]*[»”\"]", "", words)))
    weight -= min(2.0, 0.75 * finite)
    weight -= 0.75 * max(0, len(_SENTENCE.findall(words)) - 2)
    if len(words) > 450:
        weight -= 1.5
    return weight, reading


def is_address_only(raw: str) -> bool:
    """Say whether a line holds an address and nothing but words that introduce one."""
    markup = parse_markup(raw)
    if not markup.addresses:
        return False
    scroll = Scroll(markup.text)
    take_addresses(scroll)
    take_access_date(scroll)
    return not any(map(str.isalnum, scroll.text))
