"""What comes from outside and what leaves: imports, exports, odd clocks, odd characters, bombs."""

import json
import re
import shutil
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.campaign import foreign
from tests.campaign.command import Done, execute
from tests.campaign.damage import Faults, raw
from tests.campaign.lab import SETTINGS, Case, Lab, checks, put_bibliography
from tests.campaign.world import HTML, Answer, World, cited, url_of, web

FAKETIME = Path("/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1")
URLS = [url_of(n) for n in range(6)]
GZ = "etranger.warc.gz"


@dataclass(frozen=True, slots=True)
class Foreign:
    """A foreign file, how many of URLS must be known after its import, a word that must be said."""

    name: str
    octets: Callable[[], bytes]
    known: int = len(URLS)
    said: str = ""


def with_first(urls: Sequence[str], wrong: bytes, right: bytes) -> bytes:
    """A WARC in which one field of every record is written otherwise."""
    return foreign.warc(urls, gzip=False).replace(wrong, right)


FOREIGN = (
    Foreign("plain.warc", lambda: foreign.warc(URLS, gzip=False)),
    Foreign(GZ, lambda: foreign.warc(URLS)),
    Foreign("arc-1.0.arc", lambda: foreign.arc(URLS)),
    Foreign("arc-1.0.arc.gz", lambda: foreign.gzip.compress(foreign.arc(URLS))),
    Foreign(
        "one-bad-date.warc.gz",
        lambda: foreign.warc(
            URLS, dates=["2024-01-01T00:00:00Z"] * 2 + ["hier"] + ["2024-01-01T00:00:00Z"] * 3
        ),
        5,
        "ate",
    ),
    Foreign("one-member.warc.gz", lambda: foreign.one_member(URLS)),
    Foreign("damaged-middle.warc.gz", lambda: foreign.damaged_middle(URLS), 5, "amag"),
    Foreign("torn-tail.warc.gz", lambda: foreign.warc(URLS)[:-40], 5, " "),
    Foreign("frames.warc.zst", lambda: foreign.zstandard(URLS)),
    Foreign(
        "errors-404-403.warc.gz",
        lambda: foreign.warc(URLS, statuses=["404 Not Found", "403 Forbidden"] * 3),
    ),
    Foreign("version-0.18.warc", lambda: with_first(URLS, b"WARC/1.0\r\n", b"WARC/0.18\r\n")),
    Foreign(
        "lower-case-fields.warc", lambda: with_first(URLS, b"WARC-Target-URI", b"warc-target-uri")
    ),
    Foreign(
        "angle-brackets.warc",
        lambda: re.sub(rb"(?<=WARC-Target-URI: )(\S+)", rb"<\1>", foreign.warc(URLS, gzip=False)),
    ),
    Foreign(
        "many-names.wacz",
        lambda: foreign.wacz(
            {
                "archive/a\x1b]0;titre\x07.warc.gz": foreign.warc(URLS[:3]),
                "archive/b\nc.warc.gz": foreign.warc(URLS[3:]),
            }
        ),
    ),
    Foreign("not-a-warc.warc.gz", lambda: foreign.gzip.compress(b"bonjour" * 99), 0, " "),
    Foreign("empty.warc.gz", lambda: b"", 0, " "),
)


def import_foreign(lab: Lab, count: int, seed: int) -> list[Case]:
    """Import what other programs wrote: every record that their readers read."""

    def judge(number: int) -> Case:
        case = FOREIGN[number]
        with lab.empty() as corpus:
            source = lab.folder / f"foreign-{number}" / case.name
            source.parent.mkdir()
            source.write_bytes(case.octets())
            done = lab.run(corpus, "archive", "import", str(source))
            shutil.rmtree(source.parent)
            report, index = lab.run(corpus, "links", "report", "--json"), lab.run(corpus, "index")
            search = lab.run(corpus, "search", "lavoirs", "--json")
            faults = raw([done, report, index, search])
            known = sum(row["check_count"] > 0 for row in report.rows()) if report.code == 0 else -1
            if known < case.known:
                faults.append(("records-lost", f"{known} of {case.known} links known; {done}"))
            if case.said not in done.err:
                faults.append(("reason-unsaid", str(done)))
            if (
                case.known
                and "404" not in case.name
                and not any(row["snippets"] for row in search.rows())
            ):
                faults.append(("text-not-found", str(search)))
            odd = [p.name for p in corpus.rglob("*") if not p.name.isprintable()]
            faults += [("control-in-file-name", repr(name)) for name in odd]
            return Case(case.name, tuple(faults))

    return lab.each(judge, min(count, len(FOREIGN)))


def at_time(lab: Lab, corpus: Path, shift: str, *argv: str, proxy: str) -> Done:
    """Run a command while the machine's clock is off by `shift` (libfaketime: "+400d")."""
    env = {"LD_PRELOAD": str(FAKETIME), "FAKETIME": shift, "FAKETIME_DONT_FAKE_MONOTONIC": "1"}
    return execute(corpus, argv, config=lab.folder / "renvois.toml", proxy=proxy, env=env)


CLOCKS = ("imported from next year", "crawled next year", "checked and reported next year")


def clock(lab: Lab, count: int, seed: int) -> list[Case]:
    """A clock that once ran a year ahead: what is visited later counts, or the reader is told."""
    return [ahead(lab, name) for name in CLOCKS[:count]]


def ahead(lab: Lab, name: str) -> Case:
    url = url_of(1)
    with lab.empty() as corpus, World(web()) as world:
        if name.startswith("imported"):
            source = lab.folder / "ahead.warc.gz"
            year = time.gmtime().tm_year + 1
            source.write_bytes(foreign.warc([url], dates=[f"{year}-06-01T00:00:00Z"]))
            made = [lab.run(corpus, "archive", "import", str(source))]
        elif not FAKETIME.exists():
            return Case(name, skipped="libfaketime is not installed")
        else:
            commands = [["crawl"], ["links", "check", "--force"], ["links", "report"], ["index"]]
            commands = commands[: 1 if name.startswith("crawled") else 4]
            made = [at_time(lab, corpus, "+400d", *c, proxy=world.url) for c in commands]
        before = lab.run(corpus, "links", "report", "--json")
        world.answers[url] = Answer(410, HTML, b"<h1>Gone</h1>")
        later = lab.commands.run(corpus, "links", "check", "--force", "--json", proxy=world.url)
        report = lab.run(corpus, "links", "report", "--json")
        faults = raw([*made, before, later, report])
        said = "".join(d.err for d in (*made, before, later, report))
        if re.search("horloge|futur|clock|ahead", said):
            return Case(name, tuple(faults))
        faults.append(("clock-unsaid", str(report)))
        was, now = checks(before), checks(report)
        ignored = [row["url"] for row in later.rows() if now[row["url"]] <= was[row["url"]]]
        if ignored:
            seen = f"{len(ignored)} of {len(later.rows())} links have no check more: {ignored[0]}"
            faults.append(("later-visit-ignored", seen))
        if {row["url"]: row["state"] for row in report.rows()}[url] == "alive":
            faults.append(("gone-page-alive", url))
        return Case(name, tuple(faults))


def only(lab: Lab, count: int, seed: int) -> list[Case]:
    """One unknown target among several: it is named, the rest is visited."""
    unknown = ("http://inconnu.example/x", "inconnu.example", "nul-1900-rien", "ht!tp://")

    def judge(number: int) -> Case:
        name = unknown[number]
        asked = [name, url_of(0), url_of(1)] if number % 2 else [url_of(0), name, url_of(1)]
        with lab.copy() as corpus:
            done = lab.run(
                corpus, "crawl", "--force", "--json", *(w for u in asked for w in ("--only", u))
            )
            faults = raw([done])
            visited = {row["url"] for row in done.rows()}
            faults += [("not-visited", u) for u in (url_of(0), url_of(1)) if u not in visited]
            faults += [] if name in done.err else [("unknown-unnamed", str(done))]
            return Case(name, tuple(faults))

    return lab.each(judge, min(count, len(unknown)))


TRIPS = ("as crawled", "with a death", "with an import")
KEPT = ("state", "check_count", "alive_at", "since", "history", "failure_count")


def round_trip(lab: Lab, count: int, seed: int) -> list[Case]:
    """Export, import into an empty corpus with the same bibliography: the links are the same."""
    return lab.each(lambda number: trip(lab, TRIPS[number]), min(count, len(TRIPS)))


def trip(lab: Lab, name: str) -> Case:
    made: list[Done] = []
    start = lab.empty() if name == "with a death" else lab.copy()
    with start as corpus, lab.empty() as other, World(web()) as world:
        if name == "with a death":
            if not FAKETIME.exists():
                return Case(name, skipped="libfaketime is not installed")
            for days in (-25, -20, -15, -8, -1):
                made.append(at_time(lab, corpus, f"{days}d", "crawl", "--force", proxy=world.url))
                world.answers[url_of(0)] = Answer(404, HTML, b"<h1>Erreur 404</h1>")
        if name == "with an import":
            source = foreign.write_warc(lab.folder / "ancien.warc.gz", URLS, repeat=3)
            made.append(lab.run(corpus, "archive", "import", str(source)))
        pack = corpus / "tout.wacz"
        before = lab.run(corpus, "links", "report", "--json")
        made.append(lab.run(corpus, "archive", "export", str(pack)))
        made.append(lab.run(other, "archive", "import", str(pack)))
        after = lab.run(other, "links", "report", "--json")
        faults = raw([*made, before, after]) + [("refused", str(d)) for d in made if d.code]
        was, now = ({row["url"]: row for row in done.rows()} for done in (before, after))
        if name == "with a death" and was[url_of(0)]["state"] != "dead":
            faults.append(("no-death-made", str(was[url_of(0)])))
        for field in KEPT:
            differ = [u for u in was if was[u][field] != now.get(u, {}).get(field)]
            if differ:
                u = differ[0]
                became = now.get(u, {}).get(field)
                seen = f"{len(differ)} links, {u}: {was[u][field]!r} became {became!r}"
                faults.append((f"changed-{field}", seen[:300]))
        return Case(name, tuple(faults))


# ESC sequences, BEL, CSI, OSC 8, C1, bidirectional overrides and isolates.
SIGNS = {
    "ESC": "\x1b[31m",
    "BEL": "\x07",
    "OSC 8": "\x1b]8;;http://mal.example\x1b\\",
    "C1 CSI": "\x9b2J",
    "C1 OSC": "\x9d0;titre\x9c",
    "bidi override": "\u202e",
    "bidi isolate": "\u2067",
    "DEL and BS": "\x7f\x08",
}
CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
# What the commands themselves write to a terminal: bold, underlined, plain, and click's bar.
OWN = re.compile("\x1b\\[(?:0|1|4)m|\x1b\\[\\?25[lh]|\x1b\\[K")
SPOKEN = (
    "bibliography list", "crawl", "index", "search atelier", "links report",
    "bibliography check", "bibliography export --format bibtex",
    "bibliography export --format ris", "bibliography export", "crawl --dry-run",
    "crawl --force --json", "extract --all", "search atelier --json",
    "search atelier --explain", "links check --force",
    "links report --format csv", "links report --format html", "links report --format atom",
    "links report --format junit", "links report --json", "links repair", "links show h0.example",
    "archive reindex",
)  # fmt: skip


DOCUMENTS = ("bibliography export", "links report --format", "links repair")


def escapes(lab: Lab, count: int, seed: int) -> list[Case]:
    """Control characters in authors, titles, notes, addresses and pages reach no terminal."""
    signs = "".join(SIGNS.values())
    rows = [cited(n) for n in range(8)]
    for n, row in enumerate(rows):
        sign = list(SIGNS.values())[n]
        row["title"] = f"Un {sign}atelier partagé {n}"
        row["author"] = [{"given": "Cam", "family": f"Fam{sign}ille"}]
        row["annote"] = f"Cet atelier {sign} est partagé."
        row["URL"] = f"http://h{n}.example/page{sign}{n}"
    answers = {}
    body = foreign.PAGE.format(
        f"<h1>Un atelier</h1><p>L'atelier{signs} partagé.</p>" + foreign.TEXT
    ).encode()
    for row in rows:
        answers[str(row["URL"])] = Answer(200, HTML | {"ETag": '"a\x1b[1m"'}, body)
    with lab.empty() as corpus, World(answers) as world:
        put_bibliography(corpus, json.dumps(rows))
        cases = []
        for spoken in SPOKEN[:count]:
            argv = spoken.split()
            piped = lab.commands.run(corpus, *argv, proxy=world.url)
            screen = lab.commands.run(corpus, *argv, proxy=world.url, terminal=True)
            faults = raw([piped, screen])
            # A document that goes to a file holds what its format says; a person reads the rest.
            shown = [("terminal", screen.stdout), ("stderr", piped.stderr)]
            shown += [] if spoken.startswith(DOCUMENTS) else [("stdout", piped.stdout)]
            for where, octets in shown:
                text = octets.decode(errors="surrogateescape")
                text = OWN.sub("", text) if where == "terminal" else text
                found = sorted(set(CONTROL.findall(text)))
                faults += [("control-printed", f"{where}: {found!r}")] if found else []
            cases.append(Case(spoken, tuple(faults)))
        return cases


MEGABYTE = 2**20
MEMORY_KB = 200_000


@contextmanager
def watch_size(folder: Path) -> Iterator[list[int]]:
    """The most bytes that a folder held, in the list's one place."""
    most, stop = [0], threading.Event()

    def look() -> None:
        while not stop.wait(0.05):
            sizes = []
            for path in folder.rglob("*"):
                try:
                    sizes.append(path.stat().st_size)
                except FileNotFoundError:
                    continue
            most[0] = max(most[0], sum(sizes))

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield most
    finally:
        stop.set()
        thread.join()


def bombs(lab: Lab, count: int, seed: int) -> list[Case]:
    """Small files that expand to gigabytes, and a record of 600 MB: bounded, said, cleaned up."""
    source = lab.folder / "bombs"
    source.mkdir()
    config = lab.folder / "renvois.toml"
    cases = []
    for name in ("zip of 3 GB", "gzip of 3 GB in a zip")[:count]:
        path = source / "bombe.wacz"
        if name.startswith("zip"):
            foreign.write_zip_bomb(path, 3_000 * MEGABYTE)
        else:
            foreign.write_big_record(source / "b.gz", url_of(0), 3_000 * MEGABYTE)
            path.write_bytes(foreign.wacz({"archive/b.warc.gz": (source / "b.gz").read_bytes()}))
        with lab.empty() as corpus, watch_size(corpus) as most:
            done = execute(corpus, ["archive", "import", str(path)], config=config)
            faults = raw([done])
            kept = sum(p.stat().st_size for p in corpus.rglob("*") if p.is_file())
            if done.code == 0 or not done.err.strip():
                faults.append(("bomb-taken", str(done)))
            if kept > 64 * MEGABYTE or any(p.name.startswith(".import") for p in corpus.rglob("*")):
                faults.append(("left-behind", f"{kept / 1e6:.0f} MB"))
            if most[0] > 256 * MEGABYTE:
                faults.append(("expanded", f"{most[0] / 1e6:.0f} MB"))
            faults += over_memory(done)
        cases.append(Case(f"{name} ({path.stat().st_size / 1e6:.1f} MB)", tuple(faults)))
    # One that is wanted all the same: spaces pack a thousand times.
    config = lab.folder / "grand.toml"
    config.write_text(f"{SETTINGS}max_import_ratio = 100000\n")
    big = source / "grand.warc.gz"
    foreign.write_big_record(big, url_of(0), 600 * MEGABYTE)
    with lab.empty() as corpus:
        steps = (
            ["archive", "import", str(big)],
            ["archive", "reindex"],
            ["archive", "export", str(source / "t.wacz")],
            ["extract"],
        )
        for argv in steps[: max(0, count - 2)]:
            done = execute(corpus, argv, config=config)
            cases.append(
                Case(f"600 MB record: {' '.join(argv[:2])}", tuple(raw([done]) + over_memory(done)))
            )
    shutil.rmtree(source)
    return cases


def over_memory(done: Done) -> Faults:
    return (
        [("memory", f"{done.max_rss_kb / 1000:.0f} MB: {done}")]
        if done.max_rss_kb > MEMORY_KB
        else []
    )
