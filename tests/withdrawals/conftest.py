"""A corpus in which one text may be withdrawn, made once and copied for each test."""

import shutil
from pathlib import Path

import pytest

from tests.withdrawals.corpus import make_corpus


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("withdrawals") / "corpus"
    make_corpus(folder)
    return folder


@pytest.fixture
def corpus(made: Path, tmp_path: Path) -> Path:
    shutil.copytree(made, tmp_path / "corpus")
    return tmp_path / "corpus"
