"""Say which texts of a Document go into which fields; what its facets are.

The terms of all fields come out of one analysis of these texts (`engines.embedded.inversion`).
"""

import hashlib
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from indexer.analysis.chain import fold_words
from indexer.index.fields import AUTHOR, NOTE, SECTION, TITLE, join_values
from indexer.model import SECTION_BREAK, Document, DocumentKind
from indexer.urls import read_text_names


class Part(NamedTuple):
    """A text of a document: no phrase runs from one into the next."""

    text: str
    language: str
    field: str = ""  # the field of its own, if any
    is_in_all: bool = True  # whether it is found without naming a field
    is_body: bool = False


def list_parts(document: Document) -> Iterator[Part]:
    """List the texts of a document, its paragraphs last."""
    language = document.language
    yield Part(document.title, language, TITLE)
    for name in _list_authors(document):
        yield Part(name, "fr", AUTHOR)
    if document.reference is not None:
        for person in (*document.reference.editor, *document.reference.translator):
            yield Part(person.display, "fr", AUTHOR)
        for keyword in document.reference.keyword:
            yield Part(keyword, "fr")
    yield Part(_year(document), "fr")
    for note in document.notes:
        yield Part(note.text, "fr", NOTE)  # whatever the language of the text they cite
    yield Part(document.container_title, "fr")
    for heading in document.section:
        yield Part(heading, "fr", SECTION, is_in_all=document.kind is DocumentKind.NOTE)
    for paragraph in document.paragraphs:
        # As `Part(paragraph.text, language, is_body=True)`, which takes longer; there are many.
        yield Part._make((paragraph.text, language, "", True, True))


def _list_authors(document: Document) -> list[str]:
    """List the authors one by one, that no phrase runs from one's name into the next."""
    reference = document.reference
    if reference is not None and reference.authors == document.author:
        return [name.display for name in reference.author]
    return document.author.split(", ")


def list_naming(document: Document) -> Iterator[tuple[str, tuple[str, ...]]]:
    """List what names a document as its reference has it (DOI, address, ISBN), and the names."""
    reference = document.reference
    written = [document.url]
    if reference is not None:
        written = [reference.doi, *written, reference.url, reference.archive_url]
        written += [f"ISBN {each}" for each in (reference.isbn, *reference.isbn.split()) if each]
    for text in dict.fromkeys(filter(None, written)):
        names, _ = read_text_names(text)
        if names:
            yield text, names


def list_identifiers(document: Document) -> list[str]:
    """List the codes of all that names a document, each once."""
    names = (name for _, names in list_naming(document) for name in names)
    return list(dict.fromkeys(map(code_name, names)))


def code_name(name: str) -> str:
    """Give the term of a name: twelve letters and figures, however long an address is."""
    return hashlib.blake2b(name.encode(), digest_size=6).hexdigest()


def collect_facets(document: Document) -> Mapping[str, str]:
    """Give the values of each facet, joined where there are several; "" where there is none."""
    keywords = document.reference.keyword if document.reference is not None else ()
    names = document.reference.author if document.reference is not None else ()
    section = [" ".join(heading.split()) for heading in document.section]
    return {
        "year": _year(document),
        "site": document.site,
        # Each heading under those above it: "Ville › Outils" is not "Santé › Outils".
        "section": join_values(SECTION_BREAK.join(section[:n]) for n in range(1, len(section) + 1)),
        "author": join_values(" ".join(name.display.split()) for name in names),
        "bibliography": join_values(document.bibliographies),
        "language": document.language,
        "kind": document.kind.value,
        "link": document.link.state.value if document.url else "",
        "keyword": join_values(" ".join(keyword.split()) for keyword in keywords),
    }


def _year(document: Document) -> str:
    """Give the year of a document, "" where it has none (or a decade): "2014" of "2014-03"."""
    year = document.issued[:4]
    return year if year.isdecimal() else ""


def fold_title(text: str) -> tuple[str, ...]:
    """Give the folded words of a title, other names of words aside: titles that agree are one."""
    return fold_words(text)
