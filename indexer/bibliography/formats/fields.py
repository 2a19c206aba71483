"""What every export does to a field before its format does: no control character, no lone half."""

import html
import re
from typing import Final

# Control characters and lone surrogates have no place in any of the formats; tab and newline
# are white space, which the formats treat themselves.
_FORBIDDEN: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
SEASON_NUMBER: Final = {"21": 1, "22": 2, "23": 3, "24": 4}


def clean(text: str) -> str:
    """Text that may stand in a file."""
    return _FORBIDDEN.sub("", text)


_DOI_PREFIX: Final = re.compile(r"^(?:https?://(?:dx\.)?doi\.org/|doi:\s*)", re.IGNORECASE)


def tidy_doi(written: str) -> str:
    """A DOI in small letters, without "doi:" or the address that people write before it."""
    return _DOI_PREFIX.sub("", written.strip()).lower()


def date_parts(edtf: str) -> tuple[list[int], str]:
    """An EDTF date as numbers (year, month, day) and the number of its season, or ""."""
    parts = edtf.split("-")
    if len(parts) == 2 and parts[1] in SEASON_NUMBER:
        return [int(parts[0])], parts[1]
    return [int(part) for part in parts if re.fullmatch(r"[0-9]+", part)], ""


def note_markup(text: str, *, is_html: bool = False) -> str:
    """A note's text, as HTML where it must be: Zotero's notes are HTML, so "<" would be a tag."""
    if not is_html and not re.search(r"[<>&]", text):
        return clean(text)
    paragraphs = (html.escape(clean(part), quote=False) for part in text.split("\n\n"))
    return "".join(f"<p>{part}</p>" for part in paragraphs)
