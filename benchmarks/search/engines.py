"""The same engines, told to answer every kind of query with ten ids."""

import re
import sqlite3
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

from benchmarks.relevance import engines as relevance
from benchmarks.relevance.collections import Text
from indexer.engines import build_index, open_searcher

Ask = Callable[[str, str], int]  # (kind, query) -> how many of ten came
_WORD: Final = re.compile(r"\w+")


def build_renvois(folder: Path, texts: Sequence[Text]) -> None:
    """Index as the product does."""
    build_index(folder, (relevance.make_document(text) for text in texts))


def open_renvois(folder: Path) -> Ask:
    """Ask as the product does; the kind `page` is a whole page of results."""
    searcher = open_searcher(folder)

    def ask(kind: str, query: str) -> int:
        if kind == "page":
            return len(searcher.search(query).hits)
        return len(searcher.rank(query, 10))

    return ask


def build_whoosh(folder: Path, texts: Sequence[Text]) -> None:
    """Stock Whoosh, title and text, its own French analyser."""
    relevance.open_whoosh(folder, texts)


def open_whoosh(folder: Path) -> Ask:
    """Stock Whoosh with its own query classes."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from whoosh import index, query
    opened = index.open_dir(str(folder))
    searcher = opened.searcher()
    analyser = opened.schema["text"].analyzer

    def word(text: str) -> Any:
        terms = [token.text for token in analyser(text)]
        return query.And(
            [query.Or([query.Term(field, term) for field in ("title", "text")]) for term in terms]
        )

    def ask(kind: str, text: str) -> int:
        if kind == "prefix":
            tree = query.Or([query.Prefix(field, text[:-1]) for field in ("title", "text")])
        elif kind == "phrase":
            terms = [token.text for token in analyser(text)]
            tree = query.Or([query.Phrase(field, terms) for field in ("title", "text")])
        elif kind.startswith("and"):
            tree = query.And([word(part) for part in text.split(" ET ")])
        else:
            tree = query.Or([word(part) for part in text.split()])
        return len(list(searcher.search(tree, limit=10)))

    return ask


def build_fts5(folder: Path, texts: Sequence[Text]) -> None:
    """SQLite FTS5, title and text."""
    relevance.open_fts5(folder, texts)


def open_fts5(folder: Path) -> Ask:
    """SQLite FTS5, ranked by bm25()."""
    connection = sqlite3.connect(folder / "fts.sqlite")

    def ask(kind: str, text: str) -> int:
        words = [f'"{word}"' for word in _WORD.findall(text) if word != "ET"]
        match kind:
            case "prefix":
                match_text = f'"{text[:-1]}" *'
            case "phrase":
                match_text = '"' + " ".join(_WORD.findall(text)) + '"'
            case "and2" | "and3":
                match_text = " AND ".join(words)
            case _:
                match_text = " OR ".join(words)
        rows = connection.execute(
            "SELECT id FROM texts WHERE texts MATCH ? ORDER BY bm25(texts, 0, 5.0, 1.0) LIMIT 10",
            (match_text,),
        )
        return len(rows.fetchall())

    return ask


def build_tantivy(folder: Path, texts: Sequence[Text]) -> None:
    """Tantivy, title and text, one thread."""
    relevance.open_tantivy(folder, texts)


def open_tantivy(folder: Path) -> Ask:
    """Tantivy's own query language; the ten ids are fetched."""
    index, searcher = relevance.reopen_tantivy(folder)

    def ask(kind: str, text: str) -> int:
        words = [word for word in _WORD.findall(text) if word != "ET"]
        if kind == "prefix":
            tree = relevance.tantivy_prefix(index, text[:-1])
        elif kind == "phrase":
            tree = index.parse_query('"' + " ".join(words) + '"', ["title", "text"])
        elif kind.startswith("and"):
            tree = index.parse_query(" AND ".join(words), ["title", "text"])
        else:
            tree = index.parse_query(" ".join(words), ["title", "text"])
        hits = searcher.search(tree, 10).hits
        return len([searcher.doc(address)["id"][0] for _, address in hits])

    return ask


BUILD: Final[dict[str, Callable[[Path, Sequence[Text]], None]]] = {
    "renvois": build_renvois,
    "tantivy": build_tantivy,
    "fts5": build_fts5,
    "whoosh": build_whoosh,
}
OPEN: Final[dict[str, Callable[[Path], Ask]]] = {
    "renvois": open_renvois,
    "tantivy": open_tantivy,
    "fts5": open_fts5,
    "whoosh": open_whoosh,
}
