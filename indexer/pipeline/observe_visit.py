"""Observe what a visit brought back, with what is known beside it: one visit, one observation."""

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Final, NamedTuple

from indexer.archive import Payload
from indexer.corpus import Corpus
from indexer.errors import DamagedRecordError
from indexer.extract.payload import PayloadKind, decode_markup, sniff_payload
from indexer.heads import find_field
from indexer.links.history import Probe
from indexer.links.observe import (
    LEAST_FIRST_CHARS,
    Known,
    carry_over,
    find_first_record_id,
    has_page,
    is_by_scripts,
    observe_page,
    render_basis,
)
from indexer.links.page import ParsedPage, parse_page
from indexer.links.soft404 import TEXT_CHARS, bears_title, find_folder
from indexer.model import BY_BROWSER, NO_ARCHIVES, Article, Cause, Observation, Reference, Visit
from indexer.pagekind.kinds import ERRORS, LISTS
from indexer.urls import urlkey

PAGE_BYTES: Final = 4 * 2**20  # of a page; what gives it away stands near its top
NO_NOTES: Final[Mapping[str, str]] = MappingProxyType({})
SAME_RUN: Final = timedelta(hours=3)


@dataclass(slots=True)
class CitedPage:
    """A page as the bibliography cites it, under one urlkey."""

    url: str
    title: str = ""
    fragments: set[str] = field(default_factory=set)
    authors: tuple[str, ...] = ()  # family names
    is_described: bool = False  # by fields of a bibliography, not by the words of a link
    note: str = ""  # what notes say of it


class _Beside(NamedTuple):
    """The facts from other visits and other pages beside which a visit is observed."""

    cited: CitedPage
    first_id: str  # of the record with the text to compare with; "" for none
    shared_by: int  # cited pages that end at the same address
    probe: Probe | None
    rendered: str  # digest of what a browser made of the page that is read for it; "" for none


class VisitObserver:
    """Observe visits of the cited pages (by urlkey), with what is known beside them."""

    def __init__(self, cited: Mapping[str, CitedPage], corpus: Corpus) -> None:
        """Take what is cited, by urlkey, and the corpus that holds what was seen of it."""
        self._cited = cited
        self._corpus = corpus
        self._catalogue = corpus.catalogue
        self._history = corpus.history
        self._sharing: Counter[str] | None = None
        self._answered_at: list[datetime] | None = None
        self._needs_scripts: dict[str, bool] = {}  # by record, of pages that a browser captured

    def is_cited(self, key: str) -> bool:
        """Tell whether the bibliography cites the page with that urlkey."""
        return key in self._cited

    def list_unseen(self, key: str) -> list[Visit]:
        """List the visits of the live web that were not observed yet, oldest first.

        A page that a browser captured since it was observed is to be observed again, as its reader
        sees it.
        """
        # Not those after the last one looked at: that one may bear a date still to come, and what
        # was imported may be older.
        seen = self._history.observed_moments(key)
        every = self._catalogue.visits(key)
        visits = [visit for visit in every if not visit.archive]
        for visit in visits:
            if visit.misdated_at in seen:  # looked at before it was known to be misdated
                self._history.forget(key, visit.misdated_at)
        rendered = pair_with_rendered(every)
        read_from = {}
        if rendered:
            read_from = {o.observed_at: o.record_id for o in self._history.observations(key)}
        return [
            visit
            for visit in visits
            if visit.visited_at not in seen or self._is_outdated(visit, rendered, read_from)
        ]

    def _is_outdated(
        self,
        visit: Visit,
        rendered: Mapping[datetime, Visit],
        read_from: Mapping[datetime, str],
    ) -> bool:
        """Tell whether a page was observed before a browser captured it, and is a shell."""
        made = rendered.get(visit.visited_at)
        is_read_so = made is None or read_from.get(visit.visited_at) == made.record_id
        return not is_read_so and self._is_shell(visit)

    def find_shown(self, visit: Visit) -> Visit:
        """Find the visit that has a page as its reader sees it.

        Of a page that scripts write, that of the browser that ran them; else the visit itself.
        """
        made = pair_with_rendered(self._catalogue.visits(visit.urlkey)).get(visit.visited_at)
        return made if made is not None and self._is_shell(visit) else visit

    def _is_shell(self, visit: Visit) -> bool:
        """Tell whether a visit brought a page whose text comes by scripts, or stands in frames.

        Asked only of pages that a browser captured: most of them are.
        """
        if not has_page(visit) or (visit.status or 0) >= 400:
            return False
        record = self._catalogue.find_record(visit.record_id)
        held = self._catalogue.find_payload(record) if record is not None else None
        record_id = held.record_id if held is not None else visit.record_id
        if record_id not in self._needs_scripts:
            self._needs_scripts[record_id] = self._find_shell(visit, record_id)
        return self._needs_scripts[record_id]

    def _find_shell(self, visit: Visit, record_id: str) -> bool:
        article = self._catalogue.find_article(record_id)
        page, _ = self._parse(visit, self.read(visit))
        return page is not None and is_by_scripts(page, article.kind if article else None)

    def read(self, visit: Visit) -> Payload | None:
        """Read the payload of a visit; None where there is none, or where its record is damaged.

        A page whose record is damaged is due again.
        """
        if not has_page(visit):
            return None
        location = self._catalogue.find_location(visit.record_id)
        if location is None:
            return None
        try:
            return self._corpus.archive.read_payload(
                location.filename, location.offset, location.inside
            )
        except DamagedRecordError:
            place = (location.offset, location.inside)  # of the record that holds the payload
            self._catalogue.mark_damaged_between(
                location.filename, place, (location.offset, location.inside + 1)
            )
            return None

    def find_unread(self, visit: Visit) -> str:
        """Find the record whose page is to be read before a visit is observed; "" for none.

        `visit` is the one that has the page as its reader sees it (`find_shown`).
        """
        if not visit.record_id or visit.outcome == "missed":
            return ""
        record = self._catalogue.find_record(visit.record_id)
        held = self._catalogue.find_payload(record) if record is not None else None
        is_read = held is not None and self._catalogue.find_extractor(held.record_id)
        return "" if held is None or is_read else held.record_id

    def observe(
        self,
        key: str,
        visit: Visit,
        held: Payload | None = None,
        *,
        shown: Visit | None = None,
    ) -> Observation | None:
        """Observe a visit of the page with that urlkey, and its page; None for nothing new.

        `shown` is what `find_shown` gives for the visit, where it was asked for already, and `held`
        the payload of that.

        A page that was observed already, with nothing new known beside it, is not read again.
        """
        cited = self._cited[key]
        seen = self._history.observations(key)
        first_id = find_first_record_id(seen, before=visit.visited_at)
        shown = shown or self.find_shown(visit)
        beside = _Beside(
            cited=cited,
            first_id=first_id or self._find_memento_id(visit, cited),
            shared_by=self._count_sharing(visit),
            probe=self._history.find_probe(find_folder(visit.url)),
            rendered=shown.payload_digest if shown is not visit else "",
        )
        basis = self._find_basis(visit, beside)
        last = next((each for each in reversed(seen) if each.observed_at <= visit.visited_at), None)
        if basis and last is not None:
            if last.basis == basis and last.observed_at == visit.visited_at:
                return None
            if carried := self._carry_over(last, visit, beside, basis):
                return carried
        page, article = self._parse(shown, held or self.read(shown))
        return replace(observe_page(visit, page, article, self._know(visit, beside)), basis=basis)

    def _carry_over(
        self, last: Observation, visit: Visit, beside: _Beside, basis: str
    ) -> Observation | None:
        """Make an observation of the last one where its page is the same; None where it is not.

        A page is the same, too, where nothing differs but that it is the first text itself now, to
        which later ones are compared.
        """
        if last.basis == basis:
            return carry_over(last, visit)
        if last.record_id != beside.first_id:
            return None
        if last.basis != self._find_basis(visit, beside._replace(first_id="")):
            return None
        first = self._catalogue.find_article(beside.first_id)
        if first is None or len(first.text) < TEXT_CHARS:
            return None
        return replace(carry_over(last, visit, is_first=True), basis=basis)

    def _know(self, visit: Visit, beside: _Beside) -> Known:
        """Gather what the page of a visit is compared with; read the first text where one came."""
        is_compared = beside.first_id and has_page(visit)
        first = self._catalogue.find_article(beside.first_id) if is_compared else None
        cited = beside.cited
        return Known(
            cited_title=cited.title,
            fragments=frozenset(cited.fragments),
            first_text=first.text if first is not None else "",
            first_title=first.title if first is not None else "",
            first_kind=first.kind if first is not None else None,
            authors=cited.authors,
            is_described=cited.is_described,
            note=cited.note,
            shared_by=beside.shared_by,
            probe=beside.probe,
            is_network_up=self._is_network_up(visit),
        )

    def _find_memento_id(self, visit: Visit, cited: CitedPage) -> str:
        """Find the memento to compare a page with where no capture of ours showed the text.

        The oldest one that was had before the visit and bears the title cited; "" for none.
        """
        if not has_page(visit):
            return ""
        mementos = [
            each
            for each in self._catalogue.visits(visit.urlkey)
            if each.archive not in NO_ARCHIVES and each.visited_at < visit.visited_at
        ]
        for memento in sorted(mementos, key=lambda each: each.memento_at or each.visited_at):
            article = self._catalogue.find_article(memento.record_id)
            if (
                article is not None
                and article.kind not in ERRORS | LISTS
                and len(article.text) >= LEAST_FIRST_CHARS
                and bears_title(article.title, article.text, cited_title=cited.title)
            ):
                return memento.record_id
        return ""

    def _find_basis(self, visit: Visit, beside: _Beside) -> str:
        """Find the key of an observation: equal for equal inputs; "" where no page came."""
        if not has_page(visit):
            return ""
        location = self._catalogue.find_location(visit.record_id)
        if location is None:
            return ""
        cited = beside.cited
        return render_basis(
            visit,
            payload=f"{location.filename} {location.offset}",
            cited_title=cited.title,
            fragments=cited.fragments,
            first_record_id=beside.first_id,
            shared_by=beside.shared_by,
            probe=beside.probe,
            cited_by=cited.authors if cited.is_described else (),
            note=cited.note,
            rendered=beside.rendered,
        )

    def _parse(
        self, visit: Visit, held: Payload | None
    ) -> tuple[ParsedPage | None, Article | None]:
        """Parse the page of a visit and find its article; of a miss, what its server showed."""
        if held is None:
            return None, None
        content_type = find_field(held.headers, "Content-Type")
        article = self._catalogue.find_article(held.record_id)
        if sniff_payload(held.payload, content_type=content_type) is not PayloadKind.HTML:
            return None, article
        markup, _ = decode_markup(shorten(held).payload, content_type=content_type)
        return parse_page(markup, asked_url=visit.url, final_url=visit.final_url), article

    def _is_network_up(self, visit: Visit) -> bool:
        """Tell whether any cited page answered, whatever it said, around the time of a visit.

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
        """Count the cited pages that end where this visit did, by their last visits."""
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


def pair_with_rendered(visits: Sequence[Visit]) -> dict[datetime, Visit]:
    """Pair visits of the live web (by their moment) with what a browser made of their pages.

    That is what it captured last before the next visit; a page that it could not open has none.
    """
    made = [each for each in visits if each.archive == BY_BROWSER and each.record_id]
    if not made:
        return {}
    moments = [each.visited_at for each in visits if not each.archive]
    places = ((bisect_right(moments, each.visited_at) - 1, each) for each in made)
    return {moments[place]: each for place, each in places if place >= 0}


def shorten(held: Payload) -> Payload:
    """Keep of a payload what is looked at here: eight of them may wait in memory."""
    return replace(held, payload=held.payload[:PAGE_BYTES])


def group_cited(
    references: Iterable[Reference], note_texts: Mapping[str, str] = NO_NOTES
) -> dict[str, CitedPage]:
    """Group references into the pages that they cite, by urlkey; notes are by reference."""
    cited: dict[str, CitedPage] = {}
    for reference in references:
        if reference.url:
            entry = cited.setdefault(urlkey(reference.url), CitedPage(url=reference.url))
            if not entry.title:
                entry.title = reference.title
                entry.authors = tuple(
                    each.family or each.literal for each in reference.author if each
                )
                entry.is_described = bool(
                    reference.author or reference.container_title or reference.issued
                )
                if entry.is_described:
                    entry.note = note_texts.get(reference.id, "")
            entry.fragments.add(reference.url.partition("#")[2])  # it may be malformed
    return cited


def last_live(visits: Iterable[Visit]) -> list[Visit]:
    """List the last visit of the live web, if there is one."""
    return [visit for visit in visits if not visit.archive][-1:]
