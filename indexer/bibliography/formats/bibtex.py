"""Read BibTeX and BibLaTeX by bibtexparser, whose only door this is; write BibLaTeX.

bibtexparser gives the fields as they stand; names, LaTeX and dates are read here. A block that
it can't read is a Problem at its line. What is written is escaped, its braces balanced, in UTF-8;
bibtexparser's own writer breaks on a brace.
"""

import logging
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from indexer.bibliography.findings import (
    FieldRecord,
    Findings,
    findings_of,
    not_understood,
    tell_remainder,
    tidy_note,
    without_fields,
)
from indexer.bibliography.formats.format import (
    BIBTEX_BY_CSL,
    CSL_BY_BIBTEX,
    CSL_TYPES,
    NUMBERED_TYPES,
    OTHERS,
    Format,
    clean,
    tidy_doi,
)
from indexer.bibliography.latex import (
    NOTE_BREAK,
    balance_braces,
    escape_latex,
    unescape_latex,
)
from indexer.bibliography.lines.dates import (
    MONTH_BY_NAME,
    fold,
    parse_date,
    parse_edtf,
    render_edtf,
)
from indexer.bibliography.lines.markup import normalise
from indexer.messages import message
from indexer.model import Name, Place, Problem, Reference, name_id

# bibtexparser takes 0.15 s to import, and most bibliographies hold no BibTeX: the functions that
# read it import it.
if TYPE_CHECKING:
    from bibtexparser.model import Block, Entry, ParsingFailedBlock

_NOTES: Final = ("annotation", "annote", "annotate", "comment", "review")
_REMARKS: Final = ("note", "addendum")
_JOINED: Final = MappingProxyType({"author": " and ", "editor": " and ", "keywords": ", "})
MAX_SHOWN: Final = 300  # characters of an entry that is not understood
MAX_PARENTS: Final = 8  # of an entry or of a macro; more is a circle
_BRACES: Final = re.compile(r"\{[^{}]*\}|\\.")
_URL_COMMAND: Final = re.compile(r"\\url\s*\{([^{}]*)\}")

# Blocks that fail are Problems of ours; the library's own lines on stderr would say it twice.
logging.getLogger("bibtexparser").setLevel(logging.CRITICAL)


def parse_bibtex(text: str, *, path: str) -> Findings:
    """Read a BibTeX file; `path` is for the places."""
    from bibtexparser.entrypoint import parse_string
    from bibtexparser.model import ExplicitComment, ImplicitComment, ParsingFailedBlock

    library = parse_string(text, parse_stack=[])  # values as they stand: macros are resolved here
    macros = {one.key.lower(): str(one.value) for one in library.strings}
    has_comment = any(isinstance(one, ExplicitComment) for one in library.comments)
    blocks: list[Block | None] = list(library.blocks)
    del library  # a file of 50 MB is held once: each block is let go when it is read
    problems: list[Problem] = []
    remarks: list[Problem] = []  # what stands between entries
    for block in filter(None, blocks):
        if isinstance(block, ParsingFailedBlock):
            problems.append(_problem(block, _place_of(block, path)))
        elif isinstance(block, ExplicitComment | ImplicitComment):
            remarks += _tell_comment(block.comment, _place_of(block, path))
    entries = [entry for block in blocks if (entry := _entry_of(block)) is not None]
    is_empty = not (entries or problems or macros or has_comment)
    if is_empty and text.strip():
        return Findings(problems=(not_understood(path, message("problem.why.no-record")),))
    by_key = _list_parents(entries, macros)
    del entries
    return findings_of(_list_records(blocks, by_key, macros, path), [*problems, *remarks])


def _place_of(block: "Block", path: str) -> Place:
    return Place(path=path, line=(block.start_line or 0) + 1)


def _list_parents(entries: Sequence["Entry"], macros: Mapping[str, str]) -> dict[str, "_Fields"]:
    """Read the entries that others take fields from, and theirs; of one key the first counts."""
    named = {
        key.strip().lower()
        for entry in entries
        for field in entry.fields
        if field.key.lower() in ("crossref", "xdata")
        for key in resolve(str(field.value), macros).split(",")
    }
    parents = (entry for entry in reversed(entries) if entry.key.lower() in named)
    return {entry.key.lower(): _read_fields(entry, macros) for entry in parents}


def _list_records(
    blocks: "list[Block | None]",
    by_key: Mapping[str, "_Fields"],
    macros: Mapping[str, str],
    path: str,
) -> Iterator[FieldRecord]:
    """Read the entries of a file in their order; `blocks` is emptied on the way."""
    for index, block in enumerate(blocks):
        blocks[index] = None
        entry = _entry_of(block)
        if block is None or entry is None:
            continue
        fields = _read_fields(entry, macros)
        if fields.kind != "xdata":  # fields for others, no text
            yield _record(inherit(fields, by_key), block.raw or "", _place_of(block, path))


# What programs write between entries: settings of JabRef and BibDesk, the name of the program.
_OF_PROGRAMS: Final = re.compile(
    r"\s*(?:jabref-\w|bibdesk|x-\w+-|zotero-|this file was created with|generated by|"
    r"automatically generated|any changes to this file|bibtex export options)",
    re.IGNORECASE,
)


def _tell_comment(words: str, place: Place) -> Iterator[Problem]:
    """Tell what a person wrote between entries, but for lines that "%" makes comments."""
    if _OF_PROGRAMS.match(words):
        return
    lines = (line for line in words.splitlines() if not line.lstrip().startswith("%"))
    if said := normalise(" ".join(lines)):
        yield tell_remainder(said, place)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Fields:
    """Read the fields of one entry: names in lower case, each with all its values."""

    kind: str
    key: str
    values: Mapping[str, tuple[str, ...]]

    def first(self) -> dict[str, str]:
        """Give the first value of each field."""
        return {name: values[0] for name, values in self.values.items()}


# What a child takes from its parent under another name (BibLaTeX manual, appendix B).
_AS_BOOK: Final = ("incollection", "inbook", "inproceedings", "inreference", "suppbook", "chapter")
_PARENTS_OWN: Final = frozenset(
    {"url", "doi", "isbn", "issn", "file", "abstract", "crossref", "xdata", "ids", "key"}
)
_NOT_INHERITED: Final = _PARENTS_OWN | frozenset(
    {"xref", "title", "subtitle", "titleaddon", "keywords", "note", "annote", "annotation"}
    | {"author", "shorttitle", "options", "entrysubtype", "related"}
)


def inherit(child: _Fields, by_key: Mapping[str, _Fields], *, depth: int = 0) -> _Fields:
    """Give an entry with what it takes from its `crossref` and `xdata`; its own fields win.

    What names the parent alone (its address, DOI, ISBN, file, abstract) is never the child's.
    """
    values = dict(child.values)
    for relation in ("xdata", "crossref"):
        for written in child.values.get(relation, ()):
            for key in written.split(","):
                parent = by_key.get(key.strip().lower())
                if parent is None or parent.key == child.key or depth > MAX_PARENTS:
                    continue
                parent = inherit(parent, by_key, depth=depth + 1)
                taken = _given_by(parent, child.kind, is_whole=relation == "xdata")
                values = taken | values
    return _Fields(kind=child.kind, key=child.key, values=values)


def _given_by(parent: _Fields, kind: str, *, is_whole: bool) -> dict[str, tuple[str, ...]]:
    """Give what a parent says of its child; a part of a book has its title as that of the whole.

    Where the manual has no rule of its own for two types, a field is inherited under its name.
    """
    is_part = kind in _AS_BOOK or (kind == "article" and parent.kind in ("periodical", "journal"))
    has_rule = is_part and not is_whole
    left_out = _NOT_INHERITED if has_rule else _PARENTS_OWN
    taken = {name: value for name, value in parent.values.items() if name not in left_out}
    title = parent.values.get("title")
    if title and has_rule:
        taken["booktitle" if kind in _AS_BOOK else "journaltitle"] = title
    if kind == "inbook" and "author" in parent.values and has_rule:
        taken["author"] = parent.values["author"]
    return taken


def _read_fields(entry: "Entry", macros: Mapping[str, str]) -> _Fields:
    values: dict[str, tuple[str, ...]] = {}
    for field in entry.fields:
        name = field.key.lower()
        read = resolve(str(field.value), macros)
        if read not in values.get(name, ()):
            values[name] = (*values.get(name, ()), read)
    return _Fields(kind=entry.entry_type.lower(), key=entry.key.lower(), values=values)


def resolve(value: str, macros: Mapping[str, str], *, depth: int = 0) -> str:
    """Give a value as written, `{…}`, `"…"` or a macro, joined by `#`, as its text.

    >>> resolve('"Revue " # rf', {"rf": "{fictive}"})
    'Revue fictive'
    """
    value = value.strip()
    if value.startswith("{") and _closing_brace(value) == len(value) - 1:
        return value[1:-1]
    if value.startswith('"') and value.endswith('"') and len(value) > 1 and '"' not in value[1:-1]:
        return value[1:-1]
    parts = split_outside_braces(value, r"\s*#\s*")
    if len(parts) > 1 and depth <= MAX_PARENTS:
        return "".join(resolve(part, macros, depth=depth + 1) for part in parts)
    if value.startswith('"') and value.endswith('"') and len(value) > 1:
        return value[1:-1]
    known = macros.get(value.lower())
    return resolve(known, macros, depth=depth + 1) if known and depth <= MAX_PARENTS else value


def _entry_of(block: object) -> "Entry | None":
    """Give the entry of a block; one whose key or field is there twice is an entry all the same."""
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
    start = normalise((block.raw or "")[:MAX_SHOWN])
    why = message("problem.why.lost-brace")
    return Problem(said=message("problem.entry-not-understood", why=why, words=start), place=place)


def _record(entry: _Fields, raw: str, place: Place) -> FieldRecord:
    fields = entry.first()
    fields |= {
        name: joint.join(entry.values[name])
        for name, joint in _JOINED.items()
        if len(entry.values.get(name, ())) > 1
    }
    text = {key: unescape_latex(value).replace("\x1d", " ") for key, value in fields.items()}
    subtype = text.get("entrysubtype", "")
    kind = subtype if subtype in CSL_TYPES else CSL_BY_BIBTEX.get(entry.kind, "document")
    kind = _CSL_BY_SUBTYPE.get(subtype, kind)
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
        publisher=_listed(fields, "publisher", "institution", "school", "organization"),
        publisher_place=_listed(fields, "location", "address"),
        issued=_date(text),
        accessed=parse_date(text.get("urldate", "")),
        url=url,
        archive_url=text.get("archiveurl") or None,
        doi=tidy_doi(unescape_address(fields.get("doi", "").strip("{} "))),
        isbn=text.get("isbn", "").replace("-", "").replace(" ", ""),
        number=text.get("number" if is_numbered else "ownnumber", ""),
        volume=text.get("volume", ""),
        issue=_first(text, "issue", *([] if is_numbered else ["number"])),
        page=text.get("pages", "").replace("–", "-"),
        number_of_pages=_first(text, "pagetotal", "numpages"),
        number_of_volumes=_first(text, "volumes"),
        edition=text.get("edition", ""),
        collection_title=_first(text, "series"),
        language=_first(text, "langid", "language"),
        abstract=abstract,
        aliases=tuple(name_id(key) for key in (entry.key, *split_keys(text.get("ids", ""))) if key),
        keyword=tuple(word for word in re.split(r"\s*[,;]\s*", _first(text, "keywords")) if word),
        raw=raw,
        place=place,
    )
    keys = [*_NOTES, *(key for key in entry.values if key.startswith("comment-"))]
    notes = {
        "annote": list(_notes(entry.values, keys)),
        "note": list(_notes(entry.values, _REMARKS)),
    }
    return FieldRecord(reference=reference, notes=notes, fields=text)


def _notes(values: Mapping[str, tuple[str, ...]], keys: Sequence[str]) -> Iterator[str]:
    """Give what people wrote of a text in some fields, JabRef's by person (comment-x) too."""
    for key in keys:
        for value in values.get(key, ()):
            value = without_fields(value) if key in _REMARKS else value  # as Zotero writes `extra`
            written = _URL_COMMAND.sub(lambda found: " " + unescape_address(found[1]) + " ", value)
            if re.fullmatch(r"\s*(?:https?|ftp)://\S+\s*", written):
                continue  # an address and nothing else
            # Markup, where there is some, was written as such: what LaTeX escapes is text.
            written = tidy_note(written).replace("\n\n", r"\par ") if "<" in written else written
            for part in unescape_latex(written).split("\x1d"):
                yield "\n\n".join(
                    " ".join(one.split()) for one in part.split("\n\n") if one.strip()
                )


def unescape_address(written: str) -> str:
    r"""Read an address as `\url` holds it: no `%` and `_` of it is LaTeX's."""
    return re.sub(r"\\([%&#_~$])", r"\1", re.sub(r"\s+", "", written))


def split_keys(written: str) -> list[str]:
    """Split the other keys of an entry (`ids`) at their commas."""
    return [key for one in written.split(",") if (key := one.strip())]


def _title(text: Mapping[str, str]) -> str:
    title, subtitle = text.get("title", ""), text.get("subtitle", "")
    return normalise(f"{title} : {subtitle}" if title and subtitle else title or subtitle)


def _first(text: Mapping[str, str], *keys: str) -> str:
    return normalise(next((text[key] for key in keys if text.get(key)), ""))


def _listed(fields: Mapping[str, str], *keys: str) -> str:
    """Read a list of BibLaTeX ("A and B"), its members between commas."""
    written = next((fields[key] for key in keys if fields.get(key)), "")
    members = (unescape_latex(one) for one in split_outside_braces(written, r"\s+and\s+"))
    return normalise(", ".join(members))


def _editor_role(text: Mapping[str, str], editor: tuple[Name, ...]) -> str:
    if not editor:
        return ""
    return "coord" if text.get("editortype") in ("organizer", "coord") else "editor"


def _url(fields: Mapping[str, str]) -> str | None:
    """Give the address of an entry; where `url` is empty one in `howpublished` or a note."""
    written = (
        fields.get("url", "").strip() or fields.get("howpublished", "") or fields.get("note", "")
    )
    if found := _URL_COMMAND.search(written):
        written = found[1]
    elif "url" not in fields and not re.match(r"https?://\S+$", written.strip()):
        return None
    return unescape_address(written) or None


def _date(text: Mapping[str, str]) -> str:
    """`date` (EDTF, BibLaTeX), or `year` with `month` in any of its spellings."""
    if written := text.get("date", "").strip():
        return parse_edtf(written)
    year = text.get("year", "").strip(" []")
    month = text.get("month", "").strip(' {}#"')
    if day := re.fullmatch(r"([0-9]{1,2})[\s.]*([^\W\d_]+)|([^\W\d_]+)[\s.]*([0-9]{1,2})", month):
        month, text = day[2] or day[3], {"day": day[1] or day[4], **text}
    number = MONTH_BY_NAME.get(fold(month).rstrip("."), month)
    if re.fullmatch(r"[0-9]{4}", year):
        return render_edtf([year, str(number), text.get("day", "").strip()])
    return parse_date(f"{month} {year}") or parse_edtf(year)


def parse_names(text: str) -> tuple[Name, ...]:
    """Read names parted by "and"; one wholly in braces is a body and stays whole."""
    names = (_name(part.strip()) for part in split_outside_braces(text, r"\s+and\s+"))
    return tuple(
        Name(literal=OTHERS) if name.display.lower() == "others" else name
        for name in names
        if name.display
    )


def _name(text: str) -> Name:
    if text.startswith("{") and _closing_brace(text) == len(text) - 1:
        return Name(literal=normalise(unescape_latex(text[1:-1])))
    parts = [normalise(unescape_latex(part)) for part in split_outside_braces(text, r"\s*,\s*")]
    if extended := _extended_name(parts):
        return extended
    if len(parts) == 1:
        return _spoken_name(parts[0])
    family, given = parts[0], parts[-1]
    suffix = parts[1] if len(parts) > 2 else ""
    return Name(family=family, given=given, suffix=suffix) if given else Name(literal=family)


def _extended_name(parts: list[str]) -> Name | None:
    """Give a name in the extended format of biber: "family=Montfort, given=Henri, prefix=de"."""
    said = {
        key.strip().lower(): value.strip().strip('"')
        for key, is_said, value in (part.partition("=") for part in parts)
        if is_said
    }
    if len(said) < len(parts) or not {"family", "given"} & set(said):
        return None
    family = f"{said.get('prefix', '')} {said.get('family', '')}".strip()
    return Name(family=family, given=said.get("given", ""), suffix=said.get("suffix", ""))


def _spoken_name(text: str) -> Name:
    """Give a name in the order that one says: "Marie de la Tour"."""
    words = text.split()
    if len(words) < 2:
        return Name(literal=text)
    start = next(
        (index for index, word in enumerate(words[1:-1], 1) if word[0].islower()), len(words) - 1
    )
    return Name(given=" ".join(words[:start]), family=" ".join(words[start:]))


def split_outside_braces(text: str, separator: str) -> list[str]:
    """Split a field at a separator, except inside braces."""
    hidden = text
    while (shorter := _BRACES.sub(lambda found: "\x00" * len(found[0]), hidden)) != hidden:
        hidden = shorter
    parts: list[str] = []
    start = 0
    for found in re.finditer(separator, hidden):
        parts.append(text[start : found.start()])
        start = found.end()
    return [*parts, text[start:]]


_BRACE: Final = re.compile(r"\\.|[{}]", re.DOTALL)


def _closing_brace(text: str) -> int:
    """Find where the brace that a text opens with is closed; -1 where it is not."""
    depth = 0
    for found in _BRACE.finditer(text):
        depth += (found[0] == "{") - (found[0] == "}")
        if depth == 0 and found[0] == "}":
            return found.start()
    return -1


def render_bibtex(reference: Reference, notes: tuple[str, ...]) -> str:
    """Write one entry, a field a line."""
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
        # In braces, so that no style and no converter takes its capitals for English ones.
        ("title", _protect(reference.title)),
        # "journal" and "address" are BibTeX's names, which BibLaTeX reads as its own.
        ("booktitle" if is_chapter else "journal", _protect(reference.container_title)),
        ("institution" if is_report else "publisher", _keep_whole(reference.publisher)),
        ("address", _keep_whole(reference.publisher_place)),
        ("date", reference.issued),
        ("volume", _escape(reference.volume)),
        # BibLaTeX calls the issue of a review its number.
        ("number", _escape(reference.number if is_numbered else reference.issue)),
        (
            "issue" if is_numbered else "ownnumber",
            _escape(reference.issue if is_numbered else reference.number),
        ),
        ("pages", _escape(reference.page)),
        ("pagetotal", _escape(reference.number_of_pages)),
        ("volumes", _escape(reference.number_of_volumes)),
        ("edition", _escape(reference.edition)),
        ("series", _escape(reference.collection_title)),
        ("url", _address(reference.url)),
        ("urldate", reference.accessed),
        ("archiveurl", _address(reference.archive_url)),
        ("doi", _address(reference.doi)),
        ("isbn", _escape(reference.isbn)),
        ("langid", _escape(reference.language)),
        ("keywords", ", ".join(_escape(word) for word in reference.keyword)),
        ("abstract", _escape(reference.abstract)),
        # BibLaTeX's name for notes, and that of BibTeX, which Zotero and JabRef read.
        ("annotation", written_notes := NOTE_BREAK.join(map(_escape, notes))),
        ("annote", written_notes),
        # BibLaTeX has fewer types than CSL; this is where it lets the rest be said.
        ("entrysubtype", _subtype(reference.type, kind)),
    )
    return ((key, value) for key, value in written if value)


# BibLaTeX's own words for an article of these.
_CSL_BY_SUBTYPE: Final = MappingProxyType(
    {"magazine": "article-magazine", "newspaper": "article-newspaper"}
)


def _subtype(csl_type: str, kind: str) -> str:
    """Give what tells the CSL type of an entry whose own kind does not, or ""."""
    if CSL_BY_BIBTEX.get(kind) == csl_type:
        return ""
    return next((word for word, one in _CSL_BY_SUBTYPE.items() if one == csl_type), csl_type)


def _escape(text: str) -> str:
    return escape_latex(clean(text))


def _protect(text: str) -> str:
    return f"{{{_escape(text)}}}" if text else ""


def _keep_whole(text: str) -> str:
    """Escape a text of a field that is a list; in braces where an "and" would cut it."""
    escaped = _escape(text)
    is_cut = re.search(r"(?:^|\s)and(?:\s|$)", escaped, re.IGNORECASE)
    return f"{{{escaped}}}" if is_cut else escaped


def _address(url: str | None) -> str:
    return balance_braces(clean(url or ""))


def _render_name(name: Name) -> str:
    """Write "Family, Given", or in braces whatever must stay whole."""
    if name.literal == OTHERS:
        return "others"
    if name.literal or not (name.family and name.given):
        return f"{{{_escape(name.literal or name.family or name.given)}}}"
    suffix = f"{_render_part(name.suffix)}, " if name.suffix else ""
    return f"{_render_part(name.family)}, {suffix}{_render_part(name.given)}"


def _render_part(text: str) -> str:
    """Render a part of a name, in braces where a comma or an "and" would cut it."""
    return f"{{{_escape(text)}}}" if "," in text else _keep_whole(text)


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
