"""Give a bibliography back in the formats of other tools, notes included.

The writers are ours: those of the reading libraries break on a brace and on a newline. What they
write, bibtexparser, pybtex, rispy and the JSON and YAML parsers read back unchanged, but for what
a format has no words for (sections outside CSL, coordinators in RIS). A note that
cites nothing has no place in these formats; `uncited` counts them, so that nobody is surprised.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, Protocol

from indexer.bibliography.exports.bibtex import render_bibtex
from indexer.bibliography.exports.csl import render_csl_json, render_csl_yaml
from indexer.bibliography.exports.ris import render_ris
from indexer.model import Bibliography, Reference

__all__ = ["FORMATS", "MEDIA_TYPES", "render", "uncited"]


class _Writer(Protocol):
    def __call__(self, reference: Reference, notes: tuple[str, ...]) -> str: ...


_OPENINGS: Final = MappingProxyType({"csl-json": "[\n", "csl-yaml": "references:\n"})
_SEPARATORS: Final = MappingProxyType(
    {"csl-json": ",\n", "csl-yaml": "", "bibtex": "\n", "ris": "\n"}
)
_CLOSINGS: Final = MappingProxyType({"csl-json": "\n]\n"})
FORMATS: Final[Mapping[str, _Writer]] = MappingProxyType(
    {
        "csl-json": render_csl_json,
        "csl-yaml": render_csl_yaml,
        "bibtex": render_bibtex,
        "ris": render_ris,
    }
)
MEDIA_TYPES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "csl-json": "application/vnd.citationstyles.csl+json",
        "csl-yaml": "application/yaml",
        "bibtex": "application/x-bibtex",
        "ris": "application/x-research-info-systems",
    }
)


def render(bibliography: Bibliography, format: str) -> str:
    """A whole bibliography in one of FORMATS, each reference with the notes that cite it."""
    text_by_note = {note.id: note.text for note in bibliography.notes}
    notes: dict[str, list[str]] = {}
    for citation in bibliography.citations:
        notes.setdefault(citation.reference_id, []).append(text_by_note[citation.note_id])
    writer = FORMATS[format]
    rendered = [
        writer(reference, tuple(notes.get(reference.id, ())))
        for reference in bibliography.references
    ]
    if not rendered and format == "csl-yaml":
        return "references: []\n"
    opening, closing = _OPENINGS.get(format, ""), _CLOSINGS.get(format, "")
    return f"{opening}{_SEPARATORS[format].join(rendered)}{closing}"


def uncited(bibliography: Bibliography) -> int:
    """How many notes cite nothing, and so are in no export."""
    citing = {citation.note_id for citation in bibliography.citations}
    return sum(note.id not in citing for note in bibliography.notes)
