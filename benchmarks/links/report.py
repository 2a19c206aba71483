"""Make the report of a library of made-up links, then ask the page *Liens* for it through Flask."""

import random
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any, Final

from indexer.archive import open_archive, open_catalogue
from indexer.archive.database import insert
from indexer.archive.rows import visit_values
from indexer.corpus import Corpus
from indexer.disk import seal_row
from indexer.engines import build_index, open_searcher
from indexer.links.history import open_history, render_moment, render_observation
from indexer.model import Cause, Observation, PageKind, Redirect, Signal, Visit
from indexer.pipeline.link_report_cache import LinkReportCache
from indexer.urls import urlkey

START: Final = datetime(2026, 1, 5, 9, tzinfo=UTC)
NOW: Final = START + timedelta(days=86)
PER_FILE: Final = 1_000
WORDS: Final = (
    "jardin", "partage", "commun", "atelier", "pain", "four", "village", "moulin", "riviere",
    "chanson", "memoire", "archive", "lecture", "bibliotheque", "quartier", "usine", "greve",
    "metier", "outil", "savoir", "ecole", "carte", "chemin", "foret", "semence", "potager",
    "cuisine", "marche", "image", "film", "radio", "revue", "journal", "carnet", "lettre",
    "voix", "langue", "grammaire", "rencontre",
)  # fmt: skip
ASKS: Final = {
    "first page": "",
    "page 9": "?page=9",
    "a state": "?etat=dead",
    "a cause": "?cause=404",
    "a site": "?site=site7.test",
    "a section": "?section=Section+10",
    "a bibliography": "?fichier=part000.bib",
    "a period": "?depuis=2026-02-01&jusque=2026-02-28",
    "state, cause, period": "?etat=dead&cause=404&depuis=2026-02-01&jusque=2026-02-28",
    "by address": "?tri=address&page=100",
    "by visits": "?tri=visits&sens=inverse&page=40",
}


def make_corpus(folder: Path, count: int) -> None:
    """Make a bibliography of `count` links, and some six visits and observations of each."""
    rng = random.Random(18)
    (folder / "bibliography").mkdir()
    urls = [
        f"https://site{rng.randrange(count // 20 + 1)}.test/{rng.randrange(1990, 2024)}/"
        f"{rng.choice(WORDS)}-{number}.html"
        for number in range(count)
    ]
    for part, first in enumerate(range(0, count, PER_FILE)):
        some = list(enumerate(urls))[first : first + PER_FILE]
        # One file has headings: what stands under them is in a section.
        name, render = ("txt", _as_line) if part == 1 else ("bib", _as_entry)
        text = "".join(render(number, url, _make_title(rng)) for number, url in some)
        path = folder / "bibliography" / f"part{part:03}.{name}"
        path.write_text(text, encoding="utf-8")
    told = (each for url in urls for each in _tell(url, rng))
    with (
        open_catalogue(folder / "catalogue.sqlite") as catalogue,
        open_history(folder / "catalogue.sqlite"),
    ):
        while some_told := list(islice(told, 5_000)):
            with catalogue.transaction() as connection:
                for seen in some_told:
                    insert(connection, "visits", visit_values(_visit(seen), ""))
            _record(folder / "catalogue.sqlite", some_told)


def _make_title(rng: random.Random) -> str:
    return " ".join(rng.sample(WORDS, 6)).capitalize()


def _as_entry(number: int, url: str, title: str) -> str:
    return (
        f"@article{{k{number}, title = {{{title}}}, author = {{Fictif{number % 977}, Aubin}}, "
        f"journal = {{Revue {number % 53}}}, year = {{{2000 + number % 24}}}, url = {{{url}}}}}\n"
    )


def _as_line(number: int, url: str, title: str) -> str:
    heading = f"Section {number // 100}\n\n" if number % 100 == 0 else ""
    return f"{heading}  • Aubin Fictif, « {title} », Revue, 2013, {url}\n\n"


def _tell(url: str, rng: random.Random) -> Iterator[Observation]:
    """Tell the visits of a link: four in five stay well, the others turn one day."""
    kind, visits = rng.random(), rng.choice((5, 6, 6, 7, 8))
    turn = rng.randrange(1, visits)
    page: dict[str, Any] = {
        "status": 200, "has_page": True, "page_kind": PageKind.ARTICLE, "final_url": url,
        "signals": frozenset({Signal.TITLE_FOUND}), "similarity": 1.0, "kept": 1.0, "known": 1.0,
        "record_id": f"<urn:uuid:{urlkey(url)}>", "basis": seal_row(url),
    }  # fmt: skip
    turns: dict[float, dict[str, Any]] = {
        0.92: {"status": 404, "cause": Cause.NOT_FOUND, "final_url": url},
        0.89: {"cause": Cause.UNKNOWN_HOST},
        0.86: {"status": 403, "cause": Cause.BLOCKED, "final_url": url},
        0.83: {"cause": Cause.TIMEOUT},
        0.80: page | {"redirects": (Redirect(target_uri=f"{url}?n", is_permanent=True),)},
    }
    for visit in range(visits):
        at = START + timedelta(days=9 * visit + rng.randrange(3), seconds=rng.randrange(20_000))
        turned = next((told for least, told in turns.items() if kind > least), page)
        yield Observation(url=url, observed_at=at, **(turned if visit >= turn else page))


def _visit(seen: Observation) -> Visit:
    return Visit(
        url=seen.url, urlkey=urlkey(seen.url), visited_at=seen.observed_at, status=seen.status,
        outcome="missed" if seen.cause else "captured", cause=seen.cause, final_url=seen.final_url,
        record_id=seen.record_id,
    )  # fmt: skip


def _record(path: Path, some: list[Observation]) -> None:
    """Record observations in one transaction: a hundred thousand links have six times as many."""
    rows = [
        (urlkey(each.url), render_moment(each.observed_at), each.url, render_observation(each))
        for each in some
    ]
    with closing(sqlite3.connect(path)) as database, database:
        database.executemany(
            "INSERT INTO link_observations (urlkey, observed_at, url, observation, digest) "
            "VALUES (?, ?, ?, ?, ?)",
            ((*row, seal_row(*row)) for row in rows),
        )


def open_reports(folder: Path, *, readings: Path | None) -> LinkReportCache:
    """Open the report of the corpus in a folder, which is made when it is asked for."""
    corpus = Corpus(
        catalogue=open_catalogue(folder / "catalogue.sqlite"),
        archive=open_archive(folder / "archive"),
        history=open_history(folder / "catalogue.sqlite"),
        now=lambda: NOW,
    )
    return LinkReportCache(corpus, folder / "bibliography", readings=readings)


def measure_making(folder: Path) -> None:
    """Print the CPU that the making takes, before and after the bibliography was read once."""
    for readings in ("none kept", "kept"):
        (folder / "links.report").unlink(missing_ok=True)
        start = time.process_time()
        with closing(open_reports(folder, readings=folder / "readings")) as reports:
            reports.say_completeness(lambda *_, **__: "")  # type: ignore[arg-type]
        print(f"report made, readings {readings}: {time.process_time() - start:.1f} s of CPU")
    size = (folder / "links.report").stat().st_size
    print(f"size of the report: {size / 1e6:.0f} MB")


def measure_pages(folder: Path) -> None:
    """Print the CPU of requests of the page *Liens*, the first one of this process first."""
    from search_web import Site, Sources, create_app

    index = folder / "index"
    if not index.exists():
        build_index(index, ())
    start = time.process_time()
    with closing(open_reports(folder, readings=folder / "readings")) as reports:
        searcher = open_searcher(index)
        client = create_app(searcher, Site(), Sources(link_reports=reports)).test_client()
        print(f"application opened: {time.process_time() - start:.2f} s of CPU")
        for name, query in ASKS.items():
            told = []
            for _ in range(3):
                start = time.process_time()
                answer = client.get(f"/liens{query}")
                told.append(time.process_time() - start)
                assert answer.status_code < 400, query
            print(f"{name}: {told[0]:.2f} s of CPU, then {min(told[1:]):.2f}")
        searcher.close()


def main(count: int) -> None:
    """Make the corpus, then measure the report and, in a process of its own, the pages."""
    with tempfile.TemporaryDirectory() as name:
        make_corpus(Path(name), count)
        measure_making(Path(name))
        code = "import sys; from pathlib import Path; from benchmarks.links import report; "
        command = [sys.executable, "-c", f"{code}report.measure_pages(Path(sys.argv[1]))", name]
        subprocess.run(command, check=True)
