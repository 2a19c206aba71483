"""Settings -> opened catalogue, archive, fetcher: whatever must be closed is opened here."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from types import MappingProxyType

from indexer.archive import (
    Catalogue,
    Keeper,
    Recovered,
    WarcArchive,
    acquire_lock,
    open_archive,
    open_catalogue,
    recover,
)
from indexer.crawl import (
    Fetcher,
    Gates,
    Limits,
    Manners,
    Policy,
    RobotsShelf,
    Site,
    WebArchive,
    next_due,
    parse_archive,
    parse_opening,
    product_token,
)
from indexer.errors import SettingsError
from indexer.links.history import LinkHistory, open_history
from indexer.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Corpus:
    """A corpus opened: what was visited, and the bytes."""

    catalogue: Catalogue
    archive: WarcArchive
    history: LinkHistory


@dataclass(frozen=True, slots=True, kw_only=True)
class Crawl(Corpus):
    """A corpus opened to visit pages; nobody else visits meanwhile."""

    keeper: Keeper
    fetcher: Fetcher
    manners: Manners
    policy: Policy
    archives: Sequence[WebArchive] = ()
    recovered: Sequence[Recovered] = ()  # what a crash of the last run had left to mend


@contextmanager
def open_corpus(settings: Settings) -> Iterator[Corpus]:
    """Open the catalogue and the archive. Raises CatalogueError, ArchiveError."""
    with (
        open_catalogue(settings.catalogue) as catalogue,
        open_archive(settings.archive) as archive,
        open_history(settings.catalogue) as history,
    ):
        yield Corpus(catalogue=catalogue, archive=archive, history=history)


@contextmanager
def open_crawl(settings: Settings) -> Iterator[Crawl]:
    """Open what a crawl needs, alone on this corpus. Raises LockedError besides."""
    with ExitStack() as stack:
        stack.enter_context(acquire_lock(settings.corpus / "crawl.lock"))
        catalogue = stack.enter_context(open_catalogue(settings.catalogue))
        archive = stack.enter_context(
            open_archive(settings.archive, user_agent=settings.user_agent)
        )
        recovered = recover(archive, catalogue, next_due=next_due)
        history = stack.enter_context(open_history(settings.catalogue))
        keeper = Keeper(archive, catalogue, next_due=next_due)
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
                opening=parse_opening(settings.open_networks),
            )
        )
        manners = Manners(
            fetcher,
            token=product_token(settings.user_agent),
            delay_s=settings.delay_s,
            gates=Gates(at_once=settings.concurrency),
            shelf=RobotsShelf(find=catalogue.hosts.find_robots, keep=keeper.keep_robots),
            sites=_read_sites(settings),
        )
        yield Crawl(
            catalogue=catalogue,
            archive=archive,
            history=history,
            keeper=keeper,
            fetcher=fetcher,
            manners=manners,
            archives=_read_archives(settings),
            recovered=recovered,
            policy=Policy(workers=settings.concurrency, canaries=settings.canaries),
        )


def _read_archives(settings: Settings) -> list[WebArchive]:
    try:
        return [parse_archive(address) for address in settings.archives]
    except ValueError as error:
        raise SettingsError(f"archives: {error}") from error


def _read_sites(settings: Settings) -> Mapping[str, Site]:
    return MappingProxyType(
        {
            name: Site(
                delay_s=table.get("delay_s"),
                headers=MappingProxyType(dict(table.get("headers", {}))),
                ignores_robots=bool(table.get("ignore_robots", False)),
            )
            for name, table in settings.sites.items()
        }
    )
