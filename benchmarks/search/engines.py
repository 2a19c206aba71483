"""Make every engine answer every kind of query with ten ids."""

import re
import sqlite3
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

import Stemmer

from benchmarks.relevance import engines as relevance
from benchmarks.relevance.collections import Text
from indexer.analysis import fold
from indexer.analysis.stopwords import FRENCH
from indexer.engines import build_index, open_searcher

Ask = Callable[[str, str], int]  # (kind, query) -> how many of ten came
_WORD: Final = re.compile(r"\w+")


def build_renvois(folder: Path, texts: Sequence[Text]) -> None:
    """Index as the product does."""
    build_index(folder, (relevance.make_document(text) for text in texts))


def open_renvois(folder: Path) -> Ask:
    """Ask as the product does; `page` is a whole page, `page_bare` one without extracts."""
    searcher = open_searcher(folder)

    def ask(kind: str, query: str) -> int:
        if kind in ("page", "page_bare"):
            return len(searcher.search(query, extracts=kind == "page").hits)
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


class _Stems:
    """Words as stems, each stemmed once: FTS5 has no French stemmer of its own."""

    def __init__(self) -> None:
        self._stem = Stemmer.Stemmer("french")
        self._known: dict[str, str] = {}

    def list(self, text: str) -> list[str]:
        """The stems of a text that are no stop words."""
        return [stem for word in _WORD.findall(text.lower()) if (stem := self._read(word))]

    def _read(self, word: str) -> str:
        known = self._known.get(word)
        if known is None:
            known = self._known[word] = (
                "" if fold(word) in FRENCH else str(self._stem.stemWord(word))
            )
        return known


def build_fts5(folder: Path, texts: Sequence[Text]) -> None:
    """SQLite FTS5, title and text, stemmed beforehand as Tantivy and Whoosh stem them."""
    folder.mkdir(parents=True, exist_ok=True)
    connection = sqlite3.connect(folder / "fts.sqlite")
    connection.execute(
        "CREATE VIRTUAL TABLE texts USING fts5(id UNINDEXED, title, text,"
        " tokenize = 'unicode61 remove_diacritics 2')"
    )
    stems = _Stems()
    connection.executemany(
        "INSERT INTO texts VALUES (?, ?, ?)",
        (
            (text.id, " ".join(stems.list(text.title)), " ".join(stems.list(text.text)))
            for text in texts
        ),
    )
    connection.commit()
    connection.execute("INSERT INTO texts(texts) VALUES ('optimize')")
    connection.commit()


def open_fts5(folder: Path) -> Ask:
    """SQLite FTS5, ranked by bm25()."""
    connection = sqlite3.connect(folder / "fts.sqlite")
    stems = _Stems()

    def ask(kind: str, text: str) -> int:
        words = [f'"{stem}"' for stem in stems.list(text.replace(" ET ", " "))]
        if not words:
            return 0
        match kind:
            case "prefix":
                match_text = f'"{text[:-1]}" *'
            case "phrase":
                match_text = '"' + " ".join(stems.list(text)) + '"'
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


def build_bm25s(folder: Path, texts: Sequence[Text]) -> None:
    """bm25s with PyStemmer, title and text in one field."""
    import bm25s

    stops: Any = "fr"
    tokens = bm25s.tokenize(
        [f"{text.title}\n{text.text}" for text in texts],
        stopwords=stops,
        stemmer=Stemmer.Stemmer("french"),
        show_progress=False,
    )
    retriever = bm25s.BM25()
    retriever.index(tokens, show_progress=False)
    retriever.save(folder, show_progress=False)
    (folder / "ids").write_text("\n".join(text.id for text in texts), encoding="utf-8")


def open_bm25s(folder: Path) -> Ask:
    """bm25s, mapped into memory; it knows words side by side only."""
    import bm25s

    retriever = bm25s.BM25.load(folder, mmap=True)
    ids = (folder / "ids").read_text(encoding="utf-8").split("\n")
    stemmer = Stemmer.Stemmer("french")
    stops: Any = "fr"

    def ask(kind: str, text: str) -> int:
        asked = bm25s.tokenize([text], stopwords=stops, stemmer=stemmer, show_progress=False)
        numbers, _ = retriever.retrieve(asked, k=10, show_progress=False)
        return len([ids[number] for number in numbers[0]])

    return ask


# What a peer has no way to ask.
CANNOT: Final[dict[str, frozenset[str]]] = {
    "bm25s": frozenset({"and2", "and3", "phrase", "prefix"})
}
BUILD: Final[dict[str, Callable[[Path, Sequence[Text]], None]]] = {
    "renvois": build_renvois,
    "tantivy": build_tantivy,
    "fts5": build_fts5,
    "bm25s": build_bm25s,
    "whoosh": build_whoosh,
}
OPEN: Final[dict[str, Callable[[Path], Ask]]] = {
    "renvois": open_renvois,
    "tantivy": open_tantivy,
    "fts5": open_fts5,
    "bm25s": open_bm25s,
    "whoosh": open_whoosh,
}
