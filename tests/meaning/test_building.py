"""A build embeds what is new and nothing else, whatever ended the one before."""

import os
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from indexer.engines.nearness import Use
from indexer.meaning.building import BATCH, Progress, read_status
from indexer.meaning.vectors import LOG_NAME, PublishedVectors
from indexer.messages import NOTHING
from tests.meaning.conftest import BODIES, Shelf, make_text, make_texts
from tests.meaning.ngrams import NgramEmbedder


def test_nothing_is_embedded_twice(shelf: Shelf, count_embedded):
    assert count_embedded(shelf) == []
    same = "La même phrase revient partout."
    bodies = [f"{same} Une phrase numéro {n} en plus." for n in range(2 * BATCH)]
    shelf.index(make_text(f"m{n}", "Titre", body) for n, body in enumerate(bodies))
    embedded = count_embedded(shelf)
    assert len(embedded) == len(set(embedded)) == 4 * BATCH + 1


def test_only_what_changed_is_embedded(shelf: Shelf, count_embedded):
    texts = make_texts()
    title, body, language = BODIES["fab"]
    changed = make_text("fab", title, body.replace("for free", "on Mondays"), language)
    shelf.index([changed if each.id == "fab" else each for each in texts])
    embedded = count_embedded(shelf)
    assert len(embedded) == 2  # the passage, and its sentence that changed
    assert all("on Mondays" in each for each in embedded)


def test_what_left_the_index_leaves_the_vectors(shelf: Shelf, count_embedded):
    keys = set(PublishedVectors(shelf.vectors).read_keys("velo"))
    shelf.index([each for each in make_texts() if each.id != "velo"])
    assert count_embedded(shelf) == []
    left = PublishedVectors(shelf.vectors)
    assert "velo" not in left.document_ids
    assert not keys & {key for each in left.document_ids for key in left.read_keys(each)}


def test_another_model_embeds_everything_anew(shelf: Shelf):
    before = PublishedVectors(shelf.vectors)
    embedded: list[str] = []
    told = shelf.build(NgramEmbedder("other", embedded.extend))
    assert told.model == "test-other"
    assert len(embedded) == before.passage_count + before.sentence_count


def test_a_status_tells_what_is_missing_and_changes_nothing(shelf: Shelf):
    shelf.index([*make_texts(), make_text("neuf", "Neuf", "Un texte neuf. Il a deux phrases.")])
    before = {path: path.read_bytes() for path in shelf.vectors.iterdir()}
    with shelf.open() as searcher:
        told = read_status(shelf.vectors, searcher.documents(), NgramEmbedder())
        other = read_status(shelf.vectors, searcher.documents(), NgramEmbedder("other"))
        none = read_status(shelf.folder / "no", searcher.documents(), NgramEmbedder())
    assert (told.missing, told.waiting, told.problem) == (
        2,
        0,
        NOTHING,
    )  # one sentence is too short
    assert other.problem.key == "error.meaning.model-now"
    assert "test-other" in dict(other.problem.values)["model"]
    assert other.missing == none.missing > told.missing
    assert {path: path.read_bytes() for path in shelf.vectors.iterdir()} == before


def test_the_remaining_time_follows_the_pace():
    assert Progress(done=10, total=40, elapsed_s=5.0).remaining_s == 15.0
    assert Progress(done=0, total=40, elapsed_s=5.0).remaining_s is None


class _StoppedError(Exception):
    pass


def test_what_was_embedded_before_a_stop_is_kept_and_counted(tmp_path: Path):
    shelf = Shelf(tmp_path)
    shelf.index(make_texts())
    embedded: list[str] = []

    def stop(texts):
        if len(embedded) >= 2 * BATCH:
            raise _StoppedError
        embedded.extend(texts)

    with pytest.raises(_StoppedError):
        shelf.build(NgramEmbedder(tell=stop))
    with shelf.open() as searcher:
        told = read_status(shelf.vectors, searcher.documents(), NgramEmbedder())
    assert told.waiting == 2 * BATCH
    after: list[str] = []
    done = shelf.build(NgramEmbedder(tell=after.extend))
    assert not set(embedded) & set(after)
    assert len(embedded) + len(after) == done.passages + done.sentences
    assert not (shelf.vectors / LOG_NAME).exists()


@pytest.mark.slow
def test_five_kills_lose_nothing_and_have_nothing_done_twice(tmp_path: Path):
    shelf, journal = Shelf(tmp_path), tmp_path / "journal"
    shelf.index(
        [
            *make_texts(),
            *(
                make_text(
                    f"t{n}", f"Texte {n}", f"Une phrase {n} de plus. Et une autre {n} encore."
                )
                for n in range(70)
            ),
        ]
    )
    command = [sys.executable, "-m", "tests.meaning.ngrams", str(tmp_path), str(journal)]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    for batches in (1, 3, 2, 4, 2):
        killed = subprocess.run([*command, str(batches)], env=environment, check=False)
        assert killed.returncode == -signal.SIGKILL
    done = subprocess.run(command, env=environment, check=False)
    assert done.returncode == 0
    counts = Counter(journal.read_text().split())
    assert set(counts.values()) == {1}
    told = PublishedVectors(shelf.vectors)
    assert len(counts) == told.passage_count + told.sentence_count
    assert told.sentence_count > 100


def test_passages_are_published_before_their_sentences_are_embedded(tmp_path: Path):
    shelf = Shelf(tmp_path)
    shelf.index(make_texts())

    def stop(texts):
        if any(text.startswith("This workshop") for text in texts):
            raise _StoppedError  # of a sentence, which begins by no title

    with pytest.raises(_StoppedError):
        shelf.build(NgramEmbedder(tell=stop))
    told = PublishedVectors(shelf.vectors)
    assert told.passage_count == 35
    with shelf.open(Use.PASSAGES) as searcher:
        (first, *_) = searcher.search("atelier ouvert aux habitants", by_meaning=True).near
    assert (first.id, first.snippets[0].marks) == ("fab", ())
    assert first.snippets[0].text.startswith("This workshop")
