"""The owner's file of words: what its lines mean, what is wrong in them, when it is read."""

import pytest

from indexer.messages import open_translator
from indexer.search import parse_query, render_query
from indexer.search.query import Any, Bag, In, Phrase, Word
from indexer.search.synonyms import FILE_NAME, OwnWord, SynonymFile, parse_synonyms

FILE = """\
# nos mots
fablab, fab lab, tiers-lieu de fabrication   # ce que l’on y fabrique
ess => économie sociale et solidaire
protéger : COP, Nation
protect: SDF
coton\\, lin, tissu
"""


def also_of(text: str, query_text: str) -> list[str]:
    """What each bare word of a query is looked for as well."""
    query = parse_synonyms(text).expand(parse_query(query_text))
    words = query.optional if isinstance(query, Bag) else (query,)
    return [each.text for word in words if isinstance(word, Word) for each in word.also]


def test_every_line_of_a_file_is_read_and_none_is_wrong():
    read = parse_synonyms(FILE)
    assert not read.problems
    assert [rule.typed for rule in read.rules] == [
        ("fablab", "fab lab", "tiers-lieu de fabrication"),
        ("ess",),
        ("coton, lin", "tissu"),
    ]
    assert read.protected == {"cop", "nation", "sdf"}


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("fablab", ["fab lab", "tiers-lieu de fabrication"]),
        ("FABLABS", ["fab lab", "tiers-lieu de fabrication"]),
        ("l’ESS", ["économie sociale et solidaire"]),
        ("économie sociale et solidaire", []),
        ("tiers-lieu de fabrication", ["fablab", "fab lab"] * 3),
        ("tiers lieux de fabrication", ["fablab", "fab lab"] * 3),
        ("fab-lab", ["fab lab", "tiers-lieu de fabrication", "fablab"]),
        ("lieu de fabrication", []),
        ("« fablab »", []),
        ("fabla*", []),
        ("fablab~", []),
    ],
)
def test_what_is_typed_is_looked_for_under_its_other_names(query, expected):
    assert sorted(set(also_of(FILE, query))) == sorted(set(expected))


def test_words_joined_by_operators_are_each_their_own():
    read = parse_synonyms(FILE)
    query = parse_query("fab ET lab")
    assert read.expand(query) == query
    assert read.list_acted(parse_query("fablab OU ess")) == (
        OwnWord("fablab", ("fab lab", "tiers-lieu de fabrication")),
        OwnWord("ess", ("économie sociale et solidaire",)),
    )


def test_fields_of_words_have_synonyms_and_fields_of_values_have_none():
    read = parse_synonyms(FILE)
    query = read.expand(parse_query("titre:fablab site:fablab"))
    assert isinstance(query, Bag)
    held = {part.field: part.query for part in query.optional if isinstance(part, In)}
    assert held["site"] == Word("fablab")
    assert held["title"] == Word(
        "fablab", also=(Phrase("fab lab"), Phrase("tiers-lieu de fabrication"))
    )


def test_lines_that_share_a_word_are_one_and_what_one_line_adds_the_next_goes_on_from():
    read = parse_synonyms("vélo, bicyclette\nbicyclette, petite reine\npetite reine => cyclisme")
    for query in ("vélo", "bicyclette"):
        assert {*also_of_map(read, query), query} == {
            "vélo", "bicyclette", "petite reine", "cyclisme",
        }  # fmt: skip
    assert also_of_map(read, "cyclisme") == []


def also_of_map(read, query_text):
    query = read.expand(parse_query(query_text))
    return [each.text for each in query.also]


def test_a_protected_word_is_told_by_its_form_alone():
    read = parse_synonyms("protéger : COP\nCOP, conférence des parties")
    word = read.expand(Word("cop"))
    assert word == Word("cop", also=(Phrase("conférence des parties"),), is_protected=True)
    assert read.expand(Word("copie")) == Word("copie")
    both = read.expand(parse_query("conférence des parties OU x"))
    assert isinstance(both, Any)
    assert isinstance(both.parts[0], Bag)
    assert Word("COP", is_protected=True) in both.parts[0].optional[0].also


def test_a_query_is_written_back_as_it_was_typed():
    query = parse_synonyms(FILE).expand(parse_query("fablab rural"))
    assert render_query(query) == "fablab rural"


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("fablab", "alone"),
        ("fablab,", "empty"),
        ("=> fablab", "empty"),
        ("fablab =>", "empty"),
        ("a1 => b2 => c3", "two-arrows"),
        ("la, une", "says-nothing"),
        ("fablab, « »", "says-nothing"),
        ("mot, " + " ".join(f"mot{n}" for n in range(20)), "long"),
        ("protéger : fab lab", "not-one-word"),
        ("protéger :", "empty"),
        ("protéger : la", "says-nothing"),
    ],
)
def test_a_wrong_line_is_told_with_its_place_and_the_others_count(line, code):
    read = parse_synonyms(f"ess, solidarité\n{line}\nvélo, bicyclette\n")
    (problem,) = read.problems
    assert str(problem.place) == f"{FILE_NAME}:2"
    assert problem.code == f"synonyms.{code}"
    assert len(read.rules) == 2
    for language in ("fr", "en"):
        said = open_translator(language)(problem.said)
        assert said.count(". ") == 1, said  # what is wrong, then what to do


def test_the_file_is_read_again_when_it_changes_and_need_not_be_there(tmp_path):
    path = tmp_path / FILE_NAME
    file = SynonymFile(path)
    assert file.read().rules == ()
    assert file.read().state == ""
    path.write_text("vélo, bicyclette\n", encoding="utf-8")
    first = file.read()
    assert first is file.read()
    path.write_text("vélo, cyclistes!\n", encoding="utf-8")  # as long as before
    assert file.read().state != first.state
    path.unlink()
    assert file.read().rules == ()


@pytest.mark.parametrize("payload", ["é, à".encode("latin-1"), "vélo, deux".encode("utf-16")])
def test_what_is_no_text_is_told_and_says_nothing(tmp_path, payload):
    (tmp_path / FILE_NAME).write_bytes(payload)
    read = SynonymFile(tmp_path / FILE_NAME).read()
    assert not read.rules
    assert [problem.code for problem in read.problems] == ["synonyms.not-utf-8"]


def test_a_folder_in_its_place_is_told(tmp_path):
    (tmp_path / FILE_NAME).mkdir()
    (problem,) = SynonymFile(tmp_path / FILE_NAME).read().problems
    assert problem.code == "file-not-readable"
