"""What was embedded survives a kill, and what nobody wrote is never read."""

from pathlib import Path

import numpy as np
import pytest

from indexer.errors import MeaningError, say_for_logs
from indexer.meaning.building import build, forget, read_status
from indexer.meaning.vectors import HEAD_NAME, PublishedVectors, VectorLog, quantise
from indexer.messages import NOTHING
from tests.meaning.conftest import Shelf, make_texts
from tests.meaning.ngrams import NgramEmbedder

KEYS = [bytes([number] * 16) for number in range(4)]


def make_vectors(count: int = 4, dimensions: int = 24) -> np.ndarray:
    vectors = np.random.default_rng(22).normal(size=(count, dimensions)).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def test_a_vector_of_int8_is_as_near_to_a_question_as_it_was():
    vectors = make_vectors(200, 384)
    rows, scales = quantise(vectors)
    told = (rows.astype(np.float32) * scales[:, None]) @ vectors.T
    assert np.abs(told - vectors @ vectors.T).max() < 0.005
    assert quantise(np.zeros((1, 24), np.float32))[0].any() == np.False_


def test_a_log_cut_anywhere_keeps_every_record_before(tmp_path: Path):
    log = VectorLog(tmp_path, "model", 24)
    log.add(KEYS, make_vectors())
    log.close()
    whole = log.path.read_bytes()
    size = 16 + 4 + 24 + 4
    for cut in (0, 1, 5, size - 1, size, size + 1, 3 * size):
        log.path.write_bytes(whole[: len(whole) - cut])
        again = VectorLog(tmp_path, "model", 24)
        assert list(again.keys) == KEYS[: 4 - -(-cut // size)]
        again.add([b"x" * 16], make_vectors(1))
        again.close()
        last = VectorLog(tmp_path, "model", 24)
        assert list(last.keys)[-1] == b"x" * 16
        last.close()


def test_a_record_that_is_not_what_was_written_ends_the_log(tmp_path: Path):
    log = VectorLog(tmp_path, "model", 24)
    log.add(KEYS, make_vectors())
    log.close()
    raw = bytearray(log.path.read_bytes())
    raw[-60] ^= 1  # of the last record but one
    log.path.write_bytes(raw)
    again = VectorLog(tmp_path, "model", 24)
    assert list(again.keys) == KEYS[:2]
    again.close()


def test_the_log_of_another_model_is_begun_anew(tmp_path: Path):
    log = VectorLog(tmp_path, "model", 24)
    log.add(KEYS, make_vectors())
    log.close()
    other = VectorLog(tmp_path, "another", 24)
    assert not other.keys
    other.close()


def test_every_block_that_changed_is_found_and_made_again(shelf: Shelf):
    published = PublishedVectors(shelf.vectors)
    raw = published.path.read_bytes()
    for place in (20, len(raw) // 3, len(raw) // 2, len(raw) - 40):
        damaged = bytearray(raw)
        damaged[place] ^= 0x40
        published.path.write_bytes(damaged)
        with pytest.raises(MeaningError) as told:
            PublishedVectors(shelf.vectors).check()
        assert "renvois meaning build" in say_for_logs(told.value.hint)
    told = shelf.build()
    assert (told.missing, told.problem) == (0, NOTHING)
    PublishedVectors(shelf.vectors).check()


@pytest.mark.parametrize("harm", ["cut", "gone", "head"])
def test_a_publication_that_is_not_whole_is_an_error_of_ours(shelf: Shelf, harm: str):
    published = PublishedVectors(shelf.vectors)
    if harm == "cut":
        published.path.write_bytes(published.path.read_bytes()[:-9])
    elif harm == "gone":
        published.path.unlink()
    else:
        (shelf.vectors / HEAD_NAME).write_bytes(b"x" * 100)
    with pytest.raises(MeaningError):
        PublishedVectors(shelf.vectors)
    with shelf.open() as searcher:
        told = read_status(shelf.vectors, searcher.documents(), NgramEmbedder())
        assert "renvois meaning build" in say_for_logs(told.problem)


def test_vectors_hold_no_word_of_a_text(shelf: Shelf):
    held = b"".join(path.read_bytes() for path in shelf.vectors.iterdir())
    assert b"coop" in held  # the id
    assert "partagés".encode() not in held
    assert b"Drivers" not in held


def test_a_text_that_was_never_embedded_has_no_key(shelf: Shelf):
    published = PublishedVectors(shelf.vectors)

    assert published.read_keys("none") == []
    assert all(published.read_keys(key) for key in published.document_ids)


def test_a_text_is_forgotten_with_its_vectors(shelf: Shelf):
    published = PublishedVectors(shelf.vectors)
    (key, *_) = published.read_keys("coop")
    assert key in b"".join(path.read_bytes() for path in shelf.vectors.iterdir())
    kept = set(published.document_ids) - {"coop"}
    assert forget(shelf.vectors, kept) == 1
    assert key not in b"".join(path.read_bytes() for path in shelf.vectors.iterdir())
    left = PublishedVectors(shelf.vectors)
    assert set(left.document_ids) == kept
    assert left.read_keys("fab") == published.read_keys("fab")
    assert forget(shelf.vectors, kept) == 0
    assert forget(shelf.folder / "nowhere", kept) == 0


def test_what_cannot_be_written_is_said_and_leaves_what_was_there(tmp_path: Path):
    (tmp_path / "meaning").write_text("a file where the folder should be")
    with pytest.raises(Exception, match="meaning"):
        build(tmp_path / "meaning", make_texts, NgramEmbedder(), index_state="1")
