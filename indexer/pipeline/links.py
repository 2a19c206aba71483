"""Carry observations to verdicts: the health of a link, the rows of a report, what is due."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Final

from indexer.archive import Catalogue
from indexer.links import judge_link
from indexer.links.decisions import Choice, Decision, apply_decision
from indexer.links.drift import compare_paragraphs, compare_texts
from indexer.links.finding import shows_text
from indexer.links.history import LinkHistory
from indexer.links.observe import narrow, observe_visit
from indexer.links.planning import next_check
from indexer.links.replacement import choose_replacement, find_cited_on
from indexer.links.report import LinkReport, sort_rows
from indexer.links.timeline import Turn, describe_dots, list_dots, list_turns
from indexer.links.wording import name_note
from indexer.model import (
    Bibliography,
    Capture,
    LinkHealth,
    LinkMark,
    LinkRow,
    LinkState,
    Observation,
    Reference,
    TextChange,
)
from indexer.pipeline.good_captures import list_good_captures
from indexer.urls import parse_url, redact_url, site, urlkey

SETTLED: Final = frozenset({LinkMark.IGNORED, LinkMark.DECIDED})


def find_health(
    url: str,
    *,
    catalogue: Catalogue,
    history: LinkHistory,
    decisions: Mapping[str, Decision],
    now: datetime,
) -> LinkHealth | None:
    """How a cited URL is; None as long as nobody visited it and nobody decided."""
    seen = read_history(url, catalogue=catalogue, history=history)
    decision = decisions.get(url)
    if not seen and decision is None:
        return None
    return apply_decision(judge_link(seen, now=now), decision)


def read_history(
    url: str, *, catalogue: Catalogue, history: LinkHistory
) -> tuple[Observation, ...]:
    """What was observed of a cited URL; of visits not looked at yet, what the server said."""
    key = urlkey(url)
    visits = [visit for visit in catalogue.visits(key) if not visit.archive]
    misdated = {visit.misdated_at for visit in visits}
    seen = tuple(each for each in history.observations(key) if each.observed_at not in misdated)
    known = {observation.observed_at for observation in seen}
    rest = tuple(observe_visit(visit) for visit in visits if visit.visited_at not in known)
    # What was imported may be older than all that was looked at.
    return narrow(sorted((*seen, *rest), key=lambda each: each.observed_at), url)


def compare_captures(url: str, *, catalogue: Catalogue, history: LinkHistory) -> TextChange | None:
    """What became of a page's text, paragraph by paragraph; None where there is but one text."""
    seen = [each for each in history.observations(urlkey(url)) if each.record_id]
    good = [each for each in seen if shows_text(each)]
    if not good:
        return None
    first, last = good[0], seen[-1]
    before = catalogue.find_article(first.record_id)
    now = catalogue.find_article(last.record_id)
    if before is None or now is None or first.record_id == last.record_id:
        return None
    return TextChange(
        before_at=first.observed_at,
        now_at=last.observed_at,
        similarity=compare_texts(before.text, now.text).similarity,
        changes=compare_paragraphs(
            [paragraph.text for paragraph in before.paragraphs],
            [paragraph.text for paragraph in now.paragraphs],
        ),
    )


def list_rows(
    bibliography: Bibliography,
    *,
    catalogue: Catalogue,
    history: LinkHistory,
    decisions: Mapping[str, Decision],
    now: datetime,
    base_url: str = "",
) -> Iterator[LinkRow]:
    """A row for each reference with a URL, in the bibliography's order."""
    names = {note.id: name_note(note) for note in bibliography.notes}
    notes: dict[str, list[str]] = defaultdict(list)
    for citation in bibliography.citations:
        notes[citation.reference_id].append(citation.note_id)
    for reference in bibliography.references:
        url = reference.url
        if not url:
            continue
        seen = read_history(url, catalogue=catalogue, history=history)
        health = apply_decision(judge_link(seen, now=now), decisions.get(url))
        dots = list_dots(seen, now=now)
        captures: list[Capture] = []
        if health.state is LinkState.DEAD:
            captures = list_good_captures(urlkey(url), catalogue=catalogue, history=history)
        copied_at = max((min(c.captured_at, now) for c in captures if not c.archive), default=None)
        path = f"/textes/{reference.id}"
        yield LinkRow(
            reference_id=reference.id,
            title=reference.title,
            url=redact_url(url),  # a report is sent to others
            site=site(parse_url(url) or ""),
            health=health,
            note_ids=tuple(notes[reference.id]),
            note_names=tuple(names.get(each, "") for each in notes[reference.id]),
            dots=dots,
            course=describe_dots(dots),
            copied_at=copied_at,
            copy_path=path if copied_at else "",
            replacement=choose_replacement(
                health,
                captures,
                cited_on=find_cited_on(
                    reference, seen_at=min(seen[0].observed_at, now) if seen else None
                ),
                copy_address=f"{base_url}{path}" if base_url else "",
            ),
        )


def make_report(
    bibliography: Bibliography,
    *,
    catalogue: Catalogue,
    history: LinkHistory,
    decisions: Mapping[str, Decision],
    now: datetime,
    since: datetime | None,
    base_url: str = "",
) -> LinkReport:
    """The report of now; `since` is the moment of the report that it is compared with."""
    rows = list_rows(
        bibliography,
        catalogue=catalogue,
        history=history,
        decisions=decisions,
        now=now,
        base_url=base_url,
    )
    ordered = tuple(sort_rows(rows))
    turns: list[Turn] = []
    if since is not None:
        # What a person has settled is no news.
        open_rows = (row for row in ordered if not SETTLED & set(row.health.marks))
        for url in dict.fromkeys(row.url for row in open_rows):
            seen = read_history(url, catalogue=catalogue, history=history)
            turns += list_turns(seen, since=since, until=now)
    turns.sort(key=lambda turn: (turn.at, turn.url))
    return LinkReport(made_at=now, rows=ordered, since=since, turns=tuple(turns))


def plan_checks(
    references: Iterable[Reference],
    *,
    catalogue: Catalogue,
    history: LinkHistory,
    decisions: Mapping[str, Decision],
    now: datetime | None = None,
) -> None:
    """Bring forward the next visit of what has to be confirmed, or is to be seen every month.

    What is dated after `now` decides nothing.
    """
    for reference in references:
        url = reference.url
        if not url:
            continue
        seen = read_history(url, catalogue=catalogue, history=history)
        if now is not None:
            seen = tuple(each for each in seen if each.observed_at <= now)
        due_at = next_check(seen, decisions.get(url))
        if due_at is not None:
            catalogue.targets.hasten(urlkey(url), due_at)


def list_to_check(
    references: Iterable[Reference], decisions: Mapping[str, Decision]
) -> tuple[str, ...]:
    """The urlkeys to visit: all that are cited but those that a person said to ignore."""
    urls = (reference.url for reference in references if reference.url)
    return tuple(
        urlkey(url)
        for url in urls
        if url not in decisions or decisions[url].choice is not Choice.IGNORE
    )
