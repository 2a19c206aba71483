"""The calendar of a URL: on which days it was captured, what was found there, how to open it."""

import calendar as months
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from difflib import SequenceMatcher
from itertools import groupby
from typing import Final

from flask import Blueprint, Flask, Response, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from indexer.messages import Message, message
from indexer.model import KeptMemento, TextChange
from indexer.search import Span
from search_web.interop.mementos import (
    SANDBOX,
    ShownMementos,
    find_mementos,
    the_archive,
)
from search_web.pages.links import find_row
from search_web.site.addresses import is_web
from search_web.site.state import the_library

captures = Blueprint("captures", __name__)

IMAGE_TYPE: Final = "image/jpeg"
MAX_WORDS: Final = 3_000  # of a paragraph, compared word by word
_WORD: Final = re.compile(r"\S+")


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Two captures that are compared, and what became of the text; None where one was not read."""

    before: KeptMemento
    now: KeptMemento
    change: TextChange | None
    images: Sequence[KeptMemento | None] = ()  # of both, one of them at least; none at all


@captures.get("/captures")
def calendar() -> str | BaseResponse:
    """Show when a URL was captured; compare two captures of it where `avant` and `apres` ask."""
    if not request.args.get("url"):
        return redirect(url_for("pages.home"))
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
        contents=list_contents(found.kept),
        is_whole=found.is_whole,
        compared=compare(found, request.args.get("avant", ""), request.args.get("apres", "")),
        mark_words=mark_words,
    )


def list_contents(kept: Sequence[KeptMemento]) -> list[KeptMemento]:
    """List the captures that brought something new and no error, oldest first."""
    pages = [each for each in kept if each.status < 300]
    first = {each.payload_digest: each for each in reversed(pages)}
    return sorted(first.values(), key=lambda each: each.captured_at)


def compare(found: ShownMementos, before: str, now: str) -> Comparison | None:
    """Compare the captures of a URL of two timestamps; None where no two are asked for."""
    by_timestamp = {each.timestamp: each for each in found.kept}
    if before not in by_timestamp or now not in by_timestamp or before == now:
        return None
    old, new = by_timestamp[before], by_timestamp[now]
    change = the_archive().compare(old, new)
    images: list[KeptMemento | None] = []
    if found.is_whole:
        taken = the_archive().list_images(found.url)
        images = pair_images(taken, list_contents(found.kept), (old, new))
    return Comparison(before=old, now=new, change=change, images=images if any(images) else [])


@captures.get("/captures/image")
def image() -> Response:
    """Give the image that a browser took of a page at a moment (`url`, `date`: 14 digits).

    It is a whole copy: only where whole captures are shown.
    """
    found = find_mementos(request.args.get("url", ""))
    archive = the_archive()
    wanted = request.args.get("date", "")
    taken = next(
        (each for each in archive.list_images(found.url) if each.timestamp == wanted), None
    )
    if taken is None:
        abort(404)
    if not found.is_whole:  # after: what is withdrawn is as what never was
        abort(403)
    read = archive.read(taken, is_raw=False)
    if read is None:
        abort(404)
    response = Response(read.payload, content_type=IMAGE_TYPE)
    response.headers["Content-Security-Policy"] = SANDBOX
    response.headers["X-Robots-Tag"] = "noindex, noarchive"
    return response


def pair_images(
    images: Sequence[KeptMemento], contents: Sequence[KeptMemento], pair: Sequence[KeptMemento]
) -> list[KeptMemento | None]:
    """Find the image of each capture of a pair: the first one taken before another text came.

    `contents` are the captures that brought something new, oldest first.
    """

    def find(capture: KeptMemento) -> KeptMemento | None:
        later = [e.captured_at for e in contents if e.captured_at > capture.captured_at]
        until = min(later, default=None)
        return next(
            (
                each
                for each in images
                if each.captured_at >= capture.captured_at
                and (until is None or each.captured_at < until)
            ),
            None,
        )

    return list(map(find, pair))


def mark_words(before: str, now: str) -> tuple[list[Span], list[Span]]:
    """Find the words of an edited paragraph that are on one side alone: their places on each.

    None in a paragraph that stands on one side only, nor in one too long to compare word by word.

    >>> mark_words("un petit atelier", "un grand atelier")
    ([(3, 8)], [(3, 8)])
    """
    sides = [list(_WORD.finditer(text)) for text in (before, now)]
    if not all(sides) or max(map(len, sides)) > MAX_WORDS:
        return [], []
    old, new = ([match[0] for match in side] for side in sides)
    marks: tuple[list[Span], list[Span]] = ([], [])
    for tag, *places in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        for side, found, (start, end) in zip(sides, marks, (places[:2], places[2:]), strict=True):
            if tag != "equal" and start < end:
                found.append((side[start].start(), side[end - 1].end()))
    return marks


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
        address = found.find_address(each) if each in shown else ""
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
