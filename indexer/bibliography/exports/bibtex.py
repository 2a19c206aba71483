"""Write BibLaTeX: escaped, braces balanced, in UTF-8, with stable keys `nom-annee-mot`."""

import re
from collections.abc import Iterator

from indexer.bibliography.csltypes import BIBTEX_BY_CSL, CSL_BY_BIBTEX, NUMBERED_TYPES
from indexer.bibliography.exports.fields import clean
from indexer.bibliography.latex import NOTE_BREAK, balance_braces, escape_latex
from indexer.model import Name, Reference


def render_bibtex(reference: Reference, notes: tuple[str, ...]) -> str:
    """One entry, a field a line."""
    kind = BIBTEX_BY_CSL.get(reference.type, "misc")
    fields = "".join(f"  {key} = {{{value}}},\n" for key, value in _fields(reference, notes, kind))
    return f"@{kind}{{{reference.id},\n{fields}}}\n"


def _fields(reference: Reference, notes: tuple[str, ...], kind: str) -> Iterator[tuple[str, str]]:
    is_chapter = kind in ("incollection", "inreference", "inproceedings")
    is_report = kind in ("report", "thesis")
    is_numbered = reference.type in NUMBERED_TYPES
    written = (
        ("author", " and ".join(map(_name, reference.author))),
        ("editor", " and ".join(map(_name, reference.editor))),
        ("editortype", "organizer" if reference.editor_role == "coord" else ""),
        ("title", _text(reference.title)),
        ("booktitle" if is_chapter else "journaltitle", _text(reference.container_title)),
        ("institution" if is_report else "publisher", _text(reference.publisher)),
        ("location", _text(reference.publisher_place)),
        ("date", reference.issued),
        ("volume", _text(reference.volume)),
        # BibLaTeX calls the issue of a review its number.
        ("number", _text(reference.number if is_numbered else reference.issue)),
        (
            "issue" if is_numbered else "ownnumber",
            _text(reference.issue if is_numbered else reference.number),
        ),
        ("pages", _text(reference.page)),
        ("url", _address(reference.url)),
        ("urldate", reference.accessed),
        ("archiveurl", _address(reference.archive_url)),
        ("doi", _text(reference.doi)),
        ("isbn", _text(reference.isbn)),
        ("langid", _text(reference.language)),
        ("keywords", ", ".join(_text(word) for word in reference.keyword)),
        ("abstract", _text(reference.abstract)),
        ("annotation", NOTE_BREAK.join(map(_text, notes))),
        # BibLaTeX has fewer types than CSL; this is where it lets the rest be said.
        ("entrysubtype", "" if CSL_BY_BIBTEX.get(kind) == reference.type else reference.type),
    )
    return ((key, value) for key, value in written if value)


def _text(text: str) -> str:
    return escape_latex(clean(text))


def _address(url: str | None) -> str:
    return balance_braces(clean(url or ""))


def _name(name: Name) -> str:
    """ "Family, Given", or in braces whatever must stay whole."""
    if name.literal or not (name.family and name.given):
        return f"{{{_text(name.literal or name.family or name.given)}}}"
    return f"{_part(name.family)}, {_part(name.given)}"


def _part(text: str) -> str:
    """A part of a name, in braces where a comma or an "and" would cut it."""
    escaped = _text(text)
    needs_braces = "," in text or re.search(r"(?:^|\s)and(?:\s|$)", text, re.IGNORECASE)
    return f"{{{escaped}}}" if needs_braces else escaped
