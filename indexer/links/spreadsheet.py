"""Render a report as rows: CSV that opens right in a French Excel, JSON for programs."""

import csv
import io
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from indexer.links.report import LinkReport
from indexer.model import LinkRow

BOM: Final = "\ufeff"  # without it Excel takes UTF-8 for windows-1252
COLUMNS: Final = (
    "état",
    "adresse",
    "titre",
    "vivant pour la dernière fois",
    "en échec depuis",
    "dernière visite",
    "visites",
    "constats",
    "raison",
    "pourquoi pas mort",
    "marques",
    "notes",
    "remplacement",
    "nature du remplacement",
    "notre copie",
    "historique",
    "référence",
)
# A cell that starts so is a formula to a spreadsheet, and a page's title is not ours.
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


def render_csv(report: LinkReport) -> str:
    """CSV with a BOM, semicolons and CRLF; encode it as UTF-8."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter=";", lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for row in report.rows:
        writer.writerow([_defuse(cell) for cell in _cells(row)])
    return BOM + buffer.getvalue()


def render_json_row(row: LinkRow) -> str:
    """One JSON object on one line."""
    return json.dumps(make_json_row(row), ensure_ascii=False)


def make_json_row(row: LinkRow) -> Mapping[str, Any]:
    """What a program reads of a row; moments are ISO 8601, in UTC."""
    health, replacement = row.health, row.replacement
    return {
        "url": row.url,
        "state": health.state,
        "label": health.label,
        "reason": health.reason,
        "not_dead_because": health.not_dead_because,
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


def _cells(row: LinkRow) -> list[str]:
    health, replacement = row.health, row.replacement
    return [
        health.label,
        row.url,
        row.title,
        _day(health.alive_at),
        _day(health.failing_since),
        _day(health.checked_at),
        str(health.check_count),
        str(health.failure_count),
        health.reason,
        health.not_dead_because,
        ", ".join(health.marks),
        ", ".join(name_notes(row)),
        replacement.address if replacement else "",
        replacement.kind if replacement else "",
        row.copy_path,
        row.course,
        row.reference_id,
    ]


def name_notes(row: LinkRow) -> list[str]:
    """The notes that cite a link, each by its words and its identifier."""
    names = dict(zip(row.note_ids, row.note_names, strict=False))
    return [f"{names[each]} ({each})" if names.get(each) else each for each in row.note_ids]


def _defuse(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_FORMULA) else cell


def _day(moment: datetime | None) -> str:
    return moment.strftime("%d/%m/%Y") if moment else ""


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
