"""The campaign as tests: a few cases of a part always, all of them by `make campaign`."""

import gzip
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.campaign import exchange, foreign, leaks
from tests.campaign.__main__ import TABLE, render, write_section
from tests.campaign.lab import Case, Lab, deleted, open_lab, whole_members
from tests.campaign.parts import PARTS

SEED = int(os.environ.get("RENVOIS_CAMPAIGN_SEED", "1"))

# How many of its first cases `make test` runs of each part: some twenty seconds in all.
CASES_NOW = {
    "flips": 3,  # the archive, the catalogue, the index's table
    "kills": 1,  # crawl
    "interrupts": 1,  # crawl
    "swaps": 2,  # what replaces the index, its table
    "disk-full": 1,  # crawl
    "read-only": 4,
    "escapes": 5,  # list, crawl, index, search, report
    "only": 1,
    "clock": 1,
    "foreign": 3,  # WARC, packed or not, and ARC
    "round-trip": 1,
    "withdrawal": 1,
    "secrets": 30,
    "bombs": 0,  # gigabytes: `make campaign` alone
}


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    # Not in pytest's own folder, that is closed to anybody else: `read_only` is another user.
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        with open_lab(folder, workers=1) as opened:
            yield opened


def assert_kept(name: str, cases: list[Case]) -> None:
    assert cases
    if all(case.skipped for case in cases):
        pytest.skip(cases[0].skipped)
    assert not any(case.faults for case in cases), render([(name, cases)], SEED)


def test_every_part_is_listed_here():
    assert set(CASES_NOW) == set(PARTS)


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name, count in CASES_NOW.items() if count])
def test_a_few_cases_of_each_part(lab, name):
    assert_kept(name, PARTS[name].run(lab, CASES_NOW[name], SEED))


@pytest.mark.campaign
@pytest.mark.timeout(4 * 3600)
def test_every_part_at_length_and_its_table(lab):
    results = []
    for name, part in PARTS.items():
        results.append((name, part.run(lab, part.count, SEED)))
        write_section(TABLE, render(results, SEED))
    for name, cases in results:
        assert_kept(name, cases)


# --- what judges is judged


MEMBERS = [gzip.compress(b"WARC/1.1\r\n" + bytes([n]) * 500) for n in range(4)]
WHOLE = b"".join(MEMBERS)


@pytest.mark.parametrize(
    ("after", "gone"),
    [
        ({"a": WHOLE}, 0),
        ({"a": WHOLE + b"more"}, 0),
        ({"a": WHOLE[:40], "a.torn": WHOLE[40:]}, 0),
        ({"a": b"new", "a.damaged": WHOLE}, 0),
        ({"a": WHOLE[:40]}, len(WHOLE) - 40),
        ({"a": WHOLE[:40] + b"\0" + WHOLE[41:]}, len(WHOLE) - 40),
        ({}, len(WHOLE)),
    ],
)
def test_bytes_that_stand_nowhere_are_counted(after, gone):
    assert deleted({"a": WHOLE}, after) == gone


def test_whole_members_are_counted_behind_a_damaged_one():
    hurt = bytearray(WHOLE)
    hurt[len(MEMBERS[0]) + 15] ^= 4
    assert whole_members([WHOLE]) == 4
    assert whole_members([bytes(hurt)]) == 3
    assert whole_members([WHOLE[:-1], b"", MEMBERS[0]]) == 4


@pytest.mark.parametrize("name", exchange.SIGNS)
def test_every_sign_is_seen_in_text(name):
    assert exchange.CONTROL.search(exchange.SIGNS[name])
    assert not exchange.CONTROL.search("Été, « œuvre »\u202f; l’an\n\tdeux")


@pytest.mark.parametrize("word", [leaks.TITLE, leaks.FAMILY, leaks.WORD])
def test_a_trace_is_seen(word):
    assert leaks.traces(f"<p>{word}</p>") == [("trace", word)]
    assert leaks.traces("<p>zorglunch* quibroul* plateau</p>") == []


def test_a_token_is_found_within_what_is_packed(tmp_path):
    path = tmp_path / "a.wacz"
    path.write_bytes(foreign.wacz({"archive/a.warc.gz": b"junk" + gzip.compress(b"jeton0123")}))
    assert b"jeton0123" in leaks.unpacked(path)
