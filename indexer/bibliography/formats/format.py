"""Describe a format of bibliographic records: how it is called, recognised, read and written.

A format is one module of this package that makes one `Format`; `FORMATS`, in the package itself,
lists them. A format without `parse` can only be exported.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from indexer.bibliography.findings import Findings
from indexer.model import Bibliography, Reference


class Parser(Protocol):
    """Reads the text of one file; `path`, relative to the bibliography's folder, is for places."""

    def __call__(self, text: str, *, path: str) -> Findings:
        """Give the references, notes and problems of a file; never raises for what it holds."""
        ...


class RecordWriter(Protocol):
    """Writes one reference as one record of a file."""

    def __call__(self, reference: Reference, notes: tuple[str, ...]) -> str:
        """Give the record; `notes` are the texts that cite it, a blank line between paragraphs."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """A format of references, both ways."""

    name: str  # what commands call it: "csl-json"
    label: str  # what people call it: "CSL-JSON"
    media_type: str
    extensions: tuple[str, ...]  # without a dot; the first is that of a written file
    render_record: RecordWriter
    parse: Parser | None = None
    opening: str = ""  # what a file holds before its records, between and after them
    separator: str = ""
    closing: str = ""
    empty: str = ""  # a whole file without records, where opening and closing make none
    signature: re.Pattern[str] | None = None  # how a file begins that bears another name
    unapi_name: str = ""  # what unAPI clients (Zotero) ask for; "" when they know no such format
    is_offered: bool = True  # linked beside every text and search; else had by address and command

    def render(self, bibliography: Bibliography) -> str:
        """Write a whole bibliography as one file, each reference with the notes that cite it.

        Notes that cite nothing have no place in any of these formats (`uncited` counts them).
        """
        notes = _texts_by_reference(bibliography)
        records = [
            self.render_record(reference, notes.get(reference.id, ()))
            for reference in bibliography.references
        ]
        if not records and self.empty:
            return self.empty
        return f"{self.opening}{self.separator.join(records)}{self.closing}"


def _texts_by_reference(bibliography: Bibliography) -> Mapping[str, tuple[str, ...]]:
    text_by_note = {note.id: note.text for note in bibliography.notes}
    notes: dict[str, tuple[str, ...]] = {}
    for citation in bibliography.citations:
        before = notes.get(citation.reference_id, ())
        notes[citation.reference_id] = (*before, text_by_note[citation.note_id])
    return notes
