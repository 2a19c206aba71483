"""Open the corpus that the settings name: catalogue, archive, history of links, fetcher, a clock.

Whatever must be closed is opened here. The pipeline takes what is opened as one value.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from indexer.archive import (
    CRAWL_LOCK,
    Catalogue,
    HostClaims,
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
from indexer.errors import SearchIndexError, SettingsError, WrongValueError
from indexer.extract import FOLDER_NAME as RULES_FOLDER
from indexer.heads import Secrets
from indexer.identities import (
    Register,
    RegisterFile,
    identify_notes,
    identify_texts,
    list_names,
    read_names,
    read_register,
    restore_register,
)
from indexer.links.decisions import Decision, index_decisions, read_decisions
from indexer.links.history import LinkHistory, open_history
from indexer.messages import message
from indexer.model import (
    READING_RULES,
    Bibliography,
    Problem,
    ReadingRules,
    Reference,
    WholeTexts,
    name_url,
)
from indexer.postgresql import ServerAddress
from indexer.settings import ENVIRONMENT, Settings
from indexer.urls import urlkey
from indexer.withdrawals import (
    FileList,
    Shown,
    WithdrawalFiles,
    choose_shown,
    read_pending,
)

if TYPE_CHECKING:
    from indexer.search.synonyms import SynonymFile


@dataclass(frozen=True, slots=True, kw_only=True)
class Corpus:
    """An opened corpus: what was visited, the bytes, what people decided, and a clock.

    `decisions` are by URL, as the bibliography writes it; `note_texts` are what notes say of each
    reference, by its id, where links are observed. `base_url` is where the pages are
    served, without a slash at its end ("" where they are not), `replay_address` where captures are
    replayed to everybody ("" where they are not), those of texts that `whole_texts` lets be.
    `now` reads the time, in UTC.
    """

    catalogue: Catalogue
    archive: WarcArchive
    history: LinkHistory
    decisions: Mapping[str, Decision] = field(default_factory=lambda: MappingProxyType({}))
    note_texts: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    decision_problems: Sequence[Problem] = ()  # what of liens.toml can't be understood
    base_url: str = ""
    replay_address: str = ""  # ends with "/"
    whole_texts: WholeTexts = field(default_factory=WholeTexts)
    rules_folder: Path | None = None  # of the owner's site rules; it need not exist
    ocr_folder: Path | None = None  # where recognised texts are kept; it need not exist
    now: Callable[[], datetime] = read_now


@dataclass(frozen=True, slots=True, kw_only=True)
class Crawl(Corpus):
    """A corpus opened to visit pages; no other process visits meanwhile."""

    keeper: Keeper
    fetcher: Fetcher
    politeness: Politeness
    policy: RunPolicy
    archives: Sequence[WebArchive] = ()
    claims: HostClaims | None = None  # of hosts, where other crawlers share the catalogue
    recovered: Sequence[Recovered] = ()  # what a crash of the last run had left to mend


@contextmanager
def open_corpus(
    settings: Settings, cited: Iterable[Reference] = (), *, now: Callable[[], datetime] = read_now
) -> Iterator[Corpus]:
    """Open the corpus of the settings to read it; finish a purge that was cut short.

    Decisions on links count for the `cited` references by whatever name they name them. Raises
    CatalogueError, ArchiveError, and LockedError while another process is purging.
    """
    if is_purge_pending(settings.archive):
        with (
            acquire_lock(settings.corpus / CRAWL_LOCK),
            open_catalogue(settings.catalogue_place) as catalogue,
        ):
            finish_purge(settings.archive, catalogue)
    with (
        open_catalogue(settings.catalogue_place) as catalogue,
        open_archive(settings.archive) as archive,
        open_history(settings.catalogue_place) as history,
    ):
        decisions, problems = read_decisions(settings.bibliography)
        yield Corpus(
            catalogue=catalogue,
            archive=archive,
            history=history,
            decisions=index_decisions(adopt_decisions(decisions, cited)),
            decision_problems=problems,
            base_url=settings.base_url.rstrip("/"),
            replay_address=settings.replay_address,
            whole_texts=settings.whole_texts,
            rules_folder=settings.corpus / RULES_FOLDER,
            ocr_folder=settings.corpus / "ocr",
            now=now,
        )


@contextmanager
def open_crawl(
    settings: Settings,
    cited: Iterable[Reference] = (),
    *,
    is_shared: bool = False,
    now: Callable[[], datetime] = read_now,
) -> Iterator[Crawl]:
    """Open the corpus of the settings to visit pages, alone on it.

    `is_shared`: beside other crawlers, where the catalogue is on a server. Decisions on links
    count for the `cited` references by whatever name they name them. Raises
    CatalogueError, ArchiveError, SettingsError, and LockedError while another process
    crawls or purges.
    """
    sites = _read_sites(settings)
    with ExitStack() as stack:
        is_on_server = isinstance(settings.catalogue_place, ServerAddress)
        is_shared = is_shared and is_on_server and not is_purge_pending(settings.archive)
        lock = acquire_lock(settings.corpus / CRAWL_LOCK, is_shared=is_shared)
        stack.enter_context(lock)
        catalogue = stack.enter_context(open_catalogue(settings.catalogue_place))
        archive = stack.enter_context(
            open_archive(settings.archive, user_agent=settings.user_agent, is_shared=is_on_server)
        )
        if not is_shared:  # nobody else has begun something there
            remove_partials(settings.archive)
            finish_purge(settings.archive, catalogue)
        claims = stack.enter_context(catalogue.share_hosts())
        recovered = recover(archive, catalogue, next_due=next_due)
        history = stack.enter_context(open_history(settings.catalogue_place))
        keeper = Keeper(archive, catalogue, next_due=next_due, secrets=sites.secrets)
        fetcher = stack.enter_context(_make_fetcher(settings, sites, now))
        politeness = Politeness(
            fetcher,
            token=product_token(settings.user_agent),
            delay_s=settings.delay_s,
            rate_limiter=RateLimiter(at_once=settings.concurrency, others=claims),
            robots_cache=RobotsCache(find=catalogue.hosts.find_robots, keep=keeper.keep_robots),
            sites=sites,
            now=now,
        )
        decisions, problems = read_decisions(settings.bibliography)
        yield Crawl(
            catalogue=catalogue,
            archive=archive,
            history=history,
            decisions=index_decisions(adopt_decisions(decisions, cited)),
            decision_problems=problems,
            base_url=settings.base_url.rstrip("/"),
            replay_address=settings.replay_address,
            whole_texts=settings.whole_texts,
            rules_folder=settings.corpus / RULES_FOLDER,
            ocr_folder=settings.corpus / "ocr",
            now=now,
            keeper=keeper,
            claims=claims,
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


def _make_fetcher(
    settings: Settings, sites: SitePolicies, now: Callable[[], datetime] = read_now
) -> Fetcher:
    return Fetcher(
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
        now=now,
    )


@contextmanager
def open_network(settings: Settings) -> Iterator[tuple[Fetcher, Politeness]]:
    """Open the crawl's door to the network alone, for what is not kept in the archive.

    Raises SettingsError.
    """
    sites = _read_sites(settings)
    with _make_fetcher(settings, sites) as fetcher:
        yield (
            fetcher,
            Politeness(
                fetcher,
                token=product_token(settings.user_agent),
                delay_s=settings.delay_s,
                rate_limiter=RateLimiter(at_once=1),
                robots_cache=RobotsCache(find=lambda _: None, keep=lambda _robots, _exchange: None),
                sites=sites,
            ),
        )


def find_withdrawals(settings: Settings) -> WithdrawalFiles:
    """Find the files that say what is withdrawn from a corpus; they need not be there."""
    return WithdrawalFiles(FileList(settings.corpus, settings.bibliography))


def find_synonyms(settings: Settings) -> "SynonymFile":
    """Find the owner's file of synonyms, beside the bibliography; it need not be there."""
    from indexer.search.synonyms import FILE_NAME, SynonymFile  # here: most commands search nothing

    return SynonymFile(settings.bibliography / FILE_NAME)


def read_shown(settings: Settings, *, is_kept: bool = False) -> Shown:
    """Read the bibliography, every text and note by the id that it keeps, and what may be shown.

    `is_kept` writes to the register which ids were given, so that they stay. Raises
    BibliographyError, WithdrawalError, CatalogueError.
    """
    withdrawals = find_withdrawals(settings).read()
    pending = read_pending(settings.corpus)
    read = keep_identities if is_kept else read_identified
    return choose_shown(read(settings), withdrawals, pending)


def read_identified(settings: Settings, *, folder: Path | None = None) -> Bibliography:
    """Read the bibliography, every text and note by the id that it keeps; write nothing.

    `folder` is a copy of the bibliography's to read instead.
    """
    known = read_register(settings.catalogue_place) or restore_from_index(settings.index_place)
    return identify_bibliography(
        folder or settings.bibliography,
        known,
        catalogue=settings.catalogue_place,
        rules=settings.reading_rules,
        cache=settings.readings if folder is None else None,
    )[0]


def keep_identities(settings: Settings) -> Bibliography:
    """Read the bibliography, and write to the register which ids its texts and notes were given."""
    with RegisterFile(settings.catalogue_place) as file:
        while True:
            before = file.read()
            known = before or restore_from_index(settings.index_place)
            bibliography, after = identify_bibliography(
                settings.bibliography,
                known,
                catalogue=settings.catalogue_place,
                rules=settings.reading_rules,
                cache=settings.readings,
            )
            if file.write(before, after):  # else another process has written meanwhile
                return bibliography


def identify_bibliography(
    folder: Path,
    register: Register,
    *,
    catalogue: Path | ServerAddress,
    rules: ReadingRules = READING_RULES,
    cache: Path | None = None,
) -> tuple[Bibliography, Register]:
    """Read the files of a folder by what a register knows; give the register as it is then.

    `cache` is the folder that keeps how each file was read, None to read all of them.
    Where an address leads that is cited no more, the catalogue says.
    """
    from indexer.bibliography import read_bibliography  # here: a search reads none of its files

    today = read_now().date()
    after = register
    with _Redirects(catalogue) as moved:

        def identify(
            references: Sequence[Reference], bibliography_of: Mapping[str, str]
        ) -> Sequence[Reference]:
            nonlocal after
            found, after = identify_texts(
                register, references, bibliography_of, today=today, moved=moved.find
            )
            return found

        bibliography = read_bibliography(folder, identify=identify, rules=rules, cache=cache)
    return identify_notes(after, bibliography, today=today)


class _Redirects:
    """Look up where a URL redirected when it was last observed; opens the history on first use."""

    def __init__(self, catalogue: Path | ServerAddress) -> None:
        self._catalogue = catalogue
        self._history: LinkHistory | None = None

    def __enter__(self) -> "_Redirects":
        return self

    def __exit__(self, *_exception: object) -> None:
        if self._history is not None:
            self._history.close()

    def find(self, name: str) -> str:
        """Find the name of the address to which that of a name leads; "" where it is not known."""
        if self._history is None:
            if not self._catalogue.exists():
                return ""
            self._history = open_history(self._catalogue)
        seen = self._history.observations(name.removeprefix("url "))
        final_url = next((each.final_url for each in reversed(seen) if each.final_url), "")
        return name_url(urlkey(final_url)) if final_url else ""


def restore_from_index(place: Path | Mapping[str, Any]) -> Register:
    """Make a register of what the index holds; an empty one where there is no index to be read."""
    if isinstance(place, Path) and not place.is_dir():
        return Register()
    from indexer.engines import read_outlines  # here: it takes half a second

    try:
        return restore_register(read_outlines(place))
    except SearchIndexError:
        return Register()  # what is wrong with it, whoever opens it to search or to write says


def adopt_decisions(
    decisions: Iterable[Decision], cited: Iterable[Reference]
) -> tuple[Decision, ...]:
    """Let decisions that name a link otherwise than the bibliography does count for it.

    By an id, an older one, a DOI, another writing of its address, or the one that it had.
    """
    references = {each.id: each for each in cited}
    written = {each.url for each in references.values()}
    if all(each.url in written for each in decisions):
        return tuple(decisions)
    by_name = {name: each.url for each in references.values() for name in list_names(each)}

    def adopt(decision: Decision) -> Decision:
        if decision.url in written:
            return decision
        found = (by_name.get(name) for name in read_names(decision.url))
        return replace(decision, url=next(filter(None, found), decision.url))

    return tuple(map(adopt, decisions))


def _read_archives(settings: Settings) -> list[WebArchive]:
    try:
        return [parse_archive(address) for address in settings.archives]
    except WrongValueError as error:
        raise SettingsError(
            message("error.setting.value", setting="archives", why=error.said)
        ) from error


def read_secrets(settings: Settings) -> Secrets:
    """Read which headers and values must not be shown of what was archived. SettingsError."""
    return _read_sites(settings).secrets


def _read_sites(settings: Settings) -> SitePolicies:
    for name, table in settings.sites.items():
        for header, value in table.get("headers", {}).items():
            if value.startswith(ENVIRONMENT):
                raise SettingsError(
                    message(
                        "error.setting.site-variable",
                        table=f'[sites."{name}"]',
                        header=header,
                        variable=value.removeprefix(ENVIRONMENT),
                    ),
                    hint=message("hint.set-variable"),
                )
    try:
        return SitePolicies(
            {
                name: SitePolicy(
                    delay_s=table.get("delay_s"),
                    headers=MappingProxyType(dict(table.get("headers", {}))),
                    ignores_robots=bool(table.get("ignore_robots", False)),
                    requisites=table.get("requisites"),
                    capture=table.get("capture", ""),
                )
                for name, table in settings.sites.items()
            }
        )
    except WrongValueError as error:
        raise SettingsError(
            message("error.setting.value", setting="sites", why=error.said)
        ) from error
