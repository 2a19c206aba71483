"""How each file was read is kept: the next reading costs what changed, and says the same."""

import os
from functools import cache
from pathlib import Path

import pytest

from indexer.bibliography import read_bibliography
from indexer.bibliography.findings import Findings
from indexer.bibliography.folder import READING_VERSION, FileReading, ReadingCache
from indexer.bibliography.lines.reading import parse_reference
from indexer.bibliography.readers import parse_file
from indexer.corpus import read_identified
from indexer.model import SourceFile
from indexer.settings import read_settings
from tests.bibliography.test_folder import FILES
from tests.bibliography.test_lines import CASES
from tests.bibliography.test_links import CARDS, TIED
from tests.golden import Golden, check, digest, find_fault

GOLDEN = Path(__file__).parent / "golden" / "readings.json"
CONSTANT = "READING_VERSION"
PAGE = "# Lectures\n\n- [Un titre](https://exemple.test/un) : à relire\n- Une ligne sans rien\n"
MORE = "# Lectures\n\n- [Un autre titre](https://exemple.test/deux), plus court\n"


@pytest.fixture
def folder(tmp_path):
    """A bibliography of several formats, one of them no text, one of no known format."""
    (tmp_path / "b" / "in").mkdir(parents=True)
    for name, text in FILES.items():
        (tmp_path / "b" / name.replace("_", ".")).write_text(text, "utf-8")
    (tmp_path / "b" / "page.md").write_text(f"---\ntitle: Cahier\n---\n{PAGE}", "utf-8")
    (tmp_path / "b" / "in" / "liens.txt").write_bytes(MORE.encode("cp1252"))
    (tmp_path / "b" / "lettre.doc").write_bytes(b"\xd0\xcf\x11\xe0 rien")
    (tmp_path / "b" / "half.json").write_text('[{"id": "a", "title": "\\ud800 Ponts"}]', "utf-8")
    return tmp_path / "b"


def stamps(cache):
    return {path.name: (path.stat().st_ino, path.stat().st_mtime_ns) for path in cache.iterdir()}


def test_what_is_kept_says_what_the_files_say(folder, tmp_path):
    plain = read_bibliography(folder)
    first = read_bibliography(folder, cache=tmp_path / "c")
    again = read_bibliography(folder, cache=tmp_path / "c")

    assert first == again == plain
    assert plain.references and plain.notes and plain.problems


def test_only_what_changed_is_read_again(folder, tmp_path):
    read_bibliography(folder, cache=tmp_path / "c")
    before = stamps(tmp_path / "c")
    (folder / "page.md").write_text(PAGE.replace("Un titre", "Un nouveau titre"), "utf-8")
    titles = {one.title for one in read_bibliography(folder, cache=tmp_path / "c").references}
    after = stamps(tmp_path / "c")

    assert "Un nouveau titre" in titles
    assert before.keys() == after.keys()
    assert sum(before[name] != after[name] for name in before) == 1


def test_a_file_that_is_gone_leaves_nothing(folder, tmp_path):
    read_bibliography(folder, cache=tmp_path / "c")
    (folder / "page.md").unlink()
    bibliography = read_bibliography(folder, cache=tmp_path / "c")

    assert bibliography == read_bibliography(folder)
    assert len(stamps(tmp_path / "c")) == sum(path.is_file() for path in folder.rglob("*"))


def test_a_file_that_moved_is_told_by_its_new_name(folder, tmp_path):
    read_bibliography(folder, cache=tmp_path / "c")
    (folder / "page.md").rename(folder / "in" / "page.md")

    assert read_bibliography(folder, cache=tmp_path / "c") == read_bibliography(folder)


@pytest.mark.parametrize(
    "damage",
    [
        lambda kept: kept[:-1],
        lambda kept: kept.replace(b"titre", b"litre"),
        lambda kept: kept[:40] + b"0" + kept[41:],
        lambda _: b"",
        lambda _: b"\xff\x00 {}",
    ],
    ids=["cut", "other words", "other digest", "empty", "noise"],
)
def test_what_is_damaged_is_read_and_written_again(folder, tmp_path, damage):
    plain = read_bibliography(folder, cache=tmp_path / "c")
    whole = {path: path.read_bytes() for path in (tmp_path / "c").iterdir()}
    for path, kept in whole.items():
        path.write_bytes(damage(kept))

    assert read_bibliography(folder, cache=tmp_path / "c") == plain
    assert {path: path.read_bytes() for path in whole} == whole


def test_another_version_of_the_readers_reads_again(tmp_path):
    reading = FileReading(source=SourceFile(path="a.md"), findings=Findings())
    ReadingCache(tmp_path).keep("a.md", b"", {}, reading)

    assert ReadingCache(tmp_path).find("a.md", b"", {}) == reading
    assert ReadingCache(tmp_path, READING_VERSION + 1).find("a.md", b"", {}) is None


def test_a_role_that_a_person_sets_counts_at_once_and_is_told_where_it_has_no_effect(
    folder, tmp_path
):
    (folder / "corrections.yaml").write_text(
        'roles:\n  "Une ligne sans rien": reference\n  "Nulle part": note\n', "utf-8"
    )
    for kept in (tmp_path / "c", tmp_path / "c", None):
        bibliography = read_bibliography(folder, cache=kept)
        assert bibliography == read_bibliography(folder)
    (folder / "corrections.yaml").unlink()

    assert read_bibliography(folder, cache=tmp_path / "c") == read_bibliography(folder)
    assert len(stamps(tmp_path / "c")) == sum(path.is_file() for path in folder.rglob("*"))


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_cannot_be_written_only_costs_time(folder, tmp_path):
    (tmp_path / "c").mkdir(mode=0o500)
    assert read_bibliography(folder, cache=tmp_path / "c") == read_bibliography(folder)


def test_a_file_in_the_place_of_the_folder_only_costs_time(folder, tmp_path):
    (tmp_path / "c").write_text("", "utf-8")
    assert read_bibliography(folder, cache=tmp_path / "c") == read_bibliography(folder)


def test_a_corpus_keeps_its_readings_and_those_of_a_copy_nowhere(folder, tmp_path):
    settings = read_settings(environ={}, corpus=tmp_path / "k")
    settings.bibliography.parent.mkdir()
    folder.rename(settings.bibliography)
    before = read_identified(settings)
    kept = stamps(settings.readings)
    copy = tmp_path / "copy"
    copy.mkdir()
    (copy / "a.md").write_text(MORE, "utf-8")

    assert kept and read_identified(settings) == before
    assert [one.title for one in read_identified(settings, folder=copy).references] == [
        "Un autre titre"
    ]
    assert stamps(settings.readings) == kept


@cache
def make_golden() -> Golden:
    """Readings of the lines and pages of the tests of this room."""
    texts = {f"folder {name}": (name.replace("_", "."), text) for name, text in FILES.items()}
    for name, (suffix, text, *_) in (TIED | CARDS).items():
        texts[f"page {name}"] = (f"a.{suffix}", text)
    lines = [case["line"] for case in CASES]
    results: dict[str, object] = {f"line {line}": parse_reference(line) for line in lines}
    results |= {name: parse_file(path, text) for name, (path, text) in texts.items()}
    return Golden(
        version=READING_VERSION,
        results={digest(name): digest(repr(result)) for name, result in results.items()},
    )


def test_files_are_read_as_before_or_the_version_is_raised():
    check(GOLDEN, make_golden(), constant=CONSTANT)


def test_a_changed_reading_asks_for_another_version():
    made = make_golden()
    changed = dict.fromkeys(list(made.results)[:1], "other")
    fault = find_fault(
        made, Golden(version=made.version, results={**made.results, **changed}), constant=CONSTANT
    )
    assert CONSTANT in fault
