"""Turn a Document into the terms of every field, its text analysed once for all of them.

Stop words take no place, so that "président de la république" is a phrase of two words side by
side; a compound's other names stand where its words stand.
"""

from collections.abc import Iterable, Mapping
from typing import Final

from indexer.analysis import Token, analyse_unplaced
from indexer.index.fields import (
    ALL,
    ALL_EXACT,
    ALL_PAIRS,
    ALL_STARTS,
    ALL_STOP_PAIRS,
    AUTHOR,
    BODY,
    BODY_START,
    NOTE,
    SECTION,
    START_LETTERS,
    TITLE,
    TITLE_EXACT,
    TITLE_PAIRS,
)
from indexer.model import Document, DocumentKind

Places = dict[str, list[int]]  # term -> where it stands
Counts = dict[str, int]  # term -> how often

# Between two parts of a document, so that no phrase runs from one into the next.
GAP: Final = 100


class _Collector:
    """The terms of a part of a document as its texts go by; places go on growing."""

    def __init__(self) -> None:
        self.stems: Places = {}
        self.exact: Counts = {}
        self.starts: Counts = {}
        self.pairs: Counts = {}
        self.stop_pairs: Counts = {}
        self._place = -1

    @property
    def next_place(self) -> int:
        """Where the first word of the next text will stand."""
        return self._place + 1

    def add(self, tokens: Iterable[Token]) -> None:
        """Take in one text."""
        stems, exact, starts, pairs = self.stems, self.exact, self.starts, self.pairs
        stop_pairs = self.stop_pairs
        place, before, stop = self._place, "", ""
        for _, _, form, stem, is_stop, is_alias, _ in tokens:
            exact[form] = exact.get(form, 0) + 1
            if is_stop:
                if stop:
                    pair = f"{stop} {form}"
                    stop_pairs[pair] = stop_pairs.get(pair, 0) + 1
                stop = form
                continue
            stop = ""
            start = form[:START_LETTERS]
            starts[start] = starts.get(start, 0) + 1
            if not is_alias:
                place += 1
                if before:
                    pair = f"{before} {stem}"
                    pairs[pair] = pairs.get(pair, 0) + 1
                before = stem
            known = stems.get(stem)
            if known is None:
                stems[stem] = [max(place, 0)]
            else:
                known.append(max(place, 0))
        self._place = place + GAP


def collect_terms(document: Document) -> dict[str, Places | Counts]:
    """The terms of every field of a document, with their places or how often they stand there."""
    language = document.language
    everything, title, author = _Collector(), _Collector(), _Collector()
    notes, sections = _Collector(), _Collector()
    for collector, text, its_language in (
        (title, document.title, language),
        (author, document.author, "fr"),
        *((notes, note.text, "fr") for note in document.notes),  # whatever the text they cite
    ):
        tokens = analyse_unplaced(text, its_language)
        collector.add(tokens)
        everything.add(tokens)
    everything.add(analyse_unplaced(document.container_title))
    for heading in document.section:
        tokens = analyse_unplaced(heading)
        sections.add(tokens)
        if document.kind is DocumentKind.NOTE:
            everything.add(tokens)
    body = {BODY_START: [everything.next_place]} if document.paragraphs else {}
    for paragraph in document.paragraphs:
        everything.add(analyse_unplaced(paragraph.text, language))
    return {
        ALL: everything.stems,
        TITLE: title.stems,
        ALL_EXACT: everything.exact,
        TITLE_EXACT: title.exact,
        ALL_STARTS: everything.starts,
        ALL_PAIRS: everything.pairs,
        TITLE_PAIRS: title.pairs,
        ALL_STOP_PAIRS: everything.stop_pairs,
        AUTHOR: {form: [0] * count for form, count in author.exact.items()},
        NOTE: notes.stems,
        SECTION: sections.stems,
        BODY: body,
    }


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
