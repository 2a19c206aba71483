"""Read items as Zotero keeps them: Better BibTeX JSON, Zotero's interface (API, version 3).

Fields are named as in Zotero's schema; notes and annotations are children in HTML; a collection is
a section. Zotero RDF and zotero.sqlite make such items too (`zotero_files`).
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final

from indexer.bibliography.findings import FieldRecord, join_texts, tidy_note, without_fields
from indexer.bibliography.formats.format import tidy_doi
from indexer.bibliography.lines.dates import parse_date, parse_edtf, render_edtf
from indexer.bibliography.lines.markup import has_absolute_scheme, normalise
from indexer.model import ZOTERO_BY_CSL, Name, Place, Reference, name_id

_CSL_BY_ZOTERO: Final = MappingProxyType(
    {zotero: csl for csl, zotero in ZOTERO_BY_CSL.items()}
    | {
        "preprint": "article",
        "dataset": "dataset",
        "standard": "standard",
        "videoRecording": "motion_picture",
        "tvBroadcast": "broadcast",
        "podcast": "song",
        "letter": "personal_communication",
        "email": "personal_communication",
        "instantMessage": "personal_communication",
    }
)
_NO_TEXTS: Final = frozenset({"attachment", "note", "annotation"})
_TITLES: Final = ("title", "caseName", "nameOfAct", "subject")
_CONTAINERS: Final = (
    "publicationTitle", "bookTitle", "proceedingsTitle", "websiteTitle", "blogTitle", "forumTitle",
    "encyclopediaTitle", "dictionaryTitle", "programTitle", "code", "reporter",
)  # fmt: skip
_PUBLISHERS: Final = (
    "publisher", "institution", "university", "studio", "label", "network", "company",
    "distributor", "repository", "organization",
)  # fmt: skip
_DATES: Final = ("date", "dateEnacted", "dateDecided", "issueDate")
_NUMBERS: Final = ("reportNumber", "number", "billNumber", "patentNumber", "docketNumber")
_AUTHORS: Final = frozenset(
    {"author", "interviewee", "director", "artist", "performer", "podcaster", "presenter"}
    | {"programmer", "cartographer", "composer", "inventor", "sponsor", "contributor"}
    | {"bookAuthor"}
)
# What people write into Zotero's `extra` for want of a field, as its own lines.
_EXTRA: Final = re.compile(
    r"^\s*(?P<key>doi|citation key|translator|issued|url)\s*:\s*(?P<value>\S.*?)\s*$",
    re.IGNORECASE | re.MULTILINE,
)


def is_zotero_item(item: Any) -> bool:
    """Say whether an object of a JSON file is an item of Zotero's."""
    return isinstance(item, dict) and isinstance(_fields(item).get("itemType"), str)


def _fields(item: Mapping[str, Any]) -> Mapping[str, Any]:
    """Give the fields of an item: Zotero's interface wraps them as `data`."""
    data = item.get("data")
    return data if isinstance(data, dict) else item


def read_zotero_item(item: Mapping[str, Any], raw: str, place: Place) -> FieldRecord | None:
    """Read one item and its notes; a note that stands alone cites nothing, a file says nothing."""
    fields = _fields(item)
    section = tuple(normalise(str(one)) for one in _list(item.get("section")))
    if fields.get("itemType") in _NO_TEXTS:
        return _read_child(fields, section, raw, place)
    extra = "\n".join(map(str, _list(fields.get("extra")) or [fields.get("extra") or ""]))
    said = {found["key"].lower(): found["value"] for found in _EXTRA.finditer(extra)}
    editor = tuple(_names(fields, {"editor", "seriesEditor"}))
    author = tuple(_names(fields, _AUTHORS - {"contributor", "bookAuthor"}))
    key = _first(fields, "citationKey", "citekey") or said.get("citation key", "")
    reference = Reference(
        id="",
        title=_first(fields, *_TITLES),
        type=_CSL_BY_ZOTERO.get(str(fields.get("itemType")), "document"),
        author=author or tuple(_names(fields, _AUTHORS)),
        editor=editor,
        editor_role="editor" if editor else "",
        translator=tuple(_names(fields, {"translator"})),
        container_title=_first(fields, *_CONTAINERS),
        publisher=_first(fields, *_PUBLISHERS),
        publisher_place=_first(fields, "place"),
        issued=_date(said.get("issued") or _first(fields, *_DATES)),  # as Better BibTeX has it
        accessed=_date(_first(fields, "accessDate")),
        url=_first(fields, "url") or said.get("url") or None,
        doi=tidy_doi(_first(fields, "DOI") or said.get("doi", "")),
        isbn=re.sub(r"[^\dXx]", "", _first(fields, "ISBN").partition(" ")[0]),
        number=_first(fields, *_NUMBERS),
        volume=_first(fields, "volume", "codeVolume", "reporterVolume"),
        issue=_first(fields, "issue"),
        page=_first(fields, "pages", "firstPage", "codePages").replace("–", "-"),
        number_of_pages=_first(fields, "numPages"),
        number_of_volumes=_first(fields, "numberOfVolumes"),
        edition=_first(fields, "edition"),
        collection_title=_first(fields, "series", "seriesTitle"),
        language=_first(fields, "language"),
        abstract=tidy_note(str(fields.get("abstractNote") or "")),
        keyword=tuple(_list_tags(fields.get("tags"))),
        section=section,
        aliases=(name_id(key),) if key else (),
        raw=raw,
        place=place,
    )
    notes = [tidy_note(one) for one in _list_notes(item)]
    left = _list_fields(fields)
    left["attachments"] = " ".join(_say(one, "url") for one in _list(item.get("attachments")))
    if reference.issued:
        left = {name: value for name, value in left.items() if name not in _DATES}
    return FieldRecord(
        reference=reference,
        notes={"child": notes, "note": [tidy_note(without_fields(extra))]},
        fields=left,
    )


def _read_child(
    fields: Mapping[str, Any], section: tuple[str, ...], raw: str, place: Place
) -> FieldRecord:
    """Read a note, an annotation or a file without an item around it; a saved page is a text."""
    notes = {"child": [tidy_note(one) for one in _list_notes({"notes": [fields]})]}
    left = _list_fields(fields)
    if fields["itemType"] != "attachment" or not has_absolute_scheme(_first(fields, "url")):
        return FieldRecord(reference=None, notes=notes, section=section, place=place, fields=left)
    reference = Reference(
        id="",
        title=_first(fields, "title"),
        type="webpage",
        url=_first(fields, "url"),
        accessed=_date(_first(fields, "accessDate")),
        keyword=tuple(_list_tags(fields.get("tags"))),
        section=section,
        raw=raw,
        place=place,
    )
    return FieldRecord(reference=reference, notes=notes, fields=left)


# What programs keep for themselves, and what is read of it otherwise.
_TECHNICAL: Final = frozenset(
    """key version itemType itemID itemKey libraryID dateAdded dateModified relations collections
    uri uris select citationKey citekey libraryCatalog accessDate line raw section tags notes
    annotations attachments parentItem parentKey note linkMode contentType charset filename md5
    mtime path annotationText annotationComment annotationType annotationColor sortIndex
    annotationPageLabel annotationSortIndex annotationPosition annotationAuthorName
    meta links library inPublications localPath seeAlso""".split()  # noqa: SIM905 - a table
)


def _list_fields(fields: Mapping[str, Any]) -> dict[str, str]:
    """List what an item says by name; the names of people without their roles."""
    said = {
        str(name): join_texts(value)
        for name, value in fields.items()
        if name not in _TECHNICAL and name != "creators"
    }
    people = (
        str(one.get(part) or "").replace('"', "")
        for one in _dicts(fields.get("creators"))
        for part in ("firstName", "lastName", "name")
    )
    said["creators"] = " ".join(filter(None, people))
    return said


def nest_children(items: Sequence[Any], collections: Mapping[str, Any]) -> list[Any]:
    """Put notes, files and annotations that name their parent into it, and sections on items.

    Zotero's interface lists children beside their parents. `collections` are those of the file, by
    key: each has a `name`, its `parent`, and (Better BibTeX) the `items` that are in it.
    """
    if not any(map(is_zotero_item, items)):
        return list(items)
    copies = [dict(one) if isinstance(one, dict) else one for one in items]
    by_key = {
        str(key): one
        for one in copies
        if isinstance(one, dict) and (key := one.get("key") or _fields(one).get("key"))
    }
    nested: set[int] = set()
    for one in copies:
        parent = (
            by_key.get(str(_fields(one).get("parentItem") or "")) if is_zotero_item(one) else None
        )
        if parent is None or parent is one:
            continue
        kind = _fields(one)["itemType"]
        place = {"note": "notes", "annotation": "annotations"}.get(kind, "attachments")
        parent[place] = [*_list(parent.get(place)), one]
        nested.add(id(one))
    kept = [one for one in copies if id(one) not in nested]
    sections = _list_sections(kept, collections)
    return [
        {**one, "section": list(sections[index])} if index in sections else one
        for index, one in enumerate(kept)
    ]


def _list_sections(
    items: Sequence[Any], collections: Mapping[str, Any]
) -> dict[int, tuple[str, ...]]:
    """Find the section of items, by their place: of several collections, the first by its path."""
    paths = {key: _path(key, collections) for key in collections}
    inside: dict[str, list[tuple[str, ...]]] = {}
    for key, path in paths.items():
        held = collections[key].get("items") if isinstance(collections[key], dict) else None
        for one in _list(held):
            inside.setdefault(str(one), []).append(path)
    sections: dict[int, tuple[str, ...]] = {}
    for index, item in enumerate(items):
        if not is_zotero_item(item):
            continue
        own = [
            paths[str(key)] for key in _list(_fields(item).get("collections")) if str(key) in paths
        ]
        for name in ("itemID", "key"):
            own += inside.get(str(_fields(item).get(name) or item.get(name) or ""), [])
        if own:
            sections[index] = min(own)
    return sections


def _path(key: str, collections: Mapping[str, Any]) -> tuple[str, ...]:
    """Give the names of a collection and of those around it, outermost first."""
    names: list[str] = []
    seen: set[str] = set()
    while key in collections and key not in seen and isinstance(collections[key], dict):
        seen.add(key)
        fields = _fields(collections[key])
        names.insert(0, normalise(str(fields.get("name") or "")))
        key = str(fields.get("parent") or fields.get("parentCollection") or "")
    return tuple(filter(None, names))


def _list_notes(item: Mapping[str, Any]) -> Iterator[str]:
    """List what people wrote of an item: notes, and of its files notes, quotations, comments."""
    for child in _list(item.get("notes")):
        yield child if isinstance(child, str) else _say(child, "note")
    marks: list[Any] = _list(item.get("annotations"))
    for file in _dicts(item.get("attachments")):
        yield _say(file, "note")
        marks = [*marks, *_list(file.get("annotations"))]
    for mark in _dicts(marks):
        said = (_say(mark, key) for key in ("annotationText", "annotationComment"))
        yield "\n\n".join(part for part in said if part)


def _say(child: Any, name: str) -> str:
    return str(_fields(child).get(name) or "") if isinstance(child, dict) else ""


def _names(fields: Mapping[str, Any], roles: set[str] | frozenset[str]) -> Iterator[Name]:
    for one in _dicts(fields.get("creators")):
        if one.get("creatorType") not in roles:
            continue
        # Quotation marks keep a family name whole, for Better BibTeX.
        family = normalise(str(one.get("lastName") or "").replace('"', ""))
        given = str(one.get("firstName") or "")
        literal = normalise(str(one.get("name") or ""))
        if family and given:
            given, _, suffix = given.partition(",")  # "Martin Luther, Jr."
            yield Name(family=family, given=normalise(given), suffix=normalise(suffix))
        elif family or literal or given:
            yield Name(literal=literal or family or normalise(given))


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _dicts(value: Any) -> list[Mapping[str, Any]]:
    return [one for one in _list(value) if isinstance(one, dict)]


def _first(fields: Mapping[str, Any], *keys: str) -> str:
    return normalise(next((str(fields[key]) for key in keys if fields.get(key)), ""))


def _list_tags(value: Any) -> Iterable[str]:
    words = (one.get("tag") if isinstance(one, dict) else one for one in _list(value))
    return dict.fromkeys(word for one in words if (word := normalise(str(one or ""))))


def _date(written: str) -> str:
    """Read a date of Zotero's: ISO 8601, "2014-00-00 2014" as its database has it, or words."""
    day, _, spoken = written.partition("T")[0].strip().partition(" ")
    if re.fullmatch(r"[0-9]{4}(?:-[0-9]{2}){0,2}", day):
        # A season, or what the parts of the database do not hold, stands in the words after them.
        parts = [part for part in day.split("-") if part != "00"]
        return (parse_date(spoken) if len(parts) == 1 else "") or render_edtf(parts)
    is_slashed = re.fullmatch(r"[0-9]{4}/[0-9]{1,2}/[0-9]{1,2}", day)
    return parse_date(day) if is_slashed else parse_edtf(written)
