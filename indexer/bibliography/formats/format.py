"""Describe a format of bibliographic records: how it is called, recognised, read and written.

A format is one module of this package that makes one `Format`; `FORMATS`, in the package itself,
lists them. A format without `parse` can only be exported. The types of CSL are named here in the
words of BibTeX, RIS and Zotero, both ways.
"""

import html
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Final, Protocol

from indexer.bibliography.findings import Findings
from indexer.model import ZOTERO_BY_CSL, Bibliography, Reference


class Parser(Protocol):
    """Reads the text of one file; `path`, relative to the bibliography's folder, is for places."""

    def __call__(self, text: str, *, path: str) -> Findings:
        """Give the references, notes and problems of a file; never raises for what it holds."""
        ...


class BytesParser(Protocol):
    """Reads the bytes of one file that is no text: a database, a zip."""

    def __call__(self, payload: bytes, *, path: str) -> Findings:
        """Give the references, notes and problems of a file; never raises for what it holds."""
        ...


class RecordWriter(Protocol):
    """Writes one reference as one record of a file."""

    def __call__(self, reference: Reference, notes: tuple[str, ...]) -> str:
        """Give the record; `notes` are the texts that cite it, a blank line between paragraphs."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """A format of references: one that is read, one that is written, or both."""

    name: str  # what commands call it: "csl-json"
    label: str  # what people call it: "CSL-JSON"
    media_type: str
    extensions: tuple[str, ...]  # without a dot; the first is that of a written file
    render_record: RecordWriter | None = None
    parse: Parser | None = None
    parse_bytes: BytesParser | None = None
    opening: str = ""  # what a file holds before its records, between and after them
    separator: str = ""
    closing: str = ""
    empty: str = ""  # a whole file without records, where opening and closing make none
    signature: re.Pattern[str] | None = None  # how a file begins that bears another name
    magic: bytes = b""  # how a file begins that is no text
    needs_signature: bool = False  # its endings are those of another kind of file
    unapi_name: str = ""  # what unAPI clients (Zotero) ask for; "" when they know no such format
    is_offered: bool = True  # linked beside every text and search; else had by address and command

    def render(self, bibliography: Bibliography) -> str:
        """Write a whole bibliography as one file, each reference with the notes that cite it.

        Notes that cite nothing have no place in any of these formats (`uncited` counts them).
        """
        return "".join(self.write([bibliography]))

    def write(self, parts: Iterable[Bibliography]) -> Iterator[str]:
        """Write parts of a bibliography as one file, piece by piece, as `render` writes it whole.

        A part has the notes that cite its references.
        """
        render_record = self.render_record
        assert render_record is not None
        is_empty = True
        for part in parts:
            notes = _texts_by_reference(part)
            for reference in part.references:
                record = render_record(_as_written(reference), notes.get(reference.id, ()))
                yield f"{self.opening if is_empty else self.separator}{record}"
                is_empty = False
        yield self.empty or f"{self.opening}{self.closing}" if is_empty else self.closing


def _as_written(reference: Reference) -> Reference:
    """Give a reference without the address that its own DOI or ISBN says already."""
    is_said = reference.url_from in ("doi", "isbn")
    return replace(reference, url=None, url_from="") if is_said else reference


def _texts_by_reference(bibliography: Bibliography) -> Mapping[str, tuple[str, ...]]:
    text_by_note = {note.id: note.text for note in bibliography.notes}
    notes: dict[str, tuple[str, ...]] = {}
    for citation in bibliography.citations:
        before = notes.get(citation.reference_id, ())
        notes[citation.reference_id] = (*before, text_by_note[citation.note_id])
    return notes


# Control characters and lone surrogates have no place in any of the formats; tab and newline
# are white space, which the formats treat themselves.
_FORBIDDEN: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
SEASON_NUMBER: Final = {"21": 1, "22": 2, "23": 3, "24": 4}


def clean(text: str) -> str:
    """Remove what may stand in no file: control characters, lone surrogates."""
    return _FORBIDDEN.sub("", text)


# Who else signs, where a list of names breaks off: "and others" in BibTeX.
OTHERS: Final = "et al."
_DOI_PREFIX: Final = re.compile(r"^(?:https?://(?:dx\.)?doi\.org/|doi:\s*)", re.IGNORECASE)


def tidy_doi(written: str) -> str:
    """Give a DOI in small letters, without "doi:" or the address that people write before it."""
    return _DOI_PREFIX.sub("", written.strip()).lower()


def date_parts(edtf: str) -> tuple[list[int], str]:
    """Give an EDTF date as numbers (year, month, day) and the number of its season, or "".

    A year before our era is negative as people count it (CSL): -0043 is -44. A decade has none.
    """
    if edtf.startswith("-") or edtf == "0000":
        year, *rest = edtf.removeprefix("-").split("-")
        return [-int(year) - 1, *map(int, rest)], ""
    parts = edtf.split("-")
    if len(parts) == 2 and parts[1] in SEASON_NUMBER:
        return [int(parts[0])], parts[1]
    return [int(part) for part in parts if re.fullmatch(r"[0-9]+", part)], ""


def note_markup(text: str, *, is_html: bool = False) -> str:
    """Write a note's text, as HTML where it must be: in Zotero's notes "<" would be a tag."""
    if not is_html and not re.search(r"[<>&]", text):
        return clean(text)
    paragraphs = (html.escape(clean(part), quote=False) for part in text.split("\n\n"))
    return "".join(f"<p>{part}</p>" for part in paragraphs)


_EXTENT: Final = re.compile(
    r"(?P<count>.*\d|[ivxlcIVXLC]+)\s*(?P<unit>[pv])(?:ages?|p|ol(?:umes?)?)?\b\.?"
)


def parse_extent(written: str, unit: str) -> str:
    """Read how many pages ("p") or volumes ("v") a work has; "" where that is not what is said.

    >>> parse_extent("XII-204 p.", "p"), parse_extent("3 vol.", "v"), parse_extent("204 p.", "v")
    ('XII-204', '3', '')
    """
    found = _EXTENT.fullmatch(written.strip())
    return found["count"] if found and found["unit"] == unit else ""


# CSL type, BibLaTeX entry type, RIS type; the first row of a type is what is written.
_TYPES: Final = (
    ("article-journal", "article", "JOUR"),
    ("article-magazine", "article", "MGZN"),
    ("article-newspaper", "article", "NEWS"),
    ("post-weblog", "online", "BLOG"),
    ("webpage", "online", "ELEC"),
    ("report", "report", "RPRT"),
    ("book", "book", "BOOK"),
    ("chapter", "incollection", "CHAP"),
    ("thesis", "thesis", "THES"),
    ("interview", "misc", "PCOMM"),
    ("entry-encyclopedia", "inreference", "ENCYC"),
    ("paper-conference", "inproceedings", "CONF"),
    ("motion_picture", "movie", "VIDEO"),
    ("legislation", "legislation", "STAT"),
    ("broadcast", "misc", "SOUND"),
    ("speech", "misc", "SLIDE"),
    ("manuscript", "misc", "MANSCPT"),
    ("dataset", "dataset", "DATA"),
    ("software", "software", "COMP"),
    ("map", "misc", "MAP"),
    ("graphic", "misc", "ART"),
    ("patent", "patent", "PAT"),
    ("bill", "misc", "BILL"),
    ("legal_case", "misc", "CASE"),
    ("hearing", "misc", "HEAR"),
    ("standard", "misc", "STAND"),
    ("entry-dictionary", "inreference", "DICT"),
    ("pamphlet", "misc", "PAMP"),
    ("song", "misc", "MUSIC"),
    ("document", "misc", "GEN"),
)
# What other programs write.
_BIBTEX_ALIASES: Final = {
    "electronic": "webpage",
    "www": "webpage",
    "techreport": "report",
    "phdthesis": "thesis",
    "mastersthesis": "thesis",
    "conference": "paper-conference",
    "inbook": "chapter",
    "booklet": "book",
    "proceedings": "book",
    "collection": "book",
    "mvbook": "book",
    "manual": "report",
    "periodical": "article-journal",
    "unpublished": "document",
    "video": "motion_picture",
}
_RIS_ALIASES: Final = {
    "EJOUR": "article-journal",
    "JFULL": "article-journal",
    "EBOOK": "book",
    "EDBOOK": "book",
    "ICOMM": "webpage",
    "WEB": "webpage",
    "CPAPER": "paper-conference",
    "MPCT": "motion_picture",
    "UNPB": "document",
    "ECHAP": "chapter",
    "LEGAL": "legislation",
}

# Types whose own number is not that of an issue.
NUMBERED_TYPES: Final = frozenset({"report", "legislation", "bill", "legal_case", "patent"})

# CSL 1.0.2, appendix III; a file with any other type is refused whole by Zotero.
CSL_TYPES: Final = frozenset(csl for csl, _, _ in _TYPES).union(
    """article bill broadcast classic collection dataset entry entry-dictionary event figure graphic
    hearing legal_case manuscript map musical_score pamphlet patent performance periodical
    personal_communication post regulation review review-book software song speech standard
    treaty""".split()  # noqa: SIM905 - a table
)
BIBTEX_BY_CSL: Final[Mapping[str, str]] = MappingProxyType({csl: bib for csl, bib, _ in _TYPES})
RIS_BY_CSL: Final[Mapping[str, str]] = MappingProxyType({csl: ris for csl, _, ris in _TYPES})
CSL_BY_BIBTEX: Final[Mapping[str, str]] = MappingProxyType(
    {**_BIBTEX_ALIASES, **{bib: csl for csl, bib, _ in reversed(_TYPES)}, "misc": "document"}
    | {"online": "webpage"}
)
CSL_BY_ZOTERO: Final[Mapping[str, str]] = MappingProxyType(
    {"document": "document", **{zotero: csl for csl, zotero in ZOTERO_BY_CSL.items()}}
)
CSL_BY_RIS: Final[Mapping[str, str]] = MappingProxyType(
    {**_RIS_ALIASES, **{ris: csl for csl, _, ris in reversed(_TYPES)}}
)
