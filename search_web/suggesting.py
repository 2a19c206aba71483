"""Suggest the bibliography's own words as one types: authors, sections, sources, titles.

They come before the words of the texts, which the searcher suggests.
"""

import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from indexer.search.results import Suggestion
from search_web.shelf import Shelf
from search_web.wording import count_words

LONGEST: Final = 90  # characters; nobody searches a longer one
KINDS: Final = {
    "author": "auteur",
    "section": "section",
    "source": "publication",
    "title": "titre",
}


@dataclass(frozen=True, slots=True)
class Entry:
    """Something to suggest, and how it is compared."""

    key: str
    suggestion: Suggestion


def list_entries(shelf: Shelf) -> tuple[Entry, ...]:
    """List what a bibliography suggests: by kind, then by how many texts have it."""
    counts: Counter[tuple[str, str]] = Counter(_iterate(shelf))
    order = list(KINDS)
    ranked = sorted(counts.items(), key=lambda each: (order.index(each[0][0]), -each[1]))
    return tuple(
        Entry(f" {fold(text)}", Suggestion(text=text, kind=kind, document_count=count))
        for (kind, text), count in ranked
    )


def suggest(entries: Sequence[Entry], prefix: str, limit: int) -> tuple[Suggestion, ...]:
    """Give what has a word that begins as was typed; what begins so itself goes first."""
    wanted = f" {fold(prefix)}"
    if len(wanted) < 3:
        return ()
    begun: list[Suggestion] = []
    inside: list[Suggestion] = []
    for entry in entries:
        if entry.key.startswith(wanted):
            begun.append(entry.suggestion)
        elif len(inside) < limit and wanted in entry.key:
            inside.append(entry.suggestion)
        if len(begun) == limit:
            break
    return tuple((begun + inside)[:limit])


def merge(first: Sequence[Suggestion], then: Sequence[Suggestion], limit: int) -> list[Suggestion]:
    """Put two lists one after the other, without saying anything twice."""
    merged = {fold(each.text): each for each in reversed([*first, *then])}
    return list(reversed(merged.values()))[:limit]


def describe(suggestion: Suggestion) -> str:
    """Say what a suggestion is: "auteur, 3 textes"."""
    counted = count_words(suggestion.document_count, "texte")
    kind = KINDS.get(suggestion.kind)
    return f"{kind}, {counted}" if kind else counted


def fold(text: str) -> str:
    """Write a text as it is compared: without case, accents or curly apostrophes."""
    bare = unicodedata.normalize("NFKD", text.replace("’", "'")).casefold()
    return " ".join("".join(each for each in bare if not unicodedata.combining(each)).split())


def _iterate(shelf: Shelf) -> Iterator[tuple[str, str]]:
    for text in shelf.texts.values():
        if text.reference is not None:
            for name in text.reference.author:
                yield "author", name.display
        for heading in text.section[-1:]:
            yield "section", heading
        if text.container_title:
            yield "source", text.container_title
        if len(text.title) <= LONGEST:
            yield "title", text.title
