"""One process at a time works on a corpus; a lock dies with whoever held it."""

import os
import subprocess
import sys

import pytest

from indexer.archive import acquire_lock
from indexer.errors import LockedError

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
