"""Carry visits to observations; ask hosts for what can't exist where a page needs the proof.

Visits are the crawl's: what it visited is observed here without a second request. One visit, one
transaction, so that a run that was killed goes on where it stopped.
"""

import secrets
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import urlsplit

from indexer.archive import Catalogue, WarcArchive
from indexer.codings import decode
from indexer.crawl import Fetcher, Manners, Policy, visit_all
from indexer.extract import extract_article
from indexer.extract.charset import decode_markup
from indexer.extract.payload import PayloadKind, sniff_payload
from indexer.heads import find_field
from indexer.links.finding import weigh
from indexer.links.history import LinkHistory, Probe
from indexer.links.observe import Known, needs_probe, observe_page
from indexer.links.page import Page, parse_page
from indexer.links.soft404 import make_impossible_url
from indexer.model import (
    Arrival,
    Article,
    HostQueue,
    Observation,
    Reference,
    Target,
    Visit,
    Worth,
)
from indexer.urls import host, parse_url, urlkey

PROBE_EVERY: Final = timedelta(days=30)
PROBE_BYTES: Final = 2**20  # enough to compare


@dataclass(slots=True)
class _Cited:
    """A page as the bibliography cites it, under one urlkey."""

    url: str
    title: str = ""
    fragments: set[str] = field(default_factory=set)


def observe(
    references: Iterable[Reference],
    *,
    catalogue: Catalogue,
    archive: WarcArchive,
    history: LinkHistory,
) -> Iterator[Observation]:
    """Observe every visit of the live web that was not observed yet, and keep it."""
    cited = _group(references)
    looker = _Looker(cited, catalogue, archive, history)
    for key in cited:
        observed_at = history.observed_at(key)
        for visit in catalogue.visits(key):
            if visit.archive or (observed_at is not None and visit.visited_at <= observed_at):
                continue
            observation = looker.look(key, visit)
            history.record(observation)
            yield observation


def probe(
    references: Iterable[Reference],
    *,
    catalogue: Catalogue,
    archive: WarcArchive,
    history: LinkHistory,
    fetcher: Fetcher,
    manners: Manners,
    policy: Policy,
    now: datetime,
    make_token: Callable[[], str] = lambda: f"{secrets.token_hex(8)}.html",
) -> Iterator[Observation]:
    """Ask hosts for an address that can't exist, where a page needs the proof; observe again.

    One such address a folder of a host, once a month; the same politeness as any visit.
    """
    cited = _group(references)
    by_folder: dict[str, list[str]] = defaultdict(list)
    for key in cited:
        last = history.observations(key)[-1:]
        if last and needs_probe(last[0]):
            by_folder[_folder(last[0].url)].append(key)
    fresh_since = now - PROBE_EVERY
    asked: dict[str, str] = {}
    for folder in by_folder:
        known = history.find_probe(folder)
        if known is None or known.probed_at < fresh_since:
            asked[make_impossible_url(f"{folder}/x", token=make_token())] = folder
    for arrival in visit_all(
        _queue(asked), fetcher=fetcher, manners=manners, policy=policy, now=lambda: now
    ):
        folder = asked[arrival.target.url]
        history.put_probe(_make_probe(arrival, folder, now=now))
    looker = _Looker(cited, catalogue, archive, history)
    for keys in by_folder.values():
        for key in keys:
            for visit in _last_live(catalogue.visits(key)):
                observation = looker.look(key, visit)
                history.record(observation)
                yield observation


class _Looker:
    """Looks at what a visit brought back, with what is known beside it."""

    def __init__(
        self,
        cited: Mapping[str, _Cited],
        catalogue: Catalogue,
        archive: WarcArchive,
        history: LinkHistory,
    ) -> None:
        self._cited = cited
        self._catalogue = catalogue
        self._archive = archive
        self._history = history
        self._sharing: Counter[str] | None = None

    def look(self, key: str, visit: Visit) -> Observation:
        page, article = self._read(visit)
        return observe_page(visit, page, article, self._gather(key, visit, article))

    def _gather(self, key: str, visit: Visit, article: Article | None) -> Known:
        cited = self._cited[key]
        return Known(
            cited_title=cited.title,
            fragments=frozenset(cited.fragments),
            first_text=self._find_first_text(key, visit, article),
            shared_by=self._count_sharing(visit),
            probe=self._history.find_probe(_folder(visit.url)),
        )

    def _read(self, visit: Visit) -> tuple[Page | None, Article | None]:
        """The page and the article of a visit; nothing of a miss but what its server showed."""
        if not visit.record_id or (visit.status or 0) >= 300:
            return None, None
        location = self._catalogue.find_location(visit.record_id)
        if location is None:
            return None, None
        held = self._archive.read_payload(location.filename, location.offset)
        content_type = find_field(held.headers, "Content-Type")
        article = self._catalogue.find_article(held.record_id)
        if article is None and visit.outcome != "missed":
            article = extract_article(
                held.payload,
                headers=dict(reversed(held.headers)),
                url=visit.final_url,
                record_id=held.record_id,
            )
            self._catalogue.put_article(article)
        if sniff_payload(held.payload, content_type=content_type) is not PayloadKind.HTML:
            return None, article
        markup, _ = decode_markup(held.payload, content_type=content_type)
        return parse_page(markup, asked_url=visit.url, final_url=visit.final_url), article

    def _find_first_text(self, key: str, visit: Visit, article: Article | None) -> str:
        """The text captured first while the page was beyond doubt; "" where this is the first."""
        for seen in self._history.observations(key):
            if seen.observed_at >= visit.visited_at or not seen.record_id:
                continue
            finding = weigh(seen)
            if finding.is_there and not finding.is_doubtful:
                first = self._catalogue.find_article(seen.record_id)
                return first.text if first is not None else ""
        return ""

    def _count_sharing(self, visit: Visit) -> int:
        """How many cited pages end where this one does, by their last visits."""
        if len(visit.hops) < 2:
            return 1
        if self._sharing is None:
            self._sharing = Counter(
                urlkey(last.final_url)
                for key in self._cited
                for last in _last_live(self._catalogue.visits(key))
                if last.final_url
            )
        return max(1, self._sharing[urlkey(visit.final_url)])


def _group(references: Iterable[Reference]) -> dict[str, _Cited]:
    cited: dict[str, _Cited] = {}
    for reference in references:
        if reference.url:
            entry = cited.setdefault(urlkey(reference.url), _Cited(url=reference.url))
            entry.title = entry.title or reference.title
            entry.fragments.add(urlsplit(reference.url).fragment)
    return cited


def _last_live(visits: Iterable[Visit]) -> list[Visit]:
    """The last visit of the live web, if there is one."""
    return [visit for visit in visits if not visit.archive][-1:]


def _folder(url: str) -> str:
    """Scheme, host and folder of a URL: where one address that can't exist speaks for all."""
    return make_impossible_url(url, token="").rstrip("/")


def _queue(asked: Iterable[str]) -> list[HostQueue]:
    by_host: dict[str, list[Target]] = defaultdict(list)
    for url in asked:
        name = host(url)
        target = Target(url=url, urlkey=urlkey(url), canonical_url=parse_url(url), host=name)
        by_host[name].append(target)
    return [
        HostQueue(host=name, count=len(targets), targets=iter(targets))
        for name, targets in by_host.items()
    ]


def _make_probe(arrival: Arrival, folder: str, *, now: datetime) -> Probe:
    url = arrival.target.url
    if arrival.verdict.worth is not Worth.NEW:
        return Probe(folder=folder, url=url, probed_at=now, has_page=False)
    hop = arrival.exchange.hops[-1]
    coding = hop.header("Content-Encoding")
    payload = decode(hop.payload, coding, max_bytes=PROBE_BYTES, keep=PROBE_BYTES).payload
    markup, _ = decode_markup(payload, content_type=hop.header("Content-Type"))
    page = parse_page(markup, asked_url=url, final_url=hop.target_uri)
    return Probe(folder=folder, url=url, probed_at=now, has_page=True, text=page.text)
