"""An export taken into an empty corpus gives the links back as they were."""

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from click.testing import CliRunner

from indexer.archive import open_catalogue
from indexer.cli import main
from indexer.links.history import open_history
from indexer.urls import urlkey
from testbed.zoo import ZOO
from testbed.zoo.cases import ROUNDS
from testbed.zoo.keeper import NETWORK, Zoo
from testbed.zoo.visiting import Visitor, after, cite
from tests.places import find_place

# Sixty commands, a minute and more: with the slow tests.
pytestmark = [pytest.mark.campaign, pytest.mark.timeout(600)]
ROOT = Path(__file__).parents[2]
# A few of each kind: alive, moved, blocked, sick and dead.
ANIMALS = ZOO[::5]


def renvois(corpus, *arguments, exit_code=0):
    """Run the command; give what it wrote to standard output."""
    runner = CliRunner()
    done = runner.invoke(
        main, ["--corpus", str(corpus), *map(str, arguments)], catch_exceptions=False
    )
    assert done.exit_code == exit_code, done.stderr
    return done.stdout


def renvois_apart(corpus, *arguments):
    """Run the command in a process of its own."""
    environ = {name: text for name, text in os.environ.items() if not name.startswith("RENVOIS_")}
    done = subprocess.run(
        [sys.executable, "-m", "indexer", "--corpus", str(corpus), *map(str, arguments)],
        cwd=ROOT,
        env=environ,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def write_bibliography(corpus, references):
    folder = corpus / "bibliography"
    folder.mkdir(parents=True)
    rows = [
        {"id": each.id, "type": "webpage", "title": each.title, "URL": each.url}
        for each in references
    ]
    (folder / "essai.json").write_text(json.dumps(rows), encoding="utf-8")


def report(corpus):
    rows = map(json.loads, renvois(corpus, "links", "report", "--format", "json").splitlines())
    return {row["reference_id"]: row for row in rows}


@pytest.fixture(scope="module")
def references(tmp_path_factory):
    return []


@pytest.fixture(scope="module")
def corpus(tmp_path_factory, references):
    """A zoo visited four times, on four days."""
    folder = tmp_path_factory.mktemp("here")
    with (
        Zoo(cases=ANIMALS) as zoo,
        Visitor.open(folder, networks=(NETWORK,), ca_file=zoo.trust(folder / "ca.pem")) as visitor,
    ):
        references += cite(zoo)
        for zoo.round in range(ROUNDS):
            visitor.now = after(4 * zoo.round)
            visitor.pass_by(references)
    write_bibliography(folder, references)
    return folder


@pytest.fixture(scope="module")
def package(tmp_path_factory, corpus):
    path = tmp_path_factory.mktemp("packed") / "tout.wacz"
    renvois_apart(corpus, "archive", "export", path)
    return path


@pytest.fixture(scope="module")
def taken(tmp_path_factory, package, corpus, references):
    """An empty corpus with the same bibliography, that imported the package."""
    folder = tmp_path_factory.mktemp("there")
    write_bibliography(folder, references)
    renvois_apart(folder, "archive", "import", package)
    return folder


def test_each_link_is_as_it_was(corpus, taken, references):
    before, now = report(corpus), report(taken)

    assert len(before) == len(references)
    assert len({row["state"] for row in before.values()}) >= 5
    for reference_id, row in before.items():
        assert now[reference_id] == row


def test_each_visit_and_what_is_due_travels(corpus, taken, references):
    with (
        open_catalogue(find_place(corpus)) as ours,
        open_catalogue(find_place(taken)) as theirs,
    ):
        outcomes = set()
        for reference in references:
            key = urlkey(reference.url)
            assert theirs.visits(key) == ours.visits(key)
            assert theirs.captures(key) == ours.captures(key)
            outcomes |= {visit.outcome for visit in ours.visits(key)}
        assert outcomes == {"captured", "revisited", "missed"}


def test_taking_it_once_more_changes_nothing(taken, package):
    before = report(taken)
    files = sorted(path.name for path in (taken / "archive").iterdir())

    assert renvois(taken, "archive", "import", package) == ""
    assert report(taken) == before
    assert sorted(path.name for path in (taken / "archive").iterdir()) == files


def test_what_is_known_better_here_is_kept(tmp_path, package, references):
    """A history of its own, and the package's beside it: neither is written over."""
    write_bibliography(tmp_path, references)
    renvois(tmp_path, "archive", "import", package)
    with open_history(find_place(tmp_path)) as history:
        before = list(history.all_observations())
        changed = next(each for each in before if each.status == 404)
        history.record(type(changed)(url=changed.url, observed_at=changed.observed_at, status=410))
        own = history.observations(urlkey(changed.url))
    renvois(tmp_path, "archive", "import", package)

    with open_history(find_place(tmp_path)) as history:
        assert history.observations(urlkey(changed.url)) == own


def test_history_that_can_t_be_read_is_told_and_costs_nothing_else(tmp_path, package, references):
    odd = tmp_path / "odd.wacz"
    lines = [
        b"pas du JSON",
        b'{"kind": "observation"}',
        b'{"kind": "observation", "url": "http://a.test/", "at": "hier", "observation": {}}',
        b'{"kind": "probe", "folder": 1}',
        b"[]",
        b"[" * 100_000,
    ]
    with zipfile.ZipFile(package) as old, zipfile.ZipFile(odd, "w") as new:
        for info in old.infolist():
            held = old.read(info)
            if info.filename == "renvois/links.jsonl":
                held = b"\n".join([*lines, held])
            new.writestr(info, held)
    corpus = tmp_path / "corpus"
    write_bibliography(corpus, references)
    told = renvois(corpus, "archive", "import", odd, "--json", exit_code=1)

    faults = [row["fault"] for row in map(json.loads, told.splitlines()) if "fault" in row]
    assert faults == ["6 lines of the history of links can't be read"]
