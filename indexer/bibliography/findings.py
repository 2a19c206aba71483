"""Hold what one file says, before anything has an identifier; make it of records with fields.

One note on several texts can only be repeated in BibTeX, RIS or CSL: the same words twice are
read as one note.
"""

import html
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from indexer.bibliography.lines.markup import normalise
from indexer.bibliography.remainder import (
    find_left_addresses,
    find_left_fields,
    tell_address,
    tell_remainder,
)
from indexer.messages import Message, message
from indexer.model import Entry, Note, Place, Problem, Reference


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """References, notes, entries and problems of one file, in its order, ids still empty.

    `citations` pairs the index of a note with that of a reference. `note_kinds` says in which
    field of a record each note stood ("annote", "note", "child", "abstract"); it is empty for a
    page of text.
    """

    references: tuple[Reference, ...] = ()
    notes: tuple[Note, ...] = ()
    citations: tuple[tuple[int, int], ...] = ()
    entries: tuple[Entry, ...] = ()
    problems: tuple[Problem, ...] = ()
    left_out: Mapping[str, int] = field(default_factory=dict)  # as Bibliography has it
    note_kinds: tuple[str, ...] = ()


_TAG: Final = re.compile(r"</?[a-z][a-z0-9]*(?:\s[^<>]*)?/?>", re.IGNORECASE)
_HTML: Final = re.compile(
    r"<(?:p|div|span|br|ul|ol|li|em|strong|i|b|h\d|blockquote|a)\b[^<>]*>", re.I
)
_LINK: Final = re.compile(
    r"<a\s[^<>]*?href\s*=\s*[\"']?(?P<address>https?://[^\s\"'<>]+)[^<>]*>(?P<words>.*?)</a>",
    re.IGNORECASE | re.DOTALL,
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
    """One record of a file: its reference, and the texts of the notes on it, by their kind.

    Texts are paragraphs with a blank line between. The abstract of the reference is one more, of
    the kind "abstract". A record without a reference holds notes that stand alone in `place`.
    """

    reference: Reference | None
    notes: Mapping[str, Sequence[str]] = field(default_factory=dict)
    section: tuple[str, ...] = ()  # of what stands alone
    place: Place | None = None
    fields: Mapping[str, str] = field(default_factory=dict)  # all that the record says, by name


def not_understood(path: str, why: Message, *, line: int = 1) -> Problem:
    """Say that a file is not read, and why; `line` is where that was seen."""
    said = message("problem.file-not-understood", why=why)
    return Problem(said=said, place=Place(path=path, line=line))


def findings_of(records: Iterable[FieldRecord], problems: Iterable[Problem] = ()) -> Findings:
    """Gather the records of a file, the same note on several texts made one."""
    references: list[Reference] = []
    notes: list[Note] = []
    kinds: list[str] = []
    citations: list[tuple[int, int]] = []
    index_by_text: dict[str, int] = {}
    told: list[Problem] = []
    for record in records:
        reference = record.reference
        section, place = record.section, record.place
        if reference is not None:
            references.append(reference)
            section, place = reference.section, reference.place
        told += _tell_left(record, place)
        for kind, text in _list_notes(record):
            if text not in index_by_text:
                index_by_text[text] = len(notes)
                notes.append(Note(id="", text=text, section=section, place=place))
                kinds.append(kind)
            if reference is not None:
                citations.append((index_by_text[text], len(references) - 1))
    return Findings(
        references=tuple(references),
        notes=tuple(notes),
        citations=tuple(dict.fromkeys(citations)),
        problems=(*problems, *told),
        note_kinds=tuple(kinds),
    )


def _tell_left(record: FieldRecord, place: Place | None) -> Iterator[Problem]:
    """Tell the words and the addresses of a record that end nowhere."""
    said = [text for texts in record.notes.values() for text in texts]
    reference = record.reference or Reference(id="", title="")
    if left := find_left_fields(record.fields, reference, said):
        yield tell_remainder(left, place)
    for address in find_left_addresses(record.fields, reference, said):
        yield tell_address(address, place)


def _list_notes(record: FieldRecord) -> Iterator[tuple[str, str]]:
    """List the notes of a record with their kinds, the abstract last."""
    for kind, texts in record.notes.items():
        yield from ((kind, text) for text in texts if text)
    if record.reference is not None and record.reference.abstract:
        yield "abstract", record.reference.abstract


def keep_notes(findings: Findings, kinds: Collection[str]) -> Findings:
    """Leave out the notes that stood in fields which, by the setting, hold none of ours."""
    if all(kind in kinds for kind in findings.note_kinds):
        return findings
    kept = [index for index, kind in enumerate(findings.note_kinds) if kind in kinds]
    moved = {old: new for new, old in enumerate(kept)}
    return replace(
        findings,
        notes=tuple(findings.notes[index] for index in kept),
        citations=tuple((moved[note], one) for note, one in findings.citations if note in moved),
        note_kinds=tuple(findings.note_kinds[index] for index in kept),
    )


def tidy_note(text: str) -> str:
    """Give a note's text as paragraphs with a blank line between; Zotero writes notes in HTML."""
    if _HTML.search(text):
        text = _LINK.sub(_keep_address, text)
        text = html.unescape(_TAG.sub("", _PARAGRAPH_TAG.sub("\n\n", text)))
    paragraphs = (normalise(part) for part in re.split(r"\n\s*\n", text))
    return "\n\n".join(part for part in paragraphs if part)


def _keep_address(link: re.Match[str]) -> str:
    """Write a link as its words with the address behind, unless the words are the address."""
    address = html.unescape(link["address"])
    words = _TAG.sub("", link["words"])
    return (
        words
        if address.partition("://")[2].strip("/") in html.unescape(words)
        else (f"{words} ({html.escape(address)})")
    )


def without_fields(text: str) -> str:
    """Zotero's `note` without its lines "key: value", the fields that it has no place for."""
    return _ZOTERO_LINE.sub("", text).strip()
