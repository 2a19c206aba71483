"""What goes wrong with an index of Whoosh's, one pitfall a test (docs/decisions/0003-whoosh.md)."""

import multiprocessing
import os
import signal
import threading
import time
from pathlib import Path

import pytest

from indexer.engines import build_index, open_searcher, read_indexed, update_index
from indexer.engines.embedded.building import hold_lock
from indexer.engines.embedded.integrity import read_signed, sign
from indexer.engines.embedded.whoosh_storage import find_current, open_generation, open_whoosh
from indexer.errors import LockedError, StaleIndexError
from indexer.index import Changes
from indexer.model import Document
from tests.engines.shelf import compare, found, opened, text
from tests.engines.test_exactness import shelf


def test_an_and_query_loses_no_hit_that_the_first_ten_should_have(tmp_path: Path) -> None:
    with opened(tmp_path, *shelf()) as searcher:
        every = searcher.search("ville ET climat", page_size=500)
        first = searcher.search("ville ET climat", page_size=10)
        assert [hit.id for hit in first.hits] == [hit.id for hit in every.hits[:10]]
        assert first.total == len(every.hits)


def test_what_was_deleted_stays_deleted(tmp_path: Path) -> None:
    with opened(tmp_path, text("a", "un jardin"), text("b", "un autre jardin")) as searcher:
        for round_ in range(4):
            update_index(tmp_path, Changes(deleted=("b",), order=("a",)))
            assert found(searcher, "jardin") == ["a"]
            added = (text("b", f"un jardin {round_}"),)
            update_index(tmp_path, Changes(added=added, order=("a", "b")))
            assert sorted(found(searcher, "jardin")) == ["a", "b"]


def test_many_threads_may_ask_one_searcher(tmp_path: Path) -> None:
    with opened(tmp_path, *shelf(80)) as searcher:
        expected = found(searcher, "ville climat")
        wrong: list[object] = []

        def ask() -> None:
            try:
                wrong.extend(
                    answer
                    for _ in range(6)
                    if (answer := found(searcher, "ville climat")) != expected
                )
            except Exception as error:  # noqa: BLE001 (told to the test below)
                wrong.append(error)

        threads = [threading.Thread(target=ask) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert wrong == []


def test_segments_are_not_copied_into_memory(tmp_path: Path) -> None:
    build_index(tmp_path, shelf(20))
    assert not list(tmp_path.glob("g*/*.seg"))


def test_a_key_written_twice_is_one_document(tmp_path: Path) -> None:
    with opened(tmp_path, text("a", "premier"), text("a", "second")) as searcher:
        twice = Changes(updated=(text("a", "troisième"), text("a", "quatrième")), order=("a",))
        update_index(tmp_path, twice)
        assert searcher.search("quatrième").total == 1
        assert read_indexed(tmp_path).keys() == {"a"}


def test_phrases_run_across_stop_words(tmp_path: Path) -> None:
    with opened(tmp_path, text("a", "", "Le président de la République parle.")) as searcher:
        assert found(searcher, "« président de la république »") == ["a"]
        assert found(searcher, "« président république »") == ["a"]
        assert found(searcher, "« république président »") == []


def test_counts_are_of_the_whole_result_not_of_a_page(tmp_path: Path) -> None:
    with opened(tmp_path, *shelf()) as searcher:
        one = searcher.search("ville", page_size=1)
        assert one.total == searcher.search("ville", page_size=200).total
        assert sum(value.count for value in one.facets["kind"]) == one.total


def test_merged_segments_find_what_they_found_apart(tmp_path: Path) -> None:
    documents = shelf(20)
    build_index(tmp_path / "whole", documents)
    build_index(tmp_path / "grown", documents[:5])
    for number in range(5, 20):
        update_index(
            tmp_path / "grown",
            Changes(
                added=(documents[number],),
                order=tuple(document.id for document in documents[: number + 1]),
            ),
        )
    generation = open_generation(tmp_path / "grown")
    assert len(list(generation.glob("*.arrays"))) < 10  # of sixteen commits
    searcher = open_searcher(tmp_path / "grown")
    assert sorted(found(searcher, "jardin")) == sorted(_ask_for(tmp_path / "whole", "jardin"))
    assert found(searcher, "jardin eau") == _ask_for(tmp_path / "whole", "jardin eau")
    searcher.close()


def _ask_for(folder: Path, query_text: str) -> list[str]:
    searcher = open_searcher(folder)
    try:
        return found(searcher, query_text)
    finally:
        searcher.close()


def test_who_comes_second_waits_and_then_is_told(tmp_path: Path) -> None:
    build_index(tmp_path, shelf(3))
    with (
        hold_lock(tmp_path),
        pytest.raises(LockedError, match="somebody else"),
        hold_lock(tmp_path, timeout_s=0.1),
    ):
        raise AssertionError("two at once")


def test_no_pickled_schema_is_loaded(tmp_path: Path) -> None:
    """Whoosh pickles the schema into its table of contents; ours is used, theirs skipped."""
    build_index(tmp_path, shelf(3))
    generation = open_generation(tmp_path)
    table = next(generation.glob("*.toc"))
    held, files = read_signed(table)
    ours = b"indexer.engines.embedded.whoosh_storage"
    assert ours in held
    foreign = held.replace(ours, b"nowhere.at.all.to.be.found".ljust(len(ours), b"x"))
    table.write_bytes(sign(foreign, files))
    assert open_whoosh(generation).doc_count() == 3


def _build_and_never_end(folder: Path, started: str) -> None:
    def documents() -> object:
        yield from shelf(30)
        Path(started).touch()
        threading.Event().wait()  # until it is killed, however late

    build_index(folder, documents())  # type: ignore[arg-type]


def _update_for_ever(folder: Path, started: str) -> None:
    Path(started).touch()
    for round_ in range(10_000):
        changed = tuple(text(f"t{n:03}", f"le jardin {round_}", "ville") for n in range(6))
        update_index(folder, Changes(updated=changed, order=tuple(f"t{n:03}" for n in range(30))))


@pytest.mark.parametrize(
    "work", [pytest.param(_build_and_never_end, marks=pytest.mark.slow), _update_for_ever]
)
def test_killed_in_the_middle_the_index_goes_on_answering(tmp_path: Path, work: object) -> None:
    folder = tmp_path / "index"
    build_index(folder, shelf(30))
    before = found_all(folder)
    context = multiprocessing.get_context("spawn")
    for round_ in range(2):
        started = tmp_path / f"started-{round_}"
        process = context.Process(target=work, args=(folder, str(started)))
        process.start()
        while not started.exists():
            time.sleep(0.01)
        time.sleep(0.05 + 0.11 * round_)
        assert process.pid is not None
        os.kill(process.pid, signal.SIGKILL)
        process.join()
        process.close()
        assert found_all(folder) == before
    documents: list[Document] = shelf(30)
    update_index(folder, compare(read_indexed(folder), documents))
    assert compare(read_indexed(folder), documents).unchanged == 30
    assert find_current(folder) is not None


def found_all(folder: Path) -> list[str]:
    """The ids of all documents that a searcher finds and can show."""
    searcher = open_searcher(folder)
    try:
        hits = searcher.search("ville OU -ville", page_size=100).hits
        return sorted(hit.id for hit in hits)
    finally:
        searcher.close()


def test_an_index_of_another_version_is_refused(tmp_path: Path) -> None:
    build_index(tmp_path, [text("a", "Un titre")])
    (tmp_path / "g000001" / "stamp.json").write_text('{"fingerprint": "of before"}')
    with pytest.raises(StaleIndexError, match="another version"):
        open_searcher(tmp_path)
