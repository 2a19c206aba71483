"""Read lists of saved pages: Hypothesis, Raindrop, Wallabag, Pocket, Instapaper, any CSV of links.

They differ in the names of their columns or keys only: an address, its title, what was written of
it, its tags, the folder that it is in. Rows of one address are one reference with several notes,
as annotations of a page are.
"""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any, Final

from indexer.bibliography.findings import (
    FieldRecord,
    Findings,
    findings_of,
    join_texts,
    not_understood,
    tidy_note,
)
from indexer.bibliography.formats.format import Format, tidy_doi
from indexer.bibliography.formats.zotero import read_zotero_item
from indexer.bibliography.lines.dates import parse_date
from indexer.bibliography.lines.markup import has_absolute_scheme, mend_address, normalise
from indexer.bibliography.lines.persons import parse_signature
from indexer.messages import message
from indexer.model import Name, Place, Problem, Reference

# The columns and keys of each program, in the order in which they are asked.
_URLS: Final = (
    "url",
    "link",
    "uri",
    "given_url",
    "resolved_url",
    "article__url",
    "href",
    "adresse",
    "lien",
)
_TITLES: Final = ("title", "titre", "article__title", "given_title", "resolved_title", "name")
_QUOTES: Final = ("quote", "selection", "exact")
_NOTES: Final = ("note", "notes", "text", "comment", "comments", "annotation", "commentaire")
_EXCERPTS: Final = ("excerpt", "description", "article__excerpt", "summary")
_TAGS: Final = ("tags", "labels", "keywords", "tag")
_FOLDERS: Final = ("folder", "collection", "dossier", "group_name")
_SAVED: Final = (
    "created", "created_at", "time_added", "date_added", "savedat", "savedAt", "added", "timestamp",
)  # fmt: skip
_ISSUED: Final = ("published_at", "publishedAt", "published", "date", "issued")
_AUTHORS: Final = ("published_by", "author", "authors", "auteur")
_UNTITLED: Final = frozenset({"no title found", "untitled", "sans titre"})
_HIGHLIGHT: Final = re.compile(r"(?m)^\s*(?:Highlight|Note)\s*:\s*")
# What programs put in the place of a folder where there is none, or where nobody chose one.
_NO_FOLDERS: Final = frozenset({"unsorted", "unread", "archive", "read", "non classé"})
# A Zotero CSV export: its columns are the fields of Zotero, in words.
_ZOTERO_COLUMNS: Final = frozenset({"Item Type", "Publication Year", "Title"})
_CREATOR_COLUMNS: Final = MappingProxyType(
    {"Author": "author", "Editor": "editor", "Translator": "translator"}
)


def is_saved_page(item: Any) -> bool:
    """Say whether an object of a JSON file is a saved page: an address, and keys of no CSL item."""
    return isinstance(item, dict) and bool(_address(item)) and "type" not in item


def read_saved_page(item: Mapping[str, Any], raw: str, place: Place) -> FieldRecord:
    """Read one saved page, annotation or bookmark."""
    if "extended" in item:  # Pinboard: its description is the title
        item = {"title": item.get("description"), "note": item["extended"], **item}
        item = {**item, "tags": str(item.get("tags") or "").split(), "description": ""}
    elif "private" in item:  # Delicious: its description is the owner's
        item = {"note": item.get("description"), **item, "description": ""}
    url = _address(item)
    title = normalise(_first(item, _TITLES) or _document_title(item))
    folder = normalise(_first(item, _FOLDERS))
    reference = Reference(
        id="",
        title="" if title == url or title.casefold() in _UNTITLED else title,
        type="webpage",
        author=tuple(_names(item)),
        issued=_date(_first(item, _ISSUED)),
        accessed=_date(_first(item, _SAVED)),
        url=mend_address(url),
        doi=tidy_doi(_first(item, ("doi",))),
        language=_first(item, ("language",)).partition("_")[0],
        abstract=tidy_note(_first(item, _EXCERPTS)),
        keyword=tuple(_list_tags(item)),
        section=tuple(
            part
            for part in map(normalise, folder.split("/"))
            if part and part.casefold() not in _NO_FOLDERS
        ),
        raw=raw,
        place=place,
    )
    fields = {
        # Of what programs keep for themselves the addresses are told, not the words.
        f"__{name}" if str(name).casefold() in _TECHNICAL else str(name): join_texts(value)
        for name, value in item.items()
        if str(name).casefold() not in _OF_THE_PAGE
    }
    return FieldRecord(reference=reference, notes={"child": list(_list_notes(item))}, fields=fields)


# The page itself, its pictures, and the program's own pages on it.
_OF_THE_PAGE: Final = frozenset(
    """content meta cover media headers preview_picture image images top_image_url iconuri icon
    icon_uri cache links _links permissions user user_name user_email user_id user_info creatorid
    """.split()  # noqa: SIM905 - a table
)
# What programs keep for themselves, or what is read under another form.
_TECHNICAL: Final = frozenset(
    """id _id uid uuid guid hash favorite favourite status state type domain
    domain_name reading_time mimetype http_status is_archived is_starred is_public
    starred_at archived_at has_video has_image lang
    language is_article is_index word_count wordcount readat pagetype readingprogress
    readingprogresspercent slug
    collectionid reminder broken duplicate important created created_at updated updated_at
    lastupdate createdat updatedat savedat time_added time_updated time_read time_favorited
    timestamp date_added added dateadded lastmodified last_modified_time date_last_used
    group groupid hidden
    flagged references target document sort_id shared toread private time private_note_count
    annotations highlights tags labels keywords tag folder collection dossier group_name
    published_at publishedat published date issued index typecode
    visibility visits publishedby""".split()  # noqa: SIM905 - a table
)


def join_by_address(records: Iterable[FieldRecord]) -> list[FieldRecord]:
    """Make one record of those of one address: their notes and tags together, in their order."""
    joined: dict[str, FieldRecord] = {}
    alone: list[FieldRecord] = []
    for record in records:
        url = record.reference.url if record.reference else None
        before = joined.get(url or "")
        if not url or before is None:
            joined[url or f"\x00{len(alone)}"] = record
            alone += [] if url else [record]
            continue
        joined[url] = _join(before, record)
    return list(joined.values())


def _join(first: FieldRecord, second: FieldRecord) -> FieldRecord:
    assert first.reference is not None and second.reference is not None
    keyword = dict.fromkeys((*first.reference.keyword, *second.reference.keyword))
    reference = replace(
        first.reference,
        keyword=tuple(keyword),
        title=first.reference.title or second.reference.title,
    )
    kinds = dict.fromkeys((*first.notes, *second.notes))
    notes = {kind: [*first.notes.get(kind, ()), *second.notes.get(kind, ())] for kind in kinds}
    fields = dict(first.fields)
    for name, value in second.fields.items():
        fields[name] = f"{fields[name]} {value}" if fields.get(name) else value
    return FieldRecord(reference=reference, notes=notes, fields=fields)


def _address(item: Mapping[str, Any]) -> str:
    written = _first(item, _URLS)
    return written if has_absolute_scheme(written) else ""


def _first(item: Mapping[str, Any], names: Sequence[str]) -> str:
    for name in names:
        value = item.get(name)
        if isinstance(value, list):
            value = value[0] if value and isinstance(value[0], str) else None
        if isinstance(value, dict):
            value = value.get("title") or value.get("name")
        if value and not isinstance(value, dict | bool) and str(value).strip():
            return str(value).strip()
    return ""


def _document_title(item: Mapping[str, Any]) -> str:
    """Give the title of the page that a Hypothesis annotation is on."""
    document = item.get("document")
    return _first(document, ("title",)) if isinstance(document, dict) else ""


def _names(item: Mapping[str, Any]) -> Iterator[Name]:
    written = next((item[name] for name in _AUTHORS if item.get(name)), None)
    for one in written if isinstance(written, list) else [written]:
        if isinstance(one, str) and one.strip():
            yield from parse_signature(normalise(one)).names


def _list_tags(item: Mapping[str, Any]) -> Iterable[str]:
    written: Any = next((item[name] for name in _TAGS if item.get(name)), [])
    if isinstance(written, str):
        written = re.split(r"\s*[,;|]\s*", written)
    words = (
        (one.get("label") or one.get("name") or one.get("tag")) if isinstance(one, dict) else one
        for one in (written if isinstance(written, list | dict) else [])
    )
    return dict.fromkeys(word for one in words if (word := normalise(str(one or ""))))


def _list_notes(item: Mapping[str, Any]) -> Iterator[str]:
    """List what was written of a page: quotations with their comments, notes, highlights."""
    quote = _first(item, _QUOTES) or _selected(item)
    said = "\n\n".join(part for part in (quote, _first(item, _NOTES)) if part)
    yield tidy_note(said)
    marks = item.get("annotations") or item.get("highlights")
    if isinstance(marks, str):
        marks = [_HIGHLIGHT.sub("\n\n", one) for one in re.split(r"(?m)^(?=Highlight:)", marks)]
    for mark in marks if isinstance(marks, list) else []:
        if isinstance(mark, dict):
            parts = (_first(mark, ("quote",)), _first(mark, ("text",)), _first(mark, ("note",)))
            mark = "\n\n".join(filter(None, parts))
        yield tidy_note(str(mark))


def _selected(item: Mapping[str, Any]) -> str:
    """Give the words of a page that a Hypothesis annotation is about."""
    for target in item.get("target") or [] if isinstance(item.get("target"), list) else []:
        selectors = target.get("selector") if isinstance(target, dict) else None
        for selector in selectors if isinstance(selectors, list) else []:
            if isinstance(selector, dict) and selector.get("exact"):
                return str(selector["exact"])
    return ""


def _date(written: str) -> str:
    """Read a date: of a calendar, or seconds (or milli-, microseconds) since 1970."""
    if re.fullmatch(r"\d{9,16}", written):
        seconds = int(written) / 10 ** max(0, (len(written) - 10) // 3 * 3)
        return datetime.fromtimestamp(seconds, UTC).date().isoformat()
    return parse_date(written.partition("T")[0].partition(" ")[0]) or parse_date(written)


# --- CSV ---------------------------------------------------------------------------------------


def parse_csv(text: str, *, path: str) -> Findings:
    """Read a table of links: a row of names with an address or a title, then a row a page.

    A table without such columns is told, with the names that were found.
    """
    first = text.lstrip("\n").partition("\n")[0]
    delimiter = max("\t;,", key=first.count)
    csv.field_size_limit(10_000_000)
    rows = csv.reader(io.StringIO(text), delimiter=delimiter, strict=False)
    try:
        names = next((row for row in rows if any(row)), [])
        table = list(_number_rows(rows))
    except csv.Error as error:
        why = message("problem.why.no-table", error=str(error))
        return Findings(problems=(not_understood(path, why, line=rows.line_num),))
    names = [name.strip().removeprefix("\ufeff") for name in names]
    if set(names) >= _ZOTERO_COLUMNS:
        return findings_of(_read_zotero_rows(names, table, path))
    keys = [name.casefold() for name in names]
    if not set(keys) & {*_URLS}:
        why = message("problem.why.no-column", columns=", ".join(filter(None, names))[:80])
        return Findings(problems=(not_understood(path, why),))
    problems: list[Problem] = []
    records: list[FieldRecord] = []
    for line, row in table:
        at = Place(path=path, line=line)
        item = dict(zip(keys, row, strict=False))
        item |= {f"column {number + 1}": row[number] for number in range(len(keys), len(row))}
        if _address(item):
            records.append(read_saved_page(item, delimiter.join(row), at))
        elif any(row):
            why = message("problem.why.no-address")
            said = message(
                "problem.entry-not-understood", why=why, words=normalise(" ".join(row))[:60]
            )
            problems.append(Problem(said=said, place=at))
    return findings_of(join_by_address(records), problems)


def _number_rows(rows: Any) -> Iterator[tuple[int, list[str]]]:
    line = rows.line_num + 1
    for row in rows:
        yield line, row
        line = rows.line_num + 1


def _read_zotero_rows(
    names: Sequence[str], table: Iterable[tuple[int, Sequence[str]]], path: str
) -> Iterator[FieldRecord]:
    """Read the rows of Zotero's own CSV as the items that they were."""
    for line, row in table:
        cells = {name: cell for name, cell in zip(names, row, strict=False) if cell.strip()}
        item: dict[str, Any] = {_camel(name): cell for name, cell in cells.items()}
        item["creators"] = [
            _creator(written, role)
            for name, role in _CREATOR_COLUMNS.items()
            for written in cells.get(name, "").split(";")
            if written.strip()
        ]
        tags = f"{cells.get('Manual Tags', '')};{cells.get('Automatic Tags', '')}"
        item["tags"] = [tag for tag in tags.split(";") if tag.strip()]
        item["notes"] = [cells[name] for name in ("Notes",) if name in cells]
        item["date"] = cells.get("Date") or cells.get("Publication Year", "")
        record = read_zotero_item(item, " ".join(row), Place(path=path, line=line))
        if record is not None:
            yield record


def _camel(name: str) -> str:
    """Write the name of a column as Zotero's schema does: "Publication Title", publicationTitle."""
    if name in ("DOI", "ISBN", "ISSN"):
        return name
    words = name.split()
    return "".join([words[0].lower(), *(word.capitalize() for word in words[1:])]) if words else ""


def _creator(written: str, role: str) -> dict[str, str]:
    family, comma, given = (part.strip() for part in written.partition(","))
    if not comma:
        return {"creatorType": role, "name": family}
    return {"creatorType": role, "lastName": family, "firstName": given}


LINKS_CSV: Final = Format(
    name="links-csv",
    label="CSV",
    media_type="text/csv",
    extensions=("csv", "tsv"),
    parse=parse_csv,
    signature=re.compile(
        r"(?i)(?=[^\n]*\b(?:url|uri|link)\b)(?=[^\n]*\b(?:title|tags|folder)\b)"
        r"[\w\" ]+(?:[,;\t][\w\" ]+)+\n"
    ),
)
