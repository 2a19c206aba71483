"""What holds for every test: the library, and the user's own corpus is none of its business."""

import gc
import os
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

from tests import ROOT
from tests.command import WITHOUT_WAITS
from tests.library.plugin import library, library_index, library_searcher, library_site

__all__ = ["library", "library_index", "library_searcher", "library_site"]

# No test depends on the speed of the machine: Hypothesis would give an example .2 s, and stop where
# it draws slowly. What else its profile says (where `CI` is set, the same examples) stays.
settings.register_profile(
    "unhurried", parent=settings(), deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("unhurried")

# Tests quote what the command says in English, whatever the locale of whoever runs them; where they
# quote French they ask for it.
if everywhere := os.environ.pop("LC_ALL", None):
    os.environ["LC_CTYPE"] = everywhere
os.environ["LC_MESSAGES"] = "en_US.UTF-8"

OWN_CORPUS = str(ROOT / "corpus")
# Audit events that name a file or a folder before it is looked into (Python's table of events).
LOOKS = frozenset({"open", "os.scandir", "os.listdir", "shutil.copytree", "shutil.copyfile"})
# Work is handed out by the file, or by the folder where one fixture of the session is dear (the
# library, the browser), the longest first, so that workers end together.
BY_FOLDER = ("tests/browser", "tests/library")
WITH = {"tests/engines/test_phrases.py": "tests/library"}  # files elsewhere that use such a fixture
LONGEST_FIRST = (
    "tests/library/test_library.py",
    "tests/library/test_pages.py",
    "tests/library/test_filters.py",
    "tests/engines/test_phrases.py",
    "tests/campaign/test_campaign.py",
    "tests/browser/test_axe.py",
    "tests/test_read_only.py",
    "tests/engines/test_integrity.py",
    "tests/archive/test_bounds.py",
    "tests/withdrawals/test_traces.py",
    "tests/withdrawals/test_purge.py",
    "tests/search_web/test_languages.py",
    "tests/browser/test_tasks.py",
    "tests/links/test_command.py",
    "tests/links/test_zoo.py",
    "tests/links/test_year.py",
    "tests/test_end_to_end.py",
    "tests/test_docs.py",
    "tests/test_wheel.py",
    "tests/crawl/test_zoo.py",
    "tests/archive/test_purge.py",
    "tests/archive/test_pywb.py",
    "tests/archive/test_pywb_export.py",
    "tests/crawl/test_secrets.py",
)


class Scheduling(LoadScopeScheduling):
    """Give a worker a file at a time, or a folder of `BY_FOLDER`."""

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        folder = WITH.get(file, file.rpartition("/")[0])
        return folder if folder in BY_FOLDER else file


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Scheduling:
    return Scheduling(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the longest files first; the others stay as they were found."""
    rank = {str(ROOT / name): place for place, name in enumerate(LONGEST_FIRST)}
    items.sort(key=lambda item: rank.get(str(item.path), len(rank)))


def pytest_collection_finish() -> None:
    """Spare the collector what lives to the end: walking it took a tenth of the time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


def refuse_own_corpus(
    event: str, arguments: tuple[object, ...], looks: frozenset[str] = LOOKS
) -> None:
    """Stop whoever looks into `corpus/`: editing files there must break no test."""
    if event not in looks or not arguments or not isinstance(arguments[0], (str, Path)):
        return
    if os.sep not in str(arguments[0]):
        return  # a bare name may be one in another open folder, as rmtree names them
    path = os.path.abspath(arguments[0])  # noqa: PTH100 - Path.resolve would open folders itself
    if path == OWN_CORPUS or path.startswith(OWN_CORPUS + os.sep):
        raise AssertionError(f"tests read no files of the user's corpus: {path}")


sys.addaudithook(refuse_own_corpus)
os.environ.update(WITHOUT_WAITS)
# What is compiled is kept: to compile the code anew took half the time of each process.
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
