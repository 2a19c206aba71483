"""Say how a corpus is: the last round, what is late, the disk, the index, what waits to be told."""

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import Any, Final

from indexer.archive import Catalogue, is_locked
from indexer.corpus import find_withdrawals
from indexer.deposit import DepositState
from indexer.errors import (
    MissingIndexError,
    SearchIndexError,
    StaleIndexError,
    WithdrawalError,
)
from indexer.links.decisions import Choice, read_decisions
from indexer.messages import Message, Translator, message
from indexer.settings import Settings
from indexer.urls import urlkey
from indexer.watch.journal import FILE_NAME, Round, WatchJournal

# A page that waits for longer is late: a host may rest a day, and a round may fail once.
LATE_AFTER: Final = timedelta(days=2)
ROUNDS_LOOKED_AT: Final = 11  # of which the usual time between two is reckoned
LEAST_ROUNDS: Final = 3  # with fewer, nobody knows how often a timer comes
LOCK_NAME: Final = "watch.lock"


class StatusLevel(StrEnum):
    """The levels of a corpus's health, as commands, pages and monitors show them."""

    WELL = "well"
    ATTENTION = "attention"  # it answers, and somebody should look
    FAILING = "failing"  # it does not answer, or nothing more is kept

    @property
    def said(self) -> Message:
        """The words for it."""
        match self:
            case StatusLevel.WELL:
                return message("report.status.level-well")
            case StatusLevel.ATTENTION:
                return message("report.status.level-attention")
            case StatusLevel.FAILING:
                return message("report.status.level-failing")


class IndexCondition(StrEnum):
    """Whether an index answers."""

    READY = "ready"
    MISSING = "missing"
    STALE = "stale"
    DAMAGED = "damaged"

    @property
    def said(self) -> Message:
        """The words for it: a clause without its full stop."""
        match self:
            case IndexCondition.READY:
                return message("report.status.ready")
            case IndexCondition.MISSING:
                return message("report.status.missing")
            case IndexCondition.STALE:
                return message("report.status.stale")
            case IndexCondition.DAMAGED:
                return message("report.status.damaged")


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundPace:
    """The times of rounds: how often they come, and which have not come."""

    every: timedelta  # from one round to the next
    last_at: datetime | None = None  # when the last one ended, or began if it did not end
    done_at: datetime | None = None  # the last that went well; of none, when the first began
    is_silent: bool = False  # the last was due, and the one after it
    is_fruitless: bool = False  # rounds come, and none has gone well for as long

    @property
    def next_at(self) -> datetime | None:
        """When the next round is expected, or was."""
        return self.last_at + self.every if self.last_at is not None else None

    def count_missed(self, now: datetime) -> int:
        """Count the rounds that should have come by now and did not."""
        if not self.is_silent or self.last_at is None:
            return 0
        return max(1, int((now - self.last_at) / self.every) - 1)


def find_pace(
    rounds: Sequence[Round], done: Round | None, *, watch_every: timedelta, now: datetime
) -> RoundPace:
    """Find how often rounds come, by the last of them (newest first), and whether some are missing.

    A timer comes at its own time, which no setting names: the usual time between two rounds counts
    where it is longer than `watch_every`. One round may be late; when the next is due too, one was
    missed. `done` is the last round that went well.
    """
    if not rounds:
        return RoundPace(every=watch_every)
    starts = [each.started_at for each in rounds]
    every = max(watch_every, LATE_AFTER / 2)
    if len(rounds) >= LEAST_ROUNDS:
        apart = [(later - earlier).total_seconds() for later, earlier in pairwise(starts)]
        every = max(watch_every, timedelta(seconds=median(apart)))
    last_at = rounds[0].ended_at or rounds[0].started_at
    done_at = (done.ended_at or done.started_at) if done is not None else starts[-1]
    is_silent = now - last_at > 2 * every
    return RoundPace(
        every=every,
        last_at=last_at,
        done_at=done_at,
        is_silent=is_silent,
        is_fruitless=not is_silent and rounds[0] != done and now - done_at > 2 * every,
    )


def read_pace(journal: WatchJournal, settings: Settings, *, now: datetime) -> RoundPace:
    """Find the pace of the rounds of a corpus. Raises CatalogueError."""
    return find_pace(
        journal.list_rounds(limit=ROUNDS_LOOKED_AT),
        journal.last_round("done"),
        watch_every=timedelta(seconds=settings.watch_every_s),
        now=now,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """The health of a corpus at a moment: rounds, late visits, disk, index, deliveries."""

    at: datetime
    last: Round | None  # the last round, whatever became of it
    done: Round | None  # the last one that went well
    late: int  # pages that should have been visited LATE_AFTER ago
    oldest_due_at: datetime | None
    never_visited: int
    free_bytes: int
    is_full: bool
    index: IndexCondition
    deliveries: Mapping[str, int]
    deposits: Mapping[str, int]
    troubles: int  # channels that refused something
    pace: RoundPace
    is_at_work: bool  # a round goes on; one that was killed does not
    is_closed: bool  # nobody knows what is withdrawn: nothing is shown

    @property
    def problems(self) -> tuple[tuple[StatusLevel, Message], ...]:
        """List what is wrong, what keeps it from answering first."""
        failing, attention = StatusLevel.FAILING, StatusLevel.ATTENTION
        unsure = self.deliveries.get("sending", 0)
        found = (
            (self.is_closed, failing, message("report.status.closed")),
            (
                self.index is not IndexCondition.READY,
                failing,
                message("report.status.index", why=self.index.said),
            ),
            (self.is_full, failing, message("report.status.full")),
            *((True, attention, said) for said in self._describe_rounds()),
            (bool(self.late), attention, message("report.status.late", count=self.late)),
            (
                bool(self.troubles),
                attention,
                message("report.status.undelivered", count=self.troubles),
            ),
            (bool(unsure), attention, message("report.status.unsure", count=unsure)),
        )
        return tuple((level, said) for holds, level, said in found if holds)

    @property
    def missed(self) -> int:
        """Count the rounds that should have come by now; none while one is at work."""
        return 0 if self.is_at_work else self.pace.count_missed(self.at)

    def _describe_rounds(self) -> tuple[Message, ...]:
        """Say what is wrong with the rounds: one failed, one was cut short, some did not come."""
        pace = self.pace
        if self.last is None or pace.last_at is None or pace.done_at is None:
            return ()
        is_running = self.last.outcome == "running"
        found = (
            (self.last.outcome == "failed", message("report.status.failed")),
            (is_running and not self.is_at_work, message("report.status.cut")),
            (
                bool(self.missed),
                message("report.status.silent", count=self.missed, since=pace.last_at),
            ),
            (
                pace.is_fruitless and not self.is_at_work,
                message("report.status.fruitless", since=pace.done_at),
            ),
        )
        return tuple(said for holds, said in found if holds)

    @property
    def level(self) -> StatusLevel:
        """The worst that is wrong."""
        levels = {level for level, _ in self.problems}
        worst = (StatusLevel.FAILING, StatusLevel.ATTENTION)
        return next((level for level in worst if level in levels), StatusLevel.WELL)


def read_status(
    settings: Settings, catalogue: Catalogue | None, journal: WatchJournal, *, now: datetime
) -> Status:
    """Read how a corpus is; `catalogue` is None where nothing was ever visited. CatalogueError."""
    last = journal.last_round()
    late, oldest, never = _count_late(settings, catalogue, now)
    free = shutil.disk_usage(_find_folder(settings)).free
    return Status(
        at=now,
        last=last,
        done=journal.last_round("done"),
        late=late,
        oldest_due_at=oldest,
        never_visited=never,
        free_bytes=free,
        is_full=free < settings.min_free_bytes,
        index=_find_condition(settings),
        deliveries=journal.count_deliveries(),
        deposits=journal.count_deposits(),
        troubles=len(journal.list_troubles()),
        pace=read_pace(journal, settings, now=now),
        is_at_work=_is_at_work(settings, last),
        is_closed=_is_closed(settings),
    )


def _is_at_work(settings: Settings, last: Round | None) -> bool:
    """Tell whether the round that was begun last goes on."""
    is_running = last is not None and last.outcome == "running"
    return is_running and is_locked(settings.corpus / LOCK_NAME, if_unreadable=True)


def _find_folder(settings: Settings) -> Path:
    folder = settings.corpus.absolute()
    while not folder.exists():
        folder = folder.parent
    return folder


def _count_late(
    settings: Settings, catalogue: Catalogue | None, now: datetime
) -> tuple[int, datetime | None, int]:
    """Count what is late and what was never visited, without what a person said to ignore."""
    if catalogue is None:
        return 0, None, 0
    decisions, _ = read_decisions(settings.bibliography)
    ignored = {urlkey(each.url) for each in decisions if each.choice is Choice.IGNORE}
    overdue = catalogue.targets.list_overdue(now - LATE_AFTER)
    due = [due_at for key, due_at in overdue if key not in ignored]
    late = [due_at for due_at in due if due_at is not None]
    return len(late), min(late, default=None), len(due) - len(late)


def _find_condition(settings: Settings) -> IndexCondition:
    from indexer.engines import check_place  # here: it takes half a second

    try:
        check_place(settings.index_place)
    except MissingIndexError:
        return IndexCondition.MISSING
    except StaleIndexError:
        return IndexCondition.STALE
    except SearchIndexError:
        return IndexCondition.DAMAGED
    return IndexCondition.READY


def _is_closed(settings: Settings) -> bool:
    try:
        find_withdrawals(settings).read()
    except WithdrawalError:
        return True
    return False


def open_journal_to_read(settings: Settings) -> WatchJournal:
    """Open the journal of a corpus to read it; an empty one where there is none."""
    return WatchJournal(settings.corpus / FILE_NAME, read_only=True)


def describe_status(status: Status, say: Translator) -> dict[str, Any]:
    """Describe a status as plain JSON values, with its sentences in a language."""
    return {
        "level": status.level.value,
        "said": say(status.level.said),
        "at": _moment(status.at),
        "problems": [
            {"level": level.value, "code": said.key.removeprefix("report."), "said": say(said)}
            for level, said in status.problems
        ],
        "last_round": _describe_round(status.last),
        "last_done": _describe_round(status.done),
        "rounds": {
            "every_s": round(status.pace.every.total_seconds()),
            "next_at": _moment(status.pace.next_at),
            "missed": status.missed,
        },
        "late": status.late,
        "oldest_due_at": _moment(status.oldest_due_at),
        "never_visited": status.never_visited,
        "disk": {"free_bytes": status.free_bytes, "is_full": status.is_full},
        "index": status.index.value,
        "index_said": say(status.index.said),
        "notices": {
            "waiting": status.deliveries.get("waiting", 0),
            "taken": status.deliveries.get("taken", 0),
            "unsure": status.deliveries.get("sending", 0),
        },
        "deposits": {state.value: status.deposits.get(state.value, 0) for state in DepositState},
    }


def _describe_round(done: Round | None) -> dict[str, Any] | None:
    if done is None:
        return None
    return {
        "started_at": _moment(done.started_at),
        "ended_at": _moment(done.ended_at),
        "outcome": done.outcome,
        "visited": done.visited,
        "captured": done.captured,
        "missed": done.missed,
        "indexed": done.indexed,
        "news": done.news,
        "unreached": done.unreached,
        "detail": done.detail,
    }


def _moment(moment: datetime | None) -> str | None:
    return moment.isoformat(timespec="seconds") if moment is not None else None
