"""Carry observations to verdicts: the health of a link, the rows of a report, what is due.

What can't be had live any more, and what replaces a dead link, is looked for in web archives.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

from indexer.corpus import Corpus, Crawl
from indexer.crawl import MementoRequest, fetch_mementos
from indexer.links import judge_link
from indexer.links.decisions import Decision, apply_decision
from indexer.links.drift import compare_paragraphs, compare_texts
from indexer.links.finding import shows_text
from indexer.links.health import find_change_at, follow, next_check
from indexer.links.observe import narrow, observe_visit
from indexer.links.replacement import (
    choose_capture_to_index,
    choose_replacement,
    find_cited_at,
    index_observations,
    is_asked_lately,
    list_good_captures,
    wants_memento,
)
from indexer.links.report import (
    CitedLink,
    Turn,
    describe_dots,
    list_cited,
    list_dots,
    list_turns,
    list_unsettled,
)
from indexer.model import (
    BY_BROWSER,
    NO_ARCHIVES,
    Bibliography,
    Capture,
    LinkHealth,
    LinkMark,
    LinkRow,
    LinkState,
    Observation,
    Outcome,
    PageKind,
    Reference,
    Target,
    TextChange,
    give_doi_address,
)
from indexer.urls import host, parse_url, redact_url, site, urlkey


def find_health(url: str, corpus: Corpus) -> LinkHealth | None:
    """Find how a cited URL is; None as long as nobody visited it and nobody decided."""
    return find_lasting_health(url, corpus)[0]


def find_lasting_health(url: str, corpus: Corpus) -> tuple[LinkHealth | None, datetime | None]:
    """Find how a cited URL is, and from when on that may change by itself; None where it stays."""
    seen = read_history(url, corpus)
    decision = corpus.decisions.get(url)
    if not seen and decision is None:
        return None, None
    now = corpus.now()
    health = judge_link(seen, now=now)
    return apply_decision(health, decision), find_change_at(seen, health, now=now)


def is_well(url: str, corpus: Corpus) -> bool:
    """Tell whether a cited URL is alive and did not fail the last time, whatever was decided."""
    health = judge_link(read_history(url, corpus), now=corpus.now())
    return health.state is LinkState.ALIVE and not health.failure_count


def read_history(url: str, corpus: Corpus) -> tuple[Observation, ...]:
    """Read what was observed of a cited URL; of visits not observed yet, what the server said."""
    key = urlkey(url)
    visits = [visit for visit in corpus.catalogue.visits(key) if not visit.archive]
    misdated = {visit.misdated_at for visit in visits}
    kept = corpus.history.observations(key)
    seen = tuple(each for each in kept if each.observed_at not in misdated)
    known = {observation.observed_at for observation in seen}
    rest = tuple(observe_visit(visit) for visit in visits if visit.visited_at not in known)
    # What was imported may be older than all that was observed.
    return narrow(sorted((*seen, *rest), key=lambda each: each.observed_at), url)


def read_histories(urls: Iterable[str], corpus: Corpus) -> dict[str, tuple[Observation, ...]]:
    """Read the histories of some hundreds of cited URLs, each as `read_history` gives it.

    Nearly always all visits were observed: then none of them is read whole.
    """
    urls = list(urls)
    keys = list(dict.fromkeys(map(urlkey, urls)))
    kept = corpus.history.read_histories(keys)
    visited = corpus.catalogue.list_visit_moments(keys)
    histories = {}
    for url in urls:
        key = urlkey(url)
        moments = visited[key]
        if moments is None or not {each.observed_at for each in kept[key]}.issuperset(moments):
            histories[url] = read_history(url, corpus)
        else:
            histories[url] = narrow(kept[key], url)
    return histories


def find_capture_to_index(key: str, corpus: Corpus) -> Capture | None:
    """Find the capture of the URL with that urlkey to read and to index, if there is one."""
    latest = corpus.catalogue.latest_capture(key)
    if latest is None:
        return None
    captures = corpus.catalogue.captures(key)
    return choose_capture_to_index(captures, latest, *_read_captures(key, captures, corpus))


def find_good_captures(key: str, corpus: Corpus) -> list[Capture]:
    """Find the captures of the URL with that urlkey that show its text, in order of the visits."""
    captures = corpus.catalogue.captures(key)
    return list_good_captures(captures, *_read_captures(key, captures, corpus))


def _read_captures(
    key: str, captures: Iterable[Capture], corpus: Corpus
) -> tuple[Mapping[str, Observation], Mapping[str, PageKind]]:
    """Read what was observed of captures, and what kind of page the mementos among them are.

    Where a browser captured the page, of all: one without a text is told by its kind.
    """
    captures = list(captures)
    is_all = any(each.archive == BY_BROWSER for each in captures)
    asked = [each.record_id for each in captures if each.archive or is_all]
    articles = filter(None, map(corpus.catalogue.find_article, asked))
    kinds = {article.record_id: article.kind for article in articles}
    return index_observations(corpus.history.observations(key)), kinds


def compare_captures(url: str, corpus: Corpus) -> TextChange | None:
    """Compare the text captured first with the last one; None where there is but one text."""
    seen = [each for each in corpus.history.observations(urlkey(url)) if each.record_id]
    good = [each for each in seen if shows_text(each)]
    if not good:
        return None
    first, last = good[0], seen[-1]
    before = corpus.catalogue.find_article(first.record_id)
    now = corpus.catalogue.find_article(last.record_id)
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


class MadeRow(NamedTuple):
    """A row of a report, and from when on it may be another one though nothing is observed."""

    row: LinkRow
    changes_at: datetime | None


def list_rows(bibliography: Bibliography, corpus: Corpus) -> Iterator[LinkRow]:
    """Make a row for each reference with a URL, in the bibliography's order."""
    for link in list_cited(bibliography):
        row = make_row(link, corpus.decisions.get(link.url), corpus).row
        yield replace(row, course=describe_dots(row.dots))


def make_row(
    link: CitedLink,
    decision: Decision | None,
    corpus: Corpus,
    *,
    history: tuple[Observation, ...] | None = None,
) -> MadeRow:
    """Make the row of a cited link from all that is known of it; the words of its dots are not.

    `history` is what `read_history` gives, where it was read already.
    """
    now = corpus.now()
    seen = read_history(link.url, corpus) if history is None else history
    followed = follow(seen, until=now)
    health = apply_decision(judge_link(seen, now=now, followed=followed), decision)
    dots = list_dots(seen, now=now, followed=followed)
    captures: list[Capture] = []
    if health.state is LinkState.DEAD:
        captures = find_good_captures(urlkey(link.url), corpus)
    copied_at = max((min(c.captured_at, now) for c in captures if not c.archive), default=None)
    path = f"/textes/{link.reference_id}"
    seen_on = min(seen[0].observed_at, now).date() if seen else None
    row = LinkRow(
        reference_id=link.reference_id,
        title=link.title,
        url=redact_url(link.url),  # a report is sent to others
        site=site(parse_url(link.url) or ""),
        section=link.section,
        source=link.source,
        files=link.files,
        health=health,
        note_ids=link.note_ids,
        note_names=link.note_names,
        dots=dots,
        copied_at=copied_at,
        copy_path=path if copied_at else "",
        replacement=choose_replacement(
            health,
            captures,
            cited_on=link.cited_on or seen_on,
            copy_address=f"{corpus.base_url}{path}" if corpus.base_url else "",
            replay_address=corpus.replay_address
            if corpus.whole_texts.are_shown(link.bibliographies)
            else "",
            doi_address=_find_doi_address(link, health, corpus),
        ),
    )
    return MadeRow(row, find_change_at(seen, health, now=now))


def _find_doi_address(link: CitedLink, health: LinkHealth, corpus: Corpus) -> str:
    """Find the address of a dead text's DOI; "" where it has no other, or it was seen dead."""
    is_asked = link.doi_address and health.state is LinkState.DEAD
    return link.doi_address if is_asked and not _is_dead(link.doi_address, corpus) else ""


def list_dead_dois(references: Iterable[Reference], corpus: Corpus) -> list[str]:
    """List the addresses of the DOIs of texts whose own address is dead: they are visited then."""
    return [
        give_doi_address(each.doi)
        for each in references
        if each.doi and each.url and not each.url_from and _is_dead(each.url, corpus)
    ]


def _is_dead(url: str, corpus: Corpus) -> bool:
    health = find_health(url, corpus)
    return health is not None and health.state is LinkState.DEAD


def list_all_turns(rows: Iterable[LinkRow], corpus: Corpus, *, since: datetime) -> tuple[Turn, ...]:
    """List what became of links after a moment, oldest first, but what a person has settled."""
    turns: list[Turn] = []
    for url in list_unsettled(rows):
        turns += list_turns(read_history(url, corpus), since=since, until=corpus.now())
    return tuple(sorted(turns, key=lambda turn: (turn.at, turn.url)))


def plan_checks(references: Iterable[Reference], corpus: Corpus) -> None:
    """Bring forward the next visit of what has to be confirmed, or is to be seen every month.

    What is dated after now decides nothing.
    """
    now = corpus.now()
    for url in filter(None, (reference.url for reference in references)):
        seen = [each for each in read_history(url, corpus) if each.observed_at <= now]
        due_at = next_check(seen, corpus.decisions.get(url))
        if due_at is not None:
            corpus.catalogue.targets.hasten(urlkey(url), due_at)


def find_mementos(references: Iterable[Reference], corpus: Crawl) -> Iterator[Outcome]:
    """Fetch the memento nearest to its citation of each text that we have not, and keep it.

    Only what was visited and could not be had is looked up, once a month.
    """

    def is_wanted(url: str) -> bool:
        key = urlkey(url)
        has_capture = corpus.catalogue.latest_capture(key) is not None
        return not has_capture and wants_memento(corpus.catalogue.visits(key), now=corpus.now())

    return _fetch(references, corpus, is_wanted)


def find_replacements(references: Iterable[Reference], corpus: Crawl) -> Iterator[Outcome]:
    """Fetch and keep the memento nearest to its citation of each dead link that has none.

    An archive is asked once a month for the same link; what a person ignores is not looked up.
    """

    def is_wanted(url: str) -> bool:
        key = urlkey(url)
        if any(each.archive not in NO_ARCHIVES for each in corpus.catalogue.captures(key)):
            return False
        if is_asked_lately(corpus.catalogue.visits(key), now=corpus.now()):
            return False
        health = find_health(url, corpus)
        if health is None or LinkMark.IGNORED in health.marks:
            return False
        return health.state is LinkState.DEAD

    return _fetch(references, corpus, is_wanted)


def _fetch(
    references: Iterable[Reference], corpus: Crawl, is_wanted: Callable[[str], bool]
) -> Iterator[Outcome]:
    if not corpus.archives:
        return
    requests: dict[str, MementoRequest] = {}
    for reference in references:
        url = reference.url
        if url and urlkey(url) not in requests and is_wanted(url):
            requests[urlkey(url)] = _make_request(reference, url, corpus)
    arrivals = fetch_mementos(
        list(requests.values()),
        archives=corpus.archives,
        fetcher=corpus.fetcher,
        politeness=corpus.politeness,
        min_delay_s=corpus.policy.archive_delay_s,
        now=corpus.now,
    )
    for arrival in arrivals:
        if arrival.is_asked:
            yield corpus.keeper.keep(arrival)


def _make_request(reference: Reference, url: str, corpus: Crawl) -> MementoRequest:
    canonical_url = parse_url(url)
    key = urlkey(url)
    return MementoRequest(
        target=Target(
            url=url, urlkey=key, canonical_url=canonical_url, host=host(canonical_url or "")
        ),
        near=find_cited_at(reference, corpus.catalogue.visits(key), now=corpus.now()),
    )
