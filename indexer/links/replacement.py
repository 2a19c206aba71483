"""Choose what replaces a link: where it moved; of a dead one our copy, else the nearest memento.

A page that says "not found" with 200, a parked domain or a front page is captured like any other;
none of them is the copy that replaces the text, nor the text to index. Captures are in the order of
the visits. `seen` is what was observed last of each capture, `kinds` the kind of page that each
memento was read as, both by record id; what is in neither counts as good.
"""

import re
from collections.abc import Container, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from indexer.links.editors import Fix
from indexer.links.finding import shows_text, weigh
from indexer.model import (
    BY_BROWSER,
    HANDED_IN,
    NO_ARCHIVES,
    Capture,
    Cause,
    LinkHealth,
    LinkMark,
    LinkRow,
    LinkState,
    Observation,
    PageKind,
    Reference,
    Replacement,
    Visit,
)
from indexer.pagekind.kinds import ERRORS

COPY: Final = "copy"
MEMENTO: Final = "memento"
REDIRECT: Final = "redirect"
DOI: Final = "doi"
ASKED_EVERY: Final = timedelta(days=30)  # what no archive has today, it hardly has tomorrow
# No archive can have it, or none should be asked.
NEVER_ARCHIVED: Final = frozenset(
    {Cause.MALFORMED_URL, Cause.FORBIDDEN_SCHEME, Cause.FORBIDDEN_ADDRESS}
)


def choose_replacement(
    health: LinkHealth,
    captures: Iterable[Capture],
    *,
    cited_on: date | None = None,
    copy_address: str = "",
    doi_address: str = "",
    replay_address: str = "",
) -> Replacement | None:
    """Choose an address to read or to cite in place of a link that is dead or has moved.

    `captures` are those we hold of that URL, live ones and mementos alike; the nearest to
    `cited_on` is taken, the latest when that is not known. `copy_address` is the page of ours that
    shows extracts of our own copy, "" where it is shown nowhere; a whole memento elsewhere is worth
    more. `replay_address` is where ours are shown whole, "" where they are not. `doi_address` is
    that of the text's DOI, "" where it has none or where that is dead too: a publisher keeps it
    when the page moves. None where nothing is better than the link itself.
    """
    if health.state is LinkState.MOVED and health.replacement:
        return Replacement(address=health.replacement, kind=REDIRECT)
    if health.state is not LinkState.DEAD:
        return None
    if doi_address:
        return Replacement(address=doi_address, kind=DOI)
    good = [capture for capture in captures if capture.status == 200]
    own = find_nearest((c for c in good if c.archive in ("", HANDED_IN)), cited_on)
    if own is not None and replay_address:
        address = f"{replay_address}{own.captured_at:%Y%m%d%H%M%S}/{own.target_uri}"
        return Replacement(address=address, kind=COPY, archived_at=own.captured_at)
    memento = find_nearest((c for c in good if c.archive not in NO_ARCHIVES), cited_on)
    if memento is not None:
        return Replacement(
            address=memento.target_uri, kind=MEMENTO, archived_at=memento.captured_at
        )
    if own is not None and copy_address:
        return Replacement(address=copy_address, kind=COPY, archived_at=own.captured_at)
    return None  # where a dead link leads is not the text: it would not be dead


def choose_fixes(
    rows: Iterable[LinkRow], *, archived: Container[str] = (), with_moved: bool = False
) -> list[Fix]:
    """Choose the addresses that a repair would put beside the links of the bibliography's files.

    Dead links get their archived address, but those that a person ignores and those of the
    references `archived` that have one already; pages that moved get their new one if asked.
    """
    fixes: dict[str, Fix] = {}
    for row in rows:
        replacement = row.replacement
        if replacement is None or LinkMark.IGNORED in row.health.marks:
            continue
        is_moved = row.health.state is LinkState.MOVED
        if with_moved if is_moved else row.reference_id not in archived and _is_archived(row):
            fixes[row.url] = Fix(url=row.url, replacement=replacement)
    return list(fixes.values())


def _is_archived(row: LinkRow) -> bool:
    return row.replacement is not None and row.replacement.kind != REDIRECT


def find_cited_on(reference: Reference, *, seen_at: datetime | None = None) -> date | None:
    """Find the day that a memento should be near to: as near as is known to when the text was read.

    The date of access where the bibliography gives one; else when the text came out, which is
    before anything can have replaced it; else when we first asked for it. Never the date of a
    file: a copy or a checkout makes it today's.
    """
    day = parse_day(reference.accessed) or parse_day(reference.issued)
    return day or (seen_at.date() if seen_at is not None else None)


def find_cited_at(reference: Reference, visits: Iterable[Visit], *, now: datetime) -> datetime:
    """Find the moment that a memento should be near to: noon of the day, of today for none known.

    `visits` are those of the URL, oldest first.
    """
    seen_at = min(next((visit.visited_at for visit in visits if not visit.archive), now), now)
    day = find_cited_on(reference, seen_at=seen_at) or seen_at.date()
    return datetime.combine(day, time(12), tzinfo=UTC)


def wants_memento(visits: Sequence[Visit], *, now: datetime) -> bool:
    """Tell whether a URL without a capture is to be looked up in web archives.

    Only what was visited and could not be had, and what no archive was asked for of late.
    """
    live = [visit for visit in visits if not visit.archive]
    if not live or live[-1].outcome != "missed" or live[-1].cause in NEVER_ARCHIVED:
        return False
    return not is_asked_lately(visits, now=now)


def is_asked_lately(visits: Iterable[Visit], *, now: datetime) -> bool:
    """Tell whether an archive was asked within ASKED_EVERY; a date still to come says nothing."""
    return any(
        visit.archive not in NO_ARCHIVES and timedelta(0) <= now - visit.visited_at < ASKED_EVERY
        for visit in visits
    )


def find_nearest(captures: Iterable[Capture], day: date | None) -> Capture | None:
    """Find the capture nearest to noon of a day, of two as near the older; else the latest."""
    if day is None:
        return max(captures, key=lambda c: c.captured_at, default=None)
    noon = datetime.combine(day, time(12), tzinfo=UTC)
    return min(captures, key=lambda c: (abs(c.captured_at - noon), c.captured_at), default=None)


def parse_day(edtf: str) -> date | None:
    """Read the day that an EDTF date speaks of, in its middle where it is a month or a year."""
    found = re.match(r"(\d{4})(?:-(\d{2}))?(?:-(\d{2}))?", edtf)
    if found is None:
        return None
    year, month, day = found.groups()
    if month is None or not 1 <= int(month) <= 12:
        return date(int(year), 7, 1) if int(year) else None
    try:
        return date(int(year), int(month), int(day or 15))
    except ValueError:
        return None


def index_observations(history: Iterable[Observation]) -> Mapping[str, Observation]:
    """Index observations, oldest first, by the record of their capture: the last one of each."""
    return {each.record_id: each for each in history if each.record_id}


def list_good_captures(
    captures: Iterable[Capture], seen: Mapping[str, Observation], kinds: Mapping[str, PageKind]
) -> list[Capture]:
    """List the captures that show the text; archives keep error pages too, and those are none."""
    return [each for each in captures if _is_good(each, seen, kinds)]


def choose_capture_to_index(
    captures: Sequence[Capture],
    latest: Capture,
    seen: Mapping[str, Observation],
    kinds: Mapping[str, PageKind],
) -> Capture | None:
    """Choose the capture to index: what a person brought last, else the newest that shows the text.

    Of a page that a browser captured after its last visit, what it was after its scripts. Else the
    newest memento.

    Without either, `latest`, unless it counts towards a death: that is no text of ours.
    """
    good = list_good_captures(captures, seen, kinds)
    handed = [each for each in good if each.archive == HANDED_IN]
    if handed:
        return handed[-1]
    live = [each for each in good if not each.archive]
    if by_browser := _find_by_browser(good, latest, kinds):
        return by_browser
    if latest in good:
        return latest
    if live:
        return live[-1]  # in the order of the visits, whatever a clock said
    if good:
        return max(good, key=lambda each: each.captured_at)
    observation = seen.get(latest.record_id)
    return None if observation is not None and weigh(observation).strikes else latest


def _find_by_browser(
    good: Sequence[Capture], latest: Capture, kinds: Mapping[str, PageKind]
) -> Capture | None:
    """Find what a browser made last of a page, unless a capture after it has a text of its own."""
    made = [each for each in good if each.archive == BY_BROWSER]
    if not made:
        return None
    is_newer = bool(latest.archive) or made[-1].captured_at >= latest.captured_at
    is_empty = kinds.get(latest.record_id) in (PageKind.SCRIPT_SHELL, PageKind.NO_TEXT)
    return made[-1] if is_newer or is_empty else None


def _is_good(
    capture: Capture, seen: Mapping[str, Observation], kinds: Mapping[str, PageKind]
) -> bool:
    observation = seen.get(capture.record_id)  # of a browser's capture too, where it was judged by
    if capture.archive and observation is None:
        return kinds.get(capture.record_id) not in ERRORS | {PageKind.SEARCH_RESULTS} or (
            "html" not in capture.media_type  # a scanned document has no text, and is the text
        )
    return observation is None or shows_text(observation)
