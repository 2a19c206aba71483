"""Keep beside an index a few queries that were really asked of it, and found something.

They are chosen from the titles that the index holds when it is written, and asked again whenever
it changes: no page has to wait.
"""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from itertools import islice, pairwise
from pathlib import Path
from typing import Final

from indexer.engines.answering import understand
from indexer.engines.integrity import read_signed, sign
from indexer.engines.postings import PostingsReader
from indexer.engines.ranking import find_best
from indexer.engines.shown import AnyStore
from indexer.engines.store import DocumentStore
from indexer.engines.whoosh import open_reader
from indexer.errors import DamagedIndexError
from indexer.model import Document, DocumentKind
from indexer.search import Example, parse_query

FILE_NAME: Final = "examples.json"
MOST: Final = 6  # three are shown; one text that is withdrawn may take its example with it
_MOST_TRIED: Final = 40

_WORDS: Final = re.compile(r"\w+(?:[-'’]\w+)*")
_TOO_PLAIN: Final = re.compile(
    "avec|dans|pour|sans|sous|vers|leurs?|cette|comment|entre|être|elles?|nous|vous|plus|moins|"
    "faire|fait|mise|autres?|face|quel(le)?s?|dont|mais"
)


def write_examples(folder: Path) -> None:
    """Choose the examples of the index in `folder` and keep them there, all at once."""
    store, reader = DocumentStore(folder, is_read_only=True), open_reader(folder)
    try:
        examples = choose_examples(best_first(store), reader)
    finally:
        reader.close()
        store.close()
    temporary = folder / f"{FILE_NAME}.new"
    rows = [asdict(example) for example in examples]
    try:
        temporary.write_bytes(sign(json.dumps(rows, ensure_ascii=False).encode()))
        temporary.replace(folder / FILE_NAME)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def renew_examples(folder: Path) -> None:
    """Ask the examples of the index in `folder` again; choose others when one finds nothing."""
    reader = open_reader(folder)
    try:
        totals = [_count(example.query_text, reader) for example in read_examples(folder)]
    except DamagedIndexError:
        totals = []  # they are chosen again, from the index itself
    finally:
        reader.close()
    if len(totals) < MOST or not all(totals):
        write_examples(folder)


def read_examples(folder: Path) -> tuple[Example, ...]:
    """The examples of the index in `folder`. Raises DamagedIndexError."""
    held, _ = read_signed(folder / FILE_NAME)
    return tuple(Example(**row) for row in json.loads(held))


def choose_examples(documents: Iterable[Document], reader: PostingsReader) -> tuple[Example, ...]:
    """A few queries from titles, each asked, those first that find most."""
    found: dict[str, Example] = {}
    for query_text in islice(_candidates(documents), _MOST_TRIED):
        total = _count(query_text, reader)
        if total:
            found.setdefault(query_text, Example(query_text=query_text, total=total))
        if len(found) == MOST:
            break
    return tuple(sorted(found.values(), key=lambda example: -example.total))


def _count(query_text: str, reader: PostingsReader) -> int:
    """How many documents a query finds."""
    _, plan, _ = understand(parse_query(query_text), reader, as_typed=True)
    return int(find_best(plan, reader, 1).matched.size) if plan is not None else 0


def best_first(store: AnyStore) -> Iterator[Document]:
    """French texts of which there is a copy show best what the search does."""
    for is_best in (True, False):
        for _, text in store.outlines():
            if text.kind is DocumentKind.TEXT and is_best == (
                text.captured_at is not None and text.language == "fr"
            ):
                yield text


def _candidates(texts: Iterable[Document]) -> Iterator[str]:
    """Pairs of neighbouring long words from the titles, one a title, in their order."""
    for text in texts:
        words = [word.lower() for word in _WORDS.findall(text.title)]
        for first, second in pairwise(words):
            if all(len(word) > 3 and not _TOO_PLAIN.fullmatch(word) for word in (first, second)):
                yield f"{first} {second}"
                break
