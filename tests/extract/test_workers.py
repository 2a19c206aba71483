"""Many payloads on all cores: none is lost, and none takes the others with it."""

import os
import signal
import threading
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from indexer.extract import Job, Readers, extract_article, extract_articles
from indexer.extract.workers import count_cores
from indexer.messages import message
from indexer.model import PageKind
from tests.extract.test_office import DOCX, EPUB, ODT, zipped

PARAGRAPH = "<p>Les communs se partagent sans se perdre, et chacun y ajoute un peu de sa part.</p>"


def page(number: int) -> bytes:
    return f"<html><body><h1>Page {number}</h1>{PARAGRAPH}<p>Numéro {number}.</p></body>".encode()


def jobs(*payloads: bytes) -> list[Job]:
    return [
        Job(payload=payload, url="http://a.example/", record_id=f"<{number}>")
        for number, payload in enumerate(payloads)
    ]


def test_every_job_gives_the_article_that_it_gives_alone():
    asked = jobs(*(page(number) for number in range(6)))

    articles = {article.record_id: article for article in extract_articles(asked, processes=2)}

    assert articles == {
        job.record_id: extract_article(
            job.payload, headers={}, url=job.url, record_id=job.record_id
        )
        for job in asked
    }


@pytest.mark.parametrize(
    "payload",
    [
        *(zipped(each, zipfile.ZIP_STORED)[:-100] for each in (DOCX, ODT, EPUB)),
        b"%PDF-1.4 et puis rien",
    ],
    ids=["docx", "odt", "epub", "pdf"],
)
def test_a_document_whose_end_was_cut_off_is_too_large_and_not_damaged(payload):
    """Its directory stands at the end: what is kept of 200 MB can't be opened."""
    whole, cut = (replace(job, is_cut=is_cut) for job in jobs(payload) for is_cut in (False, True))
    film = replace(cut, payload=b"PK\x03\x04" + bytes(500))
    (other,) = extract_articles([film], processes=1)
    assert other.evidence.key != "evidence.too-large-payload"
    told = {}
    for job in (whole, cut):
        (article,) = extract_articles([job], processes=1)
        assert article.kind is PageKind.UNREADABLE
        told[job.is_cut] = article.evidence

    assert told[False].key == "evidence.damaged"
    assert told[True] == message("evidence.too-large-payload", megabytes=1)


@pytest.mark.parametrize(
    ("payload", "media_type"),
    [
        (b"", "text/html"),
        (b" " * 50, "text/html"),
        (b"%PDF-1.4 et puis rien", "application/pdf"),
        (b"\x89PNG\r\n\x1a\n", "image/png"),
    ],
)
def test_what_has_no_text_comes_back_from_a_worker_as_it_does_alone(payload, media_type):
    job = Job(
        payload=payload,
        headers={"Content-Type": media_type},
        url="http://exemple.test/",
        record_id="urn:uuid:1",
    )

    (article,) = extract_articles([job], processes=1)

    assert article == extract_article(
        payload, headers=job.headers, url=job.url, record_id=job.record_id
    )


def test_no_job_starts_no_process():
    assert list(extract_articles([])) == []


def test_a_page_that_takes_too_long_is_set_aside_by_name():
    slow = b"<html><body>" + PARAGRAPH.encode() + b"<p>x" * 1_000_000

    articles = {
        article.record_id: article
        for article in extract_articles(jobs(page(1), slow, page(2)), processes=1, limit_s=0.3)
    }

    assert articles["<1>"].kind is PageKind.UNREADABLE
    assert articles["<1>"].evidence == message("evidence.too-long", seconds="0.3")
    assert set(articles) == {"<0>", "<1>", "<2>"}


def test_the_time_of_a_page_is_that_of_its_process_not_the_clock_s():
    with Readers(processes=1) as readers:
        while not readers.has_room:
            list(readers.take())
        worker = readers._workers[0]
        os.kill(worker._process.pid, signal.SIGSTOP)
        readers.give(jobs(page(1))[0])
        assert list(readers.take(timeout_s=0.3)) == []
        left = worker.find_left(15)
        os.kill(worker._process.pid, signal.SIGCONT)
        articles = []
        while readers.busy:
            articles += readers.take()

    assert left > 14.9
    assert [each.kind for each in articles] == [PageKind.STUB]


@pytest.mark.parametrize("megabytes", [60, 110])  # for half of it, for it and not for its text
def test_a_page_that_wants_too_much_memory_is_set_aside_by_name(megabytes):
    large = PARAGRAPH.encode() * 580_000  # 49 MB; what the libraries take is not counted

    articles = list(
        extract_articles(jobs(large, page(1)), processes=1, limit_s=60, max_bytes=megabytes << 20)
    )

    assert [article.record_id for article in articles] == ["<0>", "<1>"]
    assert articles[0].evidence == message("evidence.too-much-memory", megabytes=megabytes)
    assert articles[1].kind is not PageKind.UNREADABLE


def test_a_worker_that_is_killed_is_replaced_and_its_page_named():
    slow = b"<html><body>" + PARAGRAPH.encode() + b"<p>x" * 1_000_000 + b" " * 80_000_000
    before = _children()

    is_over = threading.Event()

    def kill_soon() -> None:
        while not is_over.wait(0.05):  # however long the worker takes to start
            for pid in _children() - before:
                if _is_busy(pid):
                    os.kill(pid, signal.SIGKILL)
                    return

    killer = threading.Thread(target=kill_soon, daemon=True)
    killer.start()
    articles = list(
        extract_articles(jobs(slow, page(1)), processes=1, limit_s=60, max_bytes=1 << 30)
    )
    is_over.set()
    killer.join()

    assert [article.record_id for article in articles] == ["<0>", "<1>"]
    assert articles[0].evidence == message("evidence.reader-died", cause="signal 9")
    assert articles[1].kind is not PageKind.UNREADABLE


def test_whoever_stops_iterating_leaves_no_process_behind():
    articles = extract_articles(jobs(*(page(number) for number in range(4))), processes=2)
    next(articles)
    articles.close()

    assert count_cores() >= 1


@pytest.mark.campaign
@pytest.mark.parametrize(
    ("name", "make_payload"),  # made by the one test that needs it: they are 200 MB together
    [
        ("100,000 nested div", lambda: b"<div>" * 100_000 + PARAGRAPH.encode()),
        (
            "200,000 attributes",
            lambda: b"<p " + b" ".join(b"a%d=1" % n for n in range(200_000)) + b">x",
        ),
        ("500,000 paragraphs", lambda: PARAGRAPH.encode() * 500_000),
        ("one paragraph of 20 MB", lambda: b"<p>" + b"mot de texte. " * 1_500_000),
        ("a million links", lambda: b"<a href=x>lien</a> " * 1_000_000),
        ("a million breaks", lambda: b"mot<br>" * 1_000_000),
        ("a comment never closed", lambda: PARAGRAPH.encode() * 30 + b"<!--" + b"x" * 5_000_000),
        (
            "a script never closed",
            lambda: PARAGRAPH.encode() * 30 + b"<script>" + b"x " * 5_000_000,
        ),
        (
            "JSON-LD nested",
            lambda: b"<script type='application/ld+json'>" + b"[" * 100_000 + b"</script>",
        ),
        (
            "a title of 6 MB",
            lambda: b"<title>" + b"x| " * 2_000_000 + b"</title>" + PARAGRAPH.encode(),
        ),
        ("a text of 46 MB", lambda: b"Les communs se partagent. " * 1_800_000),
        ("a page of 49 MB with an emoji", lambda: "😀".encode() + PARAGRAPH.encode() * 560_000),
        (
            "images of 49 MB inlined",
            lambda: (b"<img src='data:," + b"A" * 7_000_000 + b"'>" + PARAGRAPH.encode()) * 7,
        ),
        ("an office file of 500,000 elements", lambda: _office("docx", 15_000_000)),
        ("an open document of 500,000 elements", lambda: _office("odt", 19_000_000)),
        ("a million entities", lambda: b"<p>" + b"&nbsp;&eacute;&#233;" * 500_000),
    ],
)
def test_hostile_markup_ends_within_bounds(name, make_payload):
    (article,) = extract_articles(jobs(make_payload()), processes=1)

    assert article.evidence.key not in ("evidence.too-long", "evidence.too-much-memory"), name


def _office(kind: str, size: int) -> bytes:
    """Make a file of an office program in which each word stands by itself; `size` in bytes."""
    members = dict(DOCX if kind == "docx" else ODT)
    name, before, word, after = {
        "docx": ("word/document.xml", "<w:p>", "<w:r><w:t>mot </w:t></w:r>", "</w:p>"),
        "odt": ("content.xml", "<text:p>", "<text:span>mot </text:span>", "</text:p>"),
    }[kind]
    paragraph = f"{before}{word * 60}{after}"
    opened, closed = members[name].split(before, 1)
    members[name] = f"{opened}{paragraph * (size // len(paragraph))}{before}{closed}"
    return zipped(members, zipfile.ZIP_STORED)


def _children() -> set[int]:
    """The processes under this one, whatever their depth."""
    found: set[int] = set()
    fresh = {os.getpid()}
    while fresh:
        found |= fresh
        fresh = {pid for pid, parent in _parents() if parent in found} - found
    return found - {os.getpid()}


def _parents() -> list[tuple[int, int]]:
    pairs = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            stat = (process / "stat").read_text(encoding="utf-8")
        except OSError:
            continue
        pairs.append((int(process.name), int(stat.rsplit(")", 1)[1].split()[1])))
    return pairs


def _is_busy(pid: int) -> bool:
    """Say whether a process holds the page: it grew far beyond its libraries."""
    try:
        anonymous = int(Path(f"/proc/{pid}/statm").read_text(encoding="utf-8").split()[5])
    except OSError:
        return False
    return anonymous * 4096 > 280 << 20  # 170 MB of libraries, and twice the page
