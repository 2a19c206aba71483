"""Turn a Document into the terms of every field, its text analysed once for all of them.

Stop words take no place, so that "président de la république" is a phrase of two words side by
side; a compound's other names stand where its words stand.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from indexer.analysis import Token, analyse, fold, normalise
from indexer.index.fields import (
    ALL,
    ALL_EXACT,
    ALL_PAIRS,
    AUTHOR,
    FIELDS,
    NOTE,
    SECTION,
    TITLE,
    TITLE_EXACT,
    TITLE_PAIRS,
)
from indexer.model import Document, DocumentKind

Positions = list[int]
Terms = dict[str, Positions]  # term -> where it stands; its length is how often

# Between two parts of a document, so that no phrase runs from one into the next.
GAP: Final = 100


class _Collector:
    """The terms of one field or several as a text goes by; positions go on growing."""

    def __init__(self, stems: Terms, exact: Terms, pairs: Terms | None) -> None:
        self._stems, self._exact, self._pairs = stems, exact, pairs
        self._place = self._exact_place = -1

    def add(self, tokens: Iterable[Token]) -> None:
        """Take in one part of the document."""
        stems, exact, pairs = self._stems, self._exact, self._pairs
        place, exact_place = self._place, self._exact_place
        before = ""
        for token in tokens:
            if token.is_alias:
                stems.setdefault(token.stem, []).append(max(0, place))
                exact.setdefault(token.exact, []).append(max(0, exact_place))
                continue
            exact_place += 1
            exact.setdefault(token.exact, []).append(exact_place)
            if token.is_stop:
                continue
            place += 1
            stem = token.stem
            stems.setdefault(stem, []).append(place)
            if pairs is not None:
                if before:
                    pairs.setdefault(f"{before} {stem}", []).append(place)
                before = stem
        self._place, self._exact_place = place + GAP, exact_place + GAP


def collect_terms(document: Document) -> dict[str, Terms]:
    """The terms of every field of a document, with their positions."""
    language = document.language
    fields: dict[str, Terms] = {field.name: {} for field in FIELDS}
    everything = _Collector(fields[ALL], fields[ALL_EXACT], fields[ALL_PAIRS])
    title = analyse(document.title, language)
    everything.add(title)
    _Collector(fields[TITLE], fields[TITLE_EXACT], fields[TITLE_PAIRS]).add(title)
    author = analyse(document.author)
    everything.add(author)
    _Collector({}, fields[AUTHOR], None).add(author)
    everything.add(analyse(document.container_title))
    notes = _Collector(fields[NOTE], {}, None)
    for note in document.notes:
        tokens = analyse(note.text)  # notes are in French, whatever the text that they cite
        notes.add(tokens)
        everything.add(tokens)
    sections = _Collector(fields[SECTION], {}, None)
    for heading in document.section:
        tokens = analyse(heading)
        sections.add(tokens)
        if document.kind is DocumentKind.NOTE:
            everything.add(tokens)
    for paragraph in document.paragraphs:
        everything.add(analyse(paragraph.text, language))
    return fields


def collect_facets(document: Document) -> Mapping[str, str]:
    """The one value of each facet, "" where the document has none."""
    return {
        "year": document.issued[:4],
        "site": document.site,
        # The outermost heading is often the whole bibliography's title, which narrows nothing.
        "section": document.section[:2][-1] if document.section else "",
        "language": document.language,
        "kind": document.kind.value,
        "link": document.link.state.value if document.url else "",
    }


def fold_value(value: str) -> str:
    """A facet's value as it is compared: without case nor accents."""
    return fold(normalise(value))


def iterate_words(text: str, language: str) -> Iterator[Token]:
    """The tokens of a text that count, stop words and aliases left out."""
    return (token for token in analyse(text, language) if not (token.is_stop or token.is_alias))
