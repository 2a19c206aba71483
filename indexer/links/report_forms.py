"""Render a report of links: one HTML file, CSV, JSON for programs, an Atom feed, JUnit.

The HTML is made to be sent by mail: its own style, nothing fetched, no script. The CSV opens right
in a French Excel.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from html import escape
from itertools import groupby
from typing import Any, Final
from urllib.parse import urljoin
from xml.etree import ElementTree

from indexer import csv_tables
from indexer.links.report import (
    LinkReport,
    Turn,
    is_counted_dead,
    render_changes,
    strip_controls,
)
from indexer.messages import Translator, render_json
from indexer.model import LinkMark, LinkRow, LinkState

WEEK: Final = timedelta(days=7)  # of which the feed tells
_ATOM: Final = "http://www.w3.org/2005/Atom"
# A mark beside the word, so that nothing is said by colour alone.
SIGNS: Final = {
    LinkState.ALIVE: "●",
    LinkState.MOVED: "➜",
    LinkState.BLOCKED: "◼",
    LinkState.SICK: "▲",
    LinkState.DEAD: "✖",
    LinkState.UNKNOWN: "○",
}
_STYLE: Final = """
:root{color-scheme:light dark}
body{font:1rem/1.5 Charter,Georgia,serif;max-width:70rem;margin:2rem auto;padding:0 1rem}
h1{font-weight:normal}ul.counts{list-style:none;padding:0;display:flex;flex-wrap:wrap;gap:1.5rem}
table{border-collapse:collapse;width:100%}caption{text-align:left;padding:.5rem 0}
td:nth-child(2){min-width:14rem}td:nth-child(3),td:nth-child(4){white-space:nowrap}
th,td{text-align:left;vertical-align:top;padding:.5rem;border-bottom:1px solid #8888}
td{overflow-wrap:break-word}td:nth-child(2),td:nth-child(6){overflow-wrap:anywhere}
td:nth-child(6){min-width:14rem}.why{font-size:.9em;opacity:.85}.dots{white-space:nowrap}
@media(max-width:40rem){thead{display:none}td{display:block;border:0;padding:.1rem 0}
td,td:nth-child(6){overflow-wrap:anywhere;min-width:0}
td[data-label]::before{content:attr(data-label) "\\a0: "}
tr{display:block;border-bottom:1px solid #8888;padding:.6rem 0}}
"""
_HEADERS: Final = (
    "report.head.state",
    "report.head.link",
    "report.head.alive-at",
    "report.head.failing-since",
    "report.head.visits",
    "report.head.reason",
    "report.head.notes",
    "report.head.instead",
)
_PLAIN: Final = frozenset({"report.head.state", "report.head.link", "report.head.reason"})


def render_html(report: LinkReport, say: Translator) -> str:
    """Render the whole report; everything that came from the web or a person is escaped."""
    counts = "".join(
        f"<li>{SIGNS[state]} {escape(say(f'link.count.{state.value}', count=count))}</li>"
        for state, count in report.counts.items()
    )
    changes = f"<p>{'<br>'.join(map(escape, render_changes(report, say)))}</p>"
    head = "".join(f'<th scope="col">{escape(say(key))}</th>' for key in _HEADERS)
    rows = "\n".join(_render_row(row, say) for row in report.rows)
    title, heading, caption = (
        escape(say(key, day=report.made_at))
        for key in ("report.title", "report.heading", "report.caption")
    )
    return strip_controls(
        f'<!DOCTYPE html>\n<html lang="{say.language}">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width">\n'
        f"<title>{title}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n"
        f"<main>\n<h1>{heading}</h1>\n{changes}\n"
        f'<ul class="counts">{counts}</ul>\n<table>\n<caption>{caption}</caption>\n'
        f"<thead><tr>{head}</tr></thead>\n<tbody>\n{rows}\n</tbody>\n</table>\n</main>\n"
        "</body>\n</html>\n"
    )


def _render_row(row: LinkRow, say: Translator) -> str:
    health = row.health
    marks = "".join(f"<br><small>{escape(say(mark.said))}</small>" for mark in health.marks)
    why = f'<br><span class="why">{escape(say(health.not_dead_because))}</span>'
    dots = "".join(SIGNS[dot.state] for dot in row.dots)
    is_undecided = health.state in (LinkState.SICK, LinkState.BLOCKED)
    cells = (
        f"{SIGNS[health.state]} {escape(say(health.said))}{marks}",
        f'<a href="{escape(_safe(row.url))}">{escape(row.title or row.url)}</a>'
        f"<br><small>{escape(row.url)}</small>",
        _day(health.alive_at, say),
        _day(health.failing_since, say),
        f'{health.check_count}<br><span class="dots" role="img" '
        f'aria-label="{escape(say(row.course))}">{dots}</span>',
        escape(say(health.reason)) + (why if is_undecided else ""),
        "<br>".join(map(escape, name_notes(row))),
        _render_replacement(row, say),
    )
    told = zip(_HEADERS, cells, strict=True)
    return "<tr>" + "".join(f"<td{_label(key, say)}>{cell}</td>" for key, cell in told) + "</tr>"


def _label(key: str, say: Translator) -> str:
    """On a phone there are no headings: a cell that does not speak for itself says what it is."""
    return "" if key in _PLAIN else f' data-label="{escape(say(key))}"'


def _render_replacement(row: LinkRow, say: Translator) -> str:
    if row.replacement is None:
        if not row.copied_at:
            return "—"
        where = f"<br><small>{escape(row.copy_path)}</small>" if row.copy_path else ""
        return escape(say("report.our-copy", day=row.copied_at)) + where
    when = row.replacement.archived_at
    kind = row.replacement.said
    label = say("report.replacement-of", kind=kind, day=when) if when else say(kind)
    return f'<a href="{escape(_safe(row.replacement.address))}">{escape(label)}</a>'


def _safe(url: str) -> str:
    """Only the web's own schemes become a link; anything else leads nowhere."""
    return url if url.lower().startswith(("http://", "https://")) else "#"


def _day(moment: datetime | None, say: Translator) -> str:
    return say.day(moment) if moment else "—"


COLUMNS: Final = (
    "report.column.state",
    "report.column.address",
    "report.column.title",
    "report.column.alive-at",
    "report.column.failing-since",
    "report.column.visited-at",
    "report.column.visits",
    "report.column.failures",
    "report.column.reason",
    "report.column.not-dead-because",
    "report.column.marks",
    "report.column.notes",
    "report.column.replacement",
    "report.column.replacement-kind",
    "report.column.our-copy",
    "report.column.history",
    "report.column.reference",
)


def render_csv(report: LinkReport, say: Translator, *, base_url: str = "") -> str:
    """Write the rows of a report as CSV; encode it as UTF-8.

    `base_url` is an address at the root of the site that shows our copies ("…/liens.csv"): a table
    travels without it.
    """
    return csv_tables.render_csv(
        [tuple(map(say, COLUMNS)), *(_cells(row, say, base_url) for row in report.rows)]
    )


def render_json_row(row: LinkRow, say: Translator) -> str:
    """One JSON object on one line."""
    return json.dumps(make_json_row(row, say), ensure_ascii=False)


def make_json_row(row: LinkRow, say: Translator) -> Mapping[str, Any]:
    """Write a row as JSON, with its reasons in words; moments are ISO 8601, in UTC."""
    health, replacement = row.health, row.replacement
    return {
        "url": row.url,
        "state": health.state,
        "label": health.label,
        "reason": render_json(health.reason),
        "reason_text": say(health.reason),
        "not_dead_because": render_json(health.not_dead_because),
        "not_dead_because_text": say(health.not_dead_because),
        "marks": list(health.marks),
        "checked_at": _iso(health.checked_at),
        "alive_at": _iso(health.alive_at),
        "since": _iso(health.since),
        "failing_since": _iso(health.failing_since),
        "resurrected_at": _iso(health.resurrected_at),
        "check_count": health.check_count,
        "failure_count": health.failure_count,
        "replacement": replacement
        and {
            "address": replacement.address,
            "kind": replacement.kind,
            "archived_at": _iso(replacement.archived_at),
        },
        "copied_at": _iso(row.copied_at),
        "copy_path": row.copy_path,
        "history": [
            {
                "at": _iso(dot.observed_at),
                "state": dot.state,
                "status": dot.status,
                "reason": say(dot.reason),
            }
            for dot in row.dots
        ],
        "reference_id": row.reference_id,
        "title": row.title,
        "site": row.site,
        "section": row.section,
        "source": row.source,
        "notes": list(row.note_ids),
        "note_names": list(row.note_names),
    }


def _cells(row: LinkRow, say: Translator, base_url: str) -> list[str]:
    health, replacement = row.health, row.replacement
    return [
        say(health.said),
        row.url,
        row.title,
        _short_day(health.alive_at, say),
        _short_day(health.failing_since, say),
        _short_day(health.checked_at, say),
        str(health.check_count),
        str(health.failure_count),
        say(health.reason),
        say(health.not_dead_because),
        ", ".join(say(mark.said) for mark in health.marks),
        ", ".join(name_notes(row)),
        replacement.address if replacement else "",
        say(replacement.said) if replacement else "",
        urljoin(base_url, row.copy_path.lstrip("/")) if base_url else row.copy_path,
        say(row.course),
        row.reference_id,
    ]


def name_notes(row: LinkRow) -> list[str]:
    """Name the notes that cite a link, each by its words and its identifier."""
    names = dict(zip(row.note_ids, row.note_names, strict=False))
    return [f"{names[each]} ({each})" if names.get(each) else each for each in row.note_ids]


def _short_day(moment: datetime | None, say: Translator) -> str:
    """As a spreadsheet of that language takes a day."""
    form = "%d/%m/%Y" if say.language == "fr" else "%Y-%m-%d"
    return moment.strftime(form) if moment else ""


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


# --- XML: an Atom feed (RFC 4287) of deaths, JUnit for integrations


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
