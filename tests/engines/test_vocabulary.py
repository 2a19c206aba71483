"""Words are looked up where they are kept, and none that should be found is left out."""

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from rapidfuzz.distance import OSA

from indexer.analysis import analyse, analyse_query, fold, normalise
from indexer.analysis.chain import fold_words
from indexer.engines import build_index, update_index
from indexer.engines.embedded.lexicon import EmbeddedLexicon, mark_words, may_be_near
from indexer.engines.embedded.segment import find_least_holders
from indexer.engines.embedded.shown import ShownReader
from indexer.engines.embedded.whoosh_index import open_reader
from indexer.engines.embedded.whoosh_storage import open_generation
from indexer.engines.planning.lexicon import Lookups
from indexer.engines.planning.words import WordReader
from indexer.engines.protocol import MOST_WORDS
from indexer.index import Changes
from indexer.index.fields import ALL, ALL_EXACT, AUTHOR, ID, NOTE
from indexer.index.postings import list_parts
from indexer.model import Document
from tests.engines.damage import make_documents
from tests.engines.shelf import text

WORDS = st.text(st.sampled_from("abcdezé日œ0_"), min_size=1, max_size=9)


@settings(max_examples=100)
@given(st.lists(WORDS, min_size=1, max_size=30), WORDS, st.integers(1, 3))
def test_marks_leave_no_near_word_out(words: list[str], wanted: str, distance: int) -> None:
    encoded = [word.encode() for word in words]
    marks = mark_words(b"".join(encoded), np.cumsum([len(each) for each in encoded]))
    kept = set(may_be_near(wanted, marks, distance).tolist())
    for number, word in enumerate(words):
        if OSA.distance(wanted, word) <= distance:
            assert number in kept


def test_marks_leave_most_other_words_out() -> None:
    """Of 1,000 words of eight letters a handful is left to be compared."""
    chance = np.random.default_rng(3)
    letters = chance.integers(ord("a"), ord("z") + 1, (1_000, 8)).astype(np.uint8)
    marks = mark_words(letters.tobytes(), np.arange(8, 8_001, 8))
    word = letters[0].tobytes().decode()
    assert 0 in may_be_near(word, marks, 2)
    assert may_be_near(word, marks, 2).size < 50


def test_every_word_is_found_by_its_mistakes_and_patterns_over_segments(tmp_path: Path) -> None:
    """Against all words of the field compared one by one, deleted ones aside."""
    documents = make_documents(90)
    ids = tuple(each.id for each in documents)
    build_index(tmp_path, documents[:50])
    update_index(
        tmp_path, Changes(added=tuple(documents[50:]), deleted=("t003", "t020"), order=ids)
    )
    whole = open_reader(open_generation(tmp_path))
    for reader in (whole, ShownReader(whole, ["t060"])):
        for field in (ALL_EXACT, AUTHOR, NOTE):
            counts = dict(reader.terms(field))
            lexicon = EmbeddedLexicon(reader)
            assert counts
            for word in list(counts)[:60]:
                for typed in (word, word[1:], f"{word}s", word[:2] + word[3:2:-1] + word[4:]):
                    for distance in (1, 2):
                        expected = sorted(
                            (away, -count, other)
                            for other, count in counts.items()
                            if (away := OSA.distance(typed, other)) <= distance
                        )
                        (near,) = lexicon.list_near([(field, typed, distance)])
                        found = [(each.distance, -each.document_count, each.word) for each in near]
                        assert found == expected[:MOST_WORDS]
                for pattern in (f"{word[:3]}*", f"*{word[-2:]}", f"{word[0]}?{word[2:]}"):
                    fits = re.compile(pattern.replace("*", r"\w*").replace("?", r"\w"))
                    expected_words = sorted(
                        (-count, other) for other, count in counts.items() if fits.fullmatch(other)
                    )
                    (fitting,) = lexicon.list_fitting([(field, pattern)])
                    assert fitting == [other for _, other in expected_words]


def test_the_forms_of_a_name_are_all_that_texts_have_it_in(tmp_path: Path) -> None:
    """Over segments, some of them merged, whatever was deleted meanwhile."""
    titles = ("Un cheval", "Des chevaux", "Une ville", "Les villes de L’Été")
    documents = [
        # A word of its own as well: what is lost of a segment is in no other.
        replace(
            document, title=f"{titles[number % 4]} zoub{chr(97 + number % 26) * 2}{number // 26}"
        )
        for number, document in enumerate(make_documents(60))
    ]
    ids = tuple(each.id for each in documents)
    build_index(tmp_path, documents[:30])
    for first in range(30, 60, 4):  # more than are kept apart
        added = tuple(documents[first : first + 4])
        update_index(tmp_path, Changes(added=added, deleted=(ids[first - 30],), order=ids))
    reader = open_reader(open_generation(tmp_path))
    names = [name for name, _ in reader.terms(ALL)]
    kept = [each for at, each in enumerate(documents) if at >= 30 or at % 4]
    left, all_ = _list_forms(kept), _list_forms(documents)
    assert any(len(left[name]) > 1 for name in names)
    for shown in (reader, ShownReader(reader, ["t060"])):
        for name in names:
            assert left.get(name, set()) <= shown.find_forms(name) <= all_[name]
        assert not shown.find_forms("nowhere")


def _list_forms(documents: list[Document]) -> dict[str, set[str]]:
    """The folded forms that have each name in some documents."""
    forms: dict[str, set[str]] = {}
    for document in documents:
        for part in list_parts(document):
            for token in analyse(part.text, part.language):
                for name in token.names:
                    forms.setdefault(name, set()).add(token.exact)
    return forms


TYPED_TEXT = """
jardin jardins Jardin JARDINS l'énergie l’Energie énergie energie cote côte côté Côté élève eleve
d'élèves qu'éleve jusqu'au lorsqu'une quelqu'un aujourd'hui presqu'île entr'aide
sur sûr mais maïs du dû vie VIe XXIe vies clients their
éco écoquartier coconstruction travaillent été l'été est l'est
jetées jetees levées levees lever jeter louée tirées premiers 1ers
peut pouvoir faire faisons dit dire numérique NUMERIQUE c'est m'aide cœur oeuvre œuvres
"""


def test_a_form_kept_with_the_index_is_read_as_when_it_is_analysed(tmp_path: Path) -> None:
    """In one segment, in two that do not hold the same words, and with texts withdrawn."""
    words = sorted({fold(normalise(word)) for word in TYPED_TEXT.split()} | set(TYPED_TEXT.split()))
    said = " ".join(words)
    documents = [
        text("a", "élèves de la côte", said),
        text("b", said, "co construction, éco quartiers"),
        text("c", "their clients", "jardin énergie", language="en"),
        text("d", "énergie", "jardin énergie elevage"),
        text("e", "jardins", "energies"),
    ]
    build_index(tmp_path, documents[:3])
    one = open_reader(open_generation(tmp_path))
    update_index(
        tmp_path, Changes(added=tuple(documents[3:]), order=tuple(each.id for each in documents))
    )
    two = open_reader(open_generation(tmp_path))
    kept = 0
    for reader in (one, two, ShownReader(two, ["a"]), ShownReader(two, ["a", "b"])):
        for word in words:
            words_reader = WordReader(Lookups(EmbeddedLexicon(reader)))
            by_form = words_reader._read_form(word)
            assert by_form is None or by_form == words_reader._read_anew(word, ALL, "fr")
            kept += by_form is not None
    assert kept > 100
    for field, term in [(field, term) for field, term in two._found if field != ID]:
        by_form = two._find(field, term).parts, two.pack(field, term)
        del two._found[field, term]
        assert by_form == (two._find(field, term).parts, two.pack(field, term))


def test_at_most_so_many_forms_have_a_row_those_that_most_texts_have() -> None:
    holders = np.array([1, 2, 2, 3, 9, 5])

    assert find_least_holders(holders, 5) == 2
    assert find_least_holders(holders, 4) == 3
    assert find_least_holders(holders, 3) == 3
    assert find_least_holders(holders, 2) == 4
    assert all(np.count_nonzero(holders >= find_least_holders(holders, n)) <= n for n in range(6))


@given(st.lists(st.sampled_from(TYPED_TEXT.split()) | st.text(max_size=9), max_size=5))
def test_words_of_a_title_are_folded_as_when_they_are_analysed(words: list[str]) -> None:
    for said in (" ".join(words), "? ".join(words) + " ?"):
        tokens = analyse_query(said)
        assert fold_words(said) == tuple(each.exact for each in tokens if not each.is_alias)
