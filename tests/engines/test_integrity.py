"""An index knows that it is whole: wrong bytes give the same answers or one error, never others."""

import hashlib
import json
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from indexer.engines import (
    build_index,
    check_index,
    open_searcher,
    open_writer,
    read_indexed,
    update_index,
)
from indexer.engines.embedded.integrity import (
    BLOCK,
    CheckedFile,
    FileSums,
    VerifiedFiles,
    check_file,
    damaged,
    guard,
    measure_file,
    read_signed,
    seal,
    sign,
    unseal,
)
from indexer.engines.embedded.store import DocumentStore
from indexer.engines.embedded.whoosh_storage import (
    find_current,
    find_generation,
    find_moment,
    open_generation,
    open_table,
)
from indexer.errors import (
    DamagedIndexError,
    MissingIndexError,
    SearchIndexError,
    StaleIndexError,
    say_for_logs,
)
from indexer.index import Changes, fingerprint
from indexer.messages import NOTHING, message
from indexer.model import Document
from indexer.pipeline.stages import index
from tests.engines.damage import (
    CUT,
    DELETE,
    FLIP,
    QUESTIONS,
    SCRATCH,
    Damage,
    ask_anew,
    list_files,
    make_documents,
    make_index,
    try_damages,
)
from tests.engines.shelf import compare, found, opened, text
from tests.engines.test_exactness import shelf

NAMES = list(QUESTIONS)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An index of three segments; to be copied before it is damaged."""
    folder = tmp_path_factory.mktemp("made") / "index"
    make_index(folder)
    return folder


@pytest.fixture
def folder(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made, tmp_path / "index"))


def flip(path: Path, at: int) -> None:
    """Change one bit, and no clock."""
    status = path.stat()
    raw = bytearray(path.read_bytes())
    raw[at] ^= 4
    path.write_bytes(raw)
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


# --- the pieces


def test_a_block_is_verified_before_its_numbers_are_read(tmp_path: Path) -> None:
    path = tmp_path / "numbers"
    path.write_bytes(b"".join(n.to_bytes(4, "little") for n in range(50_000)))
    sums = measure_file(path)
    flip(path, 2 * BLOCK + 8)
    numbers = CheckedFile(path, sums).array("<u4", 0, 50_000)
    assert numbers.at(3) == 3
    assert numbers.read(0, 1000).tolist() == list(range(1000))
    assert numbers.bisect(16_383) == 16_383
    first = 2 * BLOCK // 4
    for ask in (
        lambda: numbers.at(first),
        lambda: numbers.read(first - 5, first + 5),
        lambda: numbers.whole(),
    ):
        with pytest.raises(DamagedIndexError, match="131072 to 196607"):
            ask()


def test_what_was_verified_is_not_verified_again_but_in_a_file_written_to_since(
    tmp_path: Path,
) -> None:
    path = tmp_path / "numbers"
    path.write_bytes(bytes(3 * BLOCK))
    os.utime(path, ns=(1, 1))
    sums = measure_file(path)
    CheckedFile(path, sums).check(0, BLOCK)
    flip(path, 10)
    flip(path, BLOCK + 10)
    os.utime(path, ns=(1, 1))  # as nothing but a disk that rots would leave it
    CheckedFile(path, sums).check(0, BLOCK)
    with pytest.raises(DamagedIndexError):
        CheckedFile(path, sums).check(0, BLOCK + 1)
    with pytest.raises(DamagedIndexError):
        check_file(path, sums)
    with pytest.raises(DamagedIndexError):
        CheckedFile(path, sums._replace(sums=(1, 2, 3))).check(0, BLOCK)
    os.utime(path, ns=(1, 2))
    with pytest.raises(DamagedIndexError):
        CheckedFile(path, sums).check(0, BLOCK)


def test_a_bound_holds_for_the_files_whose_blocks_are_remembered(tmp_path: Path) -> None:
    held = VerifiedFiles(2)
    facts = tmp_path.stat()
    for crc in (1, 2, 1, 3):
        held.find(facts, FileSums(BLOCK, [crc]))[:1] = b"\1"
    assert [held.find(facts, FileSums(BLOCK, [crc]))[0] for crc in (3, 1)] == [1, 1]
    assert held.find(facts, FileSums(BLOCK, [2]))[0] == 0


def test_a_search_among_numbers_never_ends_where_damage_led_it(tmp_path: Path) -> None:
    path = tmp_path / "numbers"
    raw = b"".join((2 * n).to_bytes(4, "little") for n in range(40_000))
    path.write_bytes(raw)
    sums = measure_file(path)
    # The middle of the array, which every search reads first, in turn too small and too great.
    for at, bit in ((80_003, 0x40), (80_001, 0x80)):
        spoiled = bytearray(raw)
        spoiled[at] ^= bit
        path.write_bytes(spoiled)
        for wanted in range(1, 80_000, 6_001):
            try:
                place = CheckedFile(path, sums).array("<u4", 0, 40_000).bisect(wanted)
            except DamagedIndexError:
                continue
            assert place == (wanted + 1) // 2


@pytest.mark.parametrize(
    ("spoiled", "byte", "wanted"),
    [
        pytest.param(BLOCK // 4 - 1, 1, 20_001, id="too-small-at-the-end-of-a-block"),
        pytest.param(BLOCK // 4, 2, 40_001, id="too-great-at-the-start-of-a-block"),
    ],
)
def test_a_search_verifies_what_stands_on_both_sides_of_its_end(
    tmp_path: Path, spoiled: int, byte: int, wanted: int
) -> None:
    """The search ends between two blocks, of which the other one is as it was written."""
    path = tmp_path / "numbers"
    path.write_bytes(b"".join((2 * n).to_bytes(4, "little") for n in range(40_000)))
    sums = measure_file(path)
    high = 2 * spoiled + 1  # the number is the middle one, and read first
    numbers = CheckedFile(path, sums).array("<u4", 0, 40_000)
    assert numbers.bisect(wanted, 0, high) == (wanted + 1) // 2
    raw = bytearray(path.read_bytes())
    raw[4 * spoiled + byte] ^= 0x40
    path.write_bytes(raw)
    numbers = CheckedFile(path, sums).array("<u4", 0, 40_000)
    with pytest.raises(DamagedIndexError, match="not what was written"):
        numbers.bisect(wanted, 0, high)


@pytest.mark.parametrize("size", [0, 1, BLOCK - 1, BLOCK, BLOCK + 1])
def test_a_file_of_another_size_is_refused(tmp_path: Path, size: int) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"x" * size)
    sums = measure_file(path)
    CheckedFile(path, sums).check(0, size)
    path.write_bytes(b"x" * (size + 1))
    with pytest.raises(DamagedIndexError, match="bytes, not"):
        CheckedFile(path, sums)
    path.unlink()
    with pytest.raises(DamagedIndexError, match="gone"):
        CheckedFile(path, sums)


def test_no_bit_of_a_signed_file_may_change(tmp_path: Path) -> None:
    path = tmp_path / "table"
    other = tmp_path / "other"
    other.write_bytes(b"y" * 3)
    sums = measure_file(other)
    whole = sign(b"held", {"other": sums})
    path.write_bytes(whole)
    held, files = read_signed(path)
    assert held == b"held"
    assert (files["other"].size, list(files["other"].sums)) == (3, list(sums.sums))
    for at in range(len(whole)):
        for spoiled in (whole[:at], whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :]):
            path.write_bytes(spoiled)
            with pytest.raises(DamagedIndexError):
                read_signed(path)


def test_a_signed_file_too_short_for_its_lengths_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "table"
    mark = sign(b"held")[-16:]
    for held in (b"", b"15 bytes of it."):
        path.write_bytes(held + hashlib.blake2b(held, digest_size=16).digest() + mark)
        with pytest.raises(DamagedIndexError, match="not what was written"):
            read_signed(path)


def test_a_row_under_another_key_is_no_row(tmp_path: Path) -> None:
    sealed = seal(b"outline", "a", 3)
    assert unseal(sealed, "a", 3, where=tmp_path) == b"outline"
    for other, key in ((sealed, ("b", 3)), (sealed, ("a", 4)), (b"outlinE" + sealed[7:], ("a", 3))):
        with pytest.raises(DamagedIndexError):
            unseal(other, *key, where=tmp_path)


def test_what_wrong_bytes_raise_is_ours_only_where_bytes_are_wrong(tmp_path: Path) -> None:
    def is_damaged() -> None:
        raise damaged("a file", tmp_path)

    with pytest.raises(SearchIndexError, match="can't be read"), guard(tmp_path):
        raise OSError(5, "Input/output error")
    with pytest.raises(DamagedIndexError), guard(tmp_path, check=is_damaged):
        raise KeyError("t003")
    with pytest.raises(KeyError), guard(tmp_path, check=lambda: None):  # a mistake of ours
        raise KeyError("t003")


# --- damage


@pytest.mark.parametrize(
    "plan",
    [
        pytest.param([(FLIP, 1)], id="one"),
        pytest.param([(FLIP, 2), (CUT, 1), (DELETE, 1)], id="some", marks=pytest.mark.campaign),
    ],
)
def test_damage_gives_the_same_answers_or_our_error(
    folder: Path, plan: Sequence[tuple[Damage, int]]
) -> None:
    """Damage every kind of file; scratches, and more of each, are tried by `make campaign`."""
    outcomes: Counter[str] = Counter()
    for case in try_damages(folder, plan, seed=7):
        assert case.outcome in {"same", "ours"}, case
        outcomes[case.outcome] += 1
    assert outcomes["same"]
    assert outcomes["ours"]


@pytest.mark.campaign
@pytest.mark.timeout(3600)
def test_a_campaign_of_damage(folder: Path) -> None:
    plan = [(FLIP, 40), (CUT, 12), (SCRATCH, 12), (DELETE, 3)]
    for case in try_damages(folder, plan, seed=12, each_alone=True):
        assert case.outcome in {"same", "ours"}, case


def test_whoosh_is_given_no_file_that_is_not_what_was_written(folder: Path) -> None:
    storage, _ = open_table(open_generation(folder))
    table = next(open_generation(folder).glob("*.toc"))
    storage.open_file(table.name).close()
    flip(table, table.stat().st_size // 2)
    for path in (table, *open_generation(folder).glob("*.arrays")):
        with pytest.raises(DamagedIndexError, match="not what was written"):
            storage.open_file(path.name)


def test_a_check_finds_damage_in_every_file(folder: Path) -> None:
    assert check_index(folder).damages == ()
    kinds = set()
    for path in list_files(folder):
        if path.name in {"CURRENT", "stamp.json"} or path.stat().st_size == 0:
            continue
        before = path.read_bytes()
        if path.suffix == ".sqlite":
            continue  # below: some of its pages hold nothing
        flip(path, len(before) // 2)
        try:
            damages = check_index(folder).damages
        except DamagedIndexError as error:  # the table of contents: nothing else can be read
            damages = (error,)
        assert path in [each.where for each in damages], path.name
        path.unlink()
        try:
            damages = check_index(folder).damages
        except (DamagedIndexError, MissingIndexError) as error:
            damages = (error,)  # type: ignore[assignment]
        assert damages, path.name
        path.write_bytes(before)
        kinds.add(path.suffix)
    assert {".toc", ".arrays", ".json"} <= kinds


def test_a_check_finds_damage_that_no_row_shows(folder: Path) -> None:
    """Free pages, indices, heads of pages: what SQLite never reads for us, or forgives."""
    current = open_generation(folder)
    whole = {path: path.read_bytes() for path in current.glob("documents.s*")}
    assert len(whole) == 2
    chance = random.Random(5)
    for path, raw in whole.items():
        places = [*chance.sample(range(len(raw)), 40), 24, 27, 95, len(raw) - 1]
        for at in places:
            flip(path, at)
            assert check_index(folder).damages, (path.name, at)
            path.write_bytes(raw)
    assert check_index(folder).damages == ()


def test_an_update_sums_the_texts_anew(folder: Path) -> None:
    current = open_generation(folder)
    before = (current / "documents.sums").read_bytes()
    update_index(folder, Changes(added=(text("neuf", "un drapeau"),), order=("neuf",)))
    assert (current / "documents.sums").read_bytes() != before
    assert check_index(folder).damages == ()
    flip(current / "documents.sqlite", 5000)
    assert check_index(folder).damages


def test_what_a_killed_update_wrote_among_the_texts_is_no_damage(folder: Path) -> None:
    current = open_generation(folder)
    store = DocumentStore(current)
    store.put([(0, text("perdu", "Rien"))])
    store.close()
    assert check_index(folder).damages == ()
    update_index(folder, Changes(order=tuple(read_indexed(folder))))
    flip(current / "documents.sqlite", 5000)
    assert check_index(folder).damages


def test_a_check_reads_every_row(folder: Path) -> None:
    path = open_generation(folder) / "documents.sqlite"
    whole = path.read_bytes()
    for row in (b"Anne Martin", b"r\xc3\xa9silience"):
        at = whole.find(row)
        assert at > 0
        path.write_bytes(whole)
        flip(path, at)
        (damage,) = check_index(folder).damages
        assert damage.where == path


def test_a_file_with_a_wrong_row_is_let_go(folder: Path) -> None:
    """The error keeps whoever was reading; a file that is held can't be replaced everywhere."""
    path = open_generation(folder) / "documents.sqlite"
    flip(path, path.read_bytes().find(b"Anne Martin"))
    check = check_index(folder)
    held = [link.readlink() for link in Path("/proc/self/fd").iterdir() if link.exists()]
    assert check.damages
    assert path not in held


class HeldDocuments(tuple[Document, ...]):
    """Documents that are held, of which nothing is remembered."""

    def list_fingerprints(self) -> Iterator[tuple[str, str]]:
        return ((each.id, fingerprint(each)) for each in self)

    def select(self, only: Collection[str]) -> Iterator[Document]:
        return (each for each in self if each.id in only)

    def require_files(self) -> None:
        pass

    def forget(self) -> None:
        pass


def test_texts_that_are_gone_are_told_and_come_back(folder: Path) -> None:
    """`documents.sqlite` missing: 370 counted, none shown, for ever."""
    documents = make_documents()
    (open_generation(folder) / "documents.sqlite").unlink()
    with pytest.raises(DamagedIndexError, match="gone"):
        update_index(folder, compare(read_indexed(folder), documents))
    with pytest.raises(DamagedIndexError, match="gone"):
        open_searcher(folder)
    rebuilt = index(open_writer(folder), HeldDocuments(documents)).why_rebuilt
    assert "documents.sqlite" in say_for_logs(rebuilt)
    assert len(read_indexed(folder)) == len(documents)


@pytest.mark.parametrize("suffix", ["CURRENT", ".toc", ".arrays", ".sqlite", ".json"])
def test_the_next_update_builds_a_damaged_index_again(folder: Path, suffix: str) -> None:
    documents = [each for each in make_documents() if each.id not in {"t003", "t061"}]
    path = next(each for each in list_files(folder) if each.name.endswith(suffix))
    raw = path.read_bytes()
    path.write_bytes(raw[: len(raw) // 2])
    done = index(open_writer(folder), HeldDocuments(documents))
    assert done.why_rebuilt
    assert done.added == len(documents)
    assert check_index(folder).damages == ()
    again = index(open_writer(folder), HeldDocuments(documents))
    assert (again.unchanged, again.why_rebuilt) == (len(documents), NOTHING)


def test_an_index_without_checksums_is_refused_then_built_again(folder: Path) -> None:
    """The pointer of a version that had none."""
    pointer = folder / "CURRENT"
    pointer.write_text(pointer.read_text(encoding="utf-8").split()[0], encoding="utf-8")
    with pytest.raises(StaleIndexError, match="another version"):
        open_searcher(folder)
    rebuilt = index(open_writer(folder), HeldDocuments(make_documents())).why_rebuilt
    assert rebuilt == message("error.index.other-version")


def test_a_pointer_never_turns_to_the_generation_before(folder: Path) -> None:
    pointer = folder / "CURRENT"
    assert pointer.read_bytes().startswith(b"g000002 ")
    assert (folder / "g000001").is_dir()
    pointer.write_bytes(pointer.read_bytes().replace(b"g000002", b"g000001"))
    with pytest.raises(DamagedIndexError, match="pointer"):
        open_searcher(folder)


# --- what is left behind


def list_litter(folder: Path, answers: dict[str, str] | None = None) -> list[str]:
    """What should not be there when nobody writes: all but the last two generations, whole."""
    current = find_current(folder)
    assert current is not None
    kept = [path.name for path in sorted(folder.glob("g*")) if path <= current][-2:]
    litter = [path.name for path in folder.iterdir() if path.name not in {*kept, "CURRENT", "lock"}]
    table = next(current.glob("_corpus_*.toc"))
    named = {table.name, *read_signed(table)[1], "examples.json", "stamp.json"}
    named |= {"documents.sqlite", "documents.sums"}
    commit = find_generation(current)
    named |= {f"suggestions-{commit}.json", f"suggestions-{commit}.arrays"}
    litter += [path.name for path in current.iterdir() if path.name not in named]
    store = DocumentStore(current, is_read_only=True)
    rows = {(document.id, mark) for mark, document in store.outlines()}
    store.close()
    return litter + [str(row) for row in rows ^ set(read_indexed(folder).items())]


def test_the_next_writer_removes_what_was_left(folder: Path) -> None:
    documents = make_documents()
    current = open_generation(folder)
    for number in range(3, 16):
        shutil.copytree(folder / "g000001", folder / f"g{number:06d}")
    (folder / "CURRENT.new").write_text("g000009")
    (current / "corpus_zzzzzzzzzzzzzzzz.arrays").write_bytes(b"half")
    (current / ".corpus_zzzzzzzzzzzzzzzz.arrays.new").write_bytes(b"half")
    (current / "_corpus_9.toc.1700000000.5").write_bytes(b"half")
    (current / "corpus.tmp").mkdir()
    (current / "run-x").mkdir()
    (current / "examples.json.new").write_bytes(b"half")
    (current / "suggestions-9.json").write_bytes(b"of a change that was killed")
    (current / "suggestions-9.arrays").write_bytes(b"of a change that was killed")
    (current / "corpus_WRITELOCK").write_bytes(b"")
    store = DocumentStore(current)
    store.put((0, text(f"stale-{number}", "Rien")) for number in range(40))
    store.close()
    before = ask_anew(folder, NAMES)
    update_index(folder, Changes(order=tuple(read_indexed(folder))))
    assert list_litter(folder) == []
    assert len(documents) - 2 == len(read_indexed(folder))
    searcher = open_searcher(folder)
    assert len(list(searcher.documents())) == len(documents) - 2
    searcher.close()
    assert ask_anew(folder, ["search ville"])["search ville"] == before["search ville"]


def test_rows_of_a_killed_update_are_no_damage(folder: Path) -> None:
    current = open_generation(folder)
    document = make_documents()[20]
    store = DocumentStore(current)
    # Of 16 fingerprints some sort before and some behind the one that the index names.
    for number in range(16):
        store.put([(20, replace(document, title=f"{document.title} {number}"))])
        assert check_index(folder).damages == ()
    store.close()
    searcher = open_searcher(folder)
    shown = searcher.find_document(document.id)
    assert shown is not None
    assert shown.title == document.title
    searcher.close()


_WORK = """
import sys
from pathlib import Path
from indexer.engines import build_index, update_index
from indexer.index import Changes
from tests.engines.damage import make_documents
from tests.engines.shelf import text

folder, work = Path(sys.argv[1]), sys.argv[2]
documents = make_documents()
ids = tuple(each.id for each in documents)
print("ready", flush=True)
if work == "build":
    while True:
        build_index(folder, documents)
round_ = 0
while True:
    round_ += 1
    changed = tuple(text(f"extra-{n}", f"jardin {round_}", "ville") for n in range(8))
    update_index(folder, Changes(added=changed, order=(*ids, *(each.id for each in changed))))
"""


def kill_once(folder: Path, work: str, wait_s: float) -> None:
    """Begin to write without end, and kill -9 that after a while."""
    command = [sys.executable, "-c", _WORK, str(folder), work]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, cwd=Path(__file__).parents[2])
    assert process.stdout is not None
    process.stdout.readline()
    time.sleep(wait_s)
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()


def see_to_kills(folder: Path, count: int) -> None:
    """Kill builds and updates; what answered goes on, and the next writer leaves no litter."""
    documents = make_documents()
    build_index(folder, documents)
    whole = ask_anew(folder, ["document", "similar", "rank"])
    for number in range(count):
        work = ("build", "update")[number % 2]
        kill_once(folder, work, 0.013 + 0.037 * (number % 23))
        searcher = open_searcher(folder)
        shown = {each.id for each in searcher.documents()}
        hits = searcher.search("ville OU -ville", page_size=200).hits
        searcher.close()
        assert {each.id for each in documents} <= shown
        assert {each.id for each in hits} == shown
        assert check_index(folder).damages == ()
        update_index(folder, compare(read_indexed(folder), documents))
        assert list_litter(folder) == []
        assert ask_anew(folder, ["document"])["document"] == whole["document"]
    build_index(folder, documents)
    assert ask_anew(folder, list(whole)) == whole
    assert list_litter(folder) == []


@pytest.mark.slow
def test_killed_anywhere_nothing_is_lost_and_nothing_is_left(tmp_path: Path) -> None:
    see_to_kills(tmp_path, 4)


@pytest.mark.campaign
@pytest.mark.timeout(3600)
def test_a_campaign_of_kills(tmp_path: Path) -> None:
    see_to_kills(tmp_path, 40)


# --- a full disk


@pytest.fixture
def no_room() -> Iterator[Callable[[int], None]]:
    """Let no file grow beyond so many bytes, as a full disk would; put right at the end."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    yield lambda most: resource.setrlimit(resource.RLIMIT_FSIZE, (most, before[1]))
    resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.parametrize(
    "sizes",
    [
        # Beyond what is there already: a full disk lets pages of a file be written again.
        pytest.param((300, 200_000), id="two sizes"),
        pytest.param((0, 40, 2_000, 9_000, 30_000), id="five more", marks=pytest.mark.campaign),
    ],
)
@pytest.mark.parametrize("work", ["build", "update"])
def test_a_disk_that_is_full_leaves_what_answered_and_nothing_else(
    folder: Path, work: str, sizes: Sequence[int], no_room: Callable[[int], None]
) -> None:
    documents = make_documents()
    before = ask_anew(folder, NAMES)
    files = sorted(path.relative_to(folder) for path in folder.rglob("*"))
    order = tuple(each.id for each in documents)
    many = tuple(text(f"n{n}", "Un jardin", "la ville " * 3000) for n in range(40))
    refused = 0
    for most in sizes:
        no_room(most)
        try:
            if work == "build":
                build_index(folder, [*documents, *many])
            else:
                update_index(folder, Changes(added=many, order=order))
        except SearchIndexError as error:
            refused += 1
            assert error.hint
            told = str(error)
        no_room(resource.RLIM_INFINITY)
        assert "can't be written" in told
        assert sorted(path.relative_to(folder) for path in folder.rglob("*")) == files
        assert ask_anew(folder, NAMES) == before
    assert refused == len(sizes)
    update_index(folder, Changes(order=tuple(read_indexed(folder))))
    assert list_litter(folder) == []


# --- clocks


def test_files_dated_in_the_future_are_looked_at_no_more_than_others(tmp_path: Path) -> None:
    with opened(tmp_path, *shelf(5)) as searcher:
        current = open_generation(tmp_path)
        for hours in (-1, 1):
            moment = time.time() + 3600 * hours
            for path in (tmp_path / "CURRENT", current):
                os.utime(path, (moment, moment))
            assert find_moment(tmp_path) is not None
            assert found(searcher, "ville")
        update_index(tmp_path, Changes(added=(text("neuf", "un drapeau"),), order=("neuf",)))
        assert found(searcher, "drapeau") == ["neuf"]


def test_a_change_of_just_now_is_always_looked_at(tmp_path: Path) -> None:
    build_index(tmp_path, shelf(2))
    assert find_moment(tmp_path) is None


def test_a_check_says_what_it_verified(folder: Path) -> None:
    told: list[int] = []
    found_whole = check_index(folder, told.append)
    assert sum(told) == found_whole.bytes_verified
    assert found_whole.texts_verified == len(read_indexed(folder))
    assert json.dumps(found_whole.bytes_verified)


MAKES = """
import sys
from pathlib import Path
from tests.engines.damage import make_index
make_index(Path(sys.argv[1]))
"""


@pytest.mark.slow  # two processes
def test_another_process_writes_the_same_bytes(tmp_path: Path) -> None:
    """The hash of a text is another one in each process, and with it the order of a set."""
    made = []
    for seed in ("1", "2"):
        index = tmp_path / seed
        subprocess.run(
            [sys.executable, "-c", MAKES, str(index)],
            env={**os.environ, "PYTHONHASHSEED": seed},
            check=True,
        )
        # A segment has a random name.
        paths = sorted(index.rglob("*.arrays"))
        made.append(sorted((path.name.partition("_")[0], path.read_bytes()) for path in paths))

    names = {name.partition("-")[0] for name, _ in made[0]}
    changed = [one[0] for one, other in zip(*made, strict=True) if one != other]
    assert (names, changed) == ({"corpus", "suggestions"}, [])
