"""Go round: visit what is due, look at the links, index what changed, tell what is news.

One round is what `renvois crawl`, `links check` and `index` do, one after the other, as politely.
Nobody who reads the pages waits for it: only who would write is kept out, and only meanwhile.
"""

import hashlib
import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, closing, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Final, TypeVar

from indexer import pipeline
from indexer.archive import open_catalogue
from indexer.capture import (
    Chromium,
    collect_all,
    describe_collected,
    describe_missed,
    describe_rendered,
    find_program,
    list_to_collect,
    list_to_render,
    make_bounds,
    make_policy,
    render_all,
)
from indexer.corpus import Corpus, Crawl, open_corpus, open_crawl, read_shown
from indexer.crawl import parse_open_networks, read_now
from indexer.crawl.network import MIN_HOSTS, NETWORK_CAUSES
from indexer.deposit import Deposit, deposit_all, parse_service
from indexer.disk import explain
from indexer.errors import (
    BrowserError,
    CorpusError,
    LockedError,
    MeaningError,
    SearchIndexError,
    say_for_logs,
)
from indexer.links import judge_link
from indexer.links.decisions import apply_decision
from indexer.links.health import list_to_check
from indexer.messages import NOTHING, Message, message, open_translator
from indexer.model import Bibliography, Captured, Cause, LinkState, Missed, Outcome, Reference
from indexer.notify import (
    Delivery,
    MailServer,
    Notice,
    NoticeKind,
    ToldState,
    describe,
    find_news,
    is_resting,
    parse_mail_server,
    post,
    render_digest,
    render_payload,
    send_mail,
)
from indexer.pipeline.links import read_history
from indexer.report import OutcomeCounts
from indexer.settings import Settings
from indexer.urls import host, parse_url, redact_url, urlkey
from indexer.watch.journal import Round, WatchJournal
from indexer.watch.status import read_pace, read_status
from indexer.withdrawals import list_files

T = TypeVar("T")

RUNS: Final = ""  # what stands for the rounds themselves where links stand
Tell = Callable[[Message], None]
# Causes of visits that asked nothing of a server, or only its robots.txt.
_UNASKED: Final = frozenset(
    {
        Cause.MALFORMED_URL,
        Cause.FORBIDDEN_SCHEME,
        Cause.FORBIDDEN_ADDRESS,
        Cause.DISALLOWED_BY_ROBOTS,
        Cause.ROBOTS_UNREACHABLE,
    }
)


class _StoppedError(Exception):
    """The watch was asked to stop while it was embedding."""


@dataclass(slots=True)
class _Reached:
    """Which hosts did not answer in a round, and whether any did."""

    silent: set[str] = field(default_factory=set)
    has_answer: bool = False

    def add(self, outcome: Outcome) -> None:
        """Take note of a visit. What was never asked for says nothing."""
        cause = outcome.cause if isinstance(outcome, Missed) else None
        if cause in NETWORK_CAUSES:
            self.silent.add(host(parse_url(outcome.url) or ""))
        elif cause not in _UNASKED:
            self.has_answer = True

    @property
    def is_offline(self) -> bool:
        """Tell whether nothing answered, of several hosts: the network is down, not they."""
        return not self.has_answer and len(self.silent) >= MIN_HOSTS


class Watch:
    """The watch of a corpus: goes round once whenever it is asked to."""

    def __init__(
        self,
        settings: Settings,
        journal: WatchJournal,
        *,
        tell: Tell = lambda said: None,
        now: Callable[[], datetime] = read_now,
    ) -> None:
        """Take what is set, what was done, and a clock; `tell` is told what is being done."""
        self._settings = settings
        self._journal = journal
        self._tell = tell
        self._now = now
        self._is_stopped = False
        self._is_meant = False  # whether everything was embedded
        self._said = NOTHING  # of pages that want a browser, where there is none: said once
        self._indexed: tuple[tuple[str, int, int], ...] = ()  # the files, as they were indexed

    def stop(self) -> None:
        """Have the round that goes on end soon; what was visited is kept, the rest is still due."""
        self._is_stopped = True

    def go_round(self) -> Round:
        """Go round once. What stops it is kept and told; nothing is raised for it.

        Where somebody else is at work on the corpus, the round is postponed.
        """
        self._note_gap()
        number = self._journal.begin_round(self._now())
        done = Round(started_at=self._now())
        try:
            self._check_room()
            done = self._work(done)
            if done.unreached:
                why = message("report.notice.offline", count=done.unreached)
                done = replace(done, outcome="failed", detail=open_translator("en")(why))
                self._note_failure(why)
            else:
                done = replace(done, outcome="done")
                self._journal.remember(RUNS, ToldState())
        except LockedError as error:
            done = replace(done, outcome="postponed", detail=say_for_logs(error.what))
        except (CorpusError, OSError) as error:
            done = replace(done, outcome="failed", detail=str(error))
            what = error.said if isinstance(error, CorpusError) else explain(error).what
            self._note_failure(message("report.notice.why", error=what))
        finally:
            done = replace(done, ended_at=self._now())
            if done.outcome == "running":  # interrupted
                done = replace(done, outcome="failed", detail="interrupted")
            self._journal.end_round(number, done)
        self._deliver()
        return done

    def _note_gap(self) -> None:
        """Have it told, once, that rounds which should have come did not, or none went well."""
        pace = read_pace(self._journal, self._settings, now=self._now())
        since = pace.last_at if pace.is_silent else pace.done_at
        if since is not None and (pace.is_silent or pace.is_fruitless):
            self._note_failure(message("report.notice.gap", since=since, until=self._now()))

    def _check_room(self) -> None:
        """Refuse to fill the last of the disk. Raises CorpusError."""
        folder = self._settings.corpus
        folder.mkdir(parents=True, exist_ok=True)
        free = shutil.disk_usage(folder).free
        if free < self._settings.min_free_bytes:
            raise CorpusError(
                message("error.watch.disk", free=free, least=self._settings.min_free_bytes),
                where=folder,
                hint=message("hint.min-free-bytes"),
            )

    def _work(self, done: Round) -> Round:
        shown = read_shown(self._settings, is_kept=True)
        for warning in shown.warnings:
            self._tell(warning)
        bibliography = shown.bibliography
        tally, reached = OutcomeCounts(), _Reached()
        with open_crawl(
            self._settings, shown.everything.references, is_shared=True, now=self._now
        ) as opened:
            noted = replace(opened, note_texts=bibliography.join_notes())
            self._visit(noted, bibliography.references, tally, reached)
        done = replace(
            done,
            visited=tally.counts.total(),
            captured=tally.counts["captured"],
            missed=tally.counts["missed"],
            unreached=tally.counts["missed"] if reached.is_offline else 0,
        )
        with open_corpus(self._settings, shown.everything.references, now=self._now) as corpus:
            corpus.catalogue.settle_dates(self._now())
            files = self._list_files()
            if not self._is_stopped and (done.visited or files != self._indexed):
                done = replace(done, indexed=self._index(corpus, bibliography))
                self._indexed = files
            done = replace(done, news=self._find_news(corpus, bibliography.references))
        if self._settings.meaning and (done.indexed or not self._is_meant):
            self._build_meaning()
        return done

    def _visit(
        self,
        opened: Crawl,
        cited: Sequence[Reference],
        tally: OutcomeCounts,
        reached: "_Reached",
    ) -> None:
        """Visit what is due; look at the pages, at hosts, in web archives."""
        references = [reference for reference in cited if reference.url]
        dois = pipeline.list_dead_dois(references, opened)
        opened.catalogue.targets.cite([*(each.url or "" for each in references), *dois])
        pipeline.plan_checks(references, opened)
        wanted = (*list_to_check(references, opened.decisions), *map(urlkey, dois))
        queues = opened.catalogue.targets.due_hosts(opened.now(), only=wanted)
        if queues:
            self._tell(message("report.watch.due", count=sum(queue.count for queue in queues)))
            visits = pipeline.observe_meanwhile(pipeline.crawl(queues, opened), references, opened)
            with closing(visits):
                for outcome in self._until_stopped(visits):
                    tally.add(outcome)
                    reached.add(outcome)
        for _ in self._until_stopped(pipeline.observe(references, opened)):
            pass
        for _ in self._until_stopped(pipeline.probe(references, opened)):
            pass
        self._render(references, opened)
        self._collect(references, opened)
        for done in self._until_stopped(self._deposit(references, opened)):
            self._tell(
                message(
                    f"report.deposit.{done.state.value}", service=host(done.service), url=done.url
                )
            )
        for find in (pipeline.find_mementos, pipeline.find_replacements):
            for outcome in self._until_stopped(find(references, opened)):
                if isinstance(outcome, Captured):
                    self._tell(
                        message(
                            "report.watch.found",
                            archive=outcome.capture.archive,
                            url=redact_url(outcome.url),
                        )
                    )

    def _render(self, references: Iterable[Reference], opened: Crawl) -> None:
        """Have a browser capture the pages that settings want captured."""
        settings = self._settings
        references = list(references)
        try:
            find_program(settings.browser)
        except BrowserError as error:
            missed = describe_missed(references, opened, settings)
            if missed and missed != self._said:
                self._tell(message("report.watch.no-browser", missed=missed, why=error.said))
                self._said = missed
            return
        pages = list_to_render(references, opened, default=settings.capture)
        if self._is_stopped or not pages:
            return
        with Chromium(make_policy(settings)) as chromium:
            rendering = render_all(pages, opened, make_bounds(settings), chromium)
            with closing(rendering):
                self._tell(describe_rendered(list(self._until_stopped(rendering))))
        for _ in self._until_stopped(pipeline.observe(references, opened)):
            pass  # pages that scripts write are judged as their readers see them

    def _collect(self, references: Iterable[Reference], opened: Crawl) -> None:
        """Collect what captured pages need to be shown again, where settings want it."""
        pages = list_to_collect(references, opened, is_default=self._settings.requisites)
        if self._is_stopped or not pages:
            return
        with closing(collect_all(pages, opened, make_bounds(self._settings))) as collecting:
            self._tell(describe_collected(list(self._until_stopped(collecting))))

    def _deposit(self, references: Iterable[Reference], opened: Crawl) -> Iterator[Deposit]:
        """Have the services of the settings keep what they do not keep yet."""
        services = [parse_service(each) for each in self._settings.deposit_to]
        find_last = self._journal.find_deposit
        networks = parse_open_networks(self._settings.open_networks)
        for done in deposit_all(
            references, opened, services, find_last=find_last, open_networks=networks
        ):
            self._journal.put_deposit(urlkey(done.url), done)
            yield done

    def _until_stopped(self, outcomes: Iterable[T]) -> Iterator[T]:
        if self._is_stopped:
            return
        for outcome in outcomes:
            yield outcome
            if self._is_stopped:
                return

    def _list_files(self) -> tuple[tuple[str, int, int], ...]:
        """List what people write, and when it was written: what has not changed is indexed."""
        settings = self._settings
        found = [
            *settings.bibliography.rglob("*"),
            *list_files(settings.corpus, settings.bibliography),
        ]
        states = ((path, path.stat()) for path in sorted(set(found)) if path.is_file())
        return tuple((str(path), each.st_mtime_ns, each.st_size) for path, each in states)

    def _index(self, corpus: Corpus, bibliography: Bibliography) -> int:
        """Read and index what changed; gives how many documents did."""
        # Here: the engine takes half a second to import.
        from indexer.wiring import open_writer, write_outlines

        for _ in pipeline.extract(bibliography.references, corpus, tell=self._tell):
            pass
        documents = pipeline.CorpusDocuments(
            bibliography, corpus, self._settings.stamps, self._settings.bibliography
        )
        update = pipeline.index(open_writer(self._settings), documents)
        try:
            write_outlines(self._settings)
        except SearchIndexError as error:
            self._tell(error.said)
        return update.added + update.updated + update.deleted

    def _build_meaning(self) -> None:
        """Embed what is new, on one core; what was embedded when a stop comes is kept."""
        from indexer.wiring import build_meaning  # here: most corpora do without

        def tell(progress: object) -> None:
            if self._is_stopped:
                raise _StoppedError

        self._is_meant = False
        try:
            build_meaning(self._settings, tell, threads=1)
            self._is_meant = True
        except _StoppedError:
            pass
        except (LockedError, MeaningError, SearchIndexError) as error:
            self._tell(message("report.watch.no-meaning", why=error.said))

    # --- news

    def _find_news(self, corpus: Corpus, references: Iterable[Reference]) -> int:
        """Find what is news of the links, and have it told; gives how much it is."""
        count = 0
        seen: set[str] = set()
        for reference in references:
            url = reference.url or ""
            if not url or urlkey(url) in seen:
                continue
            seen.add(urlkey(url))
            count += self._compare(reference, url, corpus)
        return count

    def _compare(self, reference: Reference, url: str, corpus: Corpus) -> int:
        history = read_history(url, corpus)
        verdict = judge_link(history, now=corpus.now())
        if verdict.state is LinkState.UNKNOWN and not history:
            return 0
        health = apply_decision(verdict, corpus.decisions.get(url))
        before = self._journal.find_told(urlkey(url))
        now, kinds = find_news(
            before, health, history[-1].similarity, drift=self._settings.notify_drift
        )
        notices = [
            describe(
                kind,
                health,
                url=redact_url(url),
                reference_id=reference.id,
                title=reference.title,
                now=corpus.now(),
            )
            for kind in kinds
            if kind in self._settings.notify_on
        ]
        if now != before:
            self._journal.remember(urlkey(url), now, notices, self._channels())
        return len(notices)

    def _note_failure(self, why: Message) -> None:
        """Have a failure told, unless the round before failed too."""
        before = self._journal.find_told(RUNS) or ToldState()
        if before.is_dead:
            return
        notice = Notice(kind=NoticeKind.FAILURE, at=self._now(), reason=why)
        notices = [notice] if NoticeKind.FAILURE in self._settings.notify_on else []
        self._journal.remember(RUNS, ToldState(is_dead=True), notices, self._channels())

    # --- telling

    def _channels(self) -> dict[str, str]:
        """Name each channel, with the address that it leads to.

        The address of a webhook may hold a token: it stands in no name, and in no message.
        """
        settings = self._settings
        mails = settings.notify_mail_to if settings.smtp_server else ()
        return {f"mail {address}": address for address in mails} | {
            f"webhook {name_webhook(address)}": address for address in settings.notify_webhooks
        }

    def _deliver(self) -> None:
        """Tell each channel what it has still to be told; withdrawn texts are told of no more.

        A channel that refused is left alone, longer each time.
        """
        for channel, address in self._channels().items():
            refusals = self._journal.find_refusals(channel)
            if refusals is not None and is_resting(*refusals, self._now()):
                continue
            if channel.startswith("mail "):
                self._deliver_mail(channel, address)
            else:
                self._deliver_webhook(channel, address)

    def _list_waiting(self, channel: str) -> list[Notice]:
        waiting = self._journal.list_waiting(channel)
        hidden = self._hidden_urlkeys() if waiting else frozenset()
        return [notice for link, notice in waiting if link not in hidden]

    def _hidden_urlkeys(self) -> frozenset[str]:
        """Find what is withdrawn; everything, where nobody knows what was."""
        with suppress(CorpusError):
            return read_shown(self._settings).hidden_urlkeys
        return frozenset(link for link, _ in self._journal.list_notices(limit=10**9)) - {RUNS}

    def _deliver_mail(self, channel: str, address: str) -> None:
        """Send one digest a day at most."""
        now = self._now()
        last = self._journal.last_sent_at(channel)
        waiting = self._list_waiting(channel)
        if not waiting or (last is not None and last.astimezone(UTC).date() >= now.date()):
            return
        server = make_mail_server(self._settings)
        mail = render_digest(
            waiting,
            troubles=self._list_troubles(),
            to=address,
            sender=server.sender,
            base_url=self._settings.base_url.rstrip("/"),
            now=now,
            say=open_translator(self._settings.notify_language or self._settings.language),
        )
        self._send(channel, waiting, lambda: send_mail(mail, server))

    def _list_troubles(self) -> list[Message]:
        """List what is late and what is wrong, as `renvois status` says it."""
        with ExitStack() as opened:
            place = self._settings.catalogue_place
            catalogue = opened.enter_context(open_catalogue(place)) if place.exists() else None
            status = read_status(self._settings, catalogue, self._journal, now=self._now())
            return [said for _, said in status.problems]

    def _deliver_webhook(self, channel: str, address: str) -> None:
        settings = self._settings
        say = open_translator(settings.notify_language or settings.language)
        for notice in self._list_waiting(channel):
            payload = render_payload(notice, base_url=settings.base_url.rstrip("/"), say=say)
            is_taken = self._send(
                channel,
                [notice],
                lambda notice=notice, payload=payload: post(  # type: ignore[misc]
                    address, payload, notice, secret=settings.webhook_secret, now=self._now()
                ),
            )
            if not is_taken:
                return  # the others wait with it

    def _send(self, channel: str, notices: Sequence[Notice], send: Callable[[], Delivery]) -> bool:
        """Send notices by a channel; say whether it took them."""
        self._journal.mark(channel, notices, "sending", at=self._now())
        done = send()
        state = "taken" if done.is_taken else "waiting"
        self._journal.mark(channel, notices, state, at=self._now(), detail=done.detail)
        if done.is_taken:
            self._journal.forget_refusals(channel)
        else:
            self._journal.count_refusal(channel, self._now())
            self._tell(message("report.watch.not-taken", channel=channel, detail=done.detail))
        return done.is_taken


def name_webhook(address: str) -> str:
    """Name a webhook by its host, and by a digest that tells it from others there."""
    return f"{host(address)} {hashlib.sha256(address.encode()).hexdigest()[:8]}"


def make_mail_server(settings: Settings) -> MailServer:
    """Say where mail is handed in under these settings."""
    return parse_mail_server(
        settings.smtp_server,
        security=settings.smtp_security,
        user=settings.smtp_user,
        password=settings.smtp_password,
        sender=settings.notify_mail_from or settings.notify_mail_to[0],
    )
