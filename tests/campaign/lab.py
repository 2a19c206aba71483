"""One corpus made once by the real program, copied for each case, and what is asked of a copy."""

import json
import math
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
import traceback
import zlib
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from tests.campaign.command import Commands, Done
from tests.campaign.world import PAGES, QUERIES, World, bibliography, cited, url_of, web

SETTINGS = "delay_s = 0.0\narchives = []\nread_timeout_s = 5.0\n"


@dataclass(frozen=True, slots=True)
class Case:
    """One case, and what was wrong: (slug of the fault, what was seen)."""

    name: str
    faults: tuple[tuple[str, str], ...] = ()
    skipped: str = ""


@dataclass
class Lab:
    """The saved corpus, its undamaged answers, and the means to run commands on copies."""

    folder: Path
    commands: Commands
    world: World
    ends_at: float = math.inf  # by the monotonic clock, in seconds
    begins_at: int = 0  # the first case that is judged, where a run goes on from another

    def __post_init__(self) -> None:
        self.base = self.folder / "base"
        self.base.mkdir()
        (self.folder / "renvois.toml").write_text(SETTINGS)
        # Built from other notes, then updated: an index of two segments, one with what is replaced.
        edit_bibliography(self.base)
        for argv in (["crawl"], ["crawl", "--force"], ["index", "--rebuild"]):
            self.must(self.base, *argv)
        put_bibliography(self.base)
        self.must(self.base, "index")
        self.must(self.base, "links", "report", "--json")
        self.answers = self.ask(self.base)
        assert all(
            done.code == 0 and (done.argv[0] != "search" or done.stdout) for done in self.answers
        )
        with self.copy() as clean:
            self.must(clean, "crawl", "--force", "--only", url_of(0))
            self.must(clean, "index")
            self.kinds = {kind_of(p, c) for c in (clean, self.base) for p in files(c)}
            self.rows = index_rows(clean)
        with self.copy() as clean:
            edit_bibliography(clean)
            self.must(clean, "index")
            self.kinds |= {kind_of(p, clean) for p in files(clean)}
            self.updated = [essence(done) for done in self.ask(clean)]
        with self.copy() as clean:
            self.must(clean, "index", "--rebuild")
            self.must(clean, "index")
            self.generations = len(generations(clean))  # an older one may stay for who reads it
        self.before = [essence(done) for done in self.answers]
        with self.copy() as clean:
            self.reindexed_checks = self.reindex(clean)[1]
        self.right = self.question(self.base)
        assert all(ended == "ok" for ended, _ in self.right.values()), self.right

    def run(self, corpus: Path, *argv: str, **more: object) -> Done:
        return self.commands.run(corpus, *argv, proxy=self.world.url, **more)  # type: ignore[arg-type]

    def must(self, corpus: Path, *argv: str) -> Done:
        done = self.run(corpus, *argv)
        assert done.code == 0, f"{done}\n{done.err}"
        return done

    def ask(self, corpus: Path) -> list[Done]:
        """Ask the queries and the report, each in a process of its own."""
        searches = [
            self.run(corpus, "search", query, "--json", "--limit", "40") for query in QUERIES
        ]
        return [*searches, self.run(corpus, "links", "report", "--format", "json")]

    def question(self, corpus: Path) -> dict[str, tuple[str, str]]:
        """Ask the index all of `questions.py`: how each ended (ok, ours, raw), and its answer."""
        done = self.run(corpus, questions=corpus / "index")
        assert done.code == 0, done.err
        return {name: (ended, text) for name, (ended, text) in json.loads(done.stdout).items()}

    def reindex(self, corpus: Path) -> tuple[Done, int]:
        """Read the archive back into an empty catalogue; the checks that are known then."""
        with self.empty() as copy:
            shutil.copytree(corpus / "archive", copy / "archive")
            done = self.run(copy, "archive", "reindex")
            report = self.run(copy, "links", "report", "--json")
            return done, sum(checks(report).values()) if report.code == 0 else -1

    @contextmanager
    def copy(self) -> Iterator[Path]:
        with self.empty() as copy:
            subprocess.run(["cp", "-a", "--reflink=auto", f"{self.base}/.", copy], check=True)
            yield copy

    @contextmanager
    def empty(self) -> Iterator[Path]:
        """A new folder with the bibliography alone."""
        folder = Path(tempfile.mkdtemp(dir=self.folder))
        try:
            folder.chmod(0o755)
            put_bibliography(folder)
            yield folder
        finally:
            shutil.rmtree(folder)

    def each(self, judge: Callable[[int], Case], count: int) -> list[Case]:
        """Judge cases `begins_at` to `count`, as many at a time as there are workers.

        Those that would begin after `ends_at` are left out.
        """

        def judge_in_time(number: int) -> list[Case]:
            return [judged(judge, number)] if time.monotonic() < self.ends_at else []

        with ThreadPoolExecutor(self.commands.workers) as pool:
            numbers = range(self.begins_at, count)
            return [case for cases in pool.map(judge_in_time, numbers) for case in cases]

    def litter(self, corpus: Path) -> list[str]:
        """What a clean run does not leave: unknown kinds of file, generations, index rows."""
        found = [
            str(p.relative_to(corpus))
            for p in files(corpus)
            if kind_of(p, corpus) not in self.kinds
        ]
        found += generations(corpus)[: -self.generations]
        rows = index_rows(corpus)
        return found + [f"{t}: {n} rows" for t, n in rows.items() if n > self.rows.get(t, n)]


def judged(judge: Callable[[int], Case], number: int) -> Case:
    """The case; one that can't be judged is a fault of its own, and hours of others are kept."""
    try:
        case = judge(number)
    except Exception as error:  # noqa: BLE001
        where = traceback.extract_tb(error.__traceback__)[-1]
        case = Case(f"case {number}", (("not-judged", f"{error!r} in {where.name}"),))
    slugs = ", ".join(sorted({slug for slug, _ in case.faults})) or "kept"
    print(f"{number}: {case.name}: {slugs}", file=sys.stderr, flush=True)
    return case


@contextmanager
def open_lab(folder: Path, workers: int = 2) -> Iterator[Lab]:
    """A lab in `folder`, which must be empty and which another user may enter."""
    folder.chmod(0o755)
    with World(web()) as world, closing(Commands(folder, workers)) as commands:
        yield Lab(folder, commands, world)


def put_bibliography(corpus: Path, text: str | None = None) -> None:
    (corpus / "bibliography").mkdir(exist_ok=True)
    (corpus / "bibliography" / "dossier.json").write_text(text or bibliography(), encoding="utf-8")


def edit_bibliography(corpus: Path) -> None:
    """Change a few notes, so that an update has something to do."""
    rows = [cited(n) for n in range(PAGES)]
    for row in rows[:4]:
        row["annote"] = f"{row['annote']} Un atelier partagé de plus, avec ses outils communs."
    put_bibliography(corpus, json.dumps(rows, ensure_ascii=False))


def files(corpus: Path) -> list[Path]:
    return sorted(p for p in corpus.rglob("*") if p.is_file() and "bibliography" not in p.parts)


def kind_of(path: Path, corpus: Path) -> str:
    """The name of a file without what differs from run to run."""
    of_run = r"(?<=_)[0-9a-z]{10,}|[0-9a-f-]{36}|[0-9a-f]{20}-\d+-[0-9a-f]{8}"
    name = re.sub(of_run, "*", str(path.relative_to(corpus)))
    return re.sub(r"\d+", "#", name)


def generations(corpus: Path) -> list[str]:
    """The folders of the index's generations, the oldest first."""
    return sorted(p.name for p in (corpus / "index").glob("g*") if p.is_dir())


def index_rows(corpus: Path) -> dict[str, int]:
    """How many rows each table of the index's databases holds; a broken one holds none."""
    counts: dict[str, int] = {}
    for path in (corpus / "index").rglob("*.sqlite"):
        with (
            suppress(sqlite3.Error),
            closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as db,
        ):
            names = [
                row[0] for row in db.execute("select name from sqlite_master where type='table'")
            ]
            for name in names:
                (count,) = db.execute(f'select count(*) from "{name}"').fetchone()
                counts[f"{path.name}:{name}"] = count
    return counts


def essence(done: Done) -> object:
    """What of an answer does not change when a page is merely visited again."""
    if done.code != 0:
        return ("exit", done.code)
    if done.argv[0] != "search":
        return sorted(checks(done))
    # Scores move a little with each update, as long as what was replaced is still counted.
    return sorted((row["id"], *(s["text"] for s in row["snippets"])) for row in done.rows())


def checks(report: Done) -> dict[str, int]:
    """How many checks are known of each link."""
    return {row["url"]: row["check_count"] for row in report.rows()}


def warcs(corpus: Path) -> dict[str, bytes]:
    folder = corpus / "archive"
    return {p.name: p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def deleted(before: dict[str, bytes], after: dict[str, bytes]) -> int:
    """Count the archive's bytes that stand no more in their file, nor whole in one beside."""
    gone = 0
    for name, was in before.items():
        if any(text.startswith(was) for text in after.values()):
            continue
        kept = _common(was, after.get(name, b""))
        rest = was[kept:]
        gone += (
            0 if any(rest in text for other, text in after.items() if other != name) else len(rest)
        )
    return gone


def _common(a: bytes, b: bytes) -> int:
    """Length of the longest common start."""
    low, high = 0, min(len(a), len(b))
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if a[:middle] == b[:middle] else (low, middle - 1)
    return low


def whole_members(archive: Iterable[bytes]) -> int:
    """Count the gzip members that hold a WARC record and are whole, wherever they stand."""
    count = 0
    for text in archive:
        at = text.find(b"\x1f\x8b\x08")
        while at >= 0:
            engine = zlib.decompressobj(31)
            with suppress(zlib.error):
                record = engine.decompress(text[at : at + 4_000_000])
                count += engine.eof and record.startswith(b"WARC/")
            at = text.find(b"\x1f\x8b\x08", at + 1)
    return count
