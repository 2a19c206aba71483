"""Look at what a visit brought back, with what is known beside it: one visit -> one observation."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import urlsplit

from indexer.archive import Catalogue, Payload, WarcArchive
from indexer.errors import DamagedRecordError
from indexer.extract import Job
from indexer.extract.charset import decode_markup
from indexer.extract.payload import PayloadKind, sniff_payload
from indexer.heads import find_field
from indexer.links.basis import carry_over, render_basis
from indexer.links.finding import shows_text
from indexer.links.history import LinkHistory, Probe
from indexer.links.observe import Known, observe_page
from indexer.links.page import ParsedPage, parse_page
from indexer.links.soft404 import TEXT_CHARS, make_impossible_url
from indexer.model import Article, Cause, Observation, Reference, Visit
from indexer.urls import urlkey

SAME_RUN: Final = timedelta(hours=3)


@dataclass(slots=True)
class CitedPage:
    """A page as the bibliography cites it, under one urlkey."""

    url: str
    title: str = ""
    fragments: set[str] = field(default_factory=set)


class VisitObserver:
    """Observe visits of the cited pages, with what is known beside them."""

    def __init__(
        self,
        cited: Mapping[str, CitedPage],
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

    def is_cited(self, key: str) -> bool:
        """Whether the bibliography cites the page with that urlkey."""
        return key in self._cited

    def list_unseen(self, key: str) -> list[Visit]:
        """The visits of the live web that nobody looked at yet, oldest first."""
        # Not those after the last one looked at: that one may bear a date still to come, and what
        # was imported may be older.
        seen = self._history.observed_moments(key)
        visits = [visit for visit in self._catalogue.visits(key) if not visit.archive]
        for visit in visits:
            if visit.misdated_at in seen:  # looked at before it was known to be misdated
                self._history.forget(key, visit.misdated_at)
        return [visit for visit in visits if visit.visited_at not in seen]

    def read(self, visit: Visit) -> Payload | None:
        """The payload of a visit; None where none was had, or where its record is damaged.

        A page whose record is damaged is due again.
        """
        if not has_page(visit):
            return None
        location = self._catalogue.find_location(visit.record_id)
        if location is None:
            return None
        try:
            return self._archive.read_payload(location.filename, location.offset, location.inside)
        except DamagedRecordError:
            place = (location.offset, location.inside)  # of the record that holds the payload
            self._catalogue.mark_damaged_between(
                location.filename, place, (location.offset, location.inside + 1)
            )
            return None

    def find_unread(self, visit: Visit) -> str:
        """The record whose page is to be read before a visit is looked at; "" for none."""
        if not visit.record_id or visit.outcome == "missed":
            return ""
        record = self._catalogue.find_record(visit.record_id)
        held = self._catalogue.find_payload(record) if record is not None else None
        is_read = held is not None and self._catalogue.find_extractor(held.record_id)
        return "" if held is None or is_read else held.record_id

    def observe(self, key: str, visit: Visit, held: Payload | None = None) -> Observation | None:
        """What a visit of the page with that urlkey says, its page looked at; None for nothing new.

        A page that was looked at already, with nothing new known beside it, says the same again.
        """
        cited = self._cited[key]
        seen = self._history.observations(key)
        first_id = _find_first_id(seen, visit)
        shared_by = self._count_sharing(visit)
        probe = self._history.find_probe(folder_of(visit.url))
        basis = self._find_basis(visit, cited, first_id, shared_by, probe)
        before = [each for each in seen if each.observed_at <= visit.visited_at]
        if basis and before and before[-1].basis == basis:
            last = before[-1]
            return None if last.observed_at == visit.visited_at else carry_over(last, visit)
        if basis and before and before[-1].record_id == first_id:
            bare = self._find_basis(visit, cited, "", shared_by, probe)
            first = self._catalogue.find_article(first_id) if before[-1].basis == bare else None
            if first is not None and len(first.text) >= TEXT_CHARS:
                return replace(carry_over(before[-1], visit, is_first=True), basis=basis)
        page, article = self._parse(visit, held or self.read(visit))
        first = self._catalogue.find_article(first_id) if first_id and has_page(visit) else None
        known = Known(
            cited_title=cited.title,
            fragments=frozenset(cited.fragments),
            first_text=first.text if first is not None else "",
            first_title=first.title if first is not None else "",
            shared_by=shared_by,
            probe=probe,
            is_network_up=self._is_network_up(visit),
        )
        return replace(observe_page(visit, page, article, known), basis=basis)

    def _find_basis(
        self, visit: Visit, cited: CitedPage, first_id: str, shared_by: int, probe: Probe | None
    ) -> str:
        if not has_page(visit):
            return ""
        location = self._catalogue.find_location(visit.record_id)
        if location is None:
            return ""
        return render_basis(
            visit,
            payload=f"{location.filename} {location.offset}",
            cited_title=cited.title,
            fragments=cited.fragments,
            first_record_id=first_id,
            shared_by=shared_by,
            probe=probe,
        )

    def _parse(
        self, visit: Visit, held: Payload | None
    ) -> tuple[ParsedPage | None, Article | None]:
        """The page and the article of a visit; nothing of a miss but what its server showed."""
        if held is None:
            return None, None
        content_type = find_field(held.headers, "Content-Type")
        article = self._catalogue.find_article(held.record_id)
        if sniff_payload(held.payload, content_type=content_type) is not PayloadKind.HTML:
            return None, article
        markup, _ = decode_markup(held.payload, content_type=content_type)
        return parse_page(markup, asked_url=visit.url, final_url=visit.final_url), article

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


def make_job(visit: Visit, held: Payload) -> Job:
    """The payload of a visit, to be read."""
    return Job(
        payload=held.payload,
        headers=dict(reversed(held.headers)),  # of repeated fields, the first
        url=visit.final_url,
        record_id=held.record_id,
    )


def has_page(visit: Visit) -> bool:
    """Whether there is a page to look at: of a miss, only what its server showed with 200.

    After a 304 it is the page that is held already: an error page stays one.
    """
    is_shown = visit.outcome != "missed" or (visit.status or 0) < 300
    return bool(visit.record_id) and is_shown


def depends_on_other_visits(visit: Visit) -> bool:
    """Whether what a visit says depends on how the other visits of its run went."""
    return len(visit.hops) > 1 or visit.cause is Cause.UNKNOWN_HOST


def group_cited(references: Iterable[Reference]) -> dict[str, CitedPage]:
    """The pages that are cited, by urlkey."""
    cited: dict[str, CitedPage] = {}
    for reference in references:
        if reference.url:
            entry = cited.setdefault(urlkey(reference.url), CitedPage(url=reference.url))
            entry.title = entry.title or reference.title
            entry.fragments.add(urlsplit(reference.url).fragment)
    return cited


def last_live(visits: Iterable[Visit]) -> list[Visit]:
    """The last visit of the live web, if there is one."""
    return [visit for visit in visits if not visit.archive][-1:]


def folder_of(url: str) -> str:
    """Scheme, host and folder of a URL: where one address that can't exist speaks for all."""
    return make_impossible_url(url, token="").rstrip("/")


def _find_first_id(seen: Sequence[Observation], visit: Visit) -> str:
    """The capture of the text while nothing but the title cited spoke against the page."""
    for each in seen:
        if each.observed_at < visit.visited_at and each.record_id and shows_text(each):
            return each.record_id
    return ""
