"""Open the corpus that the settings name: catalogue, archive, history of links, fetcher, a clock.

Whatever must be closed is opened here. The pipeline takes what is opened as one value.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType

from indexer.archive import (
    Catalogue,
    Keeper,
    Recovered,
    WarcArchive,
    acquire_lock,
    finish_purge,
    is_purge_pending,
    open_archive,
    open_catalogue,
    recover,
    remove_partials,
)
from indexer.crawl import (
    Fetcher,
    Limits,
    Politeness,
    RateLimiter,
    RobotsCache,
    RunPolicy,
    SitePolicies,
    SitePolicy,
    WebArchive,
    next_due,
    parse_archive,
    parse_open_networks,
    product_token,
    read_now,
)
from indexer.errors import SettingsError
from indexer.heads import Secrets
from indexer.links.decisions import Decision, index_decisions, read_decisions
from indexer.links.history import LinkHistory, open_history
from indexer.model import Problem
from indexer.search.synonyms import FILE_NAME as SYNONYMS_NAME
from indexer.search.synonyms import SynonymFile
from indexer.settings import ENVIRONMENT, Settings
from indexer.withdrawals import Shown, WithdrawalFiles, choose_shown, list_files, read_pending


@dataclass(frozen=True, slots=True, kw_only=True)
class Corpus:
    """An opened corpus: what was visited, the bytes, what people decided, and a clock.

    `decisions` are by URL, as the bibliography writes it. `base_url` is where the pages are
    served, without a slash at its end ("" where they are not). `now` reads the time, in UTC.
    """

    catalogue: Catalogue
    archive: WarcArchive
    history: LinkHistory
    decisions: Mapping[str, Decision] = field(default_factory=lambda: MappingProxyType({}))
    decision_problems: Sequence[Problem] = ()  # what of liens.toml can't be understood
    base_url: str = ""
    now: Callable[[], datetime] = read_now


@dataclass(frozen=True, slots=True, kw_only=True)
class Crawl(Corpus):
    """A corpus opened to visit pages; no other process visits meanwhile."""

    keeper: Keeper
    fetcher: Fetcher
    politeness: Politeness
    policy: RunPolicy
    archives: Sequence[WebArchive] = ()
    recovered: Sequence[Recovered] = ()  # what a crash of the last run had left to mend


@contextmanager
def open_corpus(settings: Settings) -> Iterator[Corpus]:
    """Open the corpus of the settings to read it; finish a purge that was cut short.

    Raises CatalogueError, ArchiveError, and LockedError while another process is purging.
    """
    if is_purge_pending(settings.archive):
        with (
            acquire_lock(settings.corpus / "crawl.lock"),
            open_catalogue(settings.catalogue) as catalogue,
        ):
            finish_purge(settings.archive, catalogue)
    with (
        open_catalogue(settings.catalogue) as catalogue,
        open_archive(settings.archive) as archive,
        open_history(settings.catalogue) as history,
    ):
        decisions, problems = read_decisions(settings.bibliography)
        yield Corpus(
            catalogue=catalogue,
            archive=archive,
            history=history,
            decisions=index_decisions(decisions),
            decision_problems=problems,
            base_url=settings.base_url.rstrip("/"),
        )


@contextmanager
def open_crawl(settings: Settings) -> Iterator[Crawl]:
    """Open the corpus of the settings to visit pages, alone on it.

    Raises CatalogueError, ArchiveError, SettingsError, and LockedError while another process
    crawls or purges.
    """
    sites = _read_sites(settings)
    with ExitStack() as stack:
        stack.enter_context(acquire_lock(settings.corpus / "crawl.lock"))
        remove_partials(settings.archive)
        catalogue = stack.enter_context(open_catalogue(settings.catalogue))
        archive = stack.enter_context(
            open_archive(settings.archive, user_agent=settings.user_agent)
        )
        finish_purge(settings.archive, catalogue)
        recovered = recover(archive, catalogue, next_due=next_due)
        history = stack.enter_context(open_history(settings.catalogue))
        keeper = Keeper(archive, catalogue, next_due=next_due, secrets=sites.secrets)
        fetcher = stack.enter_context(
            Fetcher(
                user_agent=settings.user_agent,
                limits=Limits(
                    connect_timeout_s=settings.connect_timeout_s,
                    read_timeout_s=settings.read_timeout_s,
                    total_s=settings.deadline_s,
                    max_bytes=settings.max_bytes,
                    max_redirects=settings.max_redirects,
                ),
                proxy=settings.proxy or None,
                open_networks=parse_open_networks(settings.open_networks),
                sites=sites,
            )
        )
        politeness = Politeness(
            fetcher,
            token=product_token(settings.user_agent),
            delay_s=settings.delay_s,
            rate_limiter=RateLimiter(at_once=settings.concurrency),
            robots_cache=RobotsCache(find=catalogue.hosts.find_robots, keep=keeper.keep_robots),
            sites=sites,
        )
        decisions, problems = read_decisions(settings.bibliography)
        yield Crawl(
            catalogue=catalogue,
            archive=archive,
            history=history,
            decisions=index_decisions(decisions),
            decision_problems=problems,
            base_url=settings.base_url.rstrip("/"),
            keeper=keeper,
            fetcher=fetcher,
            politeness=politeness,
            archives=_read_archives(settings),
            recovered=recovered,
            policy=RunPolicy(
                workers=settings.concurrency,
                backoff_s=settings.retry_delay_s,
                canaries=settings.canaries,
                archive_delay_s=settings.archive_delay_s,
            ),
        )


def find_withdrawals(settings: Settings) -> WithdrawalFiles:
    """Find the files that say what is withdrawn from a corpus; they need not be there."""
    return WithdrawalFiles(list_files(settings.corpus, settings.bibliography))


def find_synonyms(settings: Settings) -> SynonymFile:
    """Find the owner's file of synonyms, beside the bibliography; it need not be there."""
    return SynonymFile(settings.bibliography / SYNONYMS_NAME)


def read_shown(settings: Settings) -> Shown:
    """Read the bibliography, and what of it may be shown.

    Raises BibliographyError, WithdrawalError.
    """
    from indexer.bibliography import read_bibliography  # here: a search reads none of its files

    withdrawals = find_withdrawals(settings).read()
    pending = read_pending(settings.corpus)
    return choose_shown(read_bibliography(settings.bibliography), withdrawals, pending)


def _read_archives(settings: Settings) -> list[WebArchive]:
    try:
        return [parse_archive(address) for address in settings.archives]
    except ValueError as error:
        raise SettingsError(f"archives: {error}") from error


def read_secrets(settings: Settings) -> Secrets:
    """Read which headers and values must not be shown of what was archived. SettingsError."""
    return _read_sites(settings).secrets


def _read_sites(settings: Settings) -> SitePolicies:
    for name, table in settings.sites.items():
        for header, value in table.get("headers", {}).items():
            if value.startswith(ENVIRONMENT):
                raise SettingsError(
                    f'[sites."{name}"] {header}: the environment has no '
                    f"{value.removeprefix(ENVIRONMENT)}",
                    hint="Set that variable to the value of the header, or take the header out.",
                )
    try:
        return SitePolicies(
            {
                name: SitePolicy(
                    delay_s=table.get("delay_s"),
                    headers=MappingProxyType(dict(table.get("headers", {}))),
                    ignores_robots=bool(table.get("ignore_robots", False)),
                )
                for name, table in settings.sites.items()
            }
        )
    except ValueError as error:
        raise SettingsError(f"sites: {error}") from error
