"""Hold what one file says, before anything has an identifier; make it of records with fields.

One note on several texts can only be repeated in BibTeX, RIS or CSL: the same words twice are
read as one note.
"""

import html
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from indexer.bibliography.lines.markup import normalise
from indexer.model import Entry, Note, Problem, Reference


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """References, notes, entries and problems of one file, in its order, ids still empty.

    `citations` pairs the index of a note with that of a reference.
    """

    references: tuple[Reference, ...] = ()
    notes: tuple[Note, ...] = ()
    citations: tuple[tuple[int, int], ...] = ()
    entries: tuple[Entry, ...] = ()
    problems: tuple[Problem, ...] = ()
    left_out: Mapping[str, int] = field(default_factory=dict)  # as Bibliography has it


_TAG: Final = re.compile(r"</?[a-z][a-z0-9]*(?:\s[^<>]*)?/?>", re.IGNORECASE)
_HTML: Final = re.compile(
    r"<(?:p|div|span|br|ul|ol|li|em|strong|i|b|h\d|blockquote|a)\b[^<>]*>", re.I
)
_PARAGRAPH_TAG: Final = re.compile(
    r"</(?:p|div|li|h\d|blockquote)>|<br\s*/?>\s*<br\s*/?>", re.IGNORECASE
)
# What Zotero and citeproc keep in `note` for want of a field: CSL's variables and its own names.
_KEPT_KEYS: Final = (
    r"abstract|accessed|accession number|annote|archive[\w -]*|arxiv|authority|available-date|"
    r"bibcode|call[ -]number|chapter-number|citation[ -]key|citation-label|"
    r"collection-(?:editor|number|title)|"
    r"composer|container-(?:author|title(?:-short)?)|curator|dimensions|director|division|doi|"
    r"edition|"
    r"editorial-director|event(?:-date|-place|-title)?|first-reference-note-number|genre|"
    r"hal[ -]id|"
    r"illustrator|interviewer|isbn|issn|issued|jurisdiction|keyword|language|license|"
    r"medium|mrnumber|"
    r"number(?:-of-pages|-of-volumes)?|oclc|original-[\w-]+|original (?:date|title|publisher)|page|"
    r"page version id|part(?:-number|-title)?|pmcid|pmid|printing-number|publisher(?:-place)?|"
    r"recipient|references|reviewed-[\w-]+|reviewed title|scale|section|source|status|submitted|"
    r"supplement-number|tex\.[\w.-]+|title-short|translator|type|url|version|volume(?:-title)?|"
    r"year-suffix|zbl|_?eprint[\w ]*|publication title"
)
_ZOTERO_LINE: Final = re.compile(
    rf"^(?:(?:{_KEPT_KEYS})[ \u00a0]?:\s+\S.*|(?:consultée? le|accessed(?: on)?)\b[^\n]{{0,40}})$",
    re.MULTILINE | re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldRecord:
    """One record of a file: its reference, and the texts of the notes on it."""

    reference: Reference
    notes: tuple[str, ...] = ()  # paragraphs with a blank line between


def findings_of(records: Iterable[FieldRecord], problems: Iterable[Problem] = ()) -> Findings:
    """The findings of a file of records, the same note on several texts made one."""
    references: list[Reference] = []
    notes: list[Note] = []
    citations: list[tuple[int, int]] = []
    index_by_text: dict[str, int] = {}
    for record in records:
        references.append(record.reference)
        for text in record.notes:
            if not text:
                continue
            if text not in index_by_text:
                index_by_text[text] = len(notes)
                section = record.reference.section
                notes.append(Note(id="", text=text, section=section, place=record.reference.place))
            citations.append((index_by_text[text], len(references) - 1))
    return Findings(
        references=tuple(references),
        notes=tuple(notes),
        citations=tuple(dict.fromkeys(citations)),
        problems=tuple(problems),
    )


def tidy_note(text: str) -> str:
    """A note's text as paragraphs with a blank line between; Zotero writes notes in HTML."""
    if _HTML.search(text):
        text = html.unescape(_TAG.sub("", _PARAGRAPH_TAG.sub("\n\n", text)))
    paragraphs = (normalise(part) for part in re.split(r"\n\s*\n", text))
    return "\n\n".join(part for part in paragraphs if part)


def without_fields(text: str) -> str:
    """Zotero's `note` without its lines "key: value", the fields that it has no place for."""
    return _ZOTERO_LINE.sub("", text).strip()
