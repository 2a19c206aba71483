"""A real pywb on loopback, in a virtual environment of its own: it pins what we can't share.

python -m venv .venv-pywb && .venv-pywb/bin/pip install -r requirements-pywb.lock
"""

import os
import shutil
import subprocess
import time
import urllib.request
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.serving import find_free_port

VENV = Path(os.environ.get("PYWB_VENV", Path(__file__).parents[2] / ".venv-pywb"))


def find_program(name):
    """The path of a program of the peer's environment; the test says why it is skipped."""
    path = VENV / "bin" / name
    if not path.exists():
        pytest.skip(f"no {name} in {VENV}: `make peers` installs it")
    return path


@contextmanager
def serve(folder, warcs=(), packages=()):
    """Serve WARC files and WACZ packages as the collection `coll`; its address, ending with "/"."""
    folder.mkdir(parents=True, exist_ok=True)
    manager = find_program("wb-manager")
    run(manager, "init", "coll", cwd=folder)
    for warc in warcs:
        shutil.copy(warc, folder / warc.name)
        run(manager, "add", "coll", folder / warc.name, cwd=folder)
    for package in packages:
        run(manager, "add", "--unpack-wacz", "coll", package, cwd=folder)
    # Replay without a frame: RFC 7089 headers on the address itself, and no banner's page.
    (folder / "config.yaml").write_text("framed_replay: false\nenable_memento: true\n")
    port = find_free_port()
    address = f"http://127.0.0.1:{port}/coll/"
    with (
        (folder / "pywb.log").open("wb") as log,
        subprocess.Popen(
            [find_program("wayback"), "-b", "127.0.0.1", "-p", str(port)],
            cwd=folder,
            stdout=log,
            stderr=log,
        ) as process,
    ):
        try:
            wait_for(f"http://127.0.0.1:{port}/", process, folder / "pywb.log")
            yield address
        finally:
            process.terminate()
            process.wait(300)


def run(*command, cwd):
    subprocess.run([str(part) for part in command], cwd=cwd, check=True, capture_output=True)


def wait_for(url, process, log):
    while process.poll() is None:  # however long it takes to start
        try:
            with urllib.request.urlopen(url, timeout=300):
                return
        except OSError:
            time.sleep(0.1)
    raise AssertionError(f"pywb did not start:\n{log.read_text()[-2000:]}")
