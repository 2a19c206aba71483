"""`python -m benchmarks.corrections`."""

import argparse
import re
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from benchmarks.relevance.collections import Collection, find_collections, read_collection
from benchmarks.relevance.engines import make_document
from indexer.analysis import fold, normalise
from indexer.engines import build_index, open_searcher

_WORD: Final = re.compile(r"(?<![\w'’-])[a-zà-öø-ÿœ]{4,}(?![\w'’-])")  # in lower case, no part
_MOST_WORDS: Final = 500


def main() -> None:
    """Print a row for each collection: the words asked, those that were searched as another."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.corrections")
    parser.add_argument("--collections", required=True, type=Path, help="a folder of collections")
    parser.add_argument("--only", help="the collection that is searched")
    parser.add_argument("--show", action="store_true", help="print what is replaced, and by what")
    asked = parser.parse_args()
    collections = [
        read_collection(path, "dev") for path in find_collections(asked.collections, "dev")
    ]
    counts = {each.name: _count_words(each) for each in collections}
    print("| collection | absent words | replaced |\n|---|---|---|")
    for collection in collections:
        if asked.only not in (None, collection.name):
            continue
        others = Counter[str]()
        for name, held in counts.items():
            others.update(held if name != collection.name else {})
        words = list(_list_absent(others, counts[collection.name]))[:_MOST_WORDS]
        replaced = _list_replaced(collection, words)
        print(f"| {collection.name} | {len(words)} | {len(replaced)} |", flush=True)
        if asked.show:
            print(replaced)


def _count_words(collection: Collection) -> Counter[str]:
    return Counter(
        word for text in collection.texts for word in _WORD.findall(f"{text.title}\n{text.text}")
    )


def _list_absent(others: Counter[str], held: Counter[str]) -> Iterator[str]:
    """The words that other collections have and this one lacks, the most frequent first."""
    forms = {fold(normalise(word)) for word in held}
    return (word for word, _ in others.most_common() if fold(normalise(word)) not in forms)


def _list_replaced(collection: Collection, words: list[str]) -> list[tuple[str, str]]:
    with tempfile.TemporaryDirectory() as folder:
        build_index(Path(folder) / "index", map(make_document, collection.texts))
        searcher = open_searcher(Path(folder) / "index")
        found = [searcher.search(word, page_size=1, extracts=False) for word in words]
        searcher.close()
    return [pair for each in found for pair in each.corrections]


if __name__ == "__main__":
    main()
