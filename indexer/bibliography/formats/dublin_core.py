"""Write simple Dublin Core in XML (oai_dc, as OAI-PMH 2.0 requires of every repository).

Fifteen elements hold less than a reference says, so that this format is only written. The notes
are descriptions, after the abstract.
"""

from typing import Final

from lxml import etree

from indexer.bibliography.formats.format import SEASON_NUMBER, Format, clean
from indexer.model import Name, Reference

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
