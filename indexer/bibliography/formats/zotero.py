"""Read items as Zotero itself keeps them: Better BibTeX JSON, Zotero's interface (API, version 3).

Fields are named as in Zotero's schema, notes and annotations are children in HTML.
"""

import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any, Final

from indexer.bibliography.findings import FieldRecord, tidy_note, without_fields
from indexer.bibliography.lines.dates import parse_date, render_edtf
from indexer.bibliography.lines.markup import normalise
from indexer.model import ZOTERO_BY_CSL, Name, Place, Reference

_CSL_BY_ZOTERO: Final = MappingProxyType({zotero: csl for csl, zotero in ZOTERO_BY_CSL.items()})
_NO_TEXTS: Final = frozenset({"attachment", "note", "annotation"})
_TITLES: Final = ("title", "caseName", "nameOfAct", "subject")
_CONTAINERS: Final = (
    "publicationTitle", "bookTitle", "proceedingsTitle", "websiteTitle", "blogTitle", "forumTitle",
    "encyclopediaTitle", "dictionaryTitle", "programTitle", "code", "reporter",
)  # fmt: skip
_PUBLISHERS: Final = (
    "publisher", "institution", "university", "studio", "label", "network", "company",
    "distributor",
)  # fmt: skip
_DATES: Final = ("date", "dateEnacted", "dateDecided", "issueDate")
_NUMBERS: Final = ("reportNumber", "number", "billNumber", "patentNumber", "docketNumber")
_AUTHORS: Final = frozenset(
    {"author", "interviewee", "director", "artist", "performer", "podcaster", "presenter"}
    | {"programmer", "cartographer", "composer", "inventor", "sponsor", "contributor"}
    | {"bookAuthor"}
)


def is_zotero_item(item: Any) -> bool:
    """Say whether an object of a JSON file is an item of Zotero's."""
    return isinstance(item, dict) and (
        isinstance(item.get("itemType"), str)
        or (isinstance(item.get("data"), dict) and isinstance(item["data"].get("itemType"), str))
    )


def read_zotero_item(item: Mapping[str, Any], raw: str, place: Place) -> FieldRecord | None:
    """One item and its notes; None for a note or a file that stands alone."""
    fields = item["data"] if isinstance(item.get("data"), dict) else item
    if fields.get("itemType") in _NO_TEXTS:
        return None
    editor = tuple(_names(fields, {"editor", "seriesEditor"}))
    author = tuple(_names(fields, _AUTHORS - {"contributor", "bookAuthor"}))
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
        issued=_date(_first(fields, *_DATES)),
        accessed=_date(_first(fields, "accessDate")),
        url=_first(fields, "url") or None,
        doi=re.sub(r"^(?:https?://(?:dx\.)?doi\.org/|doi:\s*)", "", _first(fields, "DOI").lower()),
        isbn=re.sub(r"[^\dXx]", "", _first(fields, "ISBN").partition(" ")[0]),
        number=_first(fields, *_NUMBERS),
        volume=_first(fields, "volume", "codeVolume", "reporterVolume"),
        issue=_first(fields, "issue"),
        page=_first(fields, "pages", "firstPage", "codePages").replace("–", "-"),
        edition=_first(fields, "edition"),
        collection_title=_first(fields, "series", "seriesTitle"),
        language=_first(fields, "language"),
        abstract=tidy_note(str(fields.get("abstractNote") or "")),
        keyword=tuple(_tags(fields.get("tags"))),
        raw=raw,
        place=place,
    )
    notes = [*_notes(item), without_fields(str(fields.get("extra") or "")), reference.abstract]
    return FieldRecord(reference=reference, notes=tuple(map(tidy_note, notes)))


def _notes(item: Mapping[str, Any]) -> Iterator[str]:
    for child in _dicts(item.get("notes")):
        yield str(child.get("note") or "")
    for file in _dicts(item.get("attachments")):
        yield str(file.get("note") or "")
        for mark in _dicts(file.get("annotations")):
            said = (str(mark.get(key) or "") for key in ("annotationText", "annotationComment"))
            yield "\n\n".join(part for part in said if part)


def _names(fields: Mapping[str, Any], roles: set[str] | frozenset[str]) -> Iterator[Name]:
    for one in _dicts(fields.get("creators")):
        if one.get("creatorType") not in roles:
            continue
        family, given = normalise(str(one.get("lastName") or "")), str(one.get("firstName") or "")
        literal = normalise(str(one.get("name") or ""))
        if family and given:
            yield Name(family=family, given=normalise(given))
        elif family or literal:
            yield Name(literal=literal or family)


def _dicts(value: Any) -> list[Mapping[str, Any]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _first(fields: Mapping[str, Any], *keys: str) -> str:
    return normalise(next((str(fields[key]) for key in keys if fields.get(key)), ""))


def _tags(value: Any) -> Iterator[str]:
    for one in value if isinstance(value, list) else []:
        word = normalise(str(one.get("tag") or "") if isinstance(one, dict) else str(one))
        if word:
            yield word


def _date(written: str) -> str:
    day = written.partition("T")[0].partition(" ")[0]
    if re.fullmatch(r"[0-9]{4}(?:-[0-9]{2}){0,2}", day):
        return render_edtf([part for part in day.split("-") if part != "00"])
    return parse_date(written)
