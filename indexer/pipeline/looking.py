"""Look at what a visit brought back, with what is known beside it: one visit -> one observation."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import urlsplit

from indexer.archive import Catalogue, WarcArchive
from indexer.extract import Job, extract_articles
from indexer.extract.charset import decode_markup
from indexer.extract.payload import PayloadKind, sniff_payload
from indexer.heads import find_field
from indexer.links.finding import shows_text
from indexer.links.history import LinkHistory
from indexer.links.observe import Known, observe_page
from indexer.links.page import Page, parse_page
from indexer.links.soft404 import make_impossible_url
from indexer.model import Article, Cause, Observation, Reference, Visit
from indexer.urls import urlkey

SAME_RUN: Final = timedelta(hours=3)


@dataclass(slots=True)
class Cited:
    """A page as the bibliography cites it, under one urlkey."""

    url: str
    title: str = ""
    fragments: set[str] = field(default_factory=set)


class Looker:
    """Looks at what a visit brought back, with what is known beside it."""

    def __init__(
        self,
        cited: Mapping[str, Cited],
        catalogue: Catalogue,
        archive: WarcArchive,
        history: LinkHistory,
    ) -> None:
        self._cited = cited
        self._catalogue = catalogue
        self._archive = archive
        self._history = history
        self._sharing: Counter[str] | None = None
        self._answered_at: list[datetime] | None = None

    def look(self, key: str, visit: Visit) -> Observation:
        """What a visit of the page with that urlkey says, its page read."""
        page, article = self._read(visit)
        return observe_page(visit, page, article, self._gather(key, visit))

    def _gather(self, key: str, visit: Visit) -> Known:
        cited = self._cited[key]
        first = self._find_first(key, visit)
        return Known(
            cited_title=cited.title,
            fragments=frozenset(cited.fragments),
            first_text=first.text if first is not None else "",
            first_title=first.title if first is not None else "",
            shared_by=self._count_sharing(visit),
            probe=self._history.find_probe(folder_of(visit.url)),
            is_network_up=self._is_network_up(visit),
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
            job = Job(
                payload=held.payload,
                headers=dict(reversed(held.headers)),
                url=visit.final_url,
                record_id=held.record_id,
            )
            # In a process that can be killed: no page keeps the others from being looked at.
            for article in extract_articles([job], processes=1):
                self._catalogue.put_article(article)
        if sniff_payload(held.payload, content_type=content_type) is not PayloadKind.HTML:
            return None, article
        markup, _ = decode_markup(held.payload, content_type=content_type)
        return parse_page(markup, asked_url=visit.url, final_url=visit.final_url), article

    def _find_first(self, key: str, visit: Visit) -> Article | None:
        """The article captured first while nothing but the title cited spoke against the page."""
        for seen in self._history.observations(key):
            if seen.observed_at >= visit.visited_at or not seen.record_id:
                continue
            if shows_text(seen):
                return self._catalogue.find_article(seen.record_id)
        return None

    def _is_network_up(self, visit: Visit) -> bool:
        """Whether any cited page answered, whatever it said, around the time of a visit.

        Asked only for names that do not exist: offline, some resolvers say so of every name.
        """
        if visit.cause is not Cause.UNKNOWN_HOST:
            return True
        if self._answered_at is None:
            self._answered_at = sorted(
                each.visited_at
                for key in self._cited
                for each in self._catalogue.visits(key)
                if each.status is not None
            )
        place = bisect_left(self._answered_at, visit.visited_at - SAME_RUN)
        return place < len(self._answered_at) and (
            self._answered_at[place] <= visit.visited_at + SAME_RUN
        )

    def _count_sharing(self, visit: Visit) -> int:
        """How many cited pages end where this one does, by their last visits."""
        if len(visit.hops) < 2:
            return 1
        if self._sharing is None:
            self._sharing = Counter(
                urlkey(last.final_url)
                for key in self._cited
                for last in last_live(self._catalogue.visits(key))
                if last.final_url
            )
        return max(1, self._sharing[urlkey(visit.final_url)])


def group_cited(references: Iterable[Reference]) -> dict[str, Cited]:
    """The pages that are cited, by urlkey."""
    cited: dict[str, Cited] = {}
    for reference in references:
        if reference.url:
            entry = cited.setdefault(urlkey(reference.url), Cited(url=reference.url))
            entry.title = entry.title or reference.title
            entry.fragments.add(urlsplit(reference.url).fragment)
    return cited


def last_live(visits: Iterable[Visit]) -> list[Visit]:
    """The last visit of the live web, if there is one."""
    return [visit for visit in visits if not visit.archive][-1:]


def folder_of(url: str) -> str:
    """Scheme, host and folder of a URL: where one address that can't exist speaks for all."""
    return make_impossible_url(url, token="").rstrip("/")
