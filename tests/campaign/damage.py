"""Damaged bits and cut files, over every kind of file below a corpus."""

import random
import re
from collections import defaultdict
from pathlib import Path

from tests.campaign.command import Done
from tests.campaign.lab import (
    Case,
    Lab,
    deleted,
    essence,
    files,
    kind_of,
    warcs,
    whole_members,
)
from tests.campaign.world import url_of

Faults = list[tuple[str, str]]


def flips(lab: Lab, count: int, seed: int) -> list[Case]:
    """Flip one bit in a file of the corpus, or cut the file, and judge what is said of it."""
    return lab.each(lambda number: flip(lab, number, seed), count)


def flip(lab: Lab, number: int, seed: int) -> Case:
    rng = random.Random(f"{seed}/{number}")
    with lab.copy() as corpus:
        path = choose_file(rng, corpus, number)
        kind, what = kind_of(path, corpus), damage(rng, path)
        faults: Faults = []
        held = warcs(corpus)
        # Stamps only spare work: damaged, they are not read, and no check needs to tell.
        is_index = kind.startswith("index/") and kind != "index/stamps"
        faults += wrong_index(lab, corpus) if is_index else []
        asked = lab.ask(corpus)
        faults += wrong_answers(asked, lab.answers)
        said = any(done.code for done in asked)
        writer = [lab.run(corpus, "crawl", "--dry-run"), lab.run(corpus, "index")]
        if kind == "catalogue.sqlite" and any(is_told_to_reindex(d) for d in (*asked, *writer)):
            writer += read_back(lab, corpus)
        again = lab.ask(corpus)
        faults += raw(writer + again)
        if [essence(d) for d in again] != lab.before:
            is_told = said or any(d.code for d in writer + again)
            faults.append(
                ("not-recovered" if is_told else "silent-after-index", first_change(again, lab))
            )
        if is_index:
            check = lab.run(corpus, "index", "--check")
            faults += raw([check]) + ([("not-recovered", str(check))] if check.code else [])
        if path.parent.name == "archive":
            faults += archive_damage(lab, corpus, path, what)
        faults += [("litter", name) for name in lab.litter(corpus)]
        if gone := deleted(held, warcs(corpus)):
            faults.append(("bytes-deleted", str(gone)))
        return Case(f"{kind} {what}", tuple(faults))


def is_told_to_reindex(done: Done) -> bool:
    """Whether a command ended with the advice that `read_back` follows."""
    return done.code == 1 and "run `renvois archive reindex`" in done.err


def read_back(lab: Lab, corpus: Path) -> list[Done]:
    """Do what is advised where a catalogue is damaged: move it away, read it from the files."""
    for path in corpus.glob("catalogue.sqlite*"):
        path.unlink()
    return [lab.run(corpus, "archive", "reindex"), lab.run(corpus, "index")]


def choose_file(rng: random.Random, corpus: Path, number: int) -> Path:
    """The archive for one case in three, the catalogue for one in six, every other kind in turn.

    The other kinds are those of the index, and what is kept of how files were read and of the
    report on links.
    """
    kinds = defaultdict(list)
    for path in files(corpus):
        if path.stat().st_size:
            # Of Whoosh's columns, of thirty bytes each, one kind: no search reads them.
            kinds[re.sub(r"\.\w+\.col$", ".col", kind_of(path, corpus))].append(path)
    archive = [p for kind in kinds for p in kinds[kind] if kind.startswith("archive/")]
    others = ("index/", "readings/", "links.report")
    index = [kind for kind in sorted(kinds) if kind.startswith(others)]
    if number % 6 in (0, 3):
        return rng.choice(archive)
    if number % 6 == 1:
        return corpus / "catalogue.sqlite"
    # Of six cases three are of the index, the 2nd, 4th and 5th: each of them takes the next kind.
    turn = number // 6 * 3 + max(0, number % 6 - 3)
    return rng.choice(kinds[index[turn % len(index)]])


def damage(rng: random.Random, path: Path) -> str:
    octets = bytearray(path.read_bytes())
    at = rng.randrange(len(octets))
    if rng.random() < 0.2:
        path.write_bytes(octets[:at])
        return f"cut at {at} of {len(octets)}"
    octets[at] ^= 1 << rng.randrange(8)
    path.write_bytes(octets)
    return f"bit flipped at {at} of {len(octets)}"


def wrong_index(lab: Lab, corpus: Path) -> Faults:
    """Answers of a damaged index that are not those of before; damage that no check finds."""
    faults: Faults = []
    for name, (ended, text) in lab.question(corpus).items():
        if ended == "raw":
            faults.append(("raw-exception", f"{name}: {text[:160]}"))
        if ended == "ok" and text != lab.right[name][1]:
            faults.append(("silent-difference", name))
    check = lab.run(corpus, "index", "--check", "--json")
    return [*faults, *raw([check]), *([] if check.code else [("damage-unfound", str(check))])]


# A report always says on stderr what changed; these are words of one that says what is wrong.
WARNS = re.compile(
    rb"amag|corr(omp|upt)|illisible|unreadable|rebuil|reconstrui|missing|manqu|skipp", re.I
)


def wrong_answers(asked: list[Done], answers: list[Done]) -> Faults:
    """Answers that differ though nothing is said, and raw exceptions."""
    faults = raw(asked)
    for done, right in zip(asked, answers, strict=True):
        is_silent = not (WARNS.search(done.stderr) if done.argv[0] == "links" else done.stderr)
        if done.stdout != right.stdout and done.code == 0 and is_silent:
            faults.append(("silent-difference", str(done)))
    return faults


def raw(asked: list[Done]) -> Faults:
    return [("raw-exception", str(done)) for done in asked if done.is_raw]


def first_change(asked: list[Done], lab: Lab) -> str:
    return next(
        str(done) for done, right in zip(asked, lab.before, strict=True) if essence(done) != right
    )


def archive_damage(lab: Lab, corpus: Path, path: Path, what: str) -> Faults:
    """Put a crash's marker beside the file, crawl, then read everything back from the archive."""
    faults: Faults = []
    path.with_name(path.name + ".open").touch()
    held = warcs(corpus)
    known = lab.run(corpus, "links", "report", "--json")
    crawl = lab.run(corpus, "crawl", "--force", "--only", url_of(0))
    report = lab.run(corpus, "links", "report", "--json")
    reindex, found = lab.reindex(corpus)
    faults += raw([crawl, known, report, reindex])
    if known.code == report.code == 0:
        lost = sum(r["check_count"] for r in known.rows()) - sum(
            r["check_count"] for r in report.rows()
        )
        faults += [("visits-lost", f"{lost} of the catalogue")] if lost > 0 else []
    if (lost := whole_members(held.values()) - whole_members(warcs(corpus).values())) > 0:
        faults.append(("records-lost", f"{lost} whole records"))
    behind = lab.reindexed_checks + (crawl.code == 0) - found
    if what.startswith("bit") and behind > 1:
        faults.append(("records-unread", f"reindex misses {behind} checks for one bit"))
    return faults
