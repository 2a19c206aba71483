"""What holds for every test: the library, and the user's own corpus is none of its business."""

import os
import sys
from pathlib import Path

import pytest

from tests import ROOT
from tests.library.plugin import library, library_index, library_searcher, library_site

__all__ = ["library", "library_index", "library_searcher", "library_site"]

OWN_CORPUS = str(ROOT / "corpus")
# Audit events that name a file or a folder before it is looked into (Python's table of events).
LOOKS = frozenset({"open", "os.scandir", "os.listdir", "shutil.copytree", "shutil.copyfile"})
# Work is handed out by the file, the longest first, so that workers end together.
LONGEST_FIRST = (
    "tests/test_end_to_end.py",
    "tests/library/test_pages.py",
    "tests/campaign/test_campaign.py",
    "tests/withdrawals/test_traces.py",
    "tests/test_read_only.py",
    "tests/engines/test_integrity.py",
    "tests/links/test_command.py",
    "tests/archive/test_bounds.py",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the longest files first; the others stay as they were found."""
    rank = {str(ROOT / name): place for place, name in enumerate(LONGEST_FIRST)}
    items.sort(key=lambda item: rank.get(str(item.path), len(rank)))


def refuse_own_corpus(event: str, arguments: tuple[object, ...]) -> None:
    """Stop whoever looks into `corpus/`: editing files there must break no test."""
    if event not in LOOKS or not arguments or not isinstance(arguments[0], (str, Path)):
        return
    if os.sep not in str(arguments[0]):
        return  # a bare name may be one in another open folder, as rmtree names them
    path = os.path.abspath(arguments[0])  # noqa: PTH100 - Path.resolve would open folders itself
    if path == OWN_CORPUS or path.startswith(OWN_CORPUS + os.sep):
        raise AssertionError(f"tests read no files of the user's corpus: {path}")


sys.addaudithook(refuse_own_corpus)
