"""Render a report as rows: CSV that opens right in a French Excel, JSON for programs."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from indexer import csv_tables
from indexer.links.report import LinkReport
from indexer.messages import Translator, render_json
from indexer.model import LinkRow

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


def render_csv(report: LinkReport, say: Translator) -> str:
    """Write the rows of a report as CSV; encode it as UTF-8."""
    return csv_tables.render_csv(
        [tuple(map(say, COLUMNS)), *(_cells(row, say) for row in report.rows)]
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
        "history": [{"at": _iso(dot.observed_at), "state": dot.state} for dot in row.dots],
        "reference_id": row.reference_id,
        "title": row.title,
        "notes": list(row.note_ids),
        "note_names": list(row.note_names),
    }


def _cells(row: LinkRow, say: Translator) -> list[str]:
    health, replacement = row.health, row.replacement
    return [
        say(health.said),
        row.url,
        row.title,
        _day(health.alive_at, say),
        _day(health.failing_since, say),
        _day(health.checked_at, say),
        str(health.check_count),
        str(health.failure_count),
        say(health.reason),
        say(health.not_dead_because),
        ", ".join(say(mark.said) for mark in health.marks),
        ", ".join(name_notes(row)),
        replacement.address if replacement else "",
        say(replacement.said) if replacement else "",
        row.copy_path,
        say(row.course),
        row.reference_id,
    ]


def name_notes(row: LinkRow) -> list[str]:
    """The notes that cite a link, each by its words and its identifier."""
    names = dict(zip(row.note_ids, row.note_names, strict=False))
    return [f"{names[each]} ({each})" if names.get(each) else each for each in row.note_ids]


def _day(moment: datetime | None, say: Translator) -> str:
    """As a spreadsheet of that language takes a day."""
    form = "%d/%m/%Y" if say.language == "fr" else "%Y-%m-%d"
    return moment.strftime(form) if moment else ""


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
