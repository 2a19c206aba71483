"""Look in web archives for what can't be had live any more, and for what replaces a dead link."""

from collections.abc import Callable, Iterable, Iterator

from indexer.corpus import Crawl
from indexer.crawl import MementoRequest, fetch_mementos
from indexer.links.replacement import find_cited_at, is_asked_lately, wants_memento
from indexer.model import LinkMark, LinkState, Outcome, Reference, Target
from indexer.pipeline.links import find_health
from indexer.urls import host, parse_url, urlkey


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
        if any(capture.archive for capture in corpus.catalogue.captures(key)):
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
