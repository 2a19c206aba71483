"""Read and write MODS 3.8 (Library of Congress), as Zotero does; write simple Dublin Core.

A record's type stands twice in `genre`: in Zotero's words (authority "local"), which is what
Zotero itself reads, and in CSL's (authority "csl"), which says all that we know. Of
Dublin Core (oai_dc, as OAI-PMH 2.0 requires of every repository) fifteen elements hold less than
a reference says: it is only written, the notes as descriptions, after the abstract.
"""

import re
from collections.abc import Iterator
from typing import Final

from lxml import etree

from indexer.bibliography.findings import (
    FieldRecord,
    Findings,
    findings_of,
    not_understood,
    tidy_note,
)
from indexer.bibliography.formats.format import (
    CSL_BY_ZOTERO,
    CSL_TYPES,
    SEASON_NUMBER,
    Format,
    clean,
    note_markup,
    parse_extent,
)
from indexer.bibliography.lines.dates import parse_edtf
from indexer.bibliography.lines.markup import normalise
from indexer.messages import message
from indexer.model import ZOTERO_BY_CSL, Name, Place, Reference

NAMESPACE: Final = "http://www.loc.gov/mods/v3"
_NS: Final = {"m": NAMESPACE}
_PREFIX: Final = f"{{{NAMESPACE}}}"
ARCHIVED_COPY: Final = "archived copy"  # displayLabel of the address of a memento
_CODE_BY_ROLE: Final = {
    "author": "aut",
    "auteur": "aut",
    "creator": "aut",
    "editor": "edt",
    "translator": "trl",
    "traducteur": "trl",
}
_EDITOR_ROLES: Final = {"edt": "editor", "edc": "coord"}  # MARC relator codes
# MARC genre terms, where no other genre tells the type.
_CSL_BY_MARC_GENRE: Final = {
    "article": "article-journal",
    "book": "book",
    "conference publication": "paper-conference",
    "encyclopedia": "entry-encyclopedia",
    "journal": "article-journal",
    "legislation": "legislation",
    "map": "map",
    "motion picture": "motion_picture",
    "newspaper": "article-newspaper",
    "periodical": "article-magazine",
    "technical report": "report",
    "theses": "thesis",
    "thesis": "thesis",
    "web site": "webpage",
}


# --- reading -----------------------------------------------------------------------------------


def parse_mods(text: str, *, path: str) -> Findings:
    """Read a MODS file, one `mods` or a `modsCollection`; `path` is for the places.

    A file that breaks off is read as far as it goes, and said. No entity is resolved and nothing
    is fetched.
    """
    parser = etree.XMLParser(recover=True, resolve_entities=False, no_network=True, load_dtd=False)
    source = text.encode("utf-8", "replace")
    root = etree.fromstring(source, parser) if source.strip() else None
    problems = []
    if parser.error_log and root is not None:
        error = parser.error_log[0]
        problems.append(
            not_understood(
                path, message("problem.why.no-xml", error=error.message), line=error.line
            )
        )
    records = [] if root is None else list(root.iter(f"{_PREFIX}mods"))
    if not records and (root is None or root.tag != f"{_PREFIX}modsCollection"):
        problems = [not_understood(path, message("problem.why.no-mods"))]
    return findings_of([_record(element, path) for element in records], problems)


_SUBJECTS: Final = "m:subject/m:topic | m:subject/m:geographic | m:subject/m:temporal"


def _record(mods: etree._Element, path: str) -> FieldRecord:
    authors = tuple(_names(mods, roles=("aut", "")))
    editors = [(name, role) for role in _EDITOR_ROLES for name in _names(mods, roles=(role,))]
    abstract = tidy_note(_first(mods, "m:abstract"))
    date = "(m:originInfo | m:relatedItem[@type='host']/m:originInfo)/m:{}"
    reference = Reference(
        id="",
        title=_title(mods, "m:titleInfo[not(@type)]") or _title(mods, "m:titleInfo"),
        type=_type(mods),
        author=authors,
        editor=tuple(name for name, _ in editors),
        editor_role=_EDITOR_ROLES[editors[0][1]] if editors else "",
        translator=tuple(_names(mods, roles=("trl",))),
        container_title=_title(mods, "m:relatedItem[@type='host']/m:titleInfo[not(@type)]"),
        publisher=_line(mods, ".//m:originInfo/m:publisher"),
        publisher_place=_line(mods, ".//m:originInfo/m:place/m:placeTerm[not(@type='code')]"),
        issued=next(
            (
                found
                for kind in ("dateIssued", "copyrightDate", "dateCreated")
                if (found := _date(_line(mods, date.format(kind))))
            ),
            "",
        ),
        accessed=_date(_first(mods, "m:location/m:url/@dateLastAccessed")),
        url=_line(mods, f"m:location/m:url[not(@displayLabel='{ARCHIVED_COPY}')]") or None,
        archive_url=_line(mods, f"m:location/m:url[@displayLabel='{ARCHIVED_COPY}']") or None,
        doi=_line(mods, "m:identifier[@type='doi']").lower().removeprefix("https://doi.org/"),
        isbn=re.sub(r"[\s-]", "", _line(mods, ".//m:identifier[@type='isbn']")),
        number=_line(mods, "m:identifier[@type='report number']"),
        volume=_line(mods, ".//m:part/m:detail[@type='volume']/m:number"),
        issue=_line(mods, ".//m:part/m:detail[@type='issue']/m:number"),
        page=_pages(mods),
        number_of_pages=_extent(mods, "p"),
        number_of_volumes=_extent(mods, "v"),
        edition=_line(mods, ".//m:originInfo/m:edition"),
        collection_title=_title(mods, "m:relatedItem[@type='series']/m:titleInfo[not(@type)]"),
        language=_line(mods, "m:language/m:languageTerm"),
        abstract=abstract,
        keyword=tuple(filter(None, (normalise(one) for one in _all(mods, _SUBJECTS)))),
        raw=etree.tostring(mods, encoding="unicode", with_tail=False),
        place=Place(path=path, line=mods.sourceline or 1),
    )
    notes = [tidy_note(one) for one in _all(mods, "m:note")]
    return FieldRecord(reference=reference, notes={"annote": notes}, fields=_list_fields(mods))


# What catalogues say of their records, and words that name a kind or a part of what is read.
_OF_CATALOGUES: Final = frozenset(
    """recordInfo typeOfResource genre languageTerm scriptTerm issuance digitalOrigin form
    internetMediaType reformattingQuality""".split()  # noqa: SIM905 - a table
)
_SPEAKING: Final = ("displayLabel", "note", "{http://www.w3.org/1999/xlink}href")
_KNOWN_ROLES: Final = frozenset({*_CODE_BY_ROLE, *_CODE_BY_ROLE.values(), *_EDITOR_ROLES})


def _list_fields(mods: etree._Element) -> dict[str, str]:
    """List what a record says, a field for each of its elements; kinds and codes say nothing."""
    fields: dict[str, str] = {}
    for number, child in enumerate(mods):
        if isinstance(child.tag, str):
            kind = child.get("type") or ""
            name = " ".join(filter(None, (etree.QName(child).localname, kind)))
            fields[f"{name} ({number})"] = " ".join(_list_texts(child))
    return fields


def _list_texts(element: etree._Element) -> Iterator[str]:
    name = etree.QName(element).localname
    text = (element.text or "").strip()
    if name in _OF_CATALOGUES or (name == "roleTerm" and text.lower() in _KNOWN_ROLES):
        return
    spoken = filter(None, map(element.get, _SPEAKING))
    yield from (said for said in spoken if said != ARCHIVED_COPY)
    yield text
    for child in element.iterchildren("*"):
        yield from _list_texts(child)
        yield (child.tail or "").strip()


def _all(element: etree._Element, path: str) -> list[str]:
    """Give the texts of the elements or attributes that an XPath finds, in their order."""
    found = element.xpath(path, namespaces=_NS)
    return [str(one) if isinstance(one, str) else "".join(one.itertext()) for one in found]


def _first(element: etree._Element, path: str) -> str:
    return next(iter(_all(element, path)), "")


def _line(element: etree._Element, path: str) -> str:
    return normalise(_first(element, path))


def _title(element: etree._Element, path: str) -> str:
    found = element.xpath(path, namespaces=_NS)
    if not found:
        return ""
    title = " ".join(filter(None, (_line(found[0], f"m:{part}") for part in ("nonSort", "title"))))
    subtitle = _line(found[0], "m:subTitle")
    return f"{title} : {subtitle}" if subtitle else title


def _type(mods: etree._Element) -> str:
    genres = [(genre.get("authority", ""), _line(genre, ".")) for genre in mods.iter()
              if genre.tag == f"{_PREFIX}genre"]  # fmt: skip
    tables = (
        ("csl", {name: name for name in CSL_TYPES}),
        ("local", CSL_BY_ZOTERO),
        ("marcgt", _CSL_BY_MARC_GENRE),
        ("", {**CSL_BY_ZOTERO, **_CSL_BY_MARC_GENRE}),
    )
    for authority, table in tables:
        for where, word in genres:
            if where == authority and word in table:
                return table[word]
    return "chapter" if mods.xpath("m:relatedItem[@type='host']", namespaces=_NS) else "document"


def _names(mods: etree._Element, *, roles: tuple[str, ...]) -> Iterator[Name]:
    """Give those who have one of the MARC relator codes; "" stands for a name without a role."""
    path = "m:name | m:relatedItem[@type='host']/m:name"
    for name in mods.xpath(path, namespaces=_NS):
        role = _line(name, "m:role/m:roleTerm").lower()
        role = _CODE_BY_ROLE.get(role, role)
        if role not in roles:
            continue
        parts = {kind: _line(name, f"m:namePart[@type='{kind}']") for kind in ("family", "given")}
        whole = " ".join(_all(name, "m:namePart[not(@type='date')]"))
        if parts["family"] and parts["given"]:
            # Marks its owner's rank too ("Dr"), which goes where a suffix does.
            yield Name(**parts, suffix=_line(name, "m:namePart[@type='termsOfAddress']"))
        elif whole := normalise(whole):
            family, comma, given = whole.partition(", ")
            is_person = name.get("type") == "personal" and comma
            yield Name(family=family, given=given) if is_person else Name(literal=whole)


def _date(written: str) -> str:
    return parse_edtf(written)


def _pages(mods: etree._Element) -> str:
    extent = ".//m:part/m:extent[@unit='pages' or @unit='page']"
    start, end = _line(mods, f"{extent}/m:start"), _line(mods, f"{extent}/m:end")
    return "-".join(filter(None, (start, end))) or _line(mods, f"{extent}/m:list")


def _extent(mods: etree._Element, unit: str) -> str:
    """Give how many pages ("p") or volumes ("v") the work has: "204 p.", as Zotero writes it."""
    told = (parse_extent(one, unit) for one in _all(mods, "m:physicalDescription/m:extent"))
    return next(filter(None, told), "")


# --- writing -----------------------------------------------------------------------------------


def render_mods(reference: Reference, notes: tuple[str, ...]) -> str:
    """Write one `mods` record; what is empty is left out."""
    mods = etree.Element(f"{_PREFIX}mods", nsmap={None: NAMESPACE})
    _put(mods, "titleInfo/title", reference.title)
    for names, role in (
        (reference.author, "aut"),
        (reference.editor, "edc" if reference.editor_role == "coord" else "edt"),
        (reference.translator, "trl"),
    ):
        for name in names:
            _put_name(mods, name, role)
    _put(mods, "genre", ZOTERO_BY_CSL.get(reference.type, "document"), authority="local")
    _put(mods, "genre", reference.type, authority="csl")
    origin = etree.SubElement(mods, f"{_PREFIX}originInfo")
    _put(origin, "place/placeTerm", reference.publisher_place, type="text")
    _put(origin, "publisher", reference.publisher)
    _put(origin, "edition", reference.edition)
    _put(origin, "dateIssued", reference.issued, encoding="edtf")
    _put(mods, "language/languageTerm", reference.language, type="code", authority="rfc3066")
    physical = etree.SubElement(mods, f"{_PREFIX}physicalDescription")
    _put(physical, "extent", reference.number_of_pages and f"{reference.number_of_pages} p.")
    _put(physical, "extent", reference.number_of_volumes and f"{reference.number_of_volumes} v.")
    _put(mods, "abstract", note_markup(reference.abstract))
    for note in notes:
        _put(mods, "note", note_markup(note))
    for keyword in reference.keyword:
        _put(mods, "subject/topic", keyword)
    _put_host(mods, reference)
    if reference.collection_title:
        series = etree.SubElement(mods, f"{_PREFIX}relatedItem", type="series")
        _put(series, "titleInfo/title", reference.collection_title)
    _put(mods, "identifier", reference.doi, type="doi")
    _put(mods, "identifier", reference.isbn, type="isbn")
    _put(mods, "identifier", reference.number, type="report number")
    _put_addresses(mods, reference)
    _put(mods, "recordInfo/recordIdentifier", reference.id)
    for empty in [one for one in mods if not len(one) and not one.text]:
        mods.remove(empty)
    etree.indent(mods)
    return str(etree.tostring(mods, encoding="unicode")) + "\n"


def _put(parent: etree._Element, path: str, text: str, **attributes: str) -> None:
    """Add elements, one in the other, with a text in the innermost; nothing for no text."""
    if not text:
        return
    for tag in path.split("/"):
        parent = etree.SubElement(parent, f"{_PREFIX}{tag}")
    parent.attrib.update(attributes)
    parent.text = clean(text)


def _put_name(mods: etree._Element, name: Name, role: str) -> None:
    is_person = bool(not name.literal and name.family and name.given)
    element = etree.SubElement(
        mods, f"{_PREFIX}name", type="personal" if is_person else "corporate"
    )
    if is_person:
        _put(element, "namePart", name.family, type="family")
        _put(element, "namePart", name.given, type="given")
        _put(element, "namePart", name.suffix, type="termsOfAddress")
    else:
        _put(element, "namePart", name.display)
    _put(element, "role/roleTerm", role, type="code", authority="marcrelator")


def _put_host(mods: etree._Element, reference: Reference) -> None:
    """Add what the text stands in, with the place of the text in it."""
    host = etree.SubElement(mods, f"{_PREFIX}relatedItem", type="host")
    _put(host, "titleInfo/title", reference.container_title)
    part = etree.SubElement(host, f"{_PREFIX}part")
    for kind, number in (("volume", reference.volume), ("issue", reference.issue)):
        if number:
            detail = etree.SubElement(part, f"{_PREFIX}detail", type=kind)
            _put(detail, "number", number)
    start, dash, end = reference.page.partition("-")
    if reference.page:
        extent = etree.SubElement(part, f"{_PREFIX}extent", unit="pages")
        _put(extent, "start" if dash else "list", start)
        _put(extent, "end", end)
    for empty in (part, host):
        parent = empty.getparent()
        if not len(empty) and parent is not None:
            parent.remove(empty)


def _put_addresses(mods: etree._Element, reference: Reference) -> None:
    """Add where the text is and when it was read there; a day may be known without an address."""
    if reference.url or reference.accessed:
        location = etree.SubElement(mods, f"{_PREFIX}location")
        url = etree.SubElement(location, f"{_PREFIX}url", usage="primary display")
        url.text = clean(reference.url or "")
        if reference.accessed:
            url.set("dateLastAccessed", reference.accessed)
    _put(mods, "location/url", reference.archive_url or "", displayLabel=ARCHIVED_COPY)


MODS: Final = Format(
    name="mods",
    label="MODS",
    media_type="application/mods+xml",
    extensions=("mods",),
    parse=parse_mods,
    render_record=render_mods,
    opening=f'<?xml version="1.0" encoding="UTF-8"?>\n<modsCollection xmlns="{NAMESPACE}">\n',
    closing="</modsCollection>\n",
    signature=re.compile(
        r"\s*(?:<\?xml[^>]*\?>)?\s*(?:<!--.*?-->\s*)*<(?:\w+:)?mods(?:Collection)?\b", re.DOTALL
    ),
    unapi_name="mods",
    is_offered=False,  # what catalogues and Zotero ask for, by unAPI
)


OAI_DC_NAMESPACE: Final = "http://www.openarchives.org/OAI/2.0/oai_dc/"
DC_NAMESPACE: Final = "http://purl.org/dc/elements/1.1/"
_NSMAP: Final = {"oai_dc": OAI_DC_NAMESPACE, "dc": DC_NAMESPACE}


def render_oai_dc(reference: Reference, notes: tuple[str, ...]) -> str:
    """Write one `oai_dc:dc` record; what is empty is left out."""
    record = etree.Element(f"{{{OAI_DC_NAMESPACE}}}dc", nsmap=_NSMAP)
    identifiers = (
        reference.url or "",
        f"https://doi.org/{reference.doi}" if reference.doi else "",
        f"urn:isbn:{reference.isbn}" if reference.isbn else "",
        reference.id,
    )
    is_season = reference.issued[5:] in SEASON_NUMBER  # W3CDTF knows none
    elements = (
        ("title", [reference.title]),
        ("creator", [_name(name) for name in reference.author]),
        ("contributor", [_name(name) for name in (*reference.editor, *reference.translator)]),
        ("subject", reference.keyword),
        ("description", [reference.abstract, *notes]),
        ("publisher", [reference.publisher]),
        ("date", [reference.issued[:4] if is_season else reference.issued]),
        ("type", [reference.type]),
        ("identifier", identifiers),
        ("source", [reference.container_title]),
        ("language", [reference.language]),
        ("relation", [reference.archive_url or ""]),
    )
    for tag, values in elements:
        for value in filter(None, values):
            etree.SubElement(record, f"{{{DC_NAMESPACE}}}{tag}").text = clean(value)
    etree.indent(record)
    return str(etree.tostring(record, encoding="unicode")) + "\n"


def _name(name: Name) -> str:
    return ", ".join(filter(None, (name.family, name.given))) if not name.literal else name.literal


OAI_DC: Final = Format(
    name="oai_dc",
    label="Dublin Core",
    media_type="text/xml",
    extensions=("xml",),
    render_record=render_oai_dc,
    opening='<?xml version="1.0" encoding="UTF-8"?>\n<records>\n',
    closing="</records>\n",
    unapi_name="oai_dc",
    is_offered=False,  # what harvesters ask for, by unAPI
)
