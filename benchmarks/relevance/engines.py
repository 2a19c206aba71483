"""The engines side by side: each indexes texts in a folder, then answers with ids, best first."""

import os
import re
import sqlite3
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

import Stemmer

from benchmarks.relevance.collections import Text
from benchmarks.relevance.measures import DEPTH
from indexer.engines import Searcher, build_index, open_searcher
from indexer.model import Document, DocumentKind, Paragraph

Search = Callable[[str], Sequence[str]]
_WORD: Final = re.compile(r"\w+")


def open_renvois(folder: Path, texts: Sequence[Text]) -> Search:
    """The product: what `renvois index` and the web use."""
    build_index(folder, (make_document(text) for text in texts))
    searcher = open_searcher(folder)
    return lambda query: [key for key, _ in searcher.rank(query, DEPTH)]


def open_opensearch(folder: Path, texts: Sequence[Text]) -> Search:
    """The product on a node of OpenSearch, whose address TEST_CLUSTER says."""
    from indexer.engines.opensearch.client import ClusterOptions
    from indexer.engines.opensearch.engine import OpenSearchIndex
    from indexer.engines.opensearch.writer import OpenSearchWriter

    address = os.environ.get("TEST_CLUSTER")
    if not address:
        raise ModuleNotFoundError(name="a node (make cluster, TEST_CLUSTER)")
    options = ClusterOptions(hosts=(address,), prefix="relevance", timeout_s=120)
    writer = OpenSearchWriter(options)
    writer.begin(is_anew=True)
    writer.put(make_document(text) for text in texts)
    writer.finish()
    searcher = Searcher(OpenSearchIndex(options))
    return lambda query: [key for key, _ in searcher.rank(query, DEPTH)]


def make_document(text: Text) -> Document:
    """A text of a collection as a Document, a paragraph a line."""
    return Document(
        id=text.id,
        kind=DocumentKind.TEXT,
        title=text.title,
        paragraphs=tuple(Paragraph(text=line) for line in text.text.split("\n") if line.strip()),
    )


def open_whoosh(folder: Path, texts: Sequence[Text]) -> Search:
    """Plain Whoosh: its own French analyser, title and text, its own BM25F, any word."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from whoosh import fields, index, qparser
        from whoosh.analysis import LanguageAnalyzer
    analyser = LanguageAnalyzer("fr")
    schema = fields.Schema(
        id=fields.ID(stored=True), title=fields.TEXT(analyser), text=fields.TEXT(analyser)
    )
    folder.mkdir(parents=True, exist_ok=True)
    made = index.create_in(str(folder), schema)
    writer = made.writer(limitmb=256)
    for text in texts:
        writer.add_document(id=text.id, title=text.title, text=text.text)
    writer.commit()
    searcher = made.searcher()
    parser = qparser.MultifieldParser(
        ["title", "text"], schema, plugins=[qparser.WhitespacePlugin()], group=qparser.OrGroup
    )

    def search(query: str) -> Sequence[str]:
        return [hit["id"] for hit in searcher.search(parser.parse(query), limit=DEPTH)]

    return search


def open_fts5(folder: Path, texts: Sequence[Text]) -> Search:
    """SQLite FTS5: unicode61 without accents, bm25() with the title five times."""
    folder.mkdir(parents=True, exist_ok=True)
    connection = sqlite3.connect(folder / "fts.sqlite")
    connection.execute(
        "CREATE VIRTUAL TABLE texts USING fts5(id UNINDEXED, title, text,"
        " tokenize = 'unicode61 remove_diacritics 2')"
    )
    connection.executemany(
        "INSERT INTO texts VALUES (?, ?, ?)", [(text.id, text.title, text.text) for text in texts]
    )
    connection.commit()

    def search(query: str) -> Sequence[str]:
        words = " OR ".join(f'"{word}"' for word in _WORD.findall(query))
        if not words:
            return []
        rows = connection.execute(
            "SELECT id FROM texts WHERE texts MATCH ? ORDER BY bm25(texts, 0, 5.0, 1.0) LIMIT ?",
            (words, DEPTH),
        )
        return [row[0] for row in rows]

    return search


def open_tantivy(folder: Path, texts: Sequence[Text]) -> Search:
    """Tantivy: French stop words and stemmer, accents folded, title and text."""
    import tantivy

    folder.mkdir(parents=True, exist_ok=True)
    index = _open_tantivy_index(folder)
    writer = index.writer(heap_size=256_000_000, num_threads=1)
    for text in texts:
        document = tantivy.Document()
        document.add_text("id", text.id)
        document.add_text("title", text.title)
        document.add_text("text", text.text)
        writer.add_document(document)
    writer.commit()
    writer.wait_merging_threads()
    index.reload()
    searcher = index.searcher()

    def search(query: str) -> Sequence[str]:
        words = " ".join(_WORD.findall(query)).lower()
        if not words:
            return []
        parsed = index.parse_query(words, ["title", "text"])
        hits = searcher.search(parsed, DEPTH).hits
        return [searcher.doc(address)["id"][0] for _, address in hits]

    return search


def _open_tantivy_index(folder: Path) -> Any:
    import tantivy

    builder = tantivy.SchemaBuilder()
    builder.add_text_field("id", stored=True, tokenizer_name="raw")
    for name in ("title", "text"):
        builder.add_text_field(name, tokenizer_name="french")
    index = tantivy.Index(builder.build(), path=str(folder))
    analyser = (
        tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.simple())
        .filter(tantivy.Filter.lowercase())
        .filter(tantivy.Filter.stopword("french"))
        .filter(tantivy.Filter.stemmer("french"))
        .filter(tantivy.Filter.ascii_fold())
        .build()
    )
    index.register_tokenizer("french", analyser)
    return index


def reopen_tantivy(folder: Path) -> tuple[Any, Any]:
    """The index of a folder and a searcher of it."""
    index = _open_tantivy_index(folder)
    index.reload()
    return index, index.searcher()


def tantivy_prefix(index: Any, prefix: str) -> Any:
    """Words that begin so, in title or text."""
    import tantivy

    queries = [
        (
            tantivy.Occur.Should,
            tantivy.Query.regex_query(index.schema, name, f"{re.escape(prefix)}.*"),
        )
        for name in ("title", "text")
    ]
    return tantivy.Query.boolean_query(queries)


def open_bm25s(folder: Path, texts: Sequence[Text]) -> Search:
    """bm25s with PyStemmer, title and text in one field."""
    import bm25s

    stemmer = Stemmer.Stemmer("french")
    stops: Any = "fr"
    tokens = bm25s.tokenize(
        [f"{text.title}\n{text.text}" for text in texts],
        stopwords=stops,
        stemmer=stemmer,
        show_progress=False,
    )
    retriever = bm25s.BM25()
    retriever.index(tokens, show_progress=False)
    ids = [text.id for text in texts]

    def search(query: str) -> Sequence[str]:
        asked = bm25s.tokenize([query], stopwords=stops, stemmer=stemmer, show_progress=False)
        numbers, scores = retriever.retrieve(asked, k=min(DEPTH, len(ids)), show_progress=False)
        pairs = zip(numbers[0], scores[0], strict=True)
        return [ids[number] for number, score in pairs if score > 0]

    return search


# Ours first, the slowest last.
ENGINES: Final[dict[str, Callable[[Path, Sequence[Text]], Search]]] = {
    "renvois": open_renvois,
    "opensearch": open_opensearch,
    "fts5": open_fts5,
    "tantivy": open_tantivy,
    "bm25s": open_bm25s,
    "whoosh": open_whoosh,
}
