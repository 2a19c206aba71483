"""Render a report as one HTML file to send by mail: its own style, nothing fetched, no script."""

from datetime import datetime
from html import escape
from typing import Final

from indexer.links.report import LinkReport, render_changes, strip_controls
from indexer.links.spreadsheet import name_notes
from indexer.messages import Translator
from indexer.model import LinkRow, LinkState

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
    """The whole report; everything that came from the web or a person is escaped."""
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
