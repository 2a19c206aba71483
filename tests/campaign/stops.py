"""Commands that are killed, that find the disk full, or a folder that they may not write."""

import itertools
import os
import random
import re
import shutil
import signal
import threading
import time
from collections import Counter
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from tests.campaign.command import Done, kill_group
from tests.campaign.damage import WARNS, Faults, raw
from tests.campaign.foreign import write_warc
from tests.campaign.lab import (
    Case,
    Lab,
    checks,
    deleted,
    edit_bibliography,
    essence,
    kind_of,
    warcs,
)
from tests.campaign.world import PAGES, url_of

SWAPPED = ("index --rebuild", "index", "archive import", "crawl", "archive export")
# Changes that are many and alike: Whoosh's columns, folders that are there, temporary files.
ORDINARY = re.compile(r"\.col$|^mkdir \.|^mkdir (archive|index)$|ctmp$|corpus\.tmp|/lock$|LOCK$")
KILLED = ("crawl", "links check", "archive import", "index --rebuild", "index")
FILLED = (*KILLED, "archive export")


def prepare(operation: str, corpus: Path, seed: str) -> list[str]:
    """Make ready what the operation needs beside the corpus; its command line."""
    beside = corpus / "bibliography" / ".beside"  # a name with a dot is no bibliography
    match operation:
        case "archive import":
            beside.mkdir()
            # Of pages that answer: captures older than what is known change no text.
            urls = [url_of(n) for n in range(PAGES) if n % 6 != 5]
            source = write_warc(beside / f"etranger-{seed}.warc.gz", urls, repeat=8)
            return ["archive", "import", str(source)]
        case "archive export":
            beside.mkdir()
            return ["archive", "export", str(beside / "tout.wacz")]
        case "index":
            edit_bibliography(corpus)
            return ["index"]
        case "crawl" | "links check":
            return [*operation.split(), "--force", "--json"]
    return operation.split()


def time_operations(lab: Lab, operations: Iterable[str] = KILLED) -> dict[str, float]:
    """How long each operation takes when nothing stops it, in seconds."""
    took = {}
    for operation in operations:
        with lab.copy() as corpus:
            argv = prepare(operation, corpus, "0")
            began = time.monotonic()
            lab.must(corpus, *argv)
            took[operation] = time.monotonic() - began
    return took


def kills(lab: Lab, count: int, seed: int) -> list[Case]:
    """Kill -9 at random moments; every other one of the index's, around its swap."""
    took = time_operations(lab)
    return lab.each(lambda number: kill(lab, number, seed, took), count)


def kill(lab: Lab, number: int, seed: int, took: dict[str, float]) -> Case:
    rng = random.Random(f"{seed}/{number}")
    operation = KILLED[number % len(KILLED)]
    at_swap = operation.startswith("index") and rng.random() < 0.6
    with lab.copy() as corpus:
        argv = prepare(operation, corpus, f"{seed}-{number}")
        held, known = warcs(corpus), checks(lab.run(corpus, "links", "report", "--json"))
        moment = rng.uniform(0, took[operation] * 1.05)
        changes, more_s = rng.randint(1, 4), rng.choice((0, 0, rng.uniform(0, 0.02)))
        timers: list[threading.Timer] = []

        def started(pid: int) -> None:
            if at_swap:
                kill_at_swap(pid, corpus, changes, more_s)
            else:
                timers.append(threading.Timer(moment, kill_group, (pid,)))
                timers[0].start()

        stopped = lab.run(corpus, *argv, started=started)
        for timer in timers:
            timer.cancel()
        faults = [] if stopped.code < 0 else raw([stopped])
        faults += after_stop(lab, corpus, stopped, held, known)
        where = f"at change {changes} of the index" if at_swap else f"after {moment:.2f} s"
        ended = "killed" if stopped.code < 0 else "had ended"
        return Case(f"{operation} {where} ({ended})", tuple(faults))


INTERRUPTED = (*KILLED, "bibliography list", "search atelier")


def interrupts(lab: Lab, count: int, seed: int) -> list[Case]:
    """Press Ctrl-C at random moments: told as that, never as damage, and nothing is lost."""
    took = time_operations(lab, INTERRUPTED)
    return lab.each(lambda number: interrupt(lab, number, seed, took), count)


def interrupt(lab: Lab, number: int, seed: int, took: dict[str, float]) -> Case:
    rng = random.Random(f"{seed}/{number}")
    operation = INTERRUPTED[number % len(INTERRUPTED)]
    with lab.copy() as corpus:
        argv = prepare(operation, corpus, f"{seed}-{number}")
        held, known = warcs(corpus), checks(lab.run(corpus, "links", "report", "--json"))
        moment = rng.uniform(0, took[operation] * 1.05)
        timers: list[threading.Timer] = []

        def started(pid: int) -> None:
            timers.append(threading.Timer(moment, press_ctrl_c, (pid,)))
            timers[0].start()

        stopped = lab.run(corpus, *argv, started=started)
        timers[0].cancel()
        faults = raw([stopped])
        if stopped.code not in (0, 130):
            faults.append(("wrong-exit", str(stopped)))
        if WARNS.search(stopped.stderr):
            faults.append(("told-as-damage", stopped.err))
        faults += after_stop(lab, corpus, stopped, held, known)
        return Case(f"{operation} after {moment:.2f} s (exit {stopped.code})", tuple(faults))


def press_ctrl_c(pid: int) -> None:
    """Send SIGINT as a terminal does, to the process and its children, if it has not ended."""
    with suppress(ProcessLookupError):
        os.killpg(pid, signal.SIGINT)


def kill_at_swap(pid: int, corpus: Path, changes: int, more_s: float) -> None:
    """Kill once the names that say which index is read have changed so often, or it ended."""
    seen, left = index_names(corpus), changes
    while left and is_running(pid):
        now = index_names(corpus)
        left -= now != seen
        seen = now
    time.sleep(more_s)
    if is_running(pid):
        kill_group(pid)


def index_names(corpus: Path) -> tuple[str, ...]:
    """CURRENT, generations, tables of contents, stamps: whatever a swap touches."""
    found = []
    try:
        for path in (corpus / "index").rglob("*"):
            if path.is_dir() or path.suffix in ("", ".toc", ".json"):
                found.append(f"{path}:{path.stat().st_ino if path.is_file() else ''}")
    except FileNotFoundError:  # it went while we looked: that is a change
        found.append("gone")
    return tuple(sorted(found))


@dataclass(frozen=True, slots=True)
class Place:
    """Just before an operation makes a change of a file for the so-manieth time."""

    operation: str
    change: str
    time: int


def swaps(lab: Lab, count: int, seed: int) -> list[Case]:
    """Kill -9 at each step of a swap: just before a file is written, synced, renamed, removed."""
    places = [place for operation in SWAPPED for place in list_places(lab, operation)]
    # What replaces something comes first, then what follows it: a short run sees these.
    after = {b for a, b in itertools.pairwise(places) if a.change.startswith("rename")}
    places.sort(key=lambda each: (not each.change.startswith("rename"), each not in after))
    return lab.each(lambda number: kill_at(lab, places[number], seed), min(count, len(places)))


def list_places(lab: Lab, operation: str) -> list[Place]:
    """Where an operation can be killed: its changes of files, as an undisturbed run makes them."""
    with lab.copy() as corpus:
        lab.must(corpus, "links", "report", "--json")  # as `kill_at`: what it keeps is kept
        argv = prepare_swap(lab, operation, corpus)
        log = lab.folder / "changes"
        done = lab.run(corpus, *argv, trace={"under": str(corpus), "log": str(log), "stop": None})
        assert done.code == 0, done
        changes = log.read_text().splitlines()
    counts: Counter[str] = Counter()
    places = []
    for change in changes:
        counts[change] += 1
        if not ORDINARY.search(change):
            places.append(Place(operation, change, counts[change]))
    return places


def prepare_swap(lab: Lab, operation: str, corpus: Path) -> list[str]:
    """Make ready an operation that replaces something of each kind that it can."""
    match operation:
        case "crawl":  # a torn file is left as it is, and a new one begun
            last = max((corpus / "archive").glob("renvois-*.warc.gz"))
            last.write_bytes(last.read_bytes() + b"\x1f\x8b\x08 torn")
        case "index --rebuild":  # the third generation removes the first
            lab.must(corpus, "index", "--rebuild")
    return prepare(operation, corpus, "0")


def kill_at(lab: Lab, place: Place, seed: int) -> Case:
    with lab.copy() as corpus:
        # Asked first: a report keeps how a file of references was read, and the operation is to be
        # the one to keep that of the file that it is given.
        known = checks(lab.run(corpus, "links", "report", "--json"))
        argv = prepare_swap(lab, place.operation, corpus)
        held = warcs(corpus)
        stop = [place.change, place.time]
        stopped = lab.run(corpus, *argv, trace={"under": str(corpus), "log": "", "stop": stop})
        faults = [] if stopped.code < 0 else [("not-killed", str(stopped))]
        faults += after_stop(lab, corpus, stopped, held, known)
        return Case(f"{place.operation} before {place.change} ({place.time})", tuple(faults))


def is_running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except (FileNotFoundError, ProcessLookupError):  # it ended, before or while we read
        return False


def after_stop(
    lab: Lab, corpus: Path, stopped: Done, held: dict[str, bytes], known: dict[str, int]
) -> Faults:
    """The old index answers, what was told is kept, and the next start leaves no litter."""
    faults: Faults = []
    asked = lab.ask(corpus)
    faults += raw(asked) + not_answering(lab, asked, "previous-index-silent")
    if stopped.argv[0] in ("crawl", "links") and asked[-1].code == 0:
        told = {row["url"] for row in stopped.rows()}
        kept = checks(asked[-1])
        faults += [("told-lost", url) for url in told if kept.get(url, 0) <= known.get(url, 0)]
    writers = [lab.run(corpus, "index"), lab.run(corpus, "crawl", "--force", "--only", url_of(0))]
    again = lab.ask(corpus)
    faults += raw(writers + again) + not_answering(lab, again, "not-recovered")
    faults += [("writer-refuses", str(done)) for done in writers if done.code]
    faults += [("litter", name) for name in lab.litter(corpus) if not is_copy(corpus, name)]
    if gone := deleted(held, warcs(corpus)):
        faults.append(("bytes-deleted", str(gone)))
    return faults


def is_copy(corpus: Path, name: str) -> bool:
    """Say whether a file of the archive is the whole file that was imported."""
    sources = (corpus / "bibliography" / ".beside").glob("*.warc.gz")
    return any(
        (corpus / name).is_file() and (corpus / name).read_bytes() == source.read_bytes()
        for source in sources
    )


def not_answering(lab: Lab, asked: list[Done], slug: str) -> Faults:
    """Name the searches that give neither the answer of before nor that of after."""
    allowed = zip(lab.before, lab.updated, strict=True)
    return [
        (slug, str(done))
        for done, right in zip(asked[:-1], allowed, strict=False)
        if essence(done) not in right
    ]


def disk_full(lab: Lab, count: int, seed: int) -> list[Case]:
    """No file may grow over a random size: what writes finds its disk full."""
    return lab.each(lambda number: fill(lab, number, seed), count)


def fill(lab: Lab, number: int, seed: int) -> Case:
    rng = random.Random(f"{seed}/{number}")
    operation = FILLED[number % len(FILLED)]
    with lab.copy() as corpus:
        argv = prepare(operation, corpus, f"{seed}-{number}")
        held, known = warcs(corpus), checks(lab.run(corpus, "links", "report", "--json"))
        before = {p for p in corpus.rglob("*") if p.is_file()}
        limit = int(2 ** rng.uniform(9, 19))
        stopped = lab.run(corpus, *argv, max_file_bytes=limit)
        faults = raw([stopped])
        if stopped.code == 0 and operation == "archive export" and not any(corpus.rglob("*.wacz")):
            faults.append(("error-unsaid", str(stopped)))
        if stopped.code != 0:
            faults += [] if stopped.err.strip() else [("error-unsaid", str(stopped))]
            faults += [
                ("left-behind", str(p.relative_to(corpus))) for p in remains(lab, corpus, before)
            ]
        faults += after_stop(lab, corpus, stopped, held, known)
        return Case(f"{operation} within {limit} bytes (exit {stopped.code})", tuple(faults))


# What SQLite needs to undo what was half done, when the file is opened next.
_JOURNALS = (".sqlite-wal", ".sqlite-shm", ".sqlite-journal")


def remains(lab: Lab, corpus: Path, before: set[Path]) -> list[Path]:
    """New files that nothing finished has: unknown kinds, generations, parts of a copy.

    SQLite's own journals, and markers of a few bytes that the next start reads, are none.
    """
    new = {p for p in corpus.rglob("*") if p.is_file() and p.stat().st_size > 64} - before
    generations = set(sorted((corpus / "index").glob("g*"))[1:])

    def is_left(path: Path) -> bool:
        # The whole file that was imported is finished, though what it tells could not be noted:
        # importing it again, or `archive reindex`, goes on from there.
        is_whole = is_copy(corpus, str(path.relative_to(corpus)))
        is_part = path.suffix == ".wacz" or ("etranger" in path.name and not is_whole)
        is_unknown = kind_of(path, corpus) not in lab.kinds and not is_whole
        return is_part or is_unknown or bool(generations & set(path.parents))

    return sorted(p for p in new if is_left(p) and not p.name.endswith(_JOURNALS))


NOBODY = 65534
READING = {
    "search": ["search", "atelier"],
    "bibliography list": ["bibliography", "list"],
    "bibliography check": ["bibliography", "check"],
    "bibliography export": ["bibliography", "export"],
    "links report": ["links", "report"],
    "links report csv": ["links", "report", "--format", "csv", "--output", "{out}/liens.csv"],
    "links show": ["links", "show", url_of(0)],
    "links repair": ["links", "repair"],
    "archive export": ["archive", "export", "{out}/tout.wacz"],
    "crawl --dry-run": ["crawl", "--dry-run"],
}
WRITING = {
    "links check": ["links", "check", "--force"],
    "crawl": ["crawl", "--force"],
    "index": ["index"],
    "index --rebuild": ["index", "--rebuild"],
    "archive reindex": ["archive", "reindex"],
    "links decide": [
        "links",
        "decide",
        url_of(0),
        "ignorer",
        "--by",
        "Essai",
        "--comment",
        "essai",
    ],
}


def read_only(lab: Lab, count: int, seed: int) -> list[Case]:
    """Every command, on a folder that its user may read and not write."""
    commands = list((READING | WRITING).items())[:count]
    if os.geteuid() != 0:
        return [Case(name, skipped="only root can become another user") for name, _ in commands]
    with lab.copy() as corpus:
        for path in [corpus, *corpus.rglob("*")]:
            path.chmod(0o555 if path.is_dir() else 0o444)
        return lab.each(lambda number: ask_read_only(lab, corpus, *commands[number]), len(commands))


def ask_read_only(lab: Lab, corpus: Path, name: str, argv: list[str]) -> Case:
    out = lab.folder / f"out-{name.replace(' ', '')}"
    out.mkdir()
    out.chmod(0o777)
    done = lab.run(corpus, *(word.format(out=out) for word in argv), uid=NOBODY)
    faults = raw([done])
    if name in READING and done.code:
        faults.append(("reading-refused", str(done)))
    if done.code and not done.err.strip():
        faults.append(("error-unsaid", str(done)))
    if any(
        word in done.err.lower()
        for word in ("disk full", "disk is full", "free space", "disk space", "room on")
    ):
        faults.append(("wrong-advice", done.err.strip().splitlines()[-1]))
    shutil.rmtree(out)
    return Case(name, tuple(faults))
