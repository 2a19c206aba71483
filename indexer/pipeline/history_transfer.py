"""Carry what was observed of links out with a package, and back in.

Visits travel in the WARC files. What was seen in their pages, and what hosts answered to addresses
that can't exist, was found with what was known then: it can't be found again from the files alone.
"""

import json
from collections.abc import Collection, Iterable, Iterator
from typing import Any, Final

from indexer.corpus import Corpus
from indexer.heads import NO_SECRETS, Secrets, redact_text
from indexer.links.history import (
    LinkHistory,
    Probe,
    parse_moment,
    parse_observation,
    render_moment,
    render_observation,
)
from indexer.model import Observation, Visit
from indexer.urls import urlkey

HISTORY_MEMBER: Final = "renvois/links.jsonl"  # of a WACZ package


def render_history(
    history: LinkHistory, *, hidden: Collection[str] = (), secrets: Secrets = NO_SECRETS
) -> Iterator[bytes]:
    """Give all observations and probes as JSON, one a line.

    Left out is what is told of addresses with the urlkeys `hidden`, or leads to one; secrets are
    hidden.
    """
    for seen in history.all_observations():
        told = (seen.url, seen.final_url, *(step.target_uri for step in seen.redirects))
        if _names_hidden(told, hidden):
            continue
        row = _render(
            kind="observation",
            url=seen.url,
            at=render_moment(seen.observed_at),
            observation=json.loads(render_observation(seen)),
        )
        yield _encode(redact_text(row, secrets.values))
    for probe in history.all_probes():
        if _names_hidden((probe.url, probe.folder), hidden):
            continue
        row = _render(
            kind="probe",
            url=probe.url,
            at=render_moment(probe.probed_at),
            folder=probe.folder,
            has_page=probe.has_page,
            text=probe.text,
        )
        yield _encode(redact_text(row, secrets.values))


def _names_hidden(addresses: Iterable[str], hidden: Collection[str]) -> bool:
    return bool(hidden) and any(urlkey(address) in hidden for address in addresses if address)


def restore_history(lines: Iterable[bytes], corpus: Corpus) -> tuple[int, int]:
    """Keep the observations and probes that a package brings, and that are not known yet.

    An observation is kept only where the catalogue knows its visit. Gives how many lines were
    kept, and how many could not be read.
    """
    kept = unread = 0
    for line in lines:
        try:
            row = json.loads(line)
            if row["kind"] == "probe":
                kept += _restore_probe(row, corpus.history)
            elif row["kind"] == "observation":
                kept += _restore_observation(row, corpus)
        except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
            unread += 1  # told by whoever asked
    return kept, unread


def _restore_observation(row: Any, corpus: Corpus) -> bool:
    url = str(row["url"])
    seen = parse_observation(url, parse_moment(row["at"]), json.dumps(row["observation"]))
    _check_types(seen)
    key = urlkey(url)
    visit = Visit(url=url, urlkey=key, visited_at=seen.observed_at, outcome="")
    if seen.observed_at in corpus.history.observed_moments(key) or not corpus.catalogue.knows_visit(
        visit
    ):
        return False
    corpus.history.record(seen)
    return True


def _check_types(seen: Observation) -> None:
    """Refuse what would stop a report later: a package is not ours to trust. TypeError."""
    texts = (seen.detail, seen.final_url, seen.record_id, seen.basis, *seen.missing_fragments)
    texts += tuple(step.target_uri for step in seen.redirects)
    numbers = (seen.status or 0, seen.similarity or 0.0, seen.kept or 0.0, seen.known or 0.0)
    if not all(isinstance(text, str) for text in texts):
        raise TypeError("not a text")
    if not all(isinstance(number, int | float) for number in numbers):
        raise TypeError("not a number")


def _restore_probe(row: Any, history: LinkHistory) -> bool:
    folder = str(row["folder"])
    probe = Probe(
        folder=folder,
        url=str(row["url"]),
        probed_at=parse_moment(row["at"]),
        has_page=bool(row["has_page"]),
        text=str(row["text"]),
    )
    known = history.find_probe(folder)
    if known is not None and known.probed_at >= probe.probed_at:
        return False
    history.put_probe(probe)
    return True


def _render(**row: Any) -> str:
    return json.dumps(row, ensure_ascii=False)


def _encode(line: str) -> bytes:
    return f"{line}\n".encode("utf-8", "surrogatepass")
