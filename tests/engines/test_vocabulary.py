"""Words are looked up where they are kept, and none that should be found is left out."""

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from rapidfuzz.distance import OSA

from indexer.analysis import analyse
from indexer.engines import build_index, update_index
from indexer.engines.embedded.lexicon import EmbeddedLexicon, mark_words, may_be_near
from indexer.engines.embedded.shown import ShownReader
from indexer.engines.embedded.whoosh_index import open_reader
from indexer.engines.embedded.whoosh_storage import open_generation
from indexer.engines.protocol import MOST_WORDS
from indexer.index import Changes
from indexer.index.fields import ALL, ALL_EXACT, AUTHOR, NOTE
from indexer.index.postings import list_parts
from indexer.model import Document
from tests.engines.damage import make_documents

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
