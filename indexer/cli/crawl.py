"""`renvois crawl`: visit what the bibliography cites."""

import math
from collections import Counter
from collections.abc import Callable, Collection, Generator, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass, field
from typing import Final

import click

from indexer import pipeline
from indexer.archive import Catalogue, Recovered, open_catalogue
from indexer.archive.catalogue import Misdated
from indexer.capture import (
    Chromium,
    Collected,
    Rendered,
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
from indexer.cli.terminal import (
    EXIT_FINDINGS,
    EXIT_INTERRUPTED,
    SpokenCommand,
    echo,
    echo_json,
    follow,
    misuse,
    render_error,
    require_corpus,
    say,
    words,
)
from indexer.corpus import Corpus, Crawl, open_crawl, read_shown
from indexer.errors import BrowserError
from indexer.identities import is_named
from indexer.messages import Message, message
from indexer.model import Captured, Cause, HostQueue, Missed, Outcome, Reference
from indexer.report import OutcomeCounts, cause, explain_cause, outcome_slug, render_logfmt
from indexer.settings import Settings
from indexer.urls import host, parse_url, redact_url, urlkey


@click.command(cls=SpokenCommand, help="cli.crawl.help")
@click.option("--json", "as_json", is_flag=True, help="cli.crawl.json")
@click.option("--only", multiple=True, help="cli.option.only")
@click.option("--force", is_flag=True, help="cli.option.force")
@click.option("--dry-run", is_flag=True, help="cli.crawl.dry-run")
@click.option("--browser", "by_browser", is_flag=True, help="cli.crawl.browser")
@click.pass_context
def crawl(
    context: click.Context,
    as_json: bool,
    only: Sequence[str],
    force: bool,
    dry_run: bool,
    by_browser: bool,
) -> None:
    """Visit the cited pages that are due and keep what they answer."""
    settings: Settings = context.obj
    require_corpus(settings)
    if by_browser:
        _check_browser(settings, only)
    shown = read_shown(settings, is_kept=not dry_run)
    for warning in shown.warnings:
        say(warning)
    references = [reference for reference in shown.bibliography.references if reference.url]
    chosen = select_references(references, only)
    wanted = chosen.keys if only else None
    if dry_run:
        _plan(settings, references, wanted, as_json=as_json)
    else:
        with _open_ready(settings, references) as opened:
            visits = start_visits(opened, only=wanted, is_forced=force)
            cited = [each for each in references if wanted is None or _key(each) in wanted]
            if not _run_stages(settings, opened, visits, cited, by_browser, as_json=as_json):
                context.exit(EXIT_INTERRUPTED)
    if chosen.unknown:
        context.exit(EXIT_FINDINGS)


@contextmanager
def _open_ready(settings: Settings, references: Sequence[Reference]) -> Iterator[Crawl]:
    """Open a crawl of what is cited; say what the last one left behind."""
    with open_crawl(settings, references, is_shared=True) as opened:
        for found in opened.recovered:
            _say_recovered(found)
        cite_targets(opened, references)
        say_misdated(opened, references)
        yield opened


def _run_stages(
    settings: Settings,
    opened: Crawl,
    visits: tuple[Generator[Outcome, None, None], int],
    cited: Sequence[Reference],
    by_browser: bool,
    *,
    as_json: bool,
) -> bool:
    """Visit, look in web archives, capture by a browser, collect; whether nobody stopped it.

    `cited` are the references that are wanted, `by_browser` whether all of them are captured so.
    """
    tally = OutcomeCounts()
    try:
        by_scripts = _visit(visits, tally, as_json=as_json)
        _find_mementos(opened, cited, as_json=as_json)
        wanting = _Wanting(cited, by_scripts, is_marked=by_browser)
        _render(settings, opened, wanting, as_json=as_json)
        _collect(settings, opened, cited, as_json=as_json)
    except KeyboardInterrupt:
        say(message("cli.crawl.stopped"))
        return False
    finally:
        for sentence in tally.list_messages():
            say(sentence)
        say_refused(opened)
        say_damaged(opened)
    return True


def _visit(
    visits: tuple[Generator[Outcome, None, None], int], tally: OutcomeCounts, *, as_json: bool
) -> set[str]:
    """Make the visits, tell and count each; give the urlkeys of captured pages that scripts write.

    `visits` are the outcomes to be iterated, and how many are due.
    """
    outcomes, length = visits
    by_scripts: set[str] = set()
    with (
        closing(outcomes),
        follow(outcomes, label=message("cli.progress.visiting"), length=length) as followed,
    ):
        for outcome in followed:
            tally.add(outcome)
            if isinstance(outcome, Captured) and outcome.by_scripts:
                by_scripts.add(urlkey(outcome.url))
            _tell(outcome, as_json=as_json)
    return by_scripts


def _check_browser(settings: Settings, only: Sequence[str]) -> None:
    """Refuse to capture by a browser what nobody names, or without one. Raises BrowserError."""
    if not only:
        raise misuse("cli.crawl.browser-wants-only")
    find_program(settings.browser)


def _plan(
    settings: Settings,
    references: Sequence[Reference],
    wanted: Sequence[str] | None,
    *,
    as_json: bool,
) -> None:
    """Print what would be visited, and when; where nothing can be written, as of the last crawl."""
    with open_catalogue(settings.catalogue_place) as catalogue:
        if catalogue.is_read_only:
            say(message("cli.crawl.read-only"))
        else:
            _cite(catalogue, references)
        _print_plan(catalogue, wanted, as_json=as_json)


def _find_mementos(opened: Crawl, references: Iterable[Reference], *, as_json: bool) -> None:
    """Look in web archives for what could not be had; tell what was found, count the rest."""
    outcomes = pipeline.find_mementos(references, opened)
    looked_up = found = 0
    with follow(outcomes, label=message("cli.progress.in-archives")) as followed:
        for outcome in followed:
            looked_up += 1
            if isinstance(outcome, Captured):
                found += 1
                _tell(outcome, as_json=as_json)
    if looked_up:
        say(message("cli.crawl.in-archives", count=looked_up, found=found))


def _key(reference: Reference) -> str:
    return urlkey(reference.url or "")


@dataclass(frozen=True, slots=True)
class _Wanting:
    """The references whose pages a browser may capture, and what tells which."""

    references: Sequence[Reference]
    by_scripts: Collection[str]  # urlkeys of pages just captured
    is_marked: bool = field(kw_only=True)


def _render(settings: Settings, opened: Crawl, wanting: _Wanting, *, as_json: bool) -> None:
    """Have a browser capture the pages that settings or a person want captured; count them."""
    fresh = wanting.by_scripts
    try:
        find_program(settings.browser)
    except BrowserError as error:
        if missed := describe_missed(wanting.references, opened, settings, by_scripts=fresh):
            say(message("error.at", where=missed, what=render_error(error)))
        return
    pages = list_to_render(
        wanting.references,
        opened,
        default=settings.capture,
        by_scripts=fresh,
        is_marked=wanting.is_marked,
    )
    if not pages:
        return
    found: list[Rendered] = []
    with Chromium(make_policy(settings)) as chromium:
        rendering = render_all(pages, opened, make_bounds(settings), chromium)
        with (
            closing(rendering),
            follow(
                rendering, label=message("cli.progress.by-browser"), length=len(pages)
            ) as followed,
        ):
            for done in followed:
                found.append(done)
                if as_json:
                    echo_json({"outcome": "by-browser", **asdict(done)})
                else:
                    echo(render_logfmt(browser=done.url, **_list_facts(done)))
    say(describe_rendered(found))
    for _ in pipeline.observe(wanting.references, opened):
        pass  # pages that scripts write are judged as their readers see them


def _list_facts(done: Rendered) -> dict[str, object]:
    return {
        "characters": done.characters,
        "requests": done.requests,
        "refused": sum(count for _, count in done.refused),
        "cause": done.cause,
        "detail": done.detail,
    }


def _collect(
    settings: Settings, opened: Crawl, references: Sequence[Reference], *, as_json: bool
) -> None:
    """Collect what captured pages need to be shown again, where settings want it; count it."""
    pages = list_to_collect(references, opened, is_default=settings.requisites)
    if not pages:
        return
    found: list[Collected] = []
    collecting = collect_all(pages, opened, make_bounds(settings))
    with (
        closing(collecting),
        follow(collecting, label=message("cli.progress.collecting"), length=len(pages)) as followed,
    ):
        for done in followed:
            found.append(done)
            if as_json:
                echo_json({"outcome": "requisites", **asdict(done)})
            else:
                facts = {"kept": done.kept, "held": done.held, "left": done.left}
                echo(render_logfmt(requisites=done.url, **facts, missing=len(done.missing)))
    say(describe_collected(found))


def _say_recovered(found: Recovered) -> None:
    """Say what a run that was cut short left behind, and what was found of it."""
    torn = message("cli.crawl.not-torn")
    if found.torn_bytes:
        torn = message("cli.crawl.torn", count=found.torn_bytes)
    visits = message("cli.count.visits", count=found.visits)
    say(message("cli.crawl.cut-short", file=found.filename, torn=torn, visits=visits))
    if found.fault:
        say(message("cli.crawl.recovery-fault", file=found.filename, fault=found.fault))
    for skipped in found.skipped:
        say(message("error.at", where=found.filename, what=skipped.said))


def start_visits(
    opened: Crawl, *, only: Sequence[str] | None, is_forced: bool
) -> tuple[Generator[Outcome, None, None], int]:
    """Visit what is due; give the outcomes, to be iterated and closed, and how many are due."""
    queues = opened.catalogue.targets.due_hosts(opened.now(), only=only, is_forced=is_forced)
    for sentence in describe_backlogs(queues, opened.politeness.find_delay_s):
        say(sentence)
    return pipeline.crawl(queues, opened), sum(queue.count for queue in queues)


def describe_backlogs(
    queues: Iterable[HostQueue], find_delay_s: Callable[[str], float]
) -> Iterator[Message]:
    """Say of the hosts where much is due how long it takes: one page after the other is asked.

    >>> queue = HostQueue(host="doi.org", count=600, targets=iter(()))
    >>> [dict(each.values)["minutes"] for each in describe_backlogs([queue], lambda host: 1.0)]
    [10]
    """
    for queue in queues:
        if queue.count >= BACKLOG:
            delay_s = find_delay_s(queue.host)
            minutes = math.ceil(queue.count * delay_s / 60)
            yield message(
                "cli.crawl.backlog",
                count=queue.count,
                host=queue.host,
                delay=f"{delay_s:g}",
                minutes=minutes,
            )


MAX_NAMED: Final = 10  # links
BACKLOG: Final = 100  # pages due at one host: a run says how long they take


@dataclass(frozen=True, slots=True)
class SelectedReferences:
    """The references that `--only` names, by urlkey, and the names that are cited nowhere."""

    keys: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()


def select_references(references: Sequence[Reference], only: Sequence[str]) -> SelectedReferences:
    """Find the references that `--only` names; say which names are cited nowhere.

    Raises a usage error when none of them is cited: there is nothing to do.
    """
    keys: list[str] = []
    unknown: list[str] = []
    for wanted in only:
        found = [urlkey(r.url) for r in references if r.url and matches_name(r, wanted)]
        keys += found
        unknown += [] if found else [wanted]
    sentences = [message("cli.crawl.only-not-cited", name=name) for name in unknown]
    if unknown and not keys:
        raise click.UsageError("\n".join(map(words, sentences)))
    for sentence in sentences:
        say(sentence)
    return SelectedReferences(tuple(dict.fromkeys(keys)), tuple(unknown))


def say_refused(opened: Crawl) -> None:
    """Say how many hosts were left to other crawlers of this catalogue."""
    if opened.claims is not None and opened.claims.refused:
        say(message("cli.crawl.left-to-others", count=len(opened.claims.refused)))


def list_wrong_tables(corpus: Corpus, known: Iterable[tuple[str, str]] = ()) -> Counter[str]:
    """Count, by table, the rows that were left out: they are not what was written.

    `known` are rows, table and key, that were left out when what is shown was made. Articles are
    read again from the archive, and not counted.
    """
    wrong = corpus.catalogue.wrong_rows | corpus.history.wrong_rows | {*known}
    return Counter(table for table, _ in wrong if table != "articles")


def say_damaged(corpus: Corpus, known: Iterable[tuple[str, str]] = ()) -> None:
    """Say which rows of the catalogue were left out; `known` as `list_wrong_tables` has it."""
    if corpus.catalogue.is_reindexed:
        say(message("cli.crawl.reindexed"))
    if counts := list_wrong_tables(corpus, known):
        told = (
            message("cli.crawl.of-table", count=count, table=table)
            for table, count in sorted(counts.items())
        )
        say(message("cli.crawl.wrong-rows", counts=tuple(told)))
        say(message("cli.catalogue.make-anew"))


def say_damaged_records(corpus: Corpus, references: Iterable[Reference]) -> None:
    """Say which records of the pages that are cited can't be read any more, and where they are."""
    cited = {urlkey(reference.url) for reference in references if reference.url}
    damaged = [record for key, record in corpus.catalogue.list_damaged() if key in cited]
    if not damaged:
        return
    say(message("cli.crawl.damaged-records", count=len(damaged)))
    for record in damaged[:MAX_NAMED]:
        say(
            message(
                "cli.crawl.damaged-record",
                url=redact_url(record.target_uri),
                day=f"{record.captured_at:%Y-%m-%d}",
                file=record.filename,
                offset=str(record.offset),
            )
        )
    if len(damaged) > MAX_NAMED:
        say(message("cli.crawl.damaged-more", count=len(damaged) - MAX_NAMED))


def say_misdated(corpus: Corpus, references: Iterable[Reference]) -> None:
    """Put the visits that bear a date still to come in their place; say those of `references`.

    `references` are drawn only where there are such visits.
    """
    settled = corpus.catalogue.settle_dates(corpus.now())
    if not settled:
        return
    cited = {urlkey(each.url) for each in references if each.url}
    if found := [each for each in settled if each.urlkey in cited]:
        _say_settled(found)


def _say_settled(found: Sequence[Misdated]) -> None:
    """Say of which links visits bore a date still to come, the first ones by name."""
    visits = message("cli.count.visits", count=sum(each.count for each in found))
    links = message("cli.count.links", count=len(found))
    day = f"{max(each.last_dated_at for each in found):%Y-%m-%d}"
    say(message("cli.crawl.misdated", visits=visits, links=links, day=day))
    for each in found[:MAX_NAMED]:
        key = "cli.crawl.misdated-settled" if each.is_settled else "cli.crawl.misdated-due"
        visits = message("cli.count.visits", count=each.count)
        say(message(key, url=redact_url(each.url), visits=visits))
    if len(found) > MAX_NAMED:
        links = message("cli.count.links", count=len(found) - MAX_NAMED)
        say(message("cli.crawl.misdated-more", links=links))


def matches_name(reference: Reference, wanted: str) -> bool:
    """Say whether `wanted` is a name of the reference, of today or of before, or its host."""
    url = reference.url or ""
    bare = wanted.lower().removeprefix("www.")
    return (
        wanted == url
        or bare == host(parse_url(url) or "").removeprefix("www.")
        or is_named(reference, wanted)
    )


def cite_targets(opened: Corpus, references: Sequence[Reference]) -> list[str]:
    """Say which addresses are cited; give those of DOIs that stand in for a dead address."""
    dois = pipeline.list_dead_dois(references, opened)
    urls = [reference.url for reference in references if reference.url]
    opened.catalogue.targets.cite([*urls, *dois])
    return dois


def _cite(catalogue: Catalogue, references: Iterable[Reference]) -> None:
    catalogue.targets.cite(reference.url for reference in references if reference.url)


def _print_plan(catalogue: Catalogue, wanted: Sequence[str] | None, *, as_json: bool) -> None:
    for planned in catalogue.targets.planned():
        if wanted is not None and planned.urlkey not in wanted:
            continue
        due = planned.due_at.isoformat(timespec="seconds") if planned.due_at else None
        if as_json:
            echo_json({"url": planned.url, "due_at": due, "attempts": planned.attempts})
        else:
            echo(f"{due or words('cli.crawl.due-now')}  {planned.url}")


def _tell(outcome: Outcome, *, as_json: bool) -> None:
    reason = cause(outcome)
    if as_json:
        echo_json(
            {
                "url": outcome.url,
                "outcome": outcome_slug(outcome),
                "cause": reason,
                "why": explain_cause(Cause(reason)) if reason else "",
                "detail": outcome.detail if isinstance(outcome, Captured | Missed) else "",
                "archive": "" if isinstance(outcome, Missed) else outcome.capture.archive,
                "hops": list(outcome.hops),
            }
        )
    else:
        echo(
            render_logfmt(
                **{outcome_slug(outcome): outcome.url},
                cause=reason,
                why=words(f"cause.{reason}") if reason else "",
                detail=getattr(outcome, "detail", ""),
                archive="" if isinstance(outcome, Missed) else outcome.capture.archive,
            )
        )
