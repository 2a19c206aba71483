"""The owner's file of words on a real index: what is found, marked, said; command, API and page."""

import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.engines import Searcher, build_index, open_searcher
from indexer.search import Hit
from indexer.search.synonyms import FILE_NAME, SynonymFile
from search_web import Site, create_app
from tests.command import run_command
from tests.engines.shelf import found, text

FILE = """\
fablab, fab lab, tiers-lieu de fabrication
ess => économie sociale et solidaire
protéger : COP
marché, foire
"""
TEXTS = (
    text("one", "Un fablab à la campagne", "On y apprend la soudure."),
    text("two", "Ateliers", "Ce fab lab est ouvert le soir."),
    text("three", "Usines", "Des tiers-lieux de fabrication ouvrent leurs portes."),
    text("lab", "Sciences", "Le lab travaille la nuit, hors de tout fab."),
    text("ess", "Chiffres", "L’ESS emploie beaucoup."),
    text("social", "Rapport", "L’économie sociale et solidaire avance."),
    text("cop", "Climat", "La COP se tient à Belém."),
    text("cops", "Copies", "Les cops rendent leur copie."),
    text("fair", "Calendrier", "Une foire aux plants."),
    text("market", "Halles", "Les marchés du samedi."),
)
WORDS = (
    "fablab", "fab", "lab", "fabrication", "tiers-lieu", "ess", "économie", "sociale", "cop",
    "foire", "marché", "copie", "soir", "portes", "halle", "ouvert",
)  # fmt: skip


class Asked:
    """One index, asked with a file of words and without."""

    def __init__(self, folder: Path) -> None:
        build_index(folder / "index", TEXTS)
        self.path = folder / FILE_NAME
        self.plain = open_searcher(folder / "index")
        self.own = open_searcher(folder / "index", synonyms=SynonymFile(self.path))

    def close(self) -> None:
        self.plain.close()
        self.own.close()


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asked]:
    with closing(Asked(tmp_path_factory.mktemp("synonyms"))) as each:
        each.path.write_text(FILE, encoding="utf-8")
        yield each


@pytest.fixture
def searcher(asked: Asked) -> Searcher:
    asked.path.write_text(FILE, encoding="utf-8")
    return asked.own


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ("fablab", {"one", "two", "three"}),
        ("Fablabs", {"one", "two", "three"}),
        ("fab-lab", {"one", "two", "three", "lab"}),
        ("fab lab", {"one", "two", "three", "lab"}),
        ("tiers lieu de fabrication", {"one", "two", "three"}),
        ("ess", {"ess", "social"}),
        ("« économie sociale et solidaire »", {"social"}),
        ("« fablab »", {"one"}),
        ("titre:fablab", {"one"}),
        ("titre:foire", set()),
        ("texte:fablab", {"two", "three"}),
        ("fablab ET soir", {"two"}),
        ("fablab SAUF soir", {"one", "three"}),
        ("ouvert SAUF fablab", set()),
        ("+fablab", {"one", "two", "three"}),
        ("fablab SAUF fablab", set()),
        ("foire", {"fair", "market"}),
        ("marchés OU ess", {"fair", "market", "ess", "social"}),
        ("cop", {"cop"}),
    ],
)
def test_a_word_finds_the_texts_of_its_equals(searcher, query, ids):
    assert set(found(searcher, query)) == ids


def test_without_the_file_nothing_of_this_is_found(asked):
    assert set(found(asked.plain, "ess")) == {"ess"}
    assert set(found(asked.plain, "foire")) == {"fair"}


def test_passages_and_titles_mark_what_was_found(searcher):
    marks = {hit.id: list_marked(hit) for hit in searcher.search("fablab").hits}
    assert marks == {
        "one": ["fablab"],
        "two": ["fab", "lab"],
        "three": ["tiers-lieux", "fabrication"],
    }
    (hit,) = searcher.search("cop").hits
    assert list_marked(hit) == ["COP"]


def list_marked(hit: Hit) -> list[str]:
    """The marked words of a hit, those of the title first."""
    held = [(hit.title, hit.title_marks), *((each.text, each.marks) for each in hit.snippets)]
    return [text[start:end] for text, marks in held for start, end in marks]


def test_what_was_looked_for_besides_is_said_with_the_number_that_it_finds(searcher):
    results = searcher.search("fablab cop")
    assert [(each.typed, each.also) for each in results.own_words] == [
        ("fablab", ("fab lab", "tiers-lieu de fabrication")),
        ("cop", ()),
    ]
    assert results.understood == "fablab cop"
    assert [(term.typed, term.document_count) for term in results.terms] == [
        ("fablab", 3),
        ("cop", 1),
    ]


def test_a_word_of_the_file_is_never_corrected_nor_is_one_that_is_protected(asked):
    asked.path.write_text("foixe, kermesse\nprotéger : coq\n", encoding="utf-8")
    for typed in ("foixe", "coq"):
        results = asked.own.search(typed)
        assert (results.corrections, results.offers, results.total) == ((), (), 0)
    assert asked.plain.search("foixe").corrections == (("foixe", "foire"),)


def test_an_edit_counts_from_the_next_question_on_and_changes_the_generation(searcher, asked):
    before = searcher.generation
    asked.path.write_text("ess, climat\n", encoding="utf-8")
    assert set(found(searcher, "climat")) == {"cop", "ess"}
    assert searcher.generation != before
    asked.path.unlink()
    assert set(found(searcher, "climat")) == {"cop"}


def test_a_suggestion_counts_what_it_finds(searcher):
    for suggestion in searcher.suggest("fab"):
        assert suggestion.document_count == searcher.search(suggestion.text).total


sides = st.lists(st.sampled_from(WORDS), min_size=1, max_size=3, unique=True).map(" ".join)
groups = st.lists(st.lists(sides, min_size=2, max_size=3, unique=True), min_size=1, max_size=3)
few = st.sampled_from(("fablab", "ess", "cop", "foire", "copie", "tiers-lieu", "fab lab"))
shapes = st.sampled_from(
    ("{0}", "{0} {1}", "{0} ET {1}", "{0} OU {1}", "{0} {1} {2}", "titre:{0}", "texte:({0} {1})",
     "« {0} {1} »", "+{0} {1}", "{0}*")
)  # fmt: skip
some_words = st.tuples(*[st.sampled_from(WORDS)] * 3)


@settings(max_examples=30)
@given(groups=groups, one_way=st.booleans(), shape=shapes, words=some_words)
def test_a_synonym_never_lowers_a_total_and_adds_no_more_by_one_more_word(
    asked, groups, one_way, shape, words
):
    joiner = " => " if one_way else ", "
    lines = [joiner.join(group[:2] if one_way else group) for group in groups]
    asked.path.write_text("\n".join(lines), encoding="utf-8")
    query = shape.format(*words)
    own = set(found(asked.own, query))
    assert own >= set(found(asked.plain, query))
    for more in (f"{query} +{words[2]}", f"{query} titre:{words[1]}", f"{query} SAUF {words[2]}"):
        assert set(found(asked.own, more)) <= own
    assert not found(asked.own, f"{words[0]} SAUF {words[0]}")
    both = found(asked.own, f"{words[0]} ET {words[1]}")
    assert set(both) == set(found(asked.own, f"{words[1]} ET {words[0]}"))
    assert set(both) <= set(found(asked.own, words[0]))


@settings(max_examples=30)
@given(
    groups=st.lists(st.lists(few, min_size=2, max_size=3, unique=True), min_size=2, max_size=3),
    field=st.sampled_from(("", "titre:", "texte:", "+", "halle OU ", "soir SAUF ")),
)
def test_equal_words_find_equal_sets(asked, groups, field):
    asked.path.write_text("\n".join(map(", ".join, groups)), encoding="utf-8")
    for group in groups:
        single = [side for side in group if " " not in side and "-" not in side]
        sets = {frozenset(found(asked.own, f"{field}{side}")) for side in single}
        assert len(sets) <= 1


def test_the_page_and_the_interface_find_say_and_mark_the_same(searcher):
    client = create_app(searcher, Site(show_archived="full")).test_client()
    page = client.get("/recherche?q=fablab").get_data(as_text=True)
    assert "aussi cherché comme <b>fab lab</b>, <b>tiers-lieu de fabrication</b>" in page
    assert "cherché tel qu’il est écrit" in client.get("/recherche?q=cop").get_data(as_text=True)
    answer = client.get("/api/v1/search?q=fablab").get_json()
    assert answer["total"] == 3
    assert answer["synonyms"] == [
        {"typed": "fablab", "also": ["fab lab", "tiers-lieu de fabrication"]}
    ]
    text_page = client.get("/textes/two?q=fablab").get_data(as_text=True)
    assert "<mark" in text_page


NOTES = """\
# Notes

Un fab lab ouvre ses portes.

- Camille Durand, « Un fablab à la campagne », 2014, http://a.exemple.test/fablab
"""


@pytest.fixture
def corpus(tmp_path):
    (tmp_path / "bibliography").mkdir()
    (tmp_path / "bibliography" / "notes.md").write_text(NOTES, encoding="utf-8")
    (tmp_path / "bibliography" / FILE_NAME).write_text("atelier, fablab\n", encoding="utf-8")
    return tmp_path


def test_the_command_reads_the_file_beside_the_bibliography_and_it_is_no_reference(corpus):
    assert run_command(corpus, "index").returncode == 0
    listed = run_command(corpus, "bibliography", "list", "--json").stdout
    assert "atelier" not in listed
    done = run_command(corpus, "search", "atelier", "--json")
    hits = [json.loads(line) for line in done.stdout.splitlines()]
    assert hits
    assert hits[0]["synonyms"] == [{"typed": "atelier", "also": ["fablab"]}]
    assert "atelier: searched with fablab (synonymes.txt)" in done.stderr


def test_a_wrong_line_is_warned_of_and_makes_index_end_with_3_and_nothing_else_stop(corpus):
    (corpus / "bibliography" / FILE_NAME).write_text("seul\natelier, fablab\n", encoding="utf-8")
    for arguments in (("index",), ("index", "--check")):
        done = run_command(corpus, *arguments)
        assert done.returncode == 3
        assert f"{FILE_NAME}:1: " in done.stderr
    done = run_command(corpus, "search", "atelier")
    assert done.returncode == 0
    assert f"{FILE_NAME}:1: " in done.stderr
    assert "1 found" in done.stderr or "2 found" in done.stderr
