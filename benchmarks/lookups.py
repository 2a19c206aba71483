"""Measure how often what is asked by its name comes first: articles of law, numbers, titles.

    python -m benchmarks.lookups --collections DIR [--json]

`DIR` (else `BENCH_COLLECTIONS`) holds collections as benchmarks/relevance reads them. Articles of
law are those texts whose title begins with one: 120 are drawn, each asked in every shape that
texts of law and readers write. Laws, standards and paragraphs are made up here: 120 texts of each
kind, each beside two that cite it in passing and one of a number like it. Titles are drawn from all
collections among those that no other text has, a hundred from each at most, and asked without
accents and capitals.
"""

import argparse
import json
import os
import random
import re
import sys
import tempfile
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from types import MappingProxyType
from typing import Final

from benchmarks.relevance.collections import Text, find_collections, read_collection
from benchmarks.relevance.engines import make_document
from indexer.engines import Searcher, build_index, open_searcher

ARTICLES: Final = 120
TITLES: Final = 100  # of a collection
SHAPES: Final = (
    "{letter}. {number}", "art. {letter} {number}", "l'article {letter}.{number} du code",
    "{letter}.{number}", "{letter}{number}", "article {letter}. {number}", "{small}. {number}",
    "article {letter} {number}", "{letter}.{number} code du travail",
    "art. {letter}{number} code travail",
)  # fmt: skip
# How a made-up thing is called in its title, and the shapes in which it is asked.
KINDS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "Loi n° {year}-{number}": (
            "n° {year}-{number}",
            "loi n°{year}-{number}",
            "{year}-{number}",
        ),
        "RFC {number}, protocole": ("RFC {number}", "rfc{number}", "RFC-{number}"),
        "ISO {number}:{year}, exigences": ("ISO {number}:{year}", "ISO {number}", "iso{number}"),
        "Guide, § {part}.{number}": ("§ {part}.{number}", "§{part}.{number}"),
    }
)
_SEED: Final = 14
_LAW_TITLE: Final = re.compile(r"Article ([LRD])(\d[\d-]*)(?!\S)")


def main() -> int:
    """Measure each collection; print a line of JSON or of a table for each shape."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.lookups", description=__doc__)
    parser.add_argument("--collections", type=Path, metavar="DIR")
    parser.add_argument("--json", action="store_true", help="a JSON object a row")
    asked = parser.parse_args()
    folder = asked.collections or os.environ.get("BENCH_COLLECTIONS")
    if not folder:
        print("Say where the collections are: --collections DIR", file=sys.stderr)
        return 2
    if not asked.json:
        print("| collection | asked | first | of |\n|---|---|---|---|")
    for name, rows in _measure_all(Path(folder)):
        for shape, first, count in rows:
            row = {"collection": name, "asked": shape, "first": first, "of": count}
            line = json.dumps(row, ensure_ascii=False)
            told = line if asked.json else f"| {name} | `{shape}` | {first} | {count} |"
            print(told, flush=True)  # indexing the next collection takes minutes
    return 0


def _measure_all(folder: Path) -> Iterator[tuple[str, Iterator[tuple[str, int, int]]]]:
    """Measure what is made up, then each collection of a folder; say on stderr what is indexed."""
    yield "made up", _measure_made_up()
    for path in find_collections(folder, "dev"):
        texts = read_collection(path, "dev").texts
        print(f"{path.name}: indexing {len(texts)} texts", file=sys.stderr)
        yield path.name, _measure(texts)


def _measure_made_up() -> Iterator[tuple[str, int, int]]:
    """Index texts that are called by numbers, and ask for each in every shape of its kind."""
    texts: list[Text] = []
    asked: dict[str, list[tuple[str, str]]] = {}
    for kind, (title, shapes) in enumerate(KINDS.items()):
        for number in range(ARTICLES):
            named = {
                "year": 1990 + number % 30,
                "number": 1201 + 7 * number,
                "part": 2 + number % 9,
            }
            like = named | {"number": named["number"] + 1}
            key = f"made-{kind}-{number}"
            cited = title.format(**named).split(",")[0 if kind < 3 else -1].strip()
            passing = f"Ce rapport cite {cited} parmi d’autres textes, et en discute longuement."
            texts.append(Text(id=key, title=title.format(**named), text="Le texte lui-même."))
            texts.append(Text(id=f"{key}-like", title=title.format(**like), text="Un autre."))
            texts += [Text(id=f"{key}-{n}", title="Un rapport", text=passing) for n in range(2)]
            for shape in shapes:
                asked.setdefault(shape, []).append((shape.format(**named), key))
    with _open_texts(texts) as searcher:
        for shape, queries in asked.items():
            yield shape, _count_first(searcher, queries), len(queries)


@contextmanager
def _open_texts(texts: Sequence[Text]) -> Iterator[Searcher]:
    """Index some texts for as long as they are asked."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "index"
        build_index(folder, map(make_document, texts))
        with closing(open_searcher(folder)) as searcher:
            yield searcher


def _measure(texts: Sequence[Text]) -> Iterator[tuple[str, int, int]]:
    """Index some texts and ask for them; give each shape, how many came first, of how many."""
    with _open_texts(texts) as searcher:
        articles = [(found, text) for text in texts if (found := _LAW_TITLE.match(text.title))]
        draw = random.Random(_SEED)
        drawn = draw.sample(articles, min(ARTICLES, len(articles)))
        for shape in SHAPES if drawn else ():
            queries = [
                (shape.format(letter=one[1], small=one[1].lower(), number=one[2]), text.id)
                for one, text in drawn
            ]
            yield shape, _count_first(searcher, queries), len(queries)
        titles = _list_unique(texts)
        named = draw.sample(titles, min(TITLES, len(titles)))
        yield "title", _count_first(searcher, named), len(named)


def _list_unique(texts: Sequence[Text]) -> list[tuple[str, str]]:
    """The titles that one text alone has, without accents and capitals, and its id."""
    counts = Counter(_fold(text.title) for text in texts)
    return [(title, text.id) for text in texts if counts[title := _fold(text.title)] == 1 and title]


def _fold(text: str) -> str:
    apart = unicodedata.normalize("NFD", text.lower())
    return "".join(letter for letter in apart if not unicodedata.combining(letter)).strip()


def _count_first(searcher: Searcher, queries: Sequence[tuple[str, str]]) -> int:
    """How many queries find the text of that id first."""
    return sum(
        [key for key, _ in searcher.rank(query_text, 1)] == [text_id]
        for query_text, text_id in queries
    )


if __name__ == "__main__":
    sys.exit(main())
