"""Hold what one file says, before anything has an identifier; tell what of it ends nowhere.

Nothing is dropped in silence: words and addresses of a block or of a record that end in no field,
no note and no heading are told by `check` with their line, so that somebody can write them more
plainly, correct them, or accept them. Words that only name a field ("p.", "vol.", "consulté le",
"dans") or point at an address ("en ligne", "ici") say nothing once the field is read.
One note on several texts can only be repeated in BibTeX, RIS or CSL: the same words twice are
read as one note.
"""

import html
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Any, Final

from indexer.bibliography.lines.dates import find_dates, fold
from indexer.bibliography.lines.markup import TAG, normalise, parse_markup, plain, trim_address
from indexer.bibliography.lines.vocabulary import CUE_WORDS
from indexer.messages import Message, message
from indexer.model import Entry, Name, Note, Place, Problem, Reference
from indexer.urls import urlkey

_WORD: Final = re.compile(r"[^\W_]+")
_SIZE: Final = re.compile(r"\b\d+(?:[.,]\d+)?\s*(?:[kmg]?[ob]|min|h)\b", re.IGNORECASE)
# Fields of records that say nothing of a text: what programs keep for themselves, the ties between
# records, and the kind of text, which is a field of ours under another name.
_TECHNICAL: Final = re.compile(
    r"id|ids|key|type_of_reference|itemtype|citation-key|citekey|crossref|xdata|xref|options|"
    r"related\w*|entrysubtype|timestamp|creationdate|modificationdate|date-(?:added|modified)|"
    r"dateadded|datemodified|owner|groups?|file\w*|local-url|bdsk-.*|__.*|mdate|biburl|bibsource|"
    r"citeulike-.*|priority|qualityassured|ranking|readstatus|relevance|printed|sortkey|"
    r"sort(?:name|title|year)|presort|langid\w*|hyphenation|system_id|categories|version",
    re.IGNORECASE,
)
_DATE_FIELD: Final = re.compile(r"(?:orig)?(?:date|year|month|day|publication_year|issued)", re.I)
_OF_RECORDS: Final = (
    "and",
    "others",
    "http",
    "https",
    "doi",
    "org",
    "dx",
    "p",
    "v",
    "vol",
    "pages",
)
_LONG: Final = 200  # characters
_MAX_SHOWN: Final = 1000  # characters of a remainder that a sentence shows


def find_words(text: str) -> list[str]:
    """List the words of a text in their order, in small letters without accents.

    >>> find_words("L’Éveil, n° 12")
    ['l', 'eveil', 'n', '12']
    """
    return _WORD.findall(fold(normalise(text)))


MAX_TEXTS: Final = 2000  # of one field: aliases of YAML can make a million of a few lines


def join_texts(value: Any) -> str:
    """Join the texts of a value that may hold others, as JSON and YAML do; no more than MAX_TEXTS.

    >>> join_texts([{"family": "Essai", "given": "Anne"}, "Groupe"])
    'Essai Anne Groupe'
    """
    return " ".join(islice(_list_texts(value), MAX_TEXTS))


def _list_texts(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        for one in value.values():
            yield from _list_texts(one)
    elif isinstance(value, list):
        for one in value:
            yield from _list_texts(one)
    elif value is not None and str(value).strip():
        yield str(value)


def list_kept(reference: Reference) -> Iterator[str]:
    """List the texts of a reference's fields; its source line is none."""
    yield from (reference.title, reference.container_title, reference.collection_title)
    yield from (reference.publisher, reference.publisher_place, reference.doi, reference.isbn)
    yield from (reference.number, reference.volume, reference.issue, reference.page)
    yield from (reference.number_of_pages, reference.number_of_volumes)
    if reference.edition:
        yield from (f"{reference.edition}{end}" for end in ("", "e", "eme", "nd", "rd", "th"))
    yield from (reference.language, reference.issued, reference.accessed)
    yield from (reference.url or "", reference.archive_url or "", reference.abstract)
    yield from reference.keyword
    yield from map(_say_name, (*reference.author, *reference.editor, *reference.translator))


def find_remainder(raw: str, references: Iterable[Reference], said: Iterable[str] = ()) -> str:
    """Find the words of a line that none of its references and none of its notes holds.

    `raw` is the line as written, `said` holds the texts of its notes. Gives the words in their
    order, "" where there are none.
    """
    held = tuple(references)
    kept = " ".join(text for one in held for text in list_kept(one))
    known = set(find_words(" ".join((kept, *said))))
    isbns = " ".join(one.isbn for one in held)
    written = plain(parse_markup(raw).text)

    def list_lost(text: str) -> list[str]:
        return [
            text[found.start() : found.end()]
            for found in _WORD.finditer(fold(text))
            if not (found[0] in known or found[0] in CUE_WORDS or _is_part(found[0], isbns))
        ]

    if not list_lost(written):
        return ""
    return " ".join(list_lost(_SIZE.sub(" ", _without_dates(written, held))))


def find_left_fields(fields: Mapping[str, str], reference: Reference, notes: Iterable[str]) -> str:
    """Find the fields of a record whose words no field of its reference and no note holds.

    `fields` holds the values of a record by the names that its format gives them. Gives
    "name: value; name: value", "" where nothing is left.
    """
    texts = (*list_kept(reference), reference.type, *notes)
    kept = " ".join(texts)
    # Most fields are held by short ones; abstracts and notes are cut into words where they are not.
    short = " ".join(text for text in texts if len(text) < _LONG)
    near: set[str] = set()
    known: set[str] = set()
    left: list[str] = []
    for name, value in fields.items():
        if not value or value in kept or _is_read_so(name, reference):
            continue
        near = near or {_bare(word) for word in (*find_words(short), *_OF_RECORDS)}
        if not _loses_words(value, near, reference):
            continue
        known = known or {_bare(word) for word in (*find_words(kept), *_OF_RECORDS)}
        if _loses_words(value, known, reference):
            left.append(f"{name}: {' '.join(value.split())}")
    return "; ".join(left)


def _is_read_so(name: str, reference: Reference) -> bool:
    """Say whether a field says nothing of a text, or a date that is read, whatever words say it."""
    return bool(_TECHNICAL.fullmatch(name) or (reference.issued and _DATE_FIELD.fullmatch(name)))


def _loses_words(value: str, known: Collection[str], reference: Reference) -> bool:
    """Say whether a value has words that are not known; addresses are told by themselves."""
    said = html.unescape(TAG.sub(" ", value)) if "<" in value or "&" in value else value
    said = _ADDRESS.sub(" ", said) if "://" in said else said
    lost = _find_unknown(said, known)
    if lost and any(map(str.isdigit, said)):  # a date that is held, in words
        lost = _find_unknown(_without_dates(said, [reference]), known)
    return not all(_is_part(word, reference.isbn) for word in lost)


def _find_unknown(text: str, known: Collection[str]) -> list[str]:
    return [word for word in find_words(text) if _bare(word) not in known]


_ADDRESS: Final = re.compile(r"(?:https?|ftp)://[^\s<>\"{}|\\^`]+", re.IGNORECASE)


def find_left_addresses(
    fields: Mapping[str, str], reference: Reference, notes: Iterable[str]
) -> list[str]:
    """List the addresses of a record that neither its reference nor a note on it holds.

    Another way to write an address that is held ("http", "www.", a DOI as an address) is held.
    """
    found = dict.fromkeys(
        address for value in fields.values() for address in _list_addresses(value)
    )
    if not found:
        return []
    texts = (*notes, *list_kept(reference))
    known = {urlkey(address) for text in texts for address in _list_addresses(text)}
    if reference.doi:
        known.add(urlkey(f"https://doi.org/{reference.doi}"))
    return [address for address in found if urlkey(address) not in known]


def _list_addresses(text: str) -> list[str]:
    return [trim_address(one) for one in _ADDRESS.findall(text)] if "://" in text else []


def tell_address(address: str, place: Place | None, subject: str = "") -> Problem:
    """Make the problem that tells an address which is of no reference and in no note."""
    said = message("problem.address-left-out", address=address)
    return Problem(said=said, place=place, subject=subject)


def _bare(word: str) -> str:
    """Give a number without the zeros before it: the "03" of a date is a program's "3"."""
    return word.lstrip("0") if word.isdigit() else word


def find_lost(mention: Reference, merged: Reference) -> str:
    """Find the texts of a reference's fields with words that the one it was merged into lacks.

    Another year, another spelling of a name or of a review is what merging decides: only titles,
    containers, publishers and notes of an edition are looked at.
    """
    known = set(find_words(" ".join(list_kept(merged))))
    said = (mention.title, mention.container_title, mention.publisher, mention.collection_title)
    lost = (text for text in said if not known.issuperset(find_words(text)))
    return "; ".join(dict.fromkeys(lost))


def tell_remainder(words: str, place: Place | None, subject: str = "") -> Problem:
    """Make the problem that tells what is left of a line or a record."""
    shown = words if len(words) <= _MAX_SHOWN else f"{words[:_MAX_SHOWN].rsplit(' ', 1)[0]}…"
    return Problem(said=message("problem.left-over", words=shown), place=place, subject=subject)


def _say_name(name: Name) -> str:
    return f"{name.given} {name.family} {name.literal} {name.suffix}"


def _without_dates(text: str, references: Iterable[Reference]) -> str:
    """Blank the dates of a line that a field holds, whatever words say them."""
    known = {date for one in references for date in (one.issued, one.accessed) if date}
    for found in find_dates(text):
        if found.value in known and not found.is_range:
            blank = " " * (found.end - found.start)
            text = text[: found.start] + blank + text[found.end :]
    return text


def _is_part(word: str, isbn: str) -> bool:
    """Say whether a group of figures belongs to an ISBN, which is kept without its hyphens."""
    return word[:1].isdigit() and bool(isbn) and word.upper() in isbn


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
        text = html.unescape(TAG.sub("", _PARAGRAPH_TAG.sub("\n\n", text)))
    paragraphs = (normalise(part) for part in re.split(r"\n\s*\n", text))
    return "\n\n".join(part for part in paragraphs if part)


def _keep_address(link: re.Match[str]) -> str:
    """Write a link as its words with the address behind, unless the words are the address."""
    address = html.unescape(link["address"])
    words = TAG.sub("", link["words"])
    return (
        words
        if address.partition("://")[2].strip("/") in html.unescape(words)
        else (f"{words} ({html.escape(address)})")
    )


def without_fields(text: str) -> str:
    """Zotero's `note` without its lines "key: value", the fields that it has no place for."""
    return _ZOTERO_LINE.sub("", text).strip()
