"""Render a report as JUnit XML, so that a continuous integration shows dead links."""

from collections.abc import Sequence
from itertools import groupby
from typing import Final
from xml.etree import ElementTree

from indexer.links.report import LinkReport, is_counted_dead
from indexer.links.wording import strip_controls
from indexer.messages import Translator
from indexer.model import LinkMark, LinkRow, LinkState

# Not decided, or not for us to decide: said, and never a failure.
_SKIPPED: Final = frozenset({LinkState.SICK, LinkState.BLOCKED, LinkState.UNKNOWN})


def render_junit(report: LinkReport, say: Translator) -> str:
    """A suite a site, a case a link: a dead link fails, an undecided one is skipped."""
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
