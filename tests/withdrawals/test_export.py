"""A package of the archive holds nothing of a text that is withdrawn."""

import gzip
import json
import zipfile
from pathlib import Path

from tests.command import run_command as run
from tests.withdrawals.corpus import ID, URL
from tests.withdrawals.crawling import fold

WORDS = ("quenotiere", "krempach", "zigouflard", "articles/myst")  # that only that text has


def read_package(corpus: Path) -> dict[str, str]:
    """Every file of an export, unpacked and folded."""
    path = corpus.parent / "tout.wacz"
    done = run(corpus, "archive", "export", str(path))
    assert done.returncode == 0, done.stderr
    with zipfile.ZipFile(path) as package:
        members = {name: package.read(name) for name in package.namelist()}
    return {
        name: fold((gzip.decompress(octets) if name.endswith(".gz") else octets).decode("latin-1"))
        if not name.endswith((".jsonl", ".json"))
        else fold(octets.decode())
        for name, octets in members.items()
    }


def unmangle(text: str) -> str:
    """Text read as Latin-1 as it was in UTF-8, where it was."""
    return fold(text.encode("latin-1", "replace").decode("utf-8", "replace"))


def test_a_package_holds_nothing_of_it_in_any_file(corpus):
    before = read_package(corpus)
    assert {name.partition("/")[0] for name in before} >= {"archive", "indexes", "pages", "renvois"}
    # So that each file is one that can fail: all of them tell of the text.
    telling = {
        name
        for name, text in before.items()
        if any(word in text or word in unmangle(text) for word in WORDS)
    }
    assert {name.partition("/")[0] for name in telling} == {
        "archive",
        "indexes",
        "pages",
        "renvois",
    }
    run(corpus, "withdraw", ID)
    after = read_package(corpus)

    for name, text in after.items():
        for word in WORDS:
            assert word not in text and word not in unmangle(text), name
    assert "exemple.test/cooperer" in after["pages/pages.jsonl"]
    assert "exemple.test/cooperer" in after["renvois/links.jsonl"]
    assert "test,exemple)/cooperer" in after["indexes/index.cdx.gz"]


def test_the_text_is_back_in_the_package_once_it_is_shown_again(corpus):
    run(corpus, "withdraw", URL)
    run(corpus, "withdraw", URL, "--undo")

    rows = read_package(corpus)["renvois/links.jsonl"].splitlines()
    assert any("retrait.test" in json.loads(row)["url"] for row in rows)
