"""The commands of docs/backup.md, run as they stand there, give all back."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests import BIBLIOGRAPHY, ROOT
from tests.replay import ReplayServer

# A corpus crawled and restored three times, a minute and more: with the slow tests.
pytestmark = [pytest.mark.campaign, pytest.mark.timeout(900)]

QUERY = "tiers lieux"


def read_blocks():
    """The blocks of commands of the page, by the heading that they stand under."""
    text = (ROOT / "docs" / "backup.md").read_text(encoding="utf-8")
    found = {}
    for section in re.split(r"^## ", text, flags=re.M)[1:]:
        blocks = re.findall(r"^```sh\n(.*?)^```$", section, flags=re.M | re.S)
        if blocks:
            found[section.partition("\n")[0]] = "".join(blocks)
    return found


def run(command, folder, *, proxy="http://127.0.0.1:1"):
    """Run commands in a shell that stops at the first that fails; give standard output."""
    environ = {name: text for name, text in os.environ.items() if not name.startswith("RENVOIS_")}
    path = f"{Path(sys.executable).parent}{os.pathsep}{environ['PATH']}"
    done = subprocess.run(
        ["bash", "-eu", "-c", command],
        cwd=folder,
        env=environ | {"PATH": path, "http_proxy": proxy},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def look(folder, corpus="corpus"):
    """What a person finds: the report of the links, and a search."""
    command = f"renvois --corpus {corpus}"
    report = run(f"{command} links report --format json", folder)
    found = run(f"{command} search '{QUERY}' --json", folder)
    return [json.loads(line) for line in report.splitlines()], [
        json.loads(line) for line in found.splitlines()
    ]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A corpus whose links were checked and indexed; the internet is a server on loopback."""
    folder = tmp_path_factory.mktemp("work")
    shutil.copytree(BIBLIOGRAPHY, folder / "corpus" / "bibliography")
    (folder / "corpus" / "withdrawn.txt").write_text("# nothing yet\n")
    with ReplayServer() as proxy:
        run("renvois links check", folder, proxy=proxy.url)
    run("renvois index", folder)
    return folder


@pytest.fixture(scope="module")
def before(folder):
    return look(folder)


def test_what_was_backed_up_is_restored(folder, before):
    blocks = read_blocks()
    assert before[0]
    assert before[1]
    run(blocks["Back up"], folder)
    written = {path.name for path in (folder / "corpus").iterdir()}
    shutil.rmtree(folder / "corpus")
    run(blocks["Restore"], folder)

    assert look(folder) == before
    lost = written - {path.name for path in (folder / "corpus").iterdir()}
    assert lost <= {"catalogue.sqlite-wal", "catalogue.sqlite-shm"}


def test_a_lost_catalogue_is_read_back(folder, before):
    run(read_blocks()["Without the catalogue"], folder)
    report, found = look(folder)

    states = [(row["reference_id"], row["state"], row["check_count"]) for row in before[0]]
    assert [(row["reference_id"], row["state"], row["check_count"]) for row in report] == states
    assert [hit["id"] for hit in found] == [hit["id"] for hit in before[1]]


def test_a_package_carries_it_elsewhere(folder, before):
    run(read_blocks()["One file for others"], folder)
    report, found = look(folder, "elsewhere")

    here, there = look(folder), (report, found)
    assert there[0] == here[0]
    assert [hit["id"] for hit in there[1]] == [hit["id"] for hit in here[1]]


def test_every_block_of_the_page_is_run():
    assert set(read_blocks()) == {
        "Back up", "Restore", "Without the catalogue", "One file for others"
    }  # fmt: skip
