"""Exchanges made by hand, and a keeper for them: real files, no network."""

from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from indexer.archive import Keeper, open_archive, open_catalogue
from indexer.crawl import judge, next_due
from indexer.heads import NO_SECRETS, parse_head
from indexer.model import Arrival, Exchange, Hop, Target
from indexer.urls import host, parse_url, urlkey
from tests.places import find_place

NOON = datetime(2026, 3, 1, 12, 0, 0, 123_456, tzinfo=UTC)
PAGE = "<title>Le calme des ateliers</title><p>Une page écrite pour l'essai.</p>".encode()


def hop(url, payload=PAGE, *, status=200, at=NOON, fields=(), asked=(), **more):
    head = "\r\n".join([f"HTTP/1.1 {status} OK", "Content-Type: text/html", *fields, "", ""])
    request = "\r\n".join([f"GET {url} HTTP/1.1", "User-Agent: renvois", *asked, "", ""])
    octets = head.encode()
    return Hop(
        target_uri=url,
        started_at=at,
        request_head=request.encode(),
        status=status,
        response_head=octets,
        headers=parse_head(octets),
        payload=payload,
        ip_address="192.0.2.1",
        **more,
    )


class Corpus:
    """A folder with an archive and a catalogue."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.warc_folder = folder / "archive"

    @contextmanager
    def open(self, *, secrets=NO_SECRETS, **more):
        with (
            open_archive(self.warc_folder, **more) as archive,
            open_catalogue(find_place(self.folder)) as catalogue,
        ):
            self.archive, self.catalogue = archive, catalogue
            self.keeper = Keeper(archive, catalogue, next_due=next_due, secrets=secrets)
            yield self

    def visit(self, url, *hops, cause=None, detail="", at=None):
        """Keep what came of a URL, as a crawl does."""
        canonical_url = parse_url(url)
        target = Target(
            url=url,
            urlkey=urlkey(url),
            canonical_url=canonical_url,
            host=host(url),
            previous=self.catalogue.latest_capture(urlkey(url), live_only=True),
        )
        exchange = Exchange(
            url=url, canonical_url=canonical_url or url, hops=hops, cause=cause, detail=detail
        )
        return self.keeper.keep(
            Arrival(
                target=target,
                exchange=exchange,
                verdict=judge(exchange, previous=target.previous),
                arrived_at=at or (hops[0].started_at if hops else NOON) + timedelta(seconds=1),
            )
        )
