"""One process at a time works on a corpus; a lock dies with whoever held it."""

import os
import subprocess
import sys

import pytest

from indexer.archive import acquire_lock, open_archive
from indexer.archive.drafting import draft_hop
from indexer.errors import LockedError
from tests.archive.exchanges import hop

HOLDS = """
import sys
from pathlib import Path
from indexer.archive import acquire_lock
lock = acquire_lock(Path(sys.argv[1]))
print("held", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def holder(tmp_path):
    with subprocess.Popen(
        [sys.executable, "-c", HOLDS, str(tmp_path / "lock")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout.readline() == "held\n"
        yield process
        process.kill()


def test_a_second_process_is_told_who_is_at_work(tmp_path, holder):
    with pytest.raises(LockedError) as told:
        acquire_lock(tmp_path / "lock")

    assert str(holder.pid) in str(told.value)
    assert told.value.hint


def test_the_lock_of_a_killed_process_is_free(tmp_path, holder):
    holder.kill()
    holder.wait()

    with acquire_lock(tmp_path / "lock"):
        assert (tmp_path / "lock").read_text() == f"{os.getpid()}\n"


def test_a_released_lock_is_free(tmp_path):
    for _ in range(2):
        acquire_lock(tmp_path / "lock").release()

    with acquire_lock(tmp_path / "lock"), pytest.raises(LockedError):
        acquire_lock(tmp_path / "lock")


WRITES = """
import sys
from pathlib import Path
from indexer.archive import open_archive
from tests.archive.exchanges import hop
from indexer.archive.drafting import draft_hop
archive = open_archive(Path(sys.argv[1]), is_shared=True)
drafted = draft_hop(hop("http://a.test/"))
(location, _) = archive.append([drafted.request, drafted.response])
print(location.filename, flush=True)
sys.stdin.read()
archive.close()
"""


def test_crawlers_that_share_a_lock_keep_out_who_wants_it_alone(tmp_path):
    shared = [acquire_lock(tmp_path / "lock", is_shared=True) for _ in range(2)]
    for lock in shared:
        with pytest.raises(LockedError):
            acquire_lock(tmp_path / "lock")
        lock.release()
    with acquire_lock(tmp_path / "lock"), pytest.raises(LockedError):
        acquire_lock(tmp_path / "lock", is_shared=True)


def test_crawlers_of_one_folder_write_files_of_their_own_and_leave_them_when_killed(tmp_path):
    def start():
        process = subprocess.Popen(
            [sys.executable, "-c", WRITES, str(tmp_path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        return process, process.stdout.readline().strip()

    with open_archive(tmp_path, is_shared=True) as ours:
        (one, first), (other, second) = start(), start()
        assert first != second
        assert ours.list_unclosed() == []  # both live
        one.kill()
        one.communicate()
        assert ours.list_unclosed() == [tmp_path / first]
        location = ours.append(make_drafts())[0]
        assert location.filename not in (first, second)  # the killed one is looked at first
        other.communicate()
        assert other.returncode == 0
        assert ours.list_unclosed() == [tmp_path / first]
        ours.forget_unclosed(tmp_path / first)
    with open_archive(tmp_path, is_shared=True) as later:
        assert later.append(make_drafts())[0].filename in (first, second, location.filename)
    assert not list(tmp_path.glob("*.open")) and not list(tmp_path.glob(".*"))


def make_drafts():
    drafted = draft_hop(hop("http://b.test/"))
    return [drafted.request, drafted.response]
