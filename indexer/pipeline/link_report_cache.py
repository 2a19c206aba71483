"""The links of a corpus as a page reads them: made again only when something was written."""

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Final

from indexer.archive import Catalogue
from indexer.bibliography import read_bibliography
from indexer.links.decisions import index_decisions, read_decisions
from indexer.links.feed import WEEK, render_atom
from indexer.links.history import LinkHistory
from indexer.links.report import LinkReport
from indexer.links.sheet import render_html
from indexer.links.spreadsheet import render_csv, render_json_row
from indexer.messages import DEFAULT_LANGUAGE, Translator, open_translator
from indexer.model import LinkRow, Problem, TextChange
from indexer.pipeline.links import compare_captures, make_report
from indexer.withdrawals import NO_WITHDRAWALS, WithdrawalFiles, Withdrawals, choose_shown

REST_FACTOR: Final = 10  # times as long as it took, what is quick left out
QUICK_S: Final = 0.5


def read_now() -> datetime:
    """The time, in UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class _CachedReport:
    """A report as it was made, and until when it is good enough."""

    generation: str
    state: str  # of the withdrawals
    report: LinkReport
    rests_until: float  # by the clock


class LinkReportCache:
    """Read-only, and safe to ask from several threads at once."""

    def __init__(
        self,
        bibliography: Path,
        catalogue: Catalogue,
        history: LinkHistory,
        *,
        base_url: str = "",
        withdrawals: WithdrawalFiles = NO_WITHDRAWALS,
        now: Callable[[], datetime] = read_now,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._bibliography = bibliography
        self._catalogue = catalogue
        self._history = history
        self._base_url = base_url
        self._withdrawals = withdrawals
        self._now = now
        self._lock = threading.Lock()
        self._clock = clock
        self._made: _CachedReport | None = None

    @property
    def generation(self) -> str:
        """What changes whenever the rows may: something was written, or a day went by.

        While a crawl writes all the time, rows that are slow to make stay as they are for ten
        times as long as it took.
        """
        state = self._withdrawals.read().state
        generation = f"{self._now().date()} {sorted(self._mtimes())} {state}"
        made = self._made
        if made is None or made.state != state:  # what is withdrawn goes at once
            return generation
        return generation if self._clock() >= made.rests_until else made.generation

    def rows(self) -> tuple[LinkRow, ...]:
        """A row for each cited link, in the order in which one acts."""
        return self._report().rows

    def problems(self) -> tuple[Problem, ...]:
        """What is wrong in the file of decisions: what it decides may not be in the rows."""
        return read_decisions(self._bibliography)[1]

    def find_change(self, url: str) -> TextChange | None:
        """What became of the text behind a link; None where there is but one text."""
        with self._lock:  # SQLite's connection is one
            return compare_captures(url, catalogue=self._catalogue, history=self._history)

    def render(
        self, extension: str, *, self_url: str = "", language: str = DEFAULT_LANGUAGE
    ) -> str | None:
        """The links as "csv", "json", "html" or "atom" (the week's); None for anything else."""
        render = _RENDERERS.get(extension)
        return (
            None if render is None else render(self._report(), open_translator(language), self_url)
        )

    def close(self) -> None:
        """Close the catalogue and the history."""
        self._history.close()
        self._catalogue.close()

    def _report(self) -> LinkReport:
        with self._lock:
            generation = self.generation
            if self._made is None or self._made.generation != generation:
                start = self._clock()
                withdrawals = self._withdrawals.read()
                report = self._make(self._now(), withdrawals)
                end = self._clock()
                rest_s = REST_FACTOR * max(0.0, end - start - QUICK_S)
                self._made = _CachedReport(
                    generation, withdrawals.state, report, rests_until=end + rest_s
                )
            return self._made.report

    def _make(self, now: datetime, withdrawals: Withdrawals) -> LinkReport:
        decisions, _ = read_decisions(self._bibliography)
        return make_report(
            choose_shown(read_bibliography(self._bibliography), withdrawals).bibliography,
            catalogue=self._catalogue,
            history=self._history,
            decisions=index_decisions(decisions),
            now=now,
            since=now - WEEK,
            base_url=self._base_url,
        )

    def _mtimes(self) -> Iterator[tuple[str, int, int]]:
        files = [each for each in self._bibliography.rglob("*") if each.is_file()]
        base = self._history.path
        for path in (base, base.with_name(f"{base.name}-wal"), *sorted(files)):
            with suppress(FileNotFoundError):  # no -wal file after a clean close
                status = path.stat()
                yield str(path), status.st_mtime_ns, status.st_size


def _render_json(report: LinkReport, say: Translator) -> str:
    return "[" + ",\n".join(render_json_row(row, say) for row in report.rows) + "]\n"


_RENDERERS: Final[Mapping[str, Callable[[LinkReport, Translator, str], str]]] = MappingProxyType(
    {
        "csv": lambda report, say, _: render_csv(report, say),
        "json": lambda report, say, _: _render_json(report, say),
        "html": lambda report, say, _: render_html(report, say),
        "atom": lambda report, say, url: render_atom(
            report.turns, made_at=report.made_at, say=say, self_url=url
        ),
    }
)
