"""Read RIS by rispy, whose only door this is; write it as Zotero reads it.

Each record goes to rispy alone, so that a broken one costs itself only, and has its line. In what
is written, `N1` is a note, `L2` the archived copy, one line a value: rispy's own writer breaks on a
newline.
"""

import re
from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any, Final

from indexer.bibliography.findings import (
    FieldRecord,
    Findings,
    findings_of,
    tell_remainder,
    tidy_note,
)
from indexer.bibliography.formats.format import (
    CSL_BY_RIS,
    NUMBERED_TYPES,
    RIS_BY_CSL,
    Format,
    clean,
    date_parts,
    note_markup,
    parse_extent,
    tidy_doi,
)
from indexer.bibliography.lines.dates import (
    SEASON_BY_NAME,
    SEASON_NAMES,
    find_year,
    fold,
    parse_edtf,
    render_edtf,
)
from indexer.bibliography.lines.markup import normalise
from indexer.bibliography.lines.persons import has_body_word
from indexer.messages import message
from indexer.model import Name, Place, Problem, Reference

# A value goes on where no tag opens the line; rispy would make another value of it.
_CONTINUED: Final = re.compile(r"\n(?![A-Z][A-Z0-9] {1,2}-(?: |$))", re.MULTILINE)
_NEWLINE: Final = "\ue0f0"
_ADDRESSES: Final = re.compile(r"\s*[;,]?\s+(?=(?:https?|ftp)://)|\s*;\s*(?=(?:https?|ftp)://)")
_END: Final = re.compile(r"^ER {1,2}-.*$", re.MULTILINE)
_START: Final = re.compile(r"^TY {1,2}- ?", re.MULTILINE)


def parse_ris(text: str, *, path: str) -> Findings:
    """Read a RIS file; `path` is for the places."""
    records: list[FieldRecord] = []
    problems: list[Problem] = []
    first = _START.search(text)
    if first and (before := normalise(text[: first.start()])):
        problems.append(tell_remainder(before, Place(path=path, line=1)))
    for line, source in _split(text):
        place = Place(path=path, line=line)
        if end := _END.search(source):
            source, after = source[: end.end()].strip(), source[end.end() :]
            if words := normalise(after):
                problems.append(tell_remainder(words, place))
        fields = _fields(source)
        if fields:
            records.append(_record(fields, source, place))
        else:
            why, words = message("problem.why.no-field-read"), normalise(source[:60])
            said = message("problem.entry-not-understood", why=why, words=words)
            problems.append(Problem(said=said, place=place))
    return findings_of(records, problems)


def _split(text: str) -> Iterator[tuple[int, str]]:
    """Split the records of a file, each with the line that it starts on."""
    starts = [found.start() for found in _START.finditer(text)]
    position, line = 0, 1
    for start, end in pairwise([*starts, len(text)]):
        line += text.count("\n", position, start)
        position = start
        yield line, text[start:end].strip()


def _fields(source: str) -> dict[str, Any] | None:
    import rispy  # here: most bibliographies hold no RIS

    if not re.search(r"^ER {1,2}-", source, re.MULTILINE):
        source += "\nER  - "
    source = re.sub(r"^([A-Z][A-Z0-9]) -(?= |$)", r"\1  -", source, flags=re.MULTILINE)
    source = _CONTINUED.sub(_NEWLINE, source)
    try:
        # rispy cuts addresses at ";", which may stand in one.
        found = rispy.loads(source, delimiter_tags_mapping={}, enforce_list_tags=False)
    except (KeyError, ValueError, AttributeError, TypeError):  # what its parser lets out
        return None
    return dict(found[0]) if found else None


def _record(fields: Mapping[str, Any], source: str, place: Place) -> FieldRecord:
    kind = CSL_BY_RIS.get(str(fields.get("type_of_reference", "")).strip(), "document")
    unknown = fields.get("unknown_tag")
    more = {"ED": unknown.get("ED")} if isinstance(unknown, dict) else {}
    editor = _names({**fields, **more}, "secondary_authors", "tertiary_authors", "ED")
    issued = _date(_one(fields, "date", "year", "publication_year"))
    numbers = [_one(fields, "number"), _one(fields, "note")]  # IS and M1
    issue, number = numbers[::-1] if kind in NUMBERED_TYPES else numbers
    urls = _addresses(fields)
    start, end = _one(fields, "start_page"), _one(fields, "end_page")
    extent = parse_extent(_one(fields, "custom1"), "p")
    is_whole = kind in _WHOLE_TYPES and not extent and not end and "-" not in start
    reference = Reference(
        id="",
        title=_one(fields, "title", "primary_title", "short_title"),
        type=kind,
        author=_names(fields, "authors", "first_authors"),
        editor=editor,
        editor_role="editor" if editor else "",
        translator=_names(fields, "subsidiary_authors"),
        container_title=_one(
            fields, "secondary_title", "journal_name", "alternate_title3", "alternate_title2"
        ),
        publisher=_one(fields, "publisher"),
        publisher_place=_one(fields, "place_published"),
        issued=issued,
        accessed=_date(_one(fields, "access_date")),
        url=urls[0] if urls else None,
        archive_url=_one(fields, "file_attachments2") or None,
        doi=tidy_doi(_one(fields, "doi")),
        isbn=_isbn(_one(fields, "issn")),
        number=number,
        volume=_one(fields, "volume"),
        issue=issue,
        page="" if is_whole else _pages(start, end),
        number_of_pages=start if is_whole else extent,
        number_of_volumes=_one(fields, "number_of_volumes"),
        edition=_one(fields, "edition"),
        collection_title=_one(fields, "tertiary_title"),
        language=_one(fields, "language"),
        abstract=tidy_note(_one(fields, "abstract", "notes_abstract")),
        keyword=tuple(_many(fields, "keywords")),
        raw=source,
        place=place,
    )
    notes = [*_many(fields, "notes"), *_many(fields, "research_notes")]
    if fields.get("abstract"):
        notes += _many(fields, "notes_abstract")  # N2 is the abstract only where AB is not there
    said = {name: " ".join(_many(fields, name)) for name in fields if name != "unknown_tag"}
    said |= {name: " ".join(map(str, value)) for name, value in (unknown or {}).items()}
    return FieldRecord(
        reference=reference, notes={"annote": [tidy_note(one) for one in notes]}, fields=said
    )


def _addresses(fields: Mapping[str, Any]) -> list[str]:
    """List the addresses of a record: several may stand in one `UR`."""
    return [one for value in _many(fields, "urls") for one in _ADDRESSES.split(value) if one]


def _many(fields: Mapping[str, Any], *keys: str) -> list[str]:
    values: list[str] = []
    for key in keys:
        value = fields.get(key)
        values += (
            [str(one) for one in value]
            if isinstance(value, list)
            else [str(value)]
            if value
            else []
        )
    values = [value.replace(_NEWLINE, "\n") for value in values]
    return [value.strip() for value in values if value.strip()]


def _one(fields: Mapping[str, Any], *keys: str) -> str:
    return normalise(next(iter(_many(fields, *keys)), ""))


def _names(fields: Mapping[str, Any], *keys: str) -> tuple[Name, ...]:
    names: list[Name] = []
    for written in _many(fields, *keys):
        family, comma, given = normalise(written).partition(",")
        given = given.strip().rstrip(",")
        # RIS has no other mark of a body: Ministère de l’Économie, des Finances et du Budget
        is_body = given[:1].islower() or (has_body_word(family) and len(given.split()) > 2)
        given, _, suffix = (part.strip() for part in given.partition(","))
        if comma and given and not is_body:
            names.append(Name(family=family.strip(), given=given, suffix=suffix))
        else:
            names.append(Name(literal=normalise(written).rstrip(", ")))
    return tuple(name for name in names if name.display)


def _date(text: str) -> str:
    """`YYYY/MM/DD/other`, its parts empty at will, as EDTF."""
    parts = [part.strip() for part in text.split("/")]
    if not re.fullmatch(r"[0-9]{4}", parts[0]):
        return parse_edtf(text)
    other = parts[3].lower() if len(parts) > 3 else ""
    season = SEASON_BY_NAME.get(fold(other))
    is_year_alone = not any(parts[1:3])
    return render_edtf([parts[0], str(season)] if season and is_year_alone else parts)


# Of these SP alone says how many pages there are, as Zotero and EndNote write it; of what stands in
# another work, where it begins. Where SP has another use, C1 says it, as "204 p.".
_WHOLE_TYPES: Final = frozenset({"book", "thesis", "report", "manuscript", "software"})


def _pages(start: str, end: str) -> str:
    """Join the pages of a text: "5-28", "12" for one that begins and ends there."""
    return start if start == end else "-".join(filter(None, (start, end)))


def _render_pages(reference: Reference) -> tuple[str, str, str]:
    """Give where a text begins, where it ends, and how many pages it has, where SP can't say it."""
    start, dash, end = reference.page.partition("-")
    total = reference.number_of_pages
    if reference.type not in _WHOLE_TYPES:
        return start, end, total and f"{total} p."
    if not reference.page:
        return (total, "", "") if "-" not in total else ("", "", f"{total} p.")
    return start, end if dash else start, total and f"{total} p."


def _isbn(text: str) -> str:
    digits = re.sub(r"[^\dXx]", "", text).upper()
    return digits if len(digits) in (10, 13) else ""


def render_ris(reference: Reference, notes: tuple[str, ...]) -> str:
    """Write one record, from `TY` to `ER`."""
    lines = (f"{tag}  - {value}" for tag, value in _lines(reference, notes))
    return "\n".join([*lines, "ER  - ", ""])


def _lines(reference: Reference, notes: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    start, end, extent = _render_pages(reference)
    numbers = (reference.issue, reference.number)
    numbers = numbers[::-1] if reference.type in NUMBERED_TYPES else numbers
    written = (
        ("TY", RIS_BY_CSL.get(reference.type, "GEN")),
        ("ID", reference.id),
        *(("AU", _render_name(name)) for name in reference.author),
        *(("A2", _render_name(name)) for name in reference.editor),
        *(("A4", _render_name(name)) for name in reference.translator),
        ("TI", reference.title),
        ("T2", reference.container_title),
        ("T3", reference.collection_title),
        ("ET", reference.edition),
        ("PB", reference.publisher),
        ("CY", reference.publisher_place),
        ("PY", find_year(reference.issued)),
        ("DA", _render_date(reference.issued)),
        ("VL", reference.volume),
        ("IS", numbers[0]),
        ("M1", numbers[1]),
        ("SP", start),
        ("EP", end),
        ("C1", extent),
        ("NV", reference.number_of_volumes),
        ("UR", reference.url or ""),
        ("Y2", _render_date(reference.accessed)),
        ("L2", reference.archive_url or ""),
        ("DO", reference.doi),
        ("SN", reference.isbn),
        ("LA", reference.language),
        *(("KW", word) for word in reference.keyword),
        ("AB", _render_note(reference.abstract)),
        *(("N1", _render_note(note)) for note in notes),
    )
    return ((tag, flat) for tag, value in written if (flat := " ".join(clean(value).split())))


def _render_note(text: str) -> str:
    """Render a note on one line, its paragraphs as HTML."""
    return note_markup(text, is_html="\n\n" in text)


def _render_name(name: Name) -> str:
    if name.literal or not (name.family and name.given):
        return name.literal or name.family or name.given
    return ", ".join(part for part in (name.family, name.given, name.suffix) if part)


def _render_date(edtf: str) -> str:
    """`YYYY/MM/DD/`, a season as the fourth part."""
    if not edtf:
        return ""
    parts, season = date_parts(edtf)
    if not parts or parts[0] < 0:  # before our era, a decade: PY alone says it
        return ""
    numbers = [str(part).zfill(4 if index == 0 else 2) for index, part in enumerate(parts)]
    return "/".join([*numbers, *[""] * (3 - len(numbers)), SEASON_NAMES.get(season, "")])


RIS: Final = Format(
    name="ris",
    label="RIS",
    media_type="application/x-research-info-systems",
    extensions=("ris",),
    parse=parse_ris,
    render_record=render_ris,
    separator="\n",
    signature=re.compile(r"\s*TY {1,2}- "),
    unapi_name="ris",
)
