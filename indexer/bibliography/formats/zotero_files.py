"""Read a library of Zotero's as its own files hold it: zotero.sqlite, Zotero RDF.

Both are made into items of Zotero's interface, which `zotero` reads. A database is read from its
bytes, in memory: nothing is written beside it, and Zotero may be running.
"""

import json
import re
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from types import MappingProxyType
from typing import Any, Final

from lxml import etree

from indexer.bibliography.findings import FieldRecord, Findings, findings_of, not_understood
from indexer.bibliography.formats.format import Format
from indexer.bibliography.formats.zotero import nest_children, read_zotero_item
from indexer.messages import message
from indexer.model import Place

# --- zotero.sqlite -----------------------------------------------------------------------------

SQLITE_MAGIC: Final = b"SQLite format 3\x00"
_WAL: Final = slice(18, 20)  # bytes of the header: the versions of writing and reading

# What is in the bin is not in the library. Columns: itemID, and what each says.
_ITEMS: Final = """
    SELECT itemID, typeName AS itemType, key, libraryID FROM items JOIN itemTypesCombined
    USING (itemTypeID) WHERE itemID NOT IN (SELECT itemID FROM deletedItems) ORDER BY itemID"""
_FIELDS: Final = """
    SELECT itemID, fieldName, value FROM itemData JOIN fieldsCombined USING (fieldID)
    JOIN itemDataValues USING (valueID)"""
_CREATORS: Final = """
    SELECT itemID, creatorType, firstName, lastName, fieldMode FROM itemCreators
    JOIN creators USING (creatorID) JOIN creatorTypes USING (creatorTypeID)
    ORDER BY itemID, orderIndex"""
_NOTES: Final = "SELECT itemID, parentItemID, note FROM itemNotes"
_FILES: Final = "SELECT itemID, parentItemID FROM itemAttachments"
_MARKS: Final = "SELECT itemID, parentItemID, text, comment FROM itemAnnotations ORDER BY sortIndex"
_TAGS: Final = "SELECT itemID, name FROM itemTags JOIN tags USING (tagID) ORDER BY itemID, name"
_COLLECTIONS: Final = """
    SELECT c.collectionID, c.collectionName, c.parentCollectionID, g.name FROM collections c
    LEFT JOIN groups g USING (libraryID)"""
_HELD: Final = "SELECT collectionID, itemID FROM collectionItems ORDER BY collectionID, orderIndex"


def parse_zotero_sqlite(payload: bytes, *, path: str) -> Findings:
    """Read a copy of `zotero.sqlite`: items, creators, notes, annotations, tags, collections.

    A database of another program, or a damaged one, is told.
    """
    if payload[_WAL] == b"\x02\x02":  # a database in memory has no write-ahead log
        payload = payload[:18] + b"\x01\x01" + payload[20:]
    with closing(sqlite3.connect(":memory:")) as database:
        try:
            database.deserialize(payload)
            items, collections = _read_database(database)
        except (sqlite3.Error, OverflowError, UnicodeDecodeError) as error:
            return Findings(
                problems=(not_understood(path, message("problem.why.no-zotero", error=str(error))),)
            )
    return findings_of(_read_items(items, collections, path))


def _read_database(
    database: sqlite3.Connection,
) -> tuple[list[dict[str, Any]], dict[str, dict[str, Any]]]:
    """Read the items of a library, and its collections by number."""
    items: dict[int, dict[str, Any]] = {
        number: {"itemID": number, "itemType": kind, "key": f"{library}/{key}"}
        for number, kind, key, library in database.execute(_ITEMS)
    }
    for number, name, value in database.execute(_FIELDS):
        if number in items:
            items[number][name] = value
    for number, role, given, family, mode in database.execute(_CREATORS):
        name = {"name": family} if mode == 1 else {"firstName": given, "lastName": family}
        _add(items, number, "creators", {"creatorType": role, **name})
    for number, tag in database.execute(_TAGS):
        _add(items, number, "tags", {"tag": tag})
    _add_children(items, database)
    return list(items.values()), _read_collections(items, database)


def _add_children(items: dict[int, dict[str, Any]], database: sqlite3.Connection) -> None:
    """Say of files, notes and annotations what they hold, and of which item they are."""
    children = [*((*row, {}) for row in database.execute(_FILES))]
    children += [
        (number, parent, {"note": note}) for number, parent, note in database.execute(_NOTES)
    ]
    if database.execute("SELECT 1 FROM sqlite_master WHERE name = 'itemAnnotations'").fetchone():
        children += [
            (number, parent, {"annotationText": text, "annotationComment": comment})
            for number, parent, text, comment in database.execute(_MARKS)
        ]
    for number, parent, said in children:
        if number in items:
            items[number] |= said
            if parent in items:
                items[number]["parentItem"] = items[parent]["key"]


def _read_collections(
    items: Mapping[int, dict[str, Any]], database: sqlite3.Connection
) -> dict[str, dict[str, Any]]:
    """Read the collections, and which items each holds."""
    collections: dict[str, dict[str, Any]] = {}
    for number, name, parent, group in database.execute(_COLLECTIONS):
        above = str(parent) if parent else f"group {group}" if group else ""
        collections[str(number)] = {"name": name, "parent": above, "items": []}
        if group:
            collections.setdefault(f"group {group}", {"name": group, "parent": ""})
    for collection, number in database.execute(_HELD):
        if number in items and str(collection) in collections:
            collections[str(collection)]["items"].append(number)
    return collections


def _add(items: Mapping[int, dict[str, Any]], number: int, name: str, value: Any) -> None:
    if number in items:
        items[number].setdefault(name, []).append(value)


def _read_items(
    items: list[dict[str, Any]], collections: Mapping[str, Any], path: str
) -> Iterator[FieldRecord]:
    """Read items in their order; the place of an item is its number in the database."""
    for item in nest_children(items, collections):
        raw = json.dumps(item, ensure_ascii=False, default=str)
        record = read_zotero_item(item, raw, Place(path=path, line=int(item.get("itemID") or 1)))
        if record is not None:
            yield record


# --- RDF ---------------------------------------------------------------------------------------

_NS: Final = {
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "z": "http://www.zotero.org/namespaces/export#",
    "bib": "http://purl.org/net/biblio#",
    "dc": "http://purl.org/dc/elements/1.1/",
    "dcterms": "http://purl.org/dc/terms/",
    "prism": "http://prismstandard.org/namespaces/1.2/basic/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "vcard": "http://nwalsh.com/rdf/vCard#",
    "link": "http://purl.org/rss/1.0/modules/link/",
}
_ABOUT: Final = f"{{{_NS['rdf']}}}about"
_RESOURCE: Final = f"{{{_NS['rdf']}}}resource"
# Where Zotero RDF keeps each field of Zotero: an XPath from the item, its container, its series.
_OF_ITEM: Final = MappingProxyType(
    {
        "title": "dc:title",
        "date": "dc:date",
        "accessDate": "dcterms:dateSubmitted",
        "issueDate": "dcterms:issued",
        "url": "dc:identifier/dcterms:URI/rdf:value",
        "publisher": "dc:publisher/foaf:Organization/foaf:name",
        "place": "dc:publisher/foaf:Organization/vcard:adr/vcard:Address/vcard:locality",
        "pages": "bib:pages",
        "numPages": "z:numPages",
        "numberOfVolumes": "z:numberOfVolumes",
        "edition": "prism:edition",
        "language": "z:language",
        "abstractNote": "dcterms:abstract",
        "extra": "dc:description",
        "citationKey": "z:citationKey",
        "university": "z:university",
        "meetingName": "z:meetingName",
    }
)
_OF_CONTAINER: Final = MappingProxyType(
    {"publicationTitle": "dc:title", "volume": "prism:volume", "issue": "prism:number"}
)
_CODED: Final = MappingProxyType({"DOI": "DOI", "ISBN": "ISBN", "ISSN": "ISSN"})
_CONTAINERS: Final = (
    "bib:Journal", "bib:Periodical", "bib:Newspaper", "bib:Book", "bib:CourtReporter",
    "z:Website", "z:Blog", "z:Forum",
)  # fmt: skip
_ROLES: Final = re.compile(r"(?P<role>[a-zA-Z]+)s$")


def parse_zotero_rdf(text: str, *, path: str) -> Findings:
    """Read Zotero RDF, with notes, tags and collections; any other RDF is told."""
    parser = etree.XMLParser(recover=True, resolve_entities=False, no_network=True, load_dtd=False)
    source = text.encode("utf-8", "replace")
    root = etree.fromstring(source, parser) if source.strip() else None
    nodes = [] if root is None else list(root)
    about = {node.get(_ABOUT): node for node in nodes if node.get(_ABOUT)}
    found = [node for node in nodes if _text(node, "z:itemType") or _is(node, "bib:Memo")]
    if root is None or not found:
        advice = message("problem.advice.library")
        why = message("problem.why.unknown-format", format="RDF", advice=advice)
        return Findings(problems=(not_understood(path, why),))
    items = [_read_node(node, about) for node in found]
    parents = {
        note.get(_RESOURCE): node.get(_ABOUT)
        for node in found
        for name in ("dcterms:isReferencedBy", "link:link")
        for note in node.findall(name, _NS)
    }
    for item in items:
        if parent := parents.get(item["key"]):
            item["parentItem"] = parent
    collections = {
        node.get(_ABOUT): {
            "name": _text(node, "dc:title"),
            "items": [one.get(_RESOURCE) for one in node.findall("dcterms:hasPart", _NS)],
        }
        for node in nodes
        if _is(node, "z:Collection")
    }
    for key, collection in collections.items():
        for one in collection["items"]:
            if one in collections and one != key:
                collections[one]["parent"] = key
    records = []
    for item in nest_children(items, collections):
        place = Place(path=path, line=item["line"])
        record = read_zotero_item(item, item["raw"], place)
        records += [record] if record else []
    problems = []
    if parser.error_log:
        error = parser.error_log[0]
        why = message("problem.why.no-xml", error=error.message)
        problems.append(not_understood(path, why, line=error.line))
    return findings_of(records, problems)


def _read_node(node: Any, about: Mapping[str | None, Any]) -> dict[str, Any]:
    """Read one resource as an item of Zotero's interface."""
    is_note = _is(node, "bib:Memo")
    item: dict[str, Any] = {
        "itemType": "note" if is_note else _text(node, "z:itemType"),
        "key": node.get(_ABOUT) or "",
        "line": node.sourceline or 1,
        "raw": etree.tostring(node, encoding="unicode", with_tail=False),
    }
    if is_note:
        return item | {"note": _text(node, "rdf:value")}
    parts = _list_parts(node, about)
    container = next((one for one in parts if any(_is(one, name) for name in _CONTAINERS)), None)
    series = next((one for one in parts if _is(one, "bib:Series")), None)
    item |= {name: _text(node, where) for name, where in _OF_ITEM.items()}
    wholes = [] if container is None else [container]
    for name, where in _OF_CONTAINER.items():
        own = "" if name == "publicationTitle" else _text(node, where)
        item[name] = own or next((_text(one, where) for one in wholes), "")
    if series is not None:
        item["series"] = _text(series, "dc:title") or _text(series, "dcterms:alternative")
    for kind, value in _list_codes((node, *wholes)):
        item.setdefault(_CODED[kind], value)
    if item["itemType"] in ("report", "bill", "patent", "standard"):
        item["number"] = item.pop("issue", "")
    item["creators"] = list(_list_creators(node))
    subjects = node.findall("dc:subject", _NS)
    is_code = {one: one.find("dcterms:LCC", _NS) is not None for one in subjects}
    item["tags"] = [_say_all(one) for one in subjects if not is_code[one]]
    item["callNumber"] = " ".join(_say_all(one) for one in subjects if is_code[one])
    return _keep_others(item, (node, *(one for one in parts if one is not series)))


_READ: Final = frozenset(
    """itemType isReferencedBy link isPartOf subject memo citationKey libraryCatalog dateSubmitted
    authors editors translators contributors seriesEditors""".split()  # noqa: SIM905 - a table
)


def _keep_others(item: dict[str, Any], nodes: Sequence[Any]) -> dict[str, Any]:
    """Keep in an item, by its name, what a resource says and nothing else of the item holds."""
    held = {" ".join(str(value).split()) for value in item.values() if isinstance(value, str)}
    for node in nodes:
        for child in node.iterchildren("*"):
            name, said = f"{etree.QName(child).localname} ", _say_all(child)
            if said and said not in held and not _is_read(child, said):
                item[name] = f"{item.get(name, '')} {said}".strip()
    return item


def _is_read(child: Any, said: str) -> bool:
    """Say whether what a resource says is read as something else: a code, a resource of its own."""
    name = etree.QName(child).localname
    is_coded = name == "identifier" and said.partition(" ")[0] in _CODED
    return name in _READ or is_coded or child.get(_ABOUT) is not None


def _list_codes(nodes: Sequence[Any]) -> Iterator[tuple[str, str]]:
    """List the identifiers of resources that say their kind: "DOI 10.5555/x"."""
    for node in nodes:
        for code in node.findall("dc:identifier", _NS):
            kind, _, value = _say_all(code).partition(" ")
            if kind in _CODED and value:
                yield kind, value


def _say_all(node: Any) -> str:
    return " ".join("".join(node.itertext()).split())


def _list_parts(node: Any, about: Mapping[str | None, Any]) -> list[Any]:
    """List the wholes that a resource is a part of, nested or named, the nearest first."""
    parts: list[Any] = []
    waiting = [node]
    while waiting and len(parts) < 20:  # a circle of parts is no library
        for relation in waiting.pop(0).findall("dcterms:isPartOf", _NS):
            named = about.get(relation.get(_RESOURCE))
            inside = list(relation) if named is None else [named]
            parts += inside
            waiting += inside
    return parts


def _list_creators(node: Any) -> Iterator[dict[str, str]]:
    for group in node:
        if not isinstance(group.tag, str):
            continue
        role = _ROLES.match(etree.QName(group).localname)
        for person in group.findall("rdf:Seq/rdf:li/foaf:Person", _NS) if role else ():
            family, given = _text(person, "foaf:surname"), _text(person, "foaf:givenName")
            given = given or _text(person, "foaf:givenname")
            name = {"lastName": family, "firstName": given} if given else {"name": family}
            yield {"creatorType": role["role"] if role else "", **name}


def _is(node: Any, name: str) -> bool:
    """Say whether a resource is of a type: its element, or one that it names."""
    prefix, _, local = name.partition(":")
    if node.tag == f"{{{_NS[prefix]}}}{local}":
        return True
    types = node.findall("rdf:type", _NS)
    return any(one.get(_RESOURCE) == _NS[prefix] + local for one in types)


def _text(node: Any, where: str) -> str:
    found = node.find(where, _NS)
    return "".join(found.itertext()).strip() if found is not None else ""


ZOTERO_SQLITE: Final = Format(
    name="zotero-sqlite",
    label="zotero.sqlite",
    media_type="application/vnd.sqlite3",
    extensions=("sqlite", "sqlite3", "db"),
    parse_bytes=parse_zotero_sqlite,
    magic=SQLITE_MAGIC,
)
ZOTERO_RDF: Final = Format(
    name="zotero-rdf",
    label="Zotero RDF",
    media_type="application/rdf+xml",
    extensions=("rdf",),
    parse=parse_zotero_rdf,
    signature=re.compile(r"\s*(?:<\?xml[^>]*>\s*)?<rdf:RDF\b"),
)
