"""An index without a text answers as if the text had never been indexed."""

from dataclasses import replace
from pathlib import Path

import pytest

from indexer.engines import build_index, open_searcher, update_index
from indexer.engines.embedded.shown import ShownReader
from indexer.engines.embedded.whoosh_index import open_reader
from indexer.engines.embedded.whoosh_storage import open_generation
from indexer.engines.searcher import Searcher
from indexer.index import Changes
from indexer.index.fields import ALL, ALL_EXACT, ALL_PAIRS, ALL_STARTS, AUTHOR, ID, TITLE_EXACT
from indexer.model import Document
from indexer.withdrawals import WithdrawalFiles
from tests.engines.shelf import text

SECRET = text(
    "secret",
    "Quenotière vivante des ateliers",
    "Le zigouflard des ateliers partagés passe le matin.",
    note="Une enquête de terrain auprès des coursiers.",
    author="Ysolde Krempach",
    url="http://www.retrait.test/x",
    site="retrait.test",
    issued="2015",
)
OTHERS = (
    text("a", "Ateliers ouverts", "Les ateliers partagés ouvrent le matin.", note="Un manuel."),
    text("b", "Coopérer longtemps", "Le partage des outils, un matin.", issued="2014"),
    text("c", "Vivante mémoire", "Des coursiers et des ateliers.", author="Paul Tessier"),
)
WORDS = ("ateliers", "zigouflard", "quenotiere", "krempach", "matin", "coursiers", "vivante")
QUERIES = (
    *WORDS,
    *("atel*", "zig*", "zigoufard", "krempah~", "« ateliers partagés »", "matin SAUF zigouflard"),
    *("auteur:krempach", "titre:quenotiere OU titre:ouverts", "site:retrait.test", "annee:2015"),
)


def describe(searcher: Searcher, query: str) -> object:
    """What an answer tells, but for scores."""
    found = searcher.search(query, page_size=100)
    return (
        sorted(hit.id for hit in found.hits),
        found.total,
        found.terms,
        found.corrections,
        {name: sorted((v.value, v.count) for v in each) for name, each in found.facets.items()},
        {each.text: each.document_count for each in searcher.suggest(query[:4], limit=20)},
        searcher.forms(query),
    )


@pytest.mark.parametrize("how", ["hidden", "deleted", "hidden in a second segment"])
def test_a_text_that_is_withdrawn_leaves_no_trace_in_any_answer(tmp_path: Path, how: str) -> None:
    if how == "hidden in a second segment":
        build_index(tmp_path / "index", OTHERS)
        order = (*(each.id for each in OTHERS), "secret")
        update_index(tmp_path / "index", Changes(added=(SECRET,), order=order))
    else:
        build_index(tmp_path / "index", (OTHERS[0], SECRET, *OTHERS[1:]))
    if how == "deleted":
        order = tuple(each.id for each in OTHERS)
        update_index(tmp_path / "index", Changes(deleted=("secret",), order=order))
    build_index(tmp_path / "other", OTHERS)
    (tmp_path / "withdrawn.txt").write_text("https://retrait.test/x/\n", encoding="utf-8")
    searcher = open_searcher(tmp_path / "index", WithdrawalFiles([tmp_path / "withdrawn.txt"]))
    never = open_searcher(tmp_path / "other")

    for query in QUERIES:
        assert describe(searcher, query) == describe(never, query), query
    assert [each.query_text for each in searcher.examples()] == [
        each.query_text for each in never.examples()
    ]
    assert searcher.find_document("secret") is None
    assert "secret" not in {each.id for each in searcher.documents()}
    for document in OTHERS:
        similar = [each.id for each in searcher.similar(document.id)]
        assert similar == [each.id for each in never.similar(document.id)]
    searcher.close()
    never.close()


def test_a_line_acts_at_once_and_its_removal_too(tmp_path: Path) -> None:
    build_index(tmp_path / "index", (*OTHERS, SECRET))
    path = tmp_path / "withdrawn.txt"
    searcher = open_searcher(tmp_path / "index", WithdrawalFiles([path]))
    answers = []
    for line in ("", "secret", "inconnu", "secret"):
        path.write_text(line, encoding="utf-8")
        found = searcher.search("zigouflard", as_typed=True)
        answers.append((found.total, found.terms[0].document_count, searcher.generation))
        suggested = [each.text for each in searcher.suggest("krem")]
        assert bool(suggested) == bool(found.total)
    searcher.close()

    assert [answer[:2] for answer in answers] == [(1, 1), (0, 0), (1, 1), (0, 0)]
    assert len({answer[2] for answer in answers}) == 3


def test_a_note_that_loses_its_text_stands_alone_under_another_name(tmp_path: Path) -> None:
    note = replace(SECRET.notes[0], id="note-secret")
    both = replace(OTHERS[0].notes[0], id="note-secret-0a1b")
    documents: list[Document] = [
        replace(SECRET, notes=(note, both)),
        replace(OTHERS[0], notes=(both,)),
        *OTHERS[1:],
    ]
    build_index(tmp_path / "index", documents)
    (tmp_path / "withdrawn.txt").write_text("SECRET\n", encoding="utf-8")
    searcher = open_searcher(tmp_path / "index", WithdrawalFiles([tmp_path / "withdrawn.txt"]))
    outlines = {each.id: each for each in searcher.outlines()}
    mentions = [each.note_id for hit in searcher.search("manuel").hits for each in hit.mentions]
    searcher.close()

    (alone,) = set(outlines) - {each.id for each in OTHERS}
    assert outlines[alone].notes[0].text == note.text
    assert len(outlines["a"].notes) == 1
    assert mentions == [outlines["a"].notes[0].id]
    assert "secret" not in alone + outlines["a"].notes[0].id


def test_what_is_left_is_told_as_if_the_text_had_never_been_indexed(tmp_path: Path) -> None:
    build_index(tmp_path / "shown", (OTHERS[0], SECRET, *OTHERS[1:]))
    build_index(tmp_path / "never", OTHERS)
    shown = ShownReader(open_reader(open_generation(tmp_path / "shown")), ["secret"])
    never = open_reader(open_generation(tmp_path / "never"))
    for field in (ALL_EXACT, TITLE_EXACT, AUTHOR):
        first, second = (dict(reader.terms(field)) for reader in (shown, never))
        assert first == second
        assert all(shown.document_count(field, term) == n for term, n in first.items())
        assert not {"zigouflard", "krempach", "quenotiere"} & set(first)
    for field in (ALL, ALL_EXACT, ALL_PAIRS, ALL_STARTS, ID):
        for word in (*WORDS, "atelier partag", "zig", "ate", "secret"):
            held = []
            for reader in (shown, never):
                docs, counts = reader.postings(field, word)
                held.append(list(zip(reader.ids(docs), counts.tolist(), strict=True)))
            assert held[0] == held[1]
