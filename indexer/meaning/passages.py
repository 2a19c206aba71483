"""Cut a document into passages whose meaning is worked out, each with the place where it stands.

A passage has 100 to 150 words, cut at the ends of sentences, and is embedded with the title of its
text. Pure: a document goes in, passages come out; two documents with the same words give the same
keys, whatever their ids.
"""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from indexer.model import Document
from indexer.search.snippets import cut_sentences

# Raised when the same document would be cut otherwise: what was embedded is then embedded anew.
PASSAGES_VERSION: Final = 1
LEAST_WORDS: Final = 100
MOST_WORDS: Final = 150
KEY_BYTES: Final = 16


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of an article: which paragraph it stands in (from 0), and from where to where."""

    paragraph: int
    start: int  # in characters of the paragraph
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class TextPassage:
    """Sentences in a row, with the title of their text; none where a text is its title alone."""

    title: str
    sentences: tuple[Sentence, ...]

    @property
    def text(self) -> str:
        """Join the title and the sentences: this is embedded."""
        title = f"{self.title.rstrip(' .')}." if self.title else ""
        return " ".join(filter(None, (title, *(each.text for each in self.sentences))))

    @property
    def key(self) -> bytes:
        """Name the passage by its words: KEY_BYTES bytes."""
        return make_key(self.text)


def make_key(text: str) -> bytes:
    """Name a text that is embedded by its characters: KEY_BYTES bytes."""
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=KEY_BYTES).digest()


def cut_passages(document: Document) -> tuple[TextPassage, ...]:
    """Cut a document into passages; a text without an article is one, of its title and notes.

    The last passage of a text begins earlier, with sentences of the one before, rather than be
    shorter than LEAST_WORDS. Nothing at all to read gives none.
    """
    title = " ".join(document.title.split())
    # What a note says of a text is the note's own, and is shown there.
    blocks = [each.text for each in document.paragraphs] or [
        each.text for each in document.notes if each.id == document.id
    ]
    sentences = tuple(_list_sentences(blocks))
    if not sentences:
        return (TextPassage(title, ()),) if title else ()
    return tuple(TextPassage(title, sentences[start:end]) for start, end in _cut(sentences))


def _list_sentences(blocks: Sequence[str]) -> Iterator[Sentence]:
    """List the sentences of paragraphs; one of more than MOST_WORDS words comes in pieces."""
    for place, block in enumerate(blocks):
        for start, end in cut_sentences(block):
            for first, last in _cut_words(block, start, end):
                yield Sentence(place, first, last, " ".join(block[first:last].split()))


def _cut_words(block: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Cut a sentence after every MOST_WORDS words; most have fewer."""
    words = block[start:end].split()
    if len(words) <= MOST_WORDS:
        yield start, end
        return
    place = start
    for first in range(0, len(words), MOST_WORDS):
        begin = block.index(words[first], place)
        for word in words[first : first + MOST_WORDS]:
            place = block.index(word, place) + len(word)
        yield begin, place


def _cut(sentences: Sequence[Sentence]) -> Iterator[tuple[int, int]]:
    """Give the [start, end) of each passage among the sentences."""
    counts = [len(each.text.split()) for each in sentences]
    start, words = 0, 0
    for place, count in enumerate(counts):
        if words and words + count > MOST_WORDS:
            yield start, place
            start, words = place, 0
        words += count
    # The last one: sentences of the passage before make up what it lacks.
    while start and words < LEAST_WORDS and words + counts[start - 1] <= MOST_WORDS:
        start -= 1
        words += counts[start]
    yield start, len(counts)
