"""Tests have data of their own: the user's corpus may hold anything, or nothing."""

import shutil

import pytest

from indexer.bibliography import read_bibliography
from tests import BIBLIOGRAPHY, ROOT

OWN = ROOT / "corpus" / "bibliography"


@pytest.mark.parametrize(
    "look",
    [
        lambda _: (OWN / "territoires.txt").read_text("utf-8"),
        lambda _: list(OWN.iterdir()),
        lambda _: list(OWN.rglob("*")),
        lambda folder: shutil.copytree(OWN, folder / "copy"),
        lambda _: read_bibliography(OWN),
    ],
)
def test_a_test_that_looks_into_the_users_corpus_fails(look, tmp_path):
    with pytest.raises(AssertionError, match="user's corpus"):
        look(tmp_path)


def test_the_bibliography_of_the_tests_is_read():
    assert len(read_bibliography(BIBLIOGRAPHY).references) == 11
