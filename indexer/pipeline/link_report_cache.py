"""The links of a corpus as a page reads them: brought up to date when something was written.

The report is kept in a file of the corpus (`indexer.links.kept_report`), so that who starts the
site again waits for none; of it a page reads what it shows, and of what was written since, only
the rows that it concerns are made anew.
"""

import logging
import secrets
import threading
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, suppress
from dataclasses import replace
from datetime import datetime
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from types import MappingProxyType
from typing import Final, NamedTuple, TypeVar

from indexer import __version__
from indexer.corpus import Corpus, adopt_decisions, identify_bibliography
from indexer.disk import seal_row
from indexer.identities import RegisterFile, read_register
from indexer.links.decisions import Decision, index_decisions, list_uncited, read_decisions
from indexer.links.kept_report import (
    FILE_NAME,
    SHAPE,
    ReportBasis,
    ReportFile,
    ReportWriter,
    RowBasis,
    WrongReportError,
    forget_report,
    stamp_report,
    verify_report,
    writing_part,
)
from indexer.links.observe import RULES
from indexer.links.repair import render_patch, repair_file
from indexer.links.replacement import choose_fixes
from indexer.links.report import (
    CitedLink,
    LinkReport,
    Turn,
    list_cited,
    list_next_steps,
    say_completeness,
)
from indexer.links.report_forms import (
    WEEK,
    render_atom,
    render_csv,
    render_html,
    render_json_row,
)
from indexer.messages import DEFAULT_LANGUAGE, Message, Translator, open_translator
from indexer.model import (
    READING_RULES,
    Bibliography,
    LinkRow,
    LinkState,
    Observation,
    Problem,
    ReadingRules,
    Reference,
    RowFilter,
    RowWindow,
    TextChange,
    WindowAsk,
)
from indexer.pipeline.links import (
    compare_captures,
    list_all_turns,
    list_rows,
    make_row,
    read_histories,
)
from indexer.urls import urlkey
from indexer.withdrawals import NO_WITHDRAWALS, WithdrawalFiles, Withdrawals, choose_shown

REST_FACTOR: Final = 10  # times as long as it took, what is quick left out
QUICK_S: Final = 0.5
STAMPS_LAST_S: Final = 1.0  # the files of a bibliography may be thousands
MAX_FILE_BYTES: Final = 20_000_000  # of a bibliography's file; a longer one is no text
logger: Final = logging.getLogger(__name__)
EVERY_ROW: Final = RowFilter()
TRIES: Final = 3
AT_ONCE: Final = 250  # links whose histories are read by one statement
_Found = TypeVar("_Found")


class KeptRows(Collection[LinkRow]):
    """The rows of a kept report that are wanted, each drawn from its file when it is reached."""

    def __init__(self, file: ReportFile, wanted: RowFilter) -> None:
        """Take an open file, which stays open as long as rows are drawn."""
        self._file = file
        self._wanted = wanted

    def __iter__(self) -> Iterator[LinkRow]:
        """Draw the rows, in the order in which one acts."""
        return self._file.draw_rows(self._wanted)

    def __len__(self) -> int:
        """Count the rows."""
        return self._file.count(self._wanted)

    def __contains__(self, row: object) -> bool:
        """Whether a row is one of them."""
        return any(each == row for each in self)


class LinkReportCache:
    """The report of the links of a corpus; read-only, for any number of threads.

    The report is brought up to date when the catalogue or the bibliography was written, and each
    day, in a thread of its own: who asks for it meanwhile waits `patience_s`, then gets the last
    one.
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
        readings: Path | None = None,
        stamps_last_s: float = STAMPS_LAST_S,
    ) -> None:
        """Take an opened corpus and the folder of its bibliography; `clock` gives seconds.

        Without `patience_s`, who asks waits for the report of now. `readings` is the folder that
        keeps how each file of the bibliography was read; without it all of them are read. What is
        written into the bibliography is seen after `stamps_last_s` at the latest.
        """
        self.corpus = corpus
        self._bibliography = bibliography
        self._withdrawals = withdrawals
        self._rules = rules
        self._lock = threading.Lock()  # SQLite's connection is one
        self._making_lock = threading.Lock()
        self._clock = clock
        self._patience_s = patience_s
        self._readings = readings
        self._stamps_last_s = stamps_last_s
        self._stamps: tuple[float, str] | None = None  # until when they hold, and they
        self._rests_until = 0.0  # by the clock
        self._folder = bibliography.parent  # where the report is kept
        self._temporary: TemporaryDirectory[str] | None = None  # where that takes nothing
        self._is_ours = False  # a report of this version's was in place
        self._verified: tuple[int, ...] | None = None  # the stamp of the report that was read whole
        self._making: Future[None] | None = None
        self._is_closing = False
        self._maker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="links")

    @property
    def generation(self) -> str:
        """Name the state of the rows: it changes with what is written, and each day.

        While a crawl writes all the time, rows that are slow to make stay as they are for ten
        times as long as it took.
        """
        state = self._withdrawals.read().state
        stamps = f"{self._stamp_bibliography()} {self._stamp_catalogue()}"
        generation = f"{self.corpus.now().date()} {stamps} {state} {self._made_by}"
        made = self._find_last()
        if made is None or made.withdrawals != state:  # what is withdrawn goes at once
            return generation
        return generation if self._clock() >= self._rests_until else made.generation

    @property
    def _made_by(self) -> str:
        corpus = self.corpus
        whole = sorted(corpus.whole_texts.by_bibliography.items()) or ""
        settings = f"{corpus.base_url} {corpus.replay_address} {whole} {self._rules}"
        return f"{__version__} {RULES} {SHAPE} {settings}"

    def find_window(self, ask: WindowAsk) -> RowWindow:
        """Find the rows that a page shows, and what stands around them."""
        return self._ask(lambda file: file.find_window(ask))

    def rows(self) -> tuple[LinkRow, ...]:
        """Give a row for each cited link, in the order in which one acts."""
        return self._ask(lambda file: tuple(file.draw_rows()))

    def find_row(self, reference_id: str, reference: Reference | None = None) -> LinkRow | None:
        """Find how the link of a text is; None where it has none.

        As long as there is no report yet, the row of a `reference` is made alone, without the
        names of the notes that cite it, and nobody waits for all others to be made.
        """
        made = self._find_last()
        if reference is None or (made is not None and self._is_current(made)):
            return self._ask(lambda file: file.find_row(reference_id))
        decisions, _ = read_decisions(self._bibliography)
        adopted = index_decisions(adopt_decisions(decisions, (reference,)))
        corpus = replace(self.corpus, decisions=adopted)
        with self._lock:
            return next(list_rows(Bibliography(references=(reference,)), corpus), None)

    def problems(self) -> tuple[Problem, ...]:
        """List what is wrong in the file of decisions: what it decides may not be in the rows."""
        made = self._ask(lambda file: file.read_basis())
        return made.problems if made is not None else ()

    def list_uncited(self) -> tuple[Problem, ...]:
        """List the decisions on links that no text cites, not even one that is withdrawn."""
        made = self._ask(lambda file: file.read_basis())
        return made.uncited if made is not None else ()

    def list_wrong_rows(self) -> tuple[tuple[str, str], ...]:
        """List the rows of the catalogue that were left out when the report was made."""
        made = self._ask(lambda file: file.read_basis())
        return made.wrong if made is not None else ()

    def find_change(self, url: str) -> TextChange | None:
        """Compare the texts behind a link, first and last; None where there is but one."""
        with self._lock:
            return compare_captures(url, self.corpus)

    def render(
        self,
        extension: str,
        *,
        self_url: str = "",
        language: str = DEFAULT_LANGUAGE,
        wanted: RowFilter = EVERY_ROW,
    ) -> str | None:
        """Render the links wanted as "csv", "json", "html", "atom" (the week's); else None."""
        render = _RENDERERS.get(extension)
        if render is None:
            return None
        say = open_translator(language)
        since = self.corpus.now() - WEEK
        return self.read_report(
            lambda _, chosen: render(chosen, say, self_url), since=since, wanted=wanted
        )

    def read_report(
        self,
        read: Callable[[LinkReport, LinkReport], _Found],
        *,
        since: datetime | None,
        wanted: RowFilter = EVERY_ROW,
    ) -> _Found:
        """Give what `read` makes of the report, and of one of the rows that are wanted alone.

        Both tell what changed after `since`. The rows are drawn as they are read, and can't be any
        more once `read` has ended.
        """

        def read_file(file: ReportFile) -> _Found:
            made = file.read_basis()
            made_at = self.corpus.now() if made is None else made.made_at
            turns: tuple[Turn, ...] = ()
            if since is not None:
                turned = list(file.draw_turned(since))
                with self._lock:
                    turns = list_all_turns(turned, self.corpus, since=since)
            rows = KeptRows(file, EVERY_ROW)
            whole = LinkReport(made_at=made_at, rows=rows, since=since, turns=turns)
            return read(whole, replace(whole, rows=KeptRows(file, wanted)))

        return self._ask(read_file)

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
        return say_completeness(self._ask(lambda file: file.count_visited()), say)

    def list_next_steps(self, row: LinkRow) -> tuple[tuple[Message, str], ...]:
        """List what a person can do about a link: what for, and the command to copy."""
        return list_next_steps(row)

    def preview_repair(self, row: LinkRow) -> tuple[str, ...]:
        """Render the patches that `renvois links repair` would make for a link, a file each.

        Only the files that cite the link are read.
        """
        fixes = choose_fixes([row], with_moved=True)
        patches = []
        for name in sorted(row.files) if fixes else ():
            path = self._bibliography / name
            if not path.is_file() or path.stat().st_size > MAX_FILE_BYTES:
                continue
            payload = path.read_bytes()
            repair = repair_file(name, payload, fixes)
            if repair.is_change:
                # Lines beside may be of texts that are withdrawn: none is shown.
                hidden = range(1, payload.count(b"\n") + 2)
                patches.append(render_patch(repair, hidden_lines=hidden).decode("utf-8", "replace"))
        return tuple(patches)

    def close(self) -> None:
        """Leave what is being made, and close the catalogue and the history."""
        self._is_closing = True
        self._maker.shutdown(cancel_futures=True)
        if self._temporary is not None:
            self._temporary.cleanup()
        self.corpus.history.close()
        self.corpus.catalogue.close()

    # --- reading it

    @property
    def _path(self) -> Path:
        folder = self._folder if self._temporary is None else Path(self._temporary.name)
        return folder / FILE_NAME

    def _open(self) -> ReportFile | None:
        """Open the report that was kept last; None where there is none that is right."""
        path = self._path
        while (stamp := stamp_report(path)) is not None:
            if stamp != self._verified:
                verified = verify_report(path)
                if verified is None:
                    return None
                self._verified = verified
            try:
                file = ReportFile(path)
            except WrongReportError:  # it was deleted meanwhile
                return None
            if stamp_report(path) == self._verified:
                return file
            file.close()
        return None

    def _find_last(self) -> ReportBasis | None:
        """Find what the last report was made of, by whichever process; None where there is none."""
        file = self._open()
        if file is None:
            return None
        with file:
            try:
                made = file.read_basis()
            except WrongReportError as error:
                self._discard(file, error)
                return None
        if made is None or made.made_by != self._made_by:
            return None
        self._is_ours = True
        return made

    def _ask(self, ask: Callable[[ReportFile], _Found]) -> _Found:
        """Ask the report of now, or the last one; one that is damaged is made again."""
        for tries_left in reversed(range(TRIES)):
            self._wait_for_report()
            if (file := self._open()) is None:  # deleted meanwhile
                continue
            with file:
                try:
                    return ask(file)
                except WrongReportError as error:
                    if not tries_left:
                        raise
                    self._discard(file, error)
        raise WrongReportError(f"{self._path} is deleted again and again")

    def _discard(self, file: ReportFile, error: WrongReportError) -> None:
        logger.warning("%s is damaged: it is made again (%s)", file.path, error)
        forget_report(file.path.parent)

    def _is_current(self, made: ReportBasis) -> bool:
        """Tell whether a report hides what is withdrawn now: what is goes at once."""
        return made.withdrawals == self._withdrawals.read().state

    def _wait_for_report(self) -> None:
        while True:
            made = self._find_last()
            generation = self.generation
            if made is not None and made.generation == generation:
                return
            making = self._begin(generation)
            is_shown = made is not None and self._is_current(made)
            with suppress(TimeoutError):
                making.result(self._patience_s if is_shown else None)
            made = self._find_last()
            # Also while a report is made that was begun before.
            if made is not None and self._is_current(made):
                return

    # --- making it

    def _begin(self, generation: str) -> "Future[None]":
        """Have the report made, unless it is being made."""
        with self._making_lock:
            if self._making is None or self._making.done():
                self._making = self._maker.submit(self._make, generation)
            return self._making

    def _make(self, generation: str) -> None:
        try:
            self._write(generation)
        except _ClosingError:
            return
        except OSError as error:
            if isinstance(error, FileNotFoundError) and self._path.parent.is_dir():
                return  # the report was deleted meanwhile: it is made again
            if self._temporary is not None:
                raise
            self._keep_apart(f"{error}")
            self._write(generation)

    def _keep_apart(self, reason: str) -> None:
        """Keep the report for this process alone from now on."""
        logger.info("the report of links is not kept: %s", reason)
        self._temporary = TemporaryDirectory(prefix="renvois-links-")

    def _leave_to_others(self) -> None:
        """Keep the report apart where another version has put its own in place of this one's.

        While both run, as at an update, each would make the other's anew, for minutes. Where there
        was none of ours yet, the other one is an older version's, and is replaced.
        """
        if not self._is_ours or self._temporary is not None or (file := self._open()) is None:
            return
        with file:
            try:
                made = file.read_basis()
            except WrongReportError:
                return  # it is made again
        if made is None or made.made_by != self._made_by:
            self._keep_apart("another version of renvois keeps its own there")

    def _write(self, generation: str) -> None:
        self._leave_to_others()
        path = self._path
        with writing_part(path.parent) as part:
            made = self._find_last()
            if made is not None and made.generation == generation:  # by another process meanwhile
                return
            start = self._clock()
            withdrawals = self._withdrawals.read()
            with self._lock:
                self.corpus.catalogue.verify()  # much less than the report costs
            before = self._open()
            try:
                self._update(part, before, generation, withdrawals)
            except WrongReportError as error:
                if before is None:
                    raise
                self._discard(before, error)  # it is made again, and no row of it is kept
            finally:
                if before is not None:
                    before.close()
        end = self._clock()
        self._rests_until = end + REST_FACTOR * max(0.0, end - start - QUICK_S)

    def _update(
        self,
        part: Path,
        before: ReportFile | None,
        generation: str,
        withdrawals: Withdrawals,
    ) -> None:
        """Write a report of now: the one `before`, with the rows made anew that may be others."""
        decisions, problems = read_decisions(self._bibliography)
        with self._lock:
            evidence = _Evidence(self.corpus)
        basis = ReportBasis(
            generation=generation,
            withdrawals=withdrawals.state,
            made_by=self._made_by,
            files=self._fingerprint_files(withdrawals),
            made_at=self.corpus.now(),
            problems=tuple(problems),
            uncited=(),
            wrong=(),
        )
        made = before.read_basis() if before is not None else None
        if made is None or made.made_by != basis.made_by or made.made_at > basis.made_at:
            before = None
        with closing(ReportWriter(self._path, part, begins_with_last=before is not None)) as writer:
            places: Mapping[str, int] | None = None
            fresh: Collection[str] = ()
            if before is None or made is None or made.files != basis.files:
                known = before.find_cited() if before is not None else {}
                cited, uncited = self._read_cited(decisions, withdrawals)
                basis = basis._replace(uncited=uncited)
                places, fresh = self._write_cited(writer, known, cited, evidence)
            else:
                basis = basis._replace(uncited=made.uncited)
            if before is not None:
                self._refresh(writer, before, places, fresh, evidence)
            catalogue, history = self.corpus.catalogue, self.corpus.history
            basis = basis._replace(wrong=tuple(sorted(catalogue.wrong_rows | history.wrong_rows)))
            writer.finish(basis, is_right=lambda: self._is_current(basis))

    def _refresh(
        self,
        writer: ReportWriter,
        before: ReportFile,
        places: Mapping[str, int] | None,
        fresh: Collection[str],
        evidence: "_Evidence",
    ) -> None:
        """Make anew the rows of links that are cited as they were, of which more is known.

        `places` are those of all that is cited, None where they are as before; the rows of `fresh`
        are of now.
        """

        def list_stale() -> Iterator[_Cited]:
            for old, state in before.list_bases():
                key = old.reference_id
                if key in fresh or (places is not None and key not in places):
                    continue
                if self._is_stale(old, state, evidence):
                    link, decision, place = before.read_cited(key)
                    place = place if places is None else places[key]
                    yield _Cited(link, decision, place, old.cited)

        self._put_all(writer, list_stale(), evidence)

    def _read_cited(
        self, decisions: tuple[Decision, ...], withdrawals: Withdrawals
    ) -> tuple[Iterator[tuple[CitedLink, Decision | None]], tuple[Problem, ...]]:
        """Read the bibliography: each link that is shown and what was decided of it.

        Gives, too, the decisions on links that no text cites.
        """
        path = self.corpus.history.path
        every, _ = identify_bibliography(
            self._bibliography,
            read_register(path),
            catalogue=path,
            rules=self._rules,
            cache=self._readings,
        )
        adopted = adopt_decisions(decisions, every.references)
        decided = index_decisions(adopted)
        cited = {each.url for each in every.references if each.url}
        uncited = list_uncited(decided.values(), cited)
        shown = choose_shown(every, withdrawals).bibliography
        return ((link, decided.get(link.url)) for link in list_cited(shown)), uncited

    def _write_cited(
        self,
        writer: ReportWriter,
        known: Mapping[str, str],
        cited: Iterator[tuple[CitedLink, Decision | None]],
        evidence: "_Evidence",
    ) -> tuple[Mapping[str, int], Collection[str]]:
        """Write the rows of links of which anything else is cited or decided than was known.

        Gives the places of all references, and those whose rows were written.
        """
        places: dict[str, int] = {}
        fresh: set[str] = set()

        def list_new() -> Iterator[_Cited]:
            for place, (link, decision) in enumerate(cited):
                places[link.reference_id] = place
                digest = _digest(link, decision)
                if known.get(link.reference_id) != digest:
                    fresh.add(link.reference_id)
                    yield _Cited(link, decision, place, digest)

        self._put_all(writer, list_new(), evidence)
        writer.keep(places)
        return places, fresh

    def _is_stale(self, old: RowBasis, state: LinkState, evidence: "_Evidence") -> bool:
        """Tell whether a row may be another one now."""
        if old.changes_at is not None and old.changes_at <= self.corpus.now():
            return True
        with self._lock:
            return old.evidence != evidence.seal(old.urlkey, old.doi_key, state)

    def _put_all(
        self, writer: ReportWriter, cited: Iterator["_Cited"], evidence: "_Evidence"
    ) -> None:
        """Make and write the rows of cited links, some hundreds at a time."""
        while some := list(islice(cited, AT_ONCE)):
            with self._lock:
                histories = read_histories((each.link.url for each in some), self.corpus)
            for each in some:
                if self._is_closing:
                    raise _ClosingError
                self._put(writer, each, histories[each.link.url], evidence)

    def _put(
        self,
        writer: ReportWriter,
        cited: "_Cited",
        history: tuple[Observation, ...],
        evidence: "_Evidence",
    ) -> None:
        link = cited.link
        key, doi_key = urlkey(link.url), urlkey(link.doi_address) if link.doi_address else ""
        with self._lock:  # given up between two rows: others use the catalogue too
            row, changes_at = make_row(link, cited.decision, self.corpus, history=history)
            seal = evidence.seal(key, doi_key, row.health.state)
        basis = RowBasis(
            reference_id=link.reference_id,
            urlkey=key,
            doi_key=doi_key,
            cited=cited.digest,
            evidence=seal,
            changes_at=changes_at,
        )
        writer.put(row, basis, place=cited.place, cited=(link, cited.decision))

    def _fingerprint_files(self, withdrawals: Withdrawals) -> str:
        """Give a digest of what says which links are cited, and what was decided of them."""
        with closing(RegisterFile(self.corpus.history.path)) as register:
            told = register.fingerprint()
        return seal_row(self._stamp_bibliography(), told, withdrawals.state)

    def _stamp_bibliography(self) -> str:
        """Give what changes whenever a file of the bibliography does; as it was a moment ago."""
        now = time.monotonic()
        if self._stamps is None or now >= self._stamps[0]:
            files = sorted(each for each in self._bibliography.rglob("*") if each.is_file())
            self._stamps = (now + self._stamps_last_s, seal_row(*_list_stamps(files)))
        return self._stamps[1]

    def _stamp_catalogue(self) -> str:
        """Give what changes whenever the catalogue is written."""
        base = self.corpus.history.path
        if not isinstance(base, Path):
            return f"{base} {self.corpus.history.read_version()}"
        log = base.with_name(f"{base.name}-wal")
        # A log without a byte is there as soon as somebody reads.
        return seal_row(*_list_stamps([base]), *(each for each in _list_stamps([log]) if each[1]))


class _Cited(NamedTuple):
    """A link whose row is to be made: what was decided of it, its place, a digest of both."""

    link: CitedLink
    decision: Decision | None
    place: int  # in the bibliography
    digest: str


class _ClosingError(Exception):
    """Stop the making of a report for which nobody waits any more."""


class _Evidence:
    """Digests of the visits and observations of each link, read from the catalogue once."""

    def __init__(self, corpus: Corpus) -> None:
        """Read the digests of all visits and observations."""
        self._catalogue = corpus.catalogue
        self._told = (corpus.history.list_digests(), corpus.catalogue.list_visit_digests())

    def seal(self, key: str, doi_key: str, state: LinkState) -> str:
        """Give a digest of all that the row of a link in a state is made of.

        What captures there are matters where the link is dead alone.
        """
        seen, visited = self._told
        if seen is None or visited is None:
            return secrets.token_hex()  # never what it was
        told = [each.get(name, "") for name in (key, doi_key) for each in (seen, visited)]
        if state is LinkState.DEAD:
            told.append(self._catalogue.fingerprint_captures(key))
        return seal_row(*told)


def _list_stamps(files: Iterable[Path]) -> Iterator[tuple[str, int, int]]:
    for path in files:
        with suppress(FileNotFoundError):  # deleted meanwhile; no log after a clean close
            status = path.stat()
            yield str(path), status.st_size, status.st_mtime_ns


def _digest(link: CitedLink, decision: Decision | None) -> str:
    return seal_row(repr(link), repr(decision))


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
