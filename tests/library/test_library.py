"""The library itself: the same at every making, as varied as it promises, read as it was meant."""

import hashlib
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from indexer.model import LinkMark, LinkState, Reference
from testbed.zoo.visiting import Visitor
from tests import ROOT
from tests.library import Library, LibraryPages, make_shelf
from tests.library.corpus import LAST_DAY, VISITS, on_day
from tests.library.files import write_files
from tests.library.texts import LIVES, SITES, YEARS
from tests.replay import ReplayServer

# What a careful person would say on the library's last day of a link with that life.
TRUTHS = {
    "alive": LinkState.ALIVE,
    "moved": LinkState.MOVED,
    "blocked": LinkState.BLOCKED,
    "sick": LinkState.SICK,
    "dead": LinkState.DEAD,
    "gone": LinkState.DEAD,
    "resurrected": LinkState.ALIVE,
    "never": LinkState.UNKNOWN,
}
DIGEST = """
import sys
from pathlib import Path
from tests.library.texts import make_shelf
from tests.library.files import write_files
write_files(make_shelf(60), Path(sys.argv[1]))
"""


def digest(folder: Path) -> str:
    files = sorted(folder.iterdir())
    return hashlib.sha256(b"\0".join(path.read_bytes() for path in files)).hexdigest()


@pytest.mark.campaign
def test_the_same_numbers_make_the_same_files_in_another_process_too(tmp_path):
    write_files(make_shelf(60), tmp_path / "here")
    subprocess.run(
        [sys.executable, "-c", DIGEST, str(tmp_path / "there")],
        cwd=ROOT,
        env={"PYTHONHASHSEED": "7", "PYTHONPATH": str(ROOT)},
        check=True,
    )

    assert digest(tmp_path / "here") == digest(tmp_path / "there")
    assert make_shelf(60, seed=1).texts != make_shelf(60).texts


def test_it_is_as_varied_as_it_promises(library: Library):
    texts, files = library.shelf.texts, library.shelf.files
    chapters = [chapter for file in files for chapter in file.chapters]
    cited = Counter(text.number for each in chapters for item in each.items for text in item.texts)

    assert (len(texts), len(files)) == (2000, 20)
    assert {file.extension for file in files} == {"txt", "md", "html", "bib", "ris", "json", "yaml"}
    assert len({text.site for text in texts if text.site}) == SITES
    assert {int(text.issued[:4]) for text in texts} == set(YEARS)
    assert len({text.title for text in texts}) == 2000
    assert {text.life for text in texts} == set(LIVES) == set(TRUTHS)
    assert {text.kind for text in texts} == {"article", "book", "chapter", "report"}
    assert max(len(text.title) for text in texts) > 180
    assert max(Counter(each.section[-1] for each in chapters).values()) > 10  # the same heading
    assert any("’" in text.title for text in texts)
    assert any(name.family.startswith("van der ") for text in texts for name in text.author)
    assert sum(bool(text.editor) for text in texts) > 50
    assert sum(bool(text.translator) for text in texts) > 20
    assert sum(bool(text.doi) for text in texts) > 200
    assert 100 < sum(text.language == "en" for text in texts) < 400
    assert sum(count > 1 for count in cited.values()) > 30
    assert any(len(item.texts) > 1 and item.note for each in chapters for item in each.items)


def test_the_words_follow_zipf_and_are_inflected(library: Library):
    words = Counter(
        word.strip(".,!?").lower()
        for text in library.shelf.texts[:200]
        for paragraph in text.paragraphs()
        for word in paragraph.split()
    )
    ranked = [count for _, count in words.most_common()]

    assert ranked[0] > 5 * ranked[20] > 25 * ranked[200]
    assert min(words[form] for form in ("commune", "communes", "rural", "rurale", "ruraux")) > 0
    assert sum(count < 3 for count in ranked) > 100


def test_the_files_are_read_as_they_were_meant(library: Library):
    found = library.bibliography
    addresses = {reference.url for reference in found.references}
    titles = {reference.title for reference in found.references}
    meant = library.shelf.texts
    citing = Counter(citation.note_id for citation in found.citations)
    commented = Counter(citation.reference_id for citation in found.citations)

    assert set(library.shelf.by_url) <= addresses
    assert sum(text.title in titles for text in meant) >= 0.98 * len(meant)
    assert len(found.references) <= 1.02 * len(meant)
    assert max(citing.values()) >= 3  # a note on several texts
    assert max(commented.values()) >= 2  # a text with several notes
    assert any(reference.keyword for reference in found.references)


def test_every_life_ends_as_a_careful_person_would_say(library: Library):
    by_url = library.shelf.by_url
    said: dict[str, set[LinkState]] = {life: set() for life in TRUTHS}
    for document in library.documents:
        if document.url in by_url:
            said[by_url[document.url].life].add(document.link.state)
            if by_url[document.url].life == "resurrected":
                assert LinkMark.RESURRECTED in document.link.marks

    assert said == {life: {state} for life, state in TRUTHS.items()}


@pytest.mark.slow
def test_the_sites_age_by_a_clock_that_is_turned_by_hand(tmp_path):
    """Real visits through the replay server, five times, end in the same states."""
    shelf = make_shelf(2000)
    wanted = {life: [t for t in shelf.texts if t.life == life][:2] for life in LIVES}
    texts = [text for life, some in wanted.items() if life != "never" for text in some if text.url]
    references = [Reference(id=f"r{t.number}", title=t.title, url=t.url) for t in texts]
    pages = LibraryPages(shelf)
    with (
        ReplayServer(pages) as proxy,
        Visitor.open(tmp_path, proxy=proxy.url, read_timeout_s=60.0) as visitor,
    ):
        for day in VISITS:
            pages.day, visitor.now = day, on_day(day)
            visitor.pass_by(references)
        visitor.now = on_day(LAST_DAY)
        said = {text.number: visitor.health(text.url).state for text in texts}

    assert said == {text.number: TRUTHS[text.life] for text in texts}


@pytest.mark.campaign
def test_the_whole_library_is_crawled_through_the_replay_server(tmp_path):
    """2,000 texts, as `renvois` runs: crawl, index, search."""
    shelf = make_shelf(2000)
    write_files(shelf, tmp_path / "bibliography")
    renvois = [sys.executable, "-m", "indexer", "--corpus", str(tmp_path)]
    with ReplayServer(LibraryPages(shelf)) as proxy:
        crawled = subprocess.run(
            [*renvois, "crawl", "--json"],
            cwd=ROOT,
            env={"RENVOIS_DELAY_S": "0", "http_proxy": proxy.url, "PATH": ""},
            capture_output=True,
            text=True,
            check=True,
        )
    subprocess.run([*renvois, "index"], cwd=ROOT, check=True, capture_output=True)
    found = subprocess.run(
        [*renvois, "search", "atelier", "--json"], cwd=ROOT, check=True, capture_output=True
    )

    assert crawled.stdout.count('"outcome": "captured"') == len(shelf.by_url)
    assert found.stdout


@pytest.mark.campaign
def test_the_command_writes_a_corpus_and_touches_no_other(tmp_path):
    command = [sys.executable, "-m", "tests.library", str(tmp_path / "made"), "--texts", "40"]
    for _ in range(2):  # a second time, over what it wrote
        subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (tmp_path / "yours").mkdir()
    (tmp_path / "yours" / "notes.txt").write_text("à moi", encoding="utf-8")
    refused = subprocess.run(
        [*command[:3], str(tmp_path / "yours")], cwd=ROOT, check=False, capture_output=True
    )

    assert (tmp_path / "made" / "index").is_dir()
    assert refused.returncode == 1
    assert b"holds something else" in refused.stderr
    assert [path.name for path in (tmp_path / "yours").iterdir()] == ["notes.txt"]
