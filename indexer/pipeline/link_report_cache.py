"""The links of a corpus as a page reads them: made again only when something was written.

The last report is kept in a file of the corpus, so that who starts the site again waits for
none.
"""

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from indexer import __version__
from indexer.corpus import Corpus, adopt_decisions, identify_bibliography
from indexer.identities import read_register
from indexer.links.decisions import index_decisions, read_decisions
from indexer.links.kept_report import KeptReport, keep_report, read_kept_report
from indexer.links.repair import render_patch, repair_file
from indexer.links.replacement import choose_fixes
from indexer.links.report import LinkReport, list_next_steps, say_completeness
from indexer.links.report_tables import render_csv, render_html, render_json_row
from indexer.links.report_xml import WEEK, render_atom
from indexer.messages import DEFAULT_LANGUAGE, Message, Translator, open_translator
from indexer.model import (
    READING_RULES,
    Bibliography,
    LinkRow,
    Problem,
    ReadingRules,
    Reference,
    TextChange,
)
from indexer.pipeline.links import compare_captures, list_rows, make_report
from indexer.withdrawals import NO_WITHDRAWALS, WithdrawalFiles, choose_shown

REST_FACTOR: Final = 10  # times as long as it took, what is quick left out
QUICK_S: Final = 0.5
MAX_FILE_BYTES: Final = 20_000_000  # of a bibliography's file; a longer one is no text


@dataclass(frozen=True, slots=True)
class _CachedReport:
    """A report as it was made, and until when it is good enough."""

    generation: str
    state: str  # of the withdrawals
    report: LinkReport
    problems: tuple[Problem, ...]  # of liens.toml, as it was read for the report
    rows: Mapping[str, LinkRow]  # by the id of the reference
    rests_until: float = 0.0  # by the clock


class LinkReportCache:
    """The report of the links of a corpus; read-only, for any number of threads.

    The report is made again when the catalogue or the bibliography was written, and each day, in
    a thread of its own: who asks for it meanwhile waits `patience_s`, then gets the last one.
    """

    def __init__(
        self,
        corpus: Corpus,
        bibliography: Path,
        *,
        withdrawals: WithdrawalFiles = NO_WITHDRAWALS,
        rules: ReadingRules = READING_RULES,
        clock: Callable[[], float] = time.monotonic,
        patience_s: float | None = None,
    ) -> None:
        """Take an opened corpus and the folder of its bibliography; `clock` gives seconds.

        Without `patience_s`, who asks waits for the report of now.
        """
        self.corpus = corpus
        self._bibliography = bibliography
        self._withdrawals = withdrawals
        self._rules = rules
        self._lock = threading.Lock()  # SQLite's connection is one
        self._making_lock = threading.Lock()
        self._clock = clock
        self._patience_s = patience_s
        self._made: _CachedReport | None = None
        self._is_kept_read = False
        self._folder = bibliography.parent  # where the last report is kept
        self._cited: tuple[tuple[Any, ...], Bibliography] | None = None
        self._making: Future[_CachedReport] | None = None
        self._maker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="links")

    @property
    def generation(self) -> str:
        """Name the state of the rows: it changes with what is written, and each day.

        While a crawl writes all the time, rows that are slow to make stay as they are for ten
        times as long as it took.
        """
        state = self._withdrawals.read().state
        made_by = f"{__version__} {self.corpus.base_url} {self.corpus.replay_address} {self._rules}"
        generation = f"{self.corpus.now().date()} {sorted(self._mtimes())} {state} {made_by}"
        made = self._made
        if made is None or made.state != state:  # what is withdrawn goes at once
            return generation
        return generation if self._clock() >= made.rests_until else made.generation

    def rows(self) -> tuple[LinkRow, ...]:
        """Give a row for each cited link, in the order in which one acts."""
        return self._find_made().report.rows

    def find_row(self, reference_id: str, reference: Reference | None = None) -> LinkRow | None:
        """Find how the link of a text is; None where it has none.

        As long as there is no report yet, the row of a `reference` is made alone, without the
        names of the notes that cite it, and nobody waits for all others to be made.
        """
        made = self._find_last()
        if reference is None or (made is not None and self._is_current(made)):
            return self._find_made().rows.get(reference_id)
        decisions, _ = read_decisions(self._bibliography)
        adopted = index_decisions(adopt_decisions(decisions, (reference,)))
        corpus = replace(self.corpus, decisions=adopted)
        with self._lock:
            return next(list_rows(Bibliography(references=(reference,)), corpus), None)

    def problems(self) -> tuple[Problem, ...]:
        """List what is wrong in the file of decisions: what it decides may not be in the rows."""
        return self._find_made().problems

    def find_change(self, url: str) -> TextChange | None:
        """Compare the texts behind a link, first and last; None where there is but one."""
        with self._lock:
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

    def warm_up(self) -> None:
        """Begin to make the report, so that it is there when somebody asks."""
        made, generation = self._find_last(), self.generation
        if made is None or made.generation != generation:
            self._begin(generation)

    @property
    def is_ready(self) -> bool:
        """Tell whether there is a report, of now or of a while ago."""
        return self._find_last() is not None

    def say_completeness(self, say: Translator) -> list[str]:
        """Say since when every link was visited, or how many were not, and why."""
        return say_completeness(self.rows(), say)

    def list_next_steps(self, row: LinkRow) -> tuple[tuple[Message, str], ...]:
        """List what a person can do about a link: what for, and the command to copy."""
        return list_next_steps(row)

    def preview_repair(self, row: LinkRow) -> tuple[str, ...]:
        """Render the patches that `renvois links repair` would make for a link, a file each."""
        fixes = choose_fixes([row], with_moved=True)
        if not fixes:
            return ()
        patches = []
        for path in sorted(self._bibliography.rglob("*")):
            if not path.is_file() or path.stat().st_size > MAX_FILE_BYTES:
                continue
            payload = path.read_bytes()
            repair = repair_file(str(path.relative_to(self._bibliography)), payload, fixes)
            if repair.is_change:
                # Lines beside may be of texts that are withdrawn: none is shown.
                hidden = range(1, payload.count(b"\n") + 2)
                patches.append(render_patch(repair, hidden_lines=hidden).decode("utf-8", "replace"))
        return tuple(patches)

    def close(self) -> None:
        """Close the catalogue and the history."""
        self._maker.shutdown(cancel_futures=True)
        self.corpus.history.close()
        self.corpus.catalogue.close()

    def _find_last(self) -> _CachedReport | None:
        """Find the last report that was made, by whichever process; None where there is none."""
        if self._made is None and not self._is_kept_read:
            with self._making_lock:
                self._is_kept_read = True
                kept = read_kept_report(self._folder)
                if kept is not None and self._made is None:
                    self._made = _index_rows(kept)
        return self._made

    def _is_current(self, made: _CachedReport) -> bool:
        """Tell whether a report hides what is withdrawn now: what is goes at once."""
        return made.state == self._withdrawals.read().state

    def _find_made(self) -> _CachedReport:
        while True:
            made = self._find_last()
            generation = self.generation
            if made is not None and made.generation == generation:
                return made
            making = self._begin(generation)
            is_shown = made is not None and self._is_current(made)
            with suppress(TimeoutError):
                made = making.result(self._patience_s if is_shown else None)
            # Also while a report is made that was begun before.
            if made is not None and self._is_current(made):
                return made

    def _begin(self, generation: str) -> "Future[_CachedReport]":
        """Have the report made, unless it is being made."""
        with self._making_lock:
            if self._making is None or self._making.done():
                self._making = self._maker.submit(self._make, generation)
            return self._making

    def _make(self, generation: str) -> _CachedReport:
        if self._made is not None and self._made.generation == generation:
            return self._made
        kept = read_kept_report(self._folder)
        if kept is not None and kept.generation == generation:  # made by another process
            self._made = _index_rows(kept)
            return self._made
        start = self._clock()
        withdrawals = self._withdrawals.read()
        with self._lock:
            self.corpus.catalogue.verify()  # much less than the report costs
        decisions, problems = read_decisions(self._bibliography)
        cited = self._read_cited()
        adopted = adopt_decisions(decisions, cited.references)
        corpus = replace(self.corpus, decisions=index_decisions(adopted))
        shown = choose_shown(cited, withdrawals)
        report = make_report(shown.bibliography, corpus, since=corpus.now() - WEEK, lock=self._lock)
        end = self._clock()
        rest_s = REST_FACTOR * max(0.0, end - start - QUICK_S)
        kept = KeptReport(generation, withdrawals.state, report, tuple(problems))
        if self._withdrawals.read().state == withdrawals.state:
            keep_report(kept, self._folder)
        self._made = _index_rows(kept, rests_until=end + rest_s)
        return self._made

    def _read_cited(self) -> Bibliography:
        """Read the bibliography, unless nothing of it was written since it was read."""
        path = self.corpus.history.path
        register = read_register(path)
        files = (*(each for each in self._mtimes() if each[0] != str(path)), register)
        if self._cited is None or self._cited[0] != files:
            cited, _ = identify_bibliography(
                self._bibliography, register, catalogue=path, rules=self._rules
            )
            self._cited = (files, cited)
        return self._cited[1]

    def _mtimes(self) -> Iterator[tuple[str, int, int]]:
        files = [each for each in self._bibliography.rglob("*") if each.is_file()]
        base = self.corpus.history.path
        log = None
        if isinstance(base, Path):
            log = base.with_name(f"{base.name}-wal")
            files += [base, log]
        else:
            yield str(base), self.corpus.history.read_version(), 0
        for path in sorted(files):
            with suppress(FileNotFoundError):  # no -wal file after a clean close
                status = path.stat()
                if status.st_size or path != log:  # one without a byte is there once one reads
                    yield str(path), status.st_mtime_ns, status.st_size


def _index_rows(kept: KeptReport, rests_until: float = 0.0) -> _CachedReport:
    rows = {row.reference_id: row for row in kept.report.rows}
    return _CachedReport(*kept, rows=rows, rests_until=rests_until)


def _render_json(report: LinkReport, say: Translator) -> str:
    return "[" + ",\n".join(render_json_row(row, say) for row in report.rows) + "]\n"


_RENDERERS: Final[Mapping[str, Callable[[LinkReport, Translator, str], str]]] = MappingProxyType(
    {
        "csv": lambda report, say, url: render_csv(report, say, base_url=url),
        "json": lambda report, say, _: _render_json(report, say),
        "html": lambda report, say, _: render_html(report, say),
        "atom": lambda report, say, url: render_atom(
            report.turns, made_at=report.made_at, say=say, self_url=url
        ),
    }
)
