"""The calendar of a URL: on which days it was captured, what was found there, how to open it."""

import calendar as months
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from flask import Blueprint, Flask, abort, render_template, request

from indexer.messages import Message, message
from indexer.model import KeptMemento
from search_web.addresses import is_web
from search_web.library import the_library
from search_web.link_views import find_row
from search_web.mementos import ShownMementos, find_address, find_mementos

captures = Blueprint("captures", __name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthOfCaptures:
    """A month in which something was captured: its weeks, and how often on each day."""

    first: date
    weeks: tuple[tuple[int, ...], ...]  # days, Monday first; 0 outside of the month
    counts: dict[int, int]  # by day
    pages: frozenset[int]  # the days on which something else than an error was captured


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownCapture:
    """A capture as the calendar lists it: what was found, and where it opens ("" where not)."""

    memento: KeptMemento
    found: Message
    address: str


def show_captures(app: Flask) -> None:
    """Give the application its calendars, where it has mementos."""
    if "mementos" in app.extensions:
        app.register_blueprint(captures)


@captures.get("/captures")
def calendar() -> str:
    """Show when a URL was captured."""
    found = find_mementos(request.args.get("url", ""))
    if not found.kept:
        abort(404)
    library = the_library()
    text_id = library.find_text_id(found.url)
    return render_template(
        "captures.html",
        url=found.url,
        text=library.shelf.texts.get(text_id),
        years=[(year, list(each)) for year, each in groupby(list_months(found.kept), _year)],
        days=[
            (day, list(each))
            for day, each in groupby(list_captures(found), lambda c: c.memento.captured_at.date())
        ],
        first=found.kept[0].captured_at,
        last=found.kept[-1].captured_at,
        count=len(found.kept),
        is_shown=bool(found.shown),
        row=find_row(text_id) if text_id else None,
    )


def _year(month: MonthOfCaptures) -> int:
    return month.first.year


def list_months(kept: Sequence[KeptMemento]) -> Iterator[MonthOfCaptures]:
    """List the months in which something was captured, oldest first."""
    for first, group in groupby(kept, lambda each: each.captured_at.date().replace(day=1)):
        found = list(group)
        weeks = months.Calendar().monthdayscalendar(first.year, first.month)
        yield MonthOfCaptures(
            first=first,
            weeks=tuple(map(tuple, weeks)),
            counts=Counter(each.captured_at.day for each in found),
            pages=frozenset(each.captured_at.day for each in found if each.status < 400),
        )


def list_captures(found: ShownMementos) -> Iterator[ShownCapture]:
    """List the captures of a URL with what was found each time, newest first."""
    shown = set(found.shown)
    seen: set[str] = set()
    listed = []
    for each in found.kept:
        address = find_address(each) if each in shown else ""
        listed.append(
            ShownCapture(
                memento=each,
                found=_describe(each, is_known=each.payload_digest in seen),
                address=address if is_web(address) else "",
            )
        )
        seen.add(each.payload_digest)
    yield from reversed(listed)


def _describe(memento: KeptMemento, *, is_known: bool) -> Message:
    if memento.location:
        return message("page.captures.redirect", address=memento.location)
    if memento.status >= 400:
        return message("page.captures.error", status=str(memento.status))
    return message("page.captures.same") if is_known else message("page.captures.new")
