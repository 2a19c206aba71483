"""Render reports on links as XML: an Atom feed (RFC 4287) of deaths, JUnit for integrations."""

import hashlib
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import Final
from xml.etree import ElementTree

from indexer.links.report import LinkReport, Turn, is_counted_dead, strip_controls
from indexer.messages import Translator
from indexer.model import LinkMark, LinkRow, LinkState

WEEK: Final = timedelta(days=7)
_ATOM: Final = "http://www.w3.org/2005/Atom"


def is_news(turn: Turn) -> bool:
    """Whether it belongs in the feed: a death, or a resurrection."""
    return turn.is_death or turn.is_resurrection


def render_atom(
    turns: Iterable[Turn], *, made_at: datetime, say: Translator, self_url: str = ""
) -> str:
    """Render the feed, newest entry first; `updated` is the newest entry's, never now.

    An empty feed has to be updated at some time too: then it is `made_at`, to the day, so that
    asking twice a day gives the same bytes.
    """
    news = sorted((t for t in turns if is_news(t)), key=lambda t: (t.at, t.url), reverse=True)
    feed = ElementTree.Element("feed", {"xmlns": _ATOM, "xml:lang": say.language})
    _add(feed, "title", say("report.feed.title"))
    _add(feed, "id", "tag:renvois,2026:liens")
    day = made_at.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    _add(feed, "updated", (news[0].at if news else day).isoformat())
    author = ElementTree.SubElement(feed, "author")
    _add(author, "name", "renvois")
    if self_url:
        ElementTree.SubElement(feed, "link", {"rel": "self", "href": self_url})
    for turn in news:
        _add_entry(feed, turn, say)
    ElementTree.indent(feed)
    return ElementTree.tostring(feed, encoding="unicode", xml_declaration=True) + "\n"


def _add_entry(feed: ElementTree.Element, turn: Turn, say: Translator) -> None:
    entry = ElementTree.SubElement(feed, "entry")
    key = "report.feed.dead" if turn.is_death else "report.feed.resurrected"
    digest = hashlib.sha256(turn.url.encode()).hexdigest()[:16]
    _add(entry, "title", say(key, url=turn.url))
    _add(entry, "id", f"tag:renvois,2026:liens/{digest}/{turn.at:%Y-%m-%dT%H:%M:%S}")
    _add(entry, "updated", turn.at.isoformat())
    ElementTree.SubElement(entry, "link", {"rel": "alternate", "href": strip_controls(turn.url)})
    _add(entry, "summary", say(turn.health.reason))


def _add(parent: ElementTree.Element, name: str, text: str) -> None:
    ElementTree.SubElement(parent, name).text = strip_controls(text)


# Not decided, or not for us to decide: said, and never a failure.
_SKIPPED: Final = frozenset({LinkState.SICK, LinkState.BLOCKED, LinkState.UNKNOWN})


def render_junit(report: LinkReport, say: Translator) -> str:
    """Render a suite for each site, a case for each link: dead fails, undecided is skipped."""
    rows = sorted(report.rows, key=lambda row: (row.site, row.url))
    root = ElementTree.Element("testsuites", _totals(rows) | {"name": "liens"})
    for site, group in groupby(rows, key=lambda row: row.site):
        links = list(group)
        suite = ElementTree.SubElement(
            root,
            "testsuite",
            _totals(links)
            | {
                "name": site or say("report.no-site"),
                "timestamp": f"{report.made_at:%Y-%m-%dT%H:%M:%S}",
            },
        )
        for row in links:
            _add_case(suite, row, say)
    ElementTree.indent(root)
    return ElementTree.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def _add_case(suite: ElementTree.Element, row: LinkRow, say: Translator) -> None:
    name = {
        "classname": strip_controls(row.site) or say("report.no-site"),
        "name": strip_controls(row.url),
        "time": "0",
    }
    case = ElementTree.SubElement(suite, "testcase", name)
    words = f"{say(row.health.said)}. {say(row.health.reason)}"
    message = {"message": strip_controls(words)}
    if is_counted_dead(row):
        ElementTree.SubElement(
            case, "failure", message | {"type": LinkState.DEAD.value}
        ).text = strip_controls(row.title)
    elif _is_skipped(row):
        ElementTree.SubElement(case, "skipped", message)


def _is_skipped(row: LinkRow) -> bool:
    return row.health.state in _SKIPPED or LinkMark.IGNORED in row.health.marks


def _totals(rows: Sequence[LinkRow]) -> dict[str, str]:
    return {
        "tests": str(len(rows)),
        "failures": str(sum(map(is_counted_dead, rows))),
        "errors": "0",
        "skipped": str(sum(_is_skipped(row) for row in rows)),
        "time": "0",
    }
