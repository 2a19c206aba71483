"""A crawl killed at any moment loses nothing it told, and does not ask again for what it has."""

import random
import subprocess
import sys
import textwrap
import threading

import pytest
from warcio.archiveiterator import ArchiveIterator

from indexer.archive import open_archive, open_catalogue
from indexer.model import Captured
from indexer.urls import urlkey
from testbed.hostile import HostileServer
from tests.crawl.runs import Crawl
from tests.crawl.zoo import PAGE

HOSTS, PAGES = 8, 12

CRAWLS = """
    import sys
    from pathlib import Path
    from indexer.archive import acquire_lock
    from tests.crawl.runs import Crawl

    folder = Path(sys.argv[1])
    with acquire_lock(folder / "lock"):
        for outcome in Crawl(folder).run(sys.argv[2:]):
            print(outcome.url, flush=True)
"""


def answer(talk):
    talk.answer(PAGE * 3 + talk.host + talk.path)


def crawl_until_killed(folder, urls, after_s):
    """Crawl in another process, kill it a while after its first word.

    Gives the URLs that it told, and whether it was killed before its end.
    """
    with subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(CRAWLS), str(folder), *urls],
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        first = process.stdout.readline()  # "" when nothing was left to do
        killer = threading.Timer(after_s, process.kill)
        killer.start()
        lines = [first, *process.stdout]
        process.wait()
        killer.cancel()
        assert process.returncode in (0, -9)
    told = [line.strip() for line in lines if line.endswith("\n")]
    return told, process.returncode == -9


def check_corpus(folder, told):
    """All files are whole to the last record known, and all that was told is there."""
    with (
        open_archive(folder / "archive") as archive,
        open_catalogue(folder / "catalogue.sqlite") as c,
    ):
        for url in told:
            (visit,) = c.visits(urlkey(url))
            location = c.find_location(visit.record_id)
            assert archive.read_payload(location.filename, location.offset).payload


def kill_and_go_on(folder, kills, seed):
    """Kill a crawl again and again until it is done; give how often it was killed."""
    rng = random.Random(seed)
    serve = {f"h{n}.test": answer for n in range(HOSTS)}
    told, asked_when_told, killed = [], {}, 0
    with HostileServer(serve) as server:
        urls = [server.url(f"h{n}.test", f"/{page}") for n in range(HOSTS) for page in range(PAGES)]
        while killed < kills:
            more, was_killed = crawl_until_killed(folder, urls, rng.uniform(0, 0.25))
            told += more
            killed += was_killed
            check_corpus(folder, told)
            for url in told:
                asked_when_told.setdefault(url, count(server, url))
            if not was_killed:
                break
        rest = list(Crawl(folder).run(urls))
        asked = {url: count(server, url) for url in asked_when_told}

    assert all(isinstance(outcome, Captured) for outcome in rest)
    assert len(set(told)) == len(told)
    assert not set(told) & {outcome.url for outcome in rest}
    assert asked == asked_when_told
    check_corpus(folder, urls)
    for path in (folder / "archive").glob("*.warc.gz"):
        with path.open("rb") as stream:
            for record in ArchiveIterator(stream, check_digests="raise"):
                record.raw_stream.read()
    assert not list((folder / "archive").glob("*.open"))
    return killed


def count(server, url):
    host, _, path = url.removeprefix("http://").partition("/")
    return len(server.asked(host.partition(":")[0], f"/{path}"))


@pytest.mark.slow
def test_killed_a_few_times_nothing_told_is_lost(tmp_path):
    assert kill_and_go_on(tmp_path, kills=3, seed=1) > 0


@pytest.mark.campaign
@pytest.mark.timeout(1_800)
def test_killed_a_hundred_times_nothing_told_is_lost(tmp_path):
    killed = seed = 0
    while killed < 100:
        folder = tmp_path / str(seed)
        folder.mkdir()
        killed += kill_and_go_on(folder, kills=100 - killed, seed=seed)
        seed += 1
