"""The links of a corpus as a page reads them: made again only when something was written."""

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import Final

from indexer.corpus import Corpus, adopt_decisions, identify_bibliography
from indexer.identities import read_register
from indexer.links.decisions import index_decisions, read_decisions
from indexer.links.report import LinkReport
from indexer.links.report_tables import render_csv, render_html, render_json_row
from indexer.links.report_xml import WEEK, render_atom
from indexer.messages import DEFAULT_LANGUAGE, Translator, open_translator
from indexer.model import LinkRow, Problem, TextChange
from indexer.pipeline.links import compare_captures, make_report
from indexer.withdrawals import NO_WITHDRAWALS, WithdrawalFiles, Withdrawals, choose_shown

REST_FACTOR: Final = 10  # times as long as it took, what is quick left out
QUICK_S: Final = 0.5


@dataclass(frozen=True, slots=True)
class _CachedReport:
    """A report as it was made, and until when it is good enough."""

    generation: str
    state: str  # of the withdrawals
    report: LinkReport
    problems: tuple[Problem, ...]  # of liens.toml, as it was read for the report
    rests_until: float  # by the clock


class LinkReportCache:
    """The report of the links of a corpus; read-only, for any number of threads.

    The report is made again when the catalogue or the bibliography was written, and each day.
    """

    def __init__(
        self,
        corpus: Corpus,
        bibliography: Path,
        *,
        withdrawals: WithdrawalFiles = NO_WITHDRAWALS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Take an opened corpus and the folder of its bibliography; `clock` gives seconds."""
        self.corpus = corpus
        self._bibliography = bibliography
        self._withdrawals = withdrawals
        self._lock = threading.Lock()
        self._clock = clock
        self._made: _CachedReport | None = None

    @property
    def generation(self) -> str:
        """Name the state of the rows: it changes with what is written, and each day.

        While a crawl writes all the time, rows that are slow to make stay as they are for ten
        times as long as it took.
        """
        state = self._withdrawals.read().state
        generation = f"{self.corpus.now().date()} {sorted(self._mtimes())} {state}"
        made = self._made
        if made is None or made.state != state:  # what is withdrawn goes at once
            return generation
        return generation if self._clock() >= made.rests_until else made.generation

    def rows(self) -> tuple[LinkRow, ...]:
        """Give a row for each cited link, in the order in which one acts."""
        return self._find_made().report.rows

    def problems(self) -> tuple[Problem, ...]:
        """List what is wrong in the file of decisions: what it decides may not be in the rows."""
        return self._find_made().problems

    def find_change(self, url: str) -> TextChange | None:
        """Compare the texts behind a link, first and last; None where there is but one."""
        with self._lock:  # SQLite's connection is one
            return compare_captures(url, self.corpus)

    def render(
        self, extension: str, *, self_url: str = "", language: str = DEFAULT_LANGUAGE
    ) -> str | None:
        """Render the links as "csv", "json", "html" or "atom" (the week's); None for others."""
        render = _RENDERERS.get(extension)
        return (
            None
            if render is None
            else render(self._find_made().report, open_translator(language), self_url)
        )

    def close(self) -> None:
        """Close the catalogue and the history."""
        self.corpus.history.close()
        self.corpus.catalogue.close()

    def _find_made(self) -> _CachedReport:
        with self._lock:
            generation = self.generation
            if self._made is None or self._made.generation != generation:
                start = self._clock()
                withdrawals = self._withdrawals.read()
                report, problems = self._make(withdrawals)
                end = self._clock()
                rest_s = REST_FACTOR * max(0.0, end - start - QUICK_S)
                self._made = _CachedReport(
                    generation, withdrawals.state, report, problems, rests_until=end + rest_s
                )
            return self._made

    def _make(self, withdrawals: Withdrawals) -> tuple[LinkReport, tuple[Problem, ...]]:
        self.corpus.catalogue.verify()  # much less than the report costs
        decisions, problems = read_decisions(self._bibliography)
        path = self.corpus.history.path
        cited, _ = identify_bibliography(self._bibliography, read_register(path), catalogue=path)
        adopted = adopt_decisions(decisions, cited.references)
        corpus = replace(self.corpus, decisions=index_decisions(adopted))
        shown = choose_shown(cited, withdrawals)
        return make_report(shown.bibliography, corpus, since=corpus.now() - WEEK), problems

    def _mtimes(self) -> Iterator[tuple[str, int, int]]:
        files = [each for each in self._bibliography.rglob("*") if each.is_file()]
        base = self.corpus.history.path
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
