"""Write RIS as Zotero reads it: `N1` is a note, `L2` the archived copy, one line a value."""

from collections.abc import Iterator

from indexer.bibliography.csltypes import NUMBERED_TYPES, RIS_BY_CSL
from indexer.bibliography.exports.fields import clean, date_parts, note_markup
from indexer.bibliography.lines.dates import SEASON_NAMES
from indexer.model import Name, Reference


def render_ris(reference: Reference, notes: tuple[str, ...]) -> str:
    """One record, from `TY` to `ER`."""
    lines = (f"{tag}  - {value}" for tag, value in _lines(reference, notes))
    return "\n".join([*lines, "ER  - ", ""])


def _lines(reference: Reference, notes: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    start, _, end = reference.page.partition("-")
    numbers = (reference.issue, reference.number)
    numbers = numbers[::-1] if reference.type in NUMBERED_TYPES else numbers
    written = (
        ("TY", RIS_BY_CSL.get(reference.type, "GEN")),
        ("ID", reference.id),
        *(("AU", _name(name)) for name in reference.author),
        *(("A2", _name(name)) for name in reference.editor),
        ("TI", reference.title),
        ("T2", reference.container_title),
        ("PB", reference.publisher),
        ("CY", reference.publisher_place),
        ("PY", reference.issued[:4]),
        ("DA", _date(reference.issued)),
        ("VL", reference.volume),
        ("IS", numbers[0]),
        ("M1", numbers[1]),
        ("SP", start),
        ("EP", end),
        ("UR", reference.url or ""),
        ("Y2", _date(reference.accessed)),
        ("L2", reference.archive_url or ""),
        ("DO", reference.doi),
        ("SN", reference.isbn),
        ("LA", reference.language),
        *(("KW", word) for word in reference.keyword),
        ("AB", _note(reference.abstract)),
        *(("N1", _note(note)) for note in notes),
    )
    return ((tag, flat) for tag, value in written if (flat := " ".join(clean(value).split())))


def _note(text: str) -> str:
    """A note on one line, its paragraphs as HTML."""
    return note_markup(text, is_html="\n\n" in text)


def _name(name: Name) -> str:
    if name.literal or not (name.family and name.given):
        return name.literal or name.family or name.given
    return f"{name.family}, {name.given}"


def _date(edtf: str) -> str:
    """`YYYY/MM/DD/`, a season as the fourth part."""
    if not edtf:
        return ""
    parts, season = date_parts(edtf)
    numbers = [str(part).zfill(4 if index == 0 else 2) for index, part in enumerate(parts)]
    return "/".join([*numbers, *[""] * (3 - len(numbers)), SEASON_NAMES.get(season, "")])
