"""A report that is kept: each window of it is what a look at every row would give."""

import random
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from itertools import product
from pathlib import Path
from typing import Any, Final

import pytest

from indexer.links.finding import GENERAL_CAUSES
from indexer.links.kept_report import (
    ReportBasis,
    ReportFile,
    ReportWriter,
    forget_report,
    writing_part,
)
from indexer.links.report import VisitedCounts, describe_dots
from indexer.messages import message, open_translator
from indexer.model import (
    LINK_STATES,
    ROW_SORTS,
    LinkHealth,
    LinkMark,
    LinkRow,
    LinkState,
    RowFilter,
    WindowAsk,
)
from tests.links.reports import write_link_report

START: Final = datetime(2026, 1, 1, tzinfo=UTC)
FIELDS: Final = ("cause", "site", "section", "source")
LONG_AGO: Final = datetime(1, 1, 1, tzinfo=UTC)
KEYS: Final[Mapping[str, Callable[[LinkRow], Any]]] = {
    "state": lambda row: LINK_STATES.index(row.health.state),
    "address": lambda row: (row.site, row.url),
    "alive": lambda row: row.health.alive_at or LONG_AGO,
    "failing": lambda row: row.health.failing_since or LONG_AGO,
    "visits": lambda row: row.health.check_count,
}


def make_row(number: int, rng: random.Random) -> LinkRow:
    state = rng.choice(LINK_STATES)
    site = rng.choice(("a.test", "b.test", "é.test"))

    def pick_moment() -> datetime | None:
        return rng.choice((None, START + timedelta(days=rng.randrange(20), hours=3)))

    is_seen = state is not LinkState.UNKNOWN or rng.random() < 0.5
    return LinkRow(
        reference_id=f"r{number}",
        title=f"Texte {number}",
        url=f"http://{site}/{rng.randrange(1000)}",
        site=site,
        section=rng.choice(("", "Villes", "Jardins")),
        source=rng.choice(("a.txt", "b.bib")),
        course=describe_dots(()),
        health=LinkHealth(
            state=state,
            cause=message(rng.choice(("link.page.404", "link.page.timeout"))),
            checked_at=START + timedelta(days=number) if is_seen else None,
            since=pick_moment(),
            alive_at=pick_moment(),
            failing_since=pick_moment(),
            check_count=rng.randrange(4),
            marks=(LinkMark.IGNORED,) if rng.random() < 0.2 else (),
        ),
    )


@pytest.fixture(scope="module")
def rows() -> list[LinkRow]:
    rng = random.Random(5)
    return [make_row(number, rng) for number in range(120)]


@pytest.fixture(scope="module")
def path(rows, tmp_path_factory) -> Path:
    return write_link_report(tmp_path_factory.mktemp("report"), rows)


def sort_rows(rows: Sequence[LinkRow], ask: WindowAsk) -> list[LinkRow]:
    """Sort rows with those that are alike in the order in which one acts, all the other way."""
    acted = sorted(rows, key=KEYS["state"])
    chosen = sorted(acted, key=KEYS[ask.sort])
    return chosen[::-1] if ask.is_reversed else chosen


def list_filters(rng: random.Random) -> list[RowFilter]:
    days = (None, START.date() + timedelta(days=4), START.date() + timedelta(days=12))
    found = list(
        product(
            (None, *LINK_STATES),
            (False, True),
            ("", "404", "gibberish"),
            ("", "a.test", "é.test"),
            ("", "Villes"),
            ("", "b.bib"),
            days,
            days,
        )
    )
    names = [field.name for field in fields(RowFilter)]
    return [RowFilter(**dict(zip(names, each, strict=True))) for each in rng.sample(found, 120)]


def test_every_window_is_what_a_look_at_every_row_gives(rows, path):
    rng = random.Random(6)
    with ReportFile(path) as file:
        for wanted in (RowFilter(), RowFilter(is_ignored=True), *list_filters(rng)):
            if wanted.is_ignored and wanted.state is not None:
                continue
            ask = WindowAsk(
                wanted=wanted,
                sort=rng.choice(ROW_SORTS),
                is_reversed=rng.random() < 0.5,
                first=rng.choice((0, 10, 90)),
                count=10,
            )
            window = file.find_window(ask)
            chosen = sort_rows([row for row in rows if wanted.accepts(row)], ask)
            assert window.total == len(chosen), wanted
            first = min(ask.first, max(0, len(chosen) - 1) // 10 * 10)
            assert window.rows == tuple(chosen[first : first + 10]), ask


def test_each_number_is_what_its_filter_finds(rows, path):
    """Also of the counts beside a filter: they are what is left if one asks for that instead."""
    with ReportFile(path) as file:
        for wanted in (RowFilter(), *list_filters(random.Random(7))):
            if wanted.is_ignored and wanted.state is not None:
                continue
            window = file.find_window(WindowAsk(wanted=wanted))
            for state in LINK_STATES:
                asked = replace(wanted, state=state, is_ignored=False)
                assert window.counts[state] == file.count(asked), asked
            asked = replace(wanted, state=None, is_ignored=True)
            assert window.ignored == file.count(asked), asked
            assert sum(window.counts.values()) + window.ignored == file.count(
                replace(asked, is_ignored=False)
            )
            for name in FIELDS:
                other = replace(wanted, **{name: ""})
                told = Counter(getattr(row, name) for row in rows if other.accepts(row))
                del told[""]
                choices = {each.value: each.count for each in window.choices[name]}
                assert choices == told, (name, wanted)


# What clauses of findings begin with.
CLAUSES: Final = ("link.answer.", "link.page.", "link.wall.", "link.doubt.", "cause.")


def test_a_cause_is_said_in_words_that_hold_for_every_link(tmp_path):
    """Of a text that moved, the clause tells where to: the cause does not."""
    told = {"http://a.test/1": "http://b.test/1", "http://a.test/2": "http://c.test/2"}
    moved = [
        LinkRow(
            reference_id=url,
            title="Un texte",
            url=url,
            health=LinkHealth(
                state=LinkState.MOVED, cause=message("link.page.moved", address=address)
            ),
        )
        for url, address in told.items()
    ]
    with ReportFile(write_link_report(tmp_path, moved)) as file:
        (choice,) = file.find_window(WindowAsk()).choices["cause"]

    assert (choice.value, choice.said, choice.count) == ("moved", message("link.cause.moved"), 2)


def test_every_cause_whose_clause_tells_of_one_link_has_general_words():
    say = open_translator("fr")
    special = {
        key.rpartition(".")[2]
        for key in say.keys
        if key.startswith(CLAUSES) and any("{" in form for form in say.find_forms(key))
    }
    assert special == set(GENERAL_CAUSES)


def test_what_was_visited_is_counted_without_what_is_ignored(rows, path):
    counted = [row for row in rows if not row.is_ignored]
    unread = [row for row in counted if row.health.label == "unreadable-address"]
    seen = [row.health.checked_at for row in counted if row.health.checked_at]
    with ReportFile(path) as file:
        assert file.count_visited() == VisitedCounts(
            min(seen), len(counted) - len(seen), len(unread), len(rows) - len(counted)
        )


def test_a_report_of_nothing_has_a_window(tmp_path):
    with ReportFile(write_link_report(tmp_path, [])) as file:
        window = file.find_window(WindowAsk())
        assert (window.rows, window.total, window.ignored) == ((), 0, 0)
        assert file.count_visited() == VisitedCounts(None, 0, 0, 0)
        assert file.find_row("r1") is None


def test_a_report_that_is_not_right_any_more_leaves_the_one_in_place(rows, tmp_path):
    path = write_link_report(tmp_path, rows[:3])
    before = path.read_bytes()
    with (
        writing_part(tmp_path) as part,
        closing(ReportWriter(path, part, begins_with_last=True)) as writer,
    ):
        writer.keep({})
        made = ReportBasis("", "", "", "", START, (), (), ())
        assert not writer.finish(made, is_right=lambda: False)

    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_a_report_that_is_deleted_while_another_is_made_stays_deleted(rows, tmp_path):
    """As a purge does: what it removed may be in the one that is being made."""
    path = write_link_report(tmp_path, rows[:3])
    with (
        writing_part(tmp_path) as part,
        closing(ReportWriter(path, part, begins_with_last=True)) as writer,
    ):
        forget_report(tmp_path)
        made = ReportBasis("", "", "", "", START, (), (), ())
        assert not writer.finish(made, is_right=lambda: True)

    assert list(tmp_path.iterdir()) == []
