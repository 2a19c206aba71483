"""What is marked in a passage is what was searched, and passages are found without reading all."""

import sqlite3
import threading
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from indexer.engines import Searcher, build_index, update_index
from indexer.engines.embedded.engine import EmbeddedIndex
from indexer.engines.embedded.store import FILE_NAME, DocumentStore
from indexer.engines.embedded.whoosh_storage import open_generation
from indexer.engines.searcher import describe_hit
from indexer.errors import DamagedIndexError
from indexer.index import Changes
from indexer.model import Paragraph
from indexer.search import build_match_spec, make_snippets, parse_query
from tests.engines.shelf import opened, text
from tests.engines.test_exactness import QUERIES, shelf

COMPOUNDS = (
    text("hyphen", "", "On bâtit un éco-quartier rural ici."),
    text("joined", "", "On bâtit un écoquartier rural ici."),
    text("apart", "", "On bâtit un éco quartier rural ici."),
)
MARKS = {
    "hyphen": ["éco-quartier"], "joined": ["écoquartier"], "apart": ["éco", "quartier"],
}  # fmt: skip


@pytest.mark.parametrize(
    "query_text", ["écoquartier", "éco-quartier", "« écoquartier »", "« éco-quartier rural »",
                   "« écoquartier rural »", "« éco quartier rural »"]
)  # fmt: skip
def test_a_compound_is_marked_however_it_is_written(tmp_path: Path, query_text: str) -> None:
    with opened(tmp_path, *COMPOUNDS) as searcher:
        hits = searcher.search(query_text).hits
    assert {hit.id for hit in hits} == set(MARKS)
    for hit in hits:
        (snippet,) = hit.snippets
        marked = [snippet.text[start:end] for start, end in snippet.marks]
        rural = ["rural"] if "rural" in query_text else []
        assert [part for mark in marked for part in mark.split()] in (
            [*MARKS[hit.id], *rural],
            [*["éco", "quartier"], *rural],
        )


# What the engine cuts in two ("tierslieux"), only the engine knows.
@pytest.mark.parametrize("query_text", [each for each in QUERIES if each != "tierslieux"])
def test_passages_are_those_of_a_whole_reading(tmp_path: Path, query_text: str) -> None:
    """The index says which paragraphs to read; whoever reads them all chooses the same."""
    documents = []
    for document in shelf(40):
        sentences = document.paragraphs[0].text.split(". ")
        paragraphs = tuple(Paragraph(text=each) for each in sentences * 9)  # several blocks
        documents.append(replace(document, paragraphs=paragraphs))
    whole = {document.id: document.paragraphs for document in documents}
    wanted = build_match_spec(parse_query(query_text))
    with opened(tmp_path, *documents) as searcher:
        for hit in searcher.search(query_text).hits:
            assert hit.snippets == make_snippets(whole[hit.id], wanted)


# What stands at one place in words and at another in characters.
KNOTTY = (
    "A Saint-Martin et à Saint-Barthélemy.", "Peut-être.", "Rien.", "Martin, peut-être, Martin.",
    "", "l’article L. 1234-5 vaut  10 000 francs à Saint-\nMartin", "Martin" + " " * 600 + "Saint",
    "le la les " * 90 + "et Martin", "C’est L.1234-5, ou S.N.C.F. : écoquartier·s, éco-quartiers.",
)  # fmt: skip


def test_marks_stand_where_they_do_in_a_whole_reading(tmp_path: Path) -> None:
    whole = {
        f"{number}": tuple(Paragraph(text=each) for each in KNOTTY[number:] + KNOTTY[:number])
        for number in range(len(KNOTTY))
    }
    documents = [replace(text(key, ""), paragraphs=held) for key, held in whole.items()]
    queries = ("martin", "saint barthélemy", "peut-être", "10000 francs", "L. 1234-5",
               "éco quartier", "francs mart*", "sncf « saint martin »", "écoquartiers")  # fmt: skip
    with opened(tmp_path, *documents[:2]) as searcher:
        for document in (documents[0], *documents[2:]):  # a segment each, merged at last
            update_index(tmp_path, Changes(updated=(document,), order=tuple(whole)))
        for query_text in queries:
            hits = searcher.search(query_text).hits
            assert hits, query_text
            wanted = build_match_spec(parse_query(query_text))
            for hit in hits:
                assert hit.snippets == make_snippets(whole[hit.id], wanted), query_text


def test_a_text_comes_back_whole_from_its_blocks(tmp_path: Path) -> None:
    paragraphs = tuple(Paragraph(text=f"Alinéa {number}.", page=number) for number in range(100))
    document = replace(text("long", "Un titre"), paragraphs=paragraphs)
    with opened(tmp_path, document) as searcher:
        assert searcher.find_document("long") == document
        assert list(searcher.documents()) == [document]
        store = DocumentStore(open_generation(tmp_path), is_read_only=True)
        _, stored = store.find_outline("long", None)
        assert (len(stored), stored[99], list(stored[48:50])) == (
            100, paragraphs[99], list(paragraphs[48:50])
        )  # fmt: skip
        with pytest.raises(DamagedIndexError) as told:  # the index names it, and nothing has it
            store.find_outline("none", None)
        assert told.value.what.key == "error.index.text-gone"
        store.close()


@pytest.mark.parametrize(
    ("query_text", "marked"),
    [
        ("peut-être", "Peut-être"),
        ("texte:peut-être", "Peut-être"),
        ("dan*", "dans"),
        ("eau", "eau"),
    ],
)
def test_what_small_words_make_up_is_marked_where_it_stands(
    tmp_path: Path, query_text: str, marked: str
) -> None:
    document = replace(
        text("a", "Un titre"),
        paragraphs=tuple(
            Paragraph(text=each) for each in ("Un mot.", "Peut-être dans l’eau.", "Fin.")
        ),
    )
    with opened(tmp_path, document) as searcher:
        (hit,) = searcher.search(query_text).hits
    assert [
        snippet.text[start:end] for snippet in hit.snippets for start, end in snippet.marks
    ] == [marked]


def test_passages_are_of_the_version_that_is_there(tmp_path: Path) -> None:
    """An update settles between the search and the passages: the places searched are of before."""
    long = replace(text("a", "Une ville"), paragraphs=(Paragraph(text="Rien."),) * 60)
    long = replace(long, paragraphs=(*long.paragraphs, Paragraph(text="La ville au bout.")))
    build_index(tmp_path, [long])
    index = EmbeddedIndex(tmp_path)
    engine = index.acquire()
    short = text("a", "Une ville", "La ville courte.")
    update_index(tmp_path, Changes(updated=(short,), order=("a",)))
    wanted = build_match_spec(parse_query("ville"))
    (found,) = engine.read_texts(["a"], wanted)
    hit = describe_hit(1, 1.0, found, wanted)
    assert [snippet.text for snippet in hit.snippets] == ["La ville courte."]
    index.close()


def test_texts_may_change_while_they_are_searched(tmp_path: Path) -> None:
    shelf = (text("a", "Une ville", "La ville."), text("b", "Une autre ville", "La ville."))
    wrong: list[Exception] = []
    done = threading.Event()

    def ask(searcher: Searcher) -> None:
        try:
            while not done.is_set():
                for hit in searcher.search("ville").hits:
                    assert hit.snippets
                searcher.similar("a")
        except Exception as error:  # noqa: BLE001 (told to the test below)
            wrong.append(error)

    with opened(tmp_path, *shelf) as searcher:
        thread = threading.Thread(target=ask, args=(searcher,))
        thread.start()
        for number in range(8):
            changed = replace(shelf[0], paragraphs=shelf[0].paragraphs * (1 + 40 * (number % 2)))
            update_index(tmp_path, Changes(updated=(changed,), order=("a", "b")))
        done.set()
        thread.join()
    assert wrong == []


def test_no_page_and_no_hit_may_be_asked_for(tmp_path: Path) -> None:
    with opened(tmp_path, *COMPOUNDS) as searcher:
        assert searcher.rank("rural", 0) == []
        assert len(searcher.search("rural", page=0).hits) == len(COMPOUNDS)


def test_texts_are_packed_with_what_they_have_in_common(tmp_path: Path) -> None:
    """Rows are short: each alone would hardly be packed. Without the dictionary none is read."""
    said = "Le maire de {n} a inauguré le tiers-lieu numéro {n}, où l'on répare {n} objets."
    bodies = [" ".join(said.format(n=each * k) for k in range(1, 12)) for each in range(250)]
    documents = [text(f"t{each:03}", f"Titre {each}", body) for each, body in enumerate(bodies)]
    store = DocumentStore(tmp_path, is_new=True)
    store.put(enumerate(documents))
    assert [document for _, document in store.marked_documents()] == documents
    store.close()
    path = tmp_path / FILE_NAME
    with closing(sqlite3.connect(path)) as connection:
        ((dictionary,),) = connection.execute("SELECT length(body) FROM dictionary")
        assert dictionary > 4_000
        connection.execute("DELETE FROM dictionary")
        connection.commit()
    store = DocumentStore(tmp_path, is_read_only=True)
    with pytest.raises(DamagedIndexError, match="unpacked"):
        store.find("t007")
    store.close()


def test_a_text_that_goes_takes_its_paragraphs_along(tmp_path: Path) -> None:
    paragraphs = tuple(Paragraph(text=f"Alinéa {number}.") for number in range(30))
    texts = [replace(text(key, "Un titre"), paragraphs=paragraphs) for key in ("a", "b", "c")]
    store = DocumentStore(tmp_path, is_new=True)
    store.put(enumerate(texts))
    store.put([(1, texts[1])])  # again, as it is
    store.settle({"c": "another"}, ["a"])
    assert [document for _, document in store.marked_documents()] == texts[1:2]
    store.close()
    with closing(sqlite3.connect(tmp_path / FILE_NAME)) as connection:
        assert connection.execute("SELECT count(*) FROM blocks").fetchone() == (2,)
