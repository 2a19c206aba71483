"""The queries that the first page offers: chosen and asked whenever the index is written."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.engines import (
    Searcher,
    build_index,
    check_index,
    open_searcher,
    read_indexed,
    update_index,
)
from indexer.engines.embedded.store import DocumentStore
from indexer.engines.embedded.suggestions import (
    Tally,
    name_arrays,
    name_file,
    read_suggestions,
    write_suggestions,
)
from indexer.engines.embedded.whoosh_storage import (
    find_current,
    find_generation,
    open_generation,
)
from indexer.engines.planning.suggestions import flatten
from indexer.errors import DamagedIndexError
from indexer.index import Changes
from indexer.model import Document
from indexer.withdrawals import WithdrawalFiles
from tests.engines.damage import make_documents
from tests.engines.shelf import compare, found, opened, text

COPIED_AT = datetime(2026, 11, 20, tzinfo=UTC)
SHELF = (
    text("a", "Shared workshops", language="en"),
    text("b", "La fabrique urbaine", "La fabrique urbaine change."),
    text("c", "Des jardins partagés", "Le potager.", captured_at=COPIED_AT),
    text("d", "Le sens"),
)


def asked(searcher: Searcher) -> list[str]:
    return [example.query_text for example in searcher.examples()]


def test_pairs_of_words_of_titles_are_asked_those_of_copies_first(tmp_path: Path) -> None:
    with opened(tmp_path, *SHELF) as searcher:
        assert asked(searcher) == ["jardins partagés", "fabrique urbaine", "shared workshops"]
        assert [each.language for each in searcher.examples()] == ["fr", "fr", "en"]
        for example in searcher.examples():
            assert len(found(searcher, example.query_text)) == example.total > 0


def test_headings_that_name_no_subject_are_no_examples(tmp_path: Path) -> None:
    headings = ("Exemples", "Points de vue", "III. Pour aller plus loin", "Monnaie locale")
    shelf = [
        text(f"t{place}", "Le sens", "La monnaie locale, des exemples.", section=(heading,))
        for place, heading in enumerate(headings)
    ]
    with opened(tmp_path, *shelf) as searcher:
        assert asked(searcher) == ["Monnaie locale"]


def test_examples_are_in_the_language_of_most_texts_first(tmp_path: Path) -> None:
    english = [
        text(f"e{n}", title, language="en") for n, title in enumerate(("Urban gardens", "A"))
    ]
    with opened(tmp_path, *english, text("f", "Des jardins partagés")) as searcher:
        assert asked(searcher) == ["urban gardens", "jardins partagés"]


def test_a_phrase_of_a_title_is_written_as_names_are_and_has_no_small_word(tmp_path: Path) -> None:
    titles = {
        "fr": (
            "Blaise Pascal",
            "L’Union européenne : bilan",
            "Travail sans fin",
            "Première partie",
        ),
        "en": ("Lessons from Elsewhere", "The Shared gardens"),
    }
    shelf = [
        text(f"{language}{place}", title, language=language)
        for language, held in titles.items()
        for place, title in enumerate(held)
    ]
    with opened(tmp_path, *shelf) as searcher:
        assert asked(searcher) == ["Blaise Pascal", "union européenne", "shared gardens"]


def test_an_index_of_nothing_has_no_example(tmp_path: Path) -> None:
    with opened(tmp_path) as searcher:
        assert searcher.examples() == ()


def change(folder: Path, *documents: Document) -> None:
    update_index(folder, compare(read_indexed(folder), documents))


def test_an_update_chooses_again(tmp_path: Path) -> None:
    with opened(tmp_path, *SHELF) as searcher:
        change(tmp_path, SHELF[1], replace(SHELF[2], title="Des jardins suspendus"))

        assert asked(searcher) == ["jardins suspendus", "fabrique urbaine"]


def test_examples_that_nobody_can_read_are_told(tmp_path: Path) -> None:
    build_index(tmp_path, SHELF)
    current = find_current(tmp_path)
    assert current is not None
    (current / "examples.json").write_text("[{", encoding="utf-8")
    searcher = open_searcher(tmp_path)

    with pytest.raises(DamagedIndexError, match="renvois index"):
        searcher.examples()
    searcher.close()


def test_outlines_are_the_documents_without_their_paragraphs(tmp_path: Path) -> None:
    with opened(tmp_path, *SHELF) as searcher:
        assert list(searcher.outlines()) == [replace(each, paragraphs=()) for each in SHELF]
        assert list(searcher.documents()) == list(SHELF)


def test_outlines_are_those_of_the_state_that_answers(tmp_path: Path) -> None:
    """What an update has put beside, and has not committed yet, is not told."""
    with opened(tmp_path, *SHELF) as searcher:
        current = find_current(tmp_path)
        assert current is not None
        store = DocumentStore(current)
        store.put([(1, replace(SHELF[1], title="Une autre"))])
        store.close()

        assert [each.title for each in searcher.outlines()] == [each.title for each in SHELF]


def test_suggestions_follow_every_change_as_if_built_anew(tmp_path: Path) -> None:
    """Added, changed, removed and withdrawn texts; what is typed finds the same, best first."""
    documents = {each.id: each for each in make_documents(40)}
    ids = tuple(documents)
    held = {key: documents[key] for key in ids[:25]}
    build_index(tmp_path / "grown", held.values())
    withdrawn = tmp_path / "withdrawn.txt"
    withdrawn.write_text("", encoding="utf-8")
    grown = open_searcher(tmp_path / "grown", WithdrawalFiles([withdrawn]))
    changes = (
        Changes(added=tuple(documents[key] for key in ids[25:32])),
        Changes(updated=(replace(documents[ids[3]], title="Un titre refait, deux fois refait"),)),
        Changes(deleted=ids[5:9]),
        Changes(added=tuple(documents[key] for key in ids[32:]), deleted=ids[:2]),
    )
    typed = ("vi", "ville", "refa", "titre r", "dupont", "éner", "partie", "jardin ma", "e")
    for number, change in enumerate(changes):
        for document in (*change.added, *change.updated):
            held[document.id] = document
        for key in change.deleted:
            del held[key]
        update_index(tmp_path / "grown", replace(change, order=tuple(held)))
        build_index(tmp_path / f"anew-{number}", held.values())
        hidden = sorted(held)[number]
        shown = [document for document in held.values() if document.id != hidden]
        build_index(tmp_path / f"shown-{number}", shown)
        for without, expected in (("", "anew"), (hidden, "shown")):
            withdrawn.write_text(without, encoding="utf-8")
            anew = open_searcher(tmp_path / f"{expected}-{number}")
            for prefix in typed:
                assert list(grown.suggest(prefix)) == list(anew.suggest(prefix))
            anew.close()
        withdrawn.write_text("", encoding="utf-8")
    assert "Un titre refait, deux fois refait" in [each.text for each in grown.suggest("titre r")]
    assert len(list((tmp_path / "grown").glob("g*/suggestions-*.json"))) == 1
    grown.close()


def test_a_change_of_a_text_alone_keeps_what_may_be_suggested(tmp_path: Path) -> None:
    before = text("a", "Les jardins partagés", "Un texte.")
    with opened(tmp_path, before, text("b", "Un titre")) as searcher:
        offered = list(searcher.suggest("jardins"))
        assert offered
        for words in ("Autre texte.", "Encore un autre."):
            changed = text("a", "Les jardins partagés", words)
            update_index(tmp_path, Changes(updated=(changed,), order=("a", "b")))
            assert list(searcher.suggest("jardins")) == offered
            target = open_generation(tmp_path)
            (kept,) = target.glob("suggestions-*.json")
            assert kept.name == name_file(find_generation(target))
            assert (target / name_arrays(find_generation(target))).exists()
        assert check_index(tmp_path).damages == ()


# Words that begin alike, some of them longer than what puts beginnings in order.
WORDS = ("le", "les", "Éco", "écologie", "éclat", "d'été", "x" * 30 + "y", "x" * 30 + "z", "œuvre")
TITLES = st.lists(
    st.lists(st.sampled_from(WORDS), min_size=1, max_size=6).map(" ".join), min_size=1, max_size=12
)


@given(TITLES, st.data())
def test_what_is_completed_is_what_a_look_at_every_title_gives(
    titles: list[str], data: st.DataObject
) -> None:
    """Titles with a word that goes on as was typed, those that most texts have first."""
    hidden = data.draw(st.lists(st.sampled_from(range(len(titles))), unique=True))
    described = [(title, "", "") for title in titles]
    counts = Counter(title for place, title in enumerate(titles) if place not in hidden)
    with TemporaryDirectory() as folder:
        write_suggestions(Path(folder), 1, Tally(described))
        suggester = read_suggestions(Path(folder), 1)
        assert suggester.tally() == Tally(described)
        left = suggester.leave_out([described[place] for place in hidden])
        flat = flatten(data.draw(st.sampled_from(titles)))
        typed = flat[: data.draw(st.integers(1, len(flat)))].strip()
        answered = [each for each in left.complete(typed, 50) if each.kind == "title"]
        fitting = {title for title in counts if f" {typed}" in f" {flatten(title)}"}
        assert {each.text: each.document_count for each in answered} == {
            title: counts[title] for title in fitting
        }
        if not hidden:
            best = [each.text for each in suggester.complete(typed, 2) if each.kind == "title"]
            assert best == [each.text for each in answered][:2]


def test_words_that_begin_alike_for_long_are_told_apart(tmp_path: Path) -> None:
    titles = ["x" * 30 + end for end in "yz"]
    write_suggestions(tmp_path, 1, Tally((title, "", "") for title in titles))
    suggester = read_suggestions(tmp_path, 1)
    assert [each.text for each in suggester.complete("x" * 30 + "z", 5)] == titles[1:]


def test_a_wrong_byte_of_what_is_suggested_is_found(tmp_path: Path) -> None:
    with opened(tmp_path, *SHELF):
        target = open_generation(tmp_path)
    path = target / name_arrays(find_generation(target))
    held = bytearray(path.read_bytes())
    held[held.index(b"La fabrique")] ^= 1
    path.write_bytes(held)
    (damage,) = check_index(tmp_path).damages
    assert damage.where == path
    searcher = open_searcher(tmp_path)
    with pytest.raises(DamagedIndexError):
        searcher.suggest("fabrique")
    searcher.close()


@pytest.mark.parametrize(
    ("typed", "written"),
    [
        ("mait", "maître"),  # "maitre" is written too, since 1990
        ("class", "classé"),  # has the lemma of "classe"
        ("chapi", "chapitre"),
        ("arc en ci", "arc en ciel"),
        ("grali", "gralimé"),  # in no dictionary; capitals lack accents
    ],
)
def test_a_word_that_no_title_has_is_suggested_as_texts_write_it(
    tmp_path: Path, typed: str, written: str
) -> None:
    body = "Un maître a classé le gralimé sous un chapitre, GRALIME, l'arc-en-ciel."
    with opened(tmp_path, text("a", "Un titre", body)) as searcher:
        assert written in [each.text for each in searcher.suggest(typed)]
