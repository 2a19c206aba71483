"""Read BibTeX and BibLaTeX by bibtexparser, whose only door this is; write BibLaTeX.

bibtexparser gives the fields as they stand; names, LaTeX and dates are read here. A block that
it can't read is a Problem at its line. What is written is escaped, its braces balanced, in UTF-8;
bibtexparser's own writer breaks on a brace.
"""

import logging
import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Final

from indexer.bibliography.findings import FieldRecord, Findings, findings_of, tidy_note
from indexer.bibliography.formats.fields import clean
from indexer.bibliography.formats.format import Format
from indexer.bibliography.formats.types import (
    BIBTEX_BY_CSL,
    CSL_BY_BIBTEX,
    CSL_TYPES,
    NUMBERED_TYPES,
)
from indexer.bibliography.latex import (
    NOTE_BREAK,
    balance_braces,
    escape_latex,
    unescape_latex,
)
from indexer.bibliography.lines.dates import MONTH_BY_NAME, fold, parse_date, render_edtf
from indexer.bibliography.lines.markup import normalise
from indexer.messages import message
from indexer.model import Name, Place, Problem, Reference

# bibtexparser takes 0.15 s to import, and most bibliographies hold no BibTeX: the functions that
# read it import it.
if TYPE_CHECKING:
    from bibtexparser.model import Entry, ParsingFailedBlock

_NOTES: Final = ("annotation", "annote", "annotate", "comment", "review")
_BRACES: Final = re.compile(r"\{[^{}]*\}|\\.")
_URL_COMMAND: Final = re.compile(r"\\url\s*\{([^{}]*)\}")

# Blocks that fail are Problems of ours; the library's own lines on stderr would say it twice.
logging.getLogger("bibtexparser").setLevel(logging.CRITICAL)


def parse_bibtex(text: str, *, path: str) -> Findings:
    """Read a BibTeX file; `path` is for the places."""
    from bibtexparser.entrypoint import parse_string
    from bibtexparser.model import ParsingFailedBlock

    library = parse_string(text)
    problems: list[Problem] = []
    records: list[FieldRecord] = []
    for block in library.blocks:
        place = Place(path=path, line=(block.start_line or 0) + 1)
        entry = _entry_of(block)
        if entry is not None:
            records.append(_record(entry, block.raw or "", place))
        if isinstance(block, ParsingFailedBlock):
            problems.append(_problem(block, place))
    return findings_of(records, problems)


def _entry_of(block: object) -> "Entry | None":
    """The entry of a block; one whose key or field is there twice is an entry all the same."""
    from bibtexparser.model import DuplicateBlockKeyBlock, DuplicateFieldKeyBlock, Entry

    if isinstance(block, Entry):
        return block
    if isinstance(block, DuplicateBlockKeyBlock | DuplicateFieldKeyBlock):
        inner = block.ignore_error_block
        return inner if isinstance(inner, Entry) else None
    return None


def _problem(block: "ParsingFailedBlock", place: Place) -> Problem:
    from bibtexparser.model import DuplicateBlockKeyBlock, DuplicateFieldKeyBlock

    if isinstance(block, DuplicateBlockKeyBlock):
        return Problem(said=message("problem.duplicate-key", key=str(block.key)), place=place)
    if isinstance(block, DuplicateFieldKeyBlock):
        fields = ", ".join(sorted(block.duplicate_keys))
        return Problem(said=message("problem.duplicate-field", fields=fields), place=place)
    start = normalise((block.raw or "")[:60])
    why = message("problem.why.lost-brace")
    return Problem(said=message("problem.entry-not-understood", why=why, words=start), place=place)


def _record(entry: "Entry", raw: str, place: Place) -> FieldRecord:
    fields: dict[str, str] = {}
    for field in entry.fields:
        fields.setdefault(field.key.lower(), str(field.value))
    text = {key: unescape_latex(value).replace("\x1d", " ") for key, value in fields.items()}
    subtype = text.get("entrysubtype", "")
    kind = (
        subtype if subtype in CSL_TYPES else CSL_BY_BIBTEX.get(entry.entry_type.lower(), "document")
    )
    kind = {"magazine": "article-magazine", "newspaper": "article-newspaper"}.get(subtype, kind)
    is_numbered = kind in NUMBERED_TYPES
    editor = parse_names(fields.get("editor", ""))
    url = _url(fields)
    abstract = text.get("abstract", "")
    reference = Reference(
        id="",
        title=_title(text),
        type=kind,
        author=parse_names(fields.get("author", "")),
        editor=editor,
        editor_role=_editor_role(text, editor),
        translator=parse_names(fields.get("translator", "")),
        container_title=_first(text, "journaltitle", "journal", "booktitle", "maintitle"),
        publisher=_first(text, "publisher", "institution", "school", "organization"),
        publisher_place=_first(text, "location", "address"),
        issued=_date(text),
        accessed=parse_date(text.get("urldate", "")),
        url=url,
        archive_url=text.get("archiveurl") or None,
        doi=text.get("doi", "").lower().removeprefix("https://doi.org/"),
        isbn=text.get("isbn", "").replace("-", "").replace(" ", ""),
        number=text.get("number" if is_numbered else "ownnumber", ""),
        volume=text.get("volume", ""),
        issue=_first(text, "issue", *([] if is_numbered else ["number"])),
        page=text.get("pages", "").replace("–", "-"),
        language=_first(text, "langid", "language"),
        abstract=abstract,
        keyword=tuple(word for word in re.split(r"\s*[,;]\s*", _first(text, "keywords")) if word),
        raw=raw,
        place=place,
    )
    return FieldRecord(reference=reference, notes=(*_notes(fields), abstract))


def _notes(fields: Mapping[str, str]) -> Iterator[str]:
    for key in (*_NOTES, "note"):
        written = fields.get(key, "")
        if key == "note" and _URL_COMMAND.search(written):
            continue
        # Markup, where there is some, was written as such: what LaTeX escapes is text.
        written = tidy_note(written).replace("\n\n", r"\par ") if "<" in written else written
        for part in unescape_latex(written).split("\x1d"):
            yield "\n\n".join(" ".join(one.split()) for one in part.split("\n\n") if one.strip())


def _title(text: Mapping[str, str]) -> str:
    title, subtitle = text.get("title", ""), text.get("subtitle", "")
    return normalise(f"{title} : {subtitle}" if title and subtitle else title or subtitle)


def _first(text: Mapping[str, str], *keys: str) -> str:
    return normalise(next((text[key] for key in keys if text.get(key)), ""))


def _editor_role(text: Mapping[str, str], editor: tuple[Name, ...]) -> str:
    if not editor:
        return ""
    return "coord" if text.get("editortype") in ("organizer", "coord") else "editor"


def _url(fields: Mapping[str, str]) -> str | None:
    """The address as it stands: what LaTeX would make of its `%` and `_` is not meant."""
    written = (
        fields.get("url", "").strip() or fields.get("howpublished", "") or fields.get("note", "")
    )
    if found := _URL_COMMAND.search(written):
        written = found[1]
    elif "url" not in fields and not re.match(r"https?://\S+$", written.strip()):
        return None
    return re.sub(r"\\([%&#_~$])", r"\1", re.sub(r"\s+", "", written)) or None


def _date(text: Mapping[str, str]) -> str:
    """`date` (EDTF, BibLaTeX), or `year` with `month` in any of its spellings."""
    if written := text.get("date", "").strip():
        single = written.split("/")[0].rstrip("?~")
        is_edtf = re.fullmatch(r"[0-9]{4}(?:-[0-9]{2}){0,2}", single)
        return render_edtf(single.split("-")) if is_edtf else parse_date(written)
    year = text.get("year", "").strip(" []")
    month = text.get("month", "").strip(' {}#"')
    number = MONTH_BY_NAME.get(fold(month).rstrip("."), month)
    if re.fullmatch(r"[0-9]{4}", year):
        return render_edtf([year, str(number), text.get("day", "").strip()])
    return parse_date(f"{month} {year}")


def parse_names(text: str) -> tuple[Name, ...]:
    """The names of a field, parted by "and"; one wholly in braces is a body and stays whole."""
    names = (_name(part.strip()) for part in split_outside_braces(text, r"\s+and\s+"))
    return tuple(name for name in names if name.display and name.display.lower() != "others")


def _name(text: str) -> Name:
    if text.startswith("{") and _closing_brace(text) == len(text) - 1:
        return Name(literal=normalise(unescape_latex(text[1:-1])))
    parts = [normalise(unescape_latex(part)) for part in split_outside_braces(text, r"\s*,\s*")]
    if len(parts) == 1:
        return _spoken_name(parts[0])
    family, given = parts[0], parts[-1]
    return Name(family=family, given=given) if given else Name(literal=family)


def _spoken_name(text: str) -> Name:
    """A name in the order that one says: "Marie de la Tour"."""
    words = text.split()
    if len(words) < 2:
        return Name(literal=text)
    start = next(
        (index for index, word in enumerate(words[1:-1], 1) if word[0].islower()), len(words) - 1
    )
    return Name(given=" ".join(words[:start]), family=" ".join(words[start:]))


def split_outside_braces(text: str, separator: str) -> list[str]:
    """A field cut at a separator, except inside braces."""
    hidden = text
    while (shorter := _BRACES.sub(lambda found: "\x00" * len(found[0]), hidden)) != hidden:
        hidden = shorter
    parts: list[str] = []
    start = 0
    for found in re.finditer(separator, hidden):
        parts.append(text[start : found.start()])
        start = found.end()
    return [*parts, text[start:]]


def _closing_brace(text: str) -> int:
    depth = 0
    for index, char in enumerate(text):
        if char == "\\":
            continue
        escaped = index and text[index - 1] == "\\" and (index < 2 or text[index - 2] != "\\")
        depth += (char == "{" and not escaped) - (char == "}" and not escaped)
        if depth == 0:
            return index
    return -1


def render_bibtex(reference: Reference, notes: tuple[str, ...]) -> str:
    """One entry, a field a line."""
    kind = BIBTEX_BY_CSL.get(reference.type, "misc")
    written = _written(reference, notes, kind)
    fields = "".join(f"  {key} = {{{value}}},\n" for key, value in written)
    return f"@{kind}{{{reference.id},\n{fields}}}\n"


def _written(reference: Reference, notes: tuple[str, ...], kind: str) -> Iterator[tuple[str, str]]:
    is_chapter = kind in ("incollection", "inreference", "inproceedings")
    is_report = kind in ("report", "thesis")
    is_numbered = reference.type in NUMBERED_TYPES
    written = (
        ("author", " and ".join(map(_render_name, reference.author))),
        ("editor", " and ".join(map(_render_name, reference.editor))),
        ("translator", " and ".join(map(_render_name, reference.translator))),
        ("editortype", "organizer" if reference.editor_role == "coord" else ""),
        ("title", _escape(reference.title)),
        ("booktitle" if is_chapter else "journaltitle", _escape(reference.container_title)),
        ("institution" if is_report else "publisher", _escape(reference.publisher)),
        ("location", _escape(reference.publisher_place)),
        ("date", reference.issued),
        ("volume", _escape(reference.volume)),
        # BibLaTeX calls the issue of a review its number.
        ("number", _escape(reference.number if is_numbered else reference.issue)),
        (
            "issue" if is_numbered else "ownnumber",
            _escape(reference.issue if is_numbered else reference.number),
        ),
        ("pages", _escape(reference.page)),
        ("url", _address(reference.url)),
        ("urldate", reference.accessed),
        ("archiveurl", _address(reference.archive_url)),
        ("doi", _escape(reference.doi)),
        ("isbn", _escape(reference.isbn)),
        ("langid", _escape(reference.language)),
        ("keywords", ", ".join(_escape(word) for word in reference.keyword)),
        ("abstract", _escape(reference.abstract)),
        ("annotation", NOTE_BREAK.join(map(_escape, notes))),
        # BibLaTeX has fewer types than CSL; this is where it lets the rest be said.
        ("entrysubtype", "" if CSL_BY_BIBTEX.get(kind) == reference.type else reference.type),
    )
    return ((key, value) for key, value in written if value)


def _escape(text: str) -> str:
    return escape_latex(clean(text))


def _address(url: str | None) -> str:
    return balance_braces(clean(url or ""))


def _render_name(name: Name) -> str:
    """ "Family, Given", or in braces whatever must stay whole."""
    if name.literal or not (name.family and name.given):
        return f"{{{_escape(name.literal or name.family or name.given)}}}"
    return f"{_render_part(name.family)}, {_render_part(name.given)}"


def _render_part(text: str) -> str:
    """A part of a name, in braces where a comma or an "and" would cut it."""
    escaped = _escape(text)
    needs_braces = "," in text or re.search(r"(?:^|\s)and(?:\s|$)", text, re.IGNORECASE)
    return f"{{{escaped}}}" if needs_braces else escaped


BIBTEX: Final = Format(
    name="bibtex",
    label="BibTeX",
    media_type="application/x-bibtex",
    extensions=("bib", "bibtex"),
    parse=parse_bibtex,
    render_record=render_bibtex,
    separator="\n",
    signature=re.compile(r"(?:\s|%.*\n)*@\w+\s*[{(]"),
    unapi_name="bibtex",
)
