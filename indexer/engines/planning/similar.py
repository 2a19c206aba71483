"""Find the texts that are like one, and say what they share, in words as somebody wrote them."""

from collections import Counter
from collections.abc import Callable
from typing import Final

import numpy as np

from indexer.analysis import analyse
from indexer.engines.embedded.postings import PostingsReader
from indexer.engines.embedded.topk import find_best
from indexer.engines.planning.plan import BooleanQuery, Ids, Slot, Weighted, Words
from indexer.index.fields import ALL
from indexer.index.postings import list_parts
from indexer.model import Document
from indexer.search.results import SimilarText

_MOST_WORDS: Final = 30  # of a text, to look for others with
_LEAST_SHARED: Final = 2
_MOST_SHARED: Final = 5


def find_similar(
    document: Document,
    reader: PostingsReader,
    find: Callable[[int], Document],
    limit: int,
) -> list[SimilarText]:
    """At most `limit` texts that share the words that tell most of this one.

    `find` gives the document of a number.
    """
    telling = _weigh_words(document, reader)
    if not telling:
        return []
    plan = BooleanQuery(
        (),
        (
            Words(
                tuple(
                    Slot(((ALL, name),), (Weighted(ALL, name, weight),)) for name, weight in telling
                )
            ),
        ),
        (Ids(frozenset({document.id})),),
    )
    answer = find_best(plan, reader, 2 * limit)
    forms = _read_forms(document)
    similar = []
    for number in answer.best.tolist():
        other = find(number)
        shared = [name for name, _ in telling if _has(reader, name, number)]
        if len(shared) < _LEAST_SHARED:
            continue
        similar.append(
            SimilarText(
                id=other.id,
                title=other.title,
                author=other.author,
                issued=other.issued,
                language=other.language,
                shared=tuple(forms[name] for name in shared[:_MOST_SHARED] if name in forms),
            )
        )
    return similar[:limit]


def _has(reader: PostingsReader, name: str, number: int) -> bool:
    docs = reader.postings(ALL, name)[0]
    place = int(np.searchsorted(docs, number))
    return place < docs.size and int(docs[place]) == number


def _weigh_words(document: Document, reader: PostingsReader) -> list[tuple[str, float]]:
    """The names of words that tell most of a text: often here, seldom elsewhere, but somewhere."""
    weighed = []
    counts = Counter(
        token.names[0]
        for part in list_parts(document)
        if part.is_in_all
        for token in analyse(part.text, part.language)
        if not token.is_stop and token.names
    )
    for name, often in counts.items():
        count = reader.document_count(ALL, name)
        if count < _LEAST_SHARED or len(name) < 3:
            continue
        rarity = float(np.log1p((reader.size - count + 0.5) / (count + 0.5)))
        weighed.append((rarity * often / (often + 1.2), name))
    weighed.sort(key=lambda each: (-each[0], each[1]))
    return [(name, weight) for weight, name in weighed[:_MOST_WORDS]]


def _read_forms(document: Document) -> dict[str, str]:
    """For each name of a word of a text, the word that first has it there."""
    forms: dict[str, str] = {}
    texts = [(document.title, document.language)]
    texts += [(note.text, "fr") for note in document.notes]
    texts += [(paragraph.text, document.language) for paragraph in document.paragraphs]
    for text, language in texts:
        for token in analyse(text, language):
            if token.names:
                forms.setdefault(token.names[0], text[token.start : token.end].lower())
    return forms
