"""Fetch a URL and what it leads to, over real connections; bring back every hop.

An exchange always comes back, whatever the servers do: what went wrong is a cause on the hop
that it happened to. Nothing here judges, keeps or waits for a slot.
"""

import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, Self
from urllib.parse import unquote_to_bytes

from indexer.crawl.address_guard import NO_OPEN_NETWORKS, OpenNetworks
from indexer.crawl.redirects import Step, find_step
from indexer.crawl.site_policies import NO_HEADERS, NO_SITES, SitePolicies
from indexer.crawl.sockets import (
    Attempt,
    LargePayload,
    Resolver,
    give_back_large_blocks,
    resolve_by_system,
)
from indexer.heads import holds_value, redact_text
from indexer.model import TLS_FAULTS, Cause, Exchange, Hop
from indexer.urls import host, is_web_url, origin, parse_url, redact_url

# `requests` and what it brings take half a second to import. Only a fetch needs them, and most
# commands only pass a Fetcher on: the functions below that open or ask import them.
if TYPE_CHECKING:
    from requests.cookies import RequestsCookieJar

    CookieJar = RequestsCookieJar  # for those that may not import requests

HEADERS: Final = MappingProxyType(
    {
        "Accept": "text/html,application/xhtml+xml,application/pdf;q=0.9,*/*;q=0.8",
        "Accept-Language": "fr,en;q=0.5",
        "Accept-Encoding": "gzip, deflate, br, zstd",
        "Connection": "close",
    }
)

POSTED_AGAIN: Final = (307, 308)  # RFC 9110 §15.4: redirects that repeat the method

Refusal = tuple[Cause, str]
# Given the URL of the next hop: the slot of its host, or why it must not be asked.
Permit = Callable[[str], AbstractContextManager[Refusal | None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The bounds of an exchange; each ends it with a cause of its own."""

    connect_timeout_s: float = 10.0
    read_timeout_s: float = 20.0  # without a byte
    total_s: float = 60.0  # of all hops; the wait for a slot does not count
    max_bytes: int = 32 * 2**20  # of a payload, on the wire
    max_redirects: int = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Posted:
    """The body of a POST: bytes, and their Content-Type ("" for none)."""

    media_type: str = ""
    payload: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """One request: `headers` may go to anybody, `private` to a server that proves who it is."""

    method: str
    target_uri: str
    headers: Mapping[str, str]
    private: Mapping[str, str] = field(repr=False)
    limits: Limits
    payload: bytes | None = None  # of a POST


def read_now() -> datetime:
    """Read the time, in UTC."""
    return datetime.now(UTC)


def let_go(exchange: Exchange) -> None:
    """Let others have the room that large payloads of an exchange have."""
    for hop in exchange.hops:
        if isinstance(hop.payload, LargePayload):
            hop.payload.let_go()


def permit_always(_url: str) -> AbstractContextManager[Refusal | None]:
    """Ask at once."""
    return nullcontext(None)


def _begin_exchange(url: str) -> Exchange:
    """Make the exchange of a URL that is to be asked; with its cause where it can't be."""
    canonical_url = parse_url(url)
    if canonical_url is None:
        return Exchange(url=url, canonical_url=redact_url(url), cause=Cause.MALFORMED_URL)
    cause = None if is_web_url(canonical_url) else Cause.FORBIDDEN_SCHEME
    return Exchange(url=url, canonical_url=canonical_url, cause=cause)


def _list_conditions(*, etag: str, last_modified: str) -> dict[str, str]:
    """Make the headers that ask for a page only if it is another than the one held."""
    validators = {"If-None-Match": etag, "If-Modified-Since": last_modified}
    return {name: value for name, value in validators.items() if value}


class Fetcher:
    """Asks URLs. Several threads may use it at once; `close` ends what is under way.

    `proxy` is the URL of an HTTP proxy; it resolves names then, so that only addresses written
    in URLs are refused here. `ca_file` holds authorities to trust beside the system's.
    `sites` has the headers of the settings: each goes to its own site only, whatever is asked
    there, and no exchange that comes back holds a value of one in a head or in a detail. `now`
    dates the hops.
    """

    def __init__(
        self,
        *,
        user_agent: str,
        limits: Limits | None = None,
        proxy: str | None = None,
        ca_file: Path | None = None,
        open_networks: OpenNetworks = NO_OPEN_NETWORKS,
        resolve: Resolver = resolve_by_system,
        sites: SitePolicies = NO_SITES,
        now: Callable[[], datetime] = read_now,
    ) -> None:
        """Take who we say we are, the bounds of a fetch, and what may be connected to."""
        from indexer.crawl.connection import open_tls, open_unverified_tls

        self.user_agent = user_agent
        self.limits = limits or Limits()
        self._proxy = proxy
        self._open_networks = open_networks
        self._resolve = resolve
        self._sites = sites
        self._now = now
        self._tls = open_tls(ca_file)
        self._unverified_tls = open_unverified_tls()
        self._under_way: dict[int, Attempt] = {}
        self._lock = threading.Lock()
        # For one large payload at a time: eight of fifty megabytes would be half a gigabyte.
        self._room = threading.Semaphore(1)
        give_back_large_blocks()
        self._is_closed = False

    def __enter__(self) -> Self:
        """Give the fetcher itself."""
        return self

    def __exit__(self, *_exception: object) -> None:
        """Close its connections."""
        self.close()

    def close(self) -> None:
        """End the exchanges under way, and those that would start."""
        self._is_closed = True
        self.abort()

    def abort(self) -> None:
        """End the exchanges under way; they come back with a cause, like any other."""
        with self._lock:
            attempts = list(self._under_way.values())
        for attempt in attempts:
            attempt.deadline = 0.0
            if attempt.sock is not None:
                with suppress(OSError):  # it may have closed by itself meanwhile
                    attempt.sock.shutdown(socket.SHUT_RDWR)

    def fetch(
        self,
        url: str,
        *,
        etag: str = "",
        last_modified: str = "",
        validated_uri: str = "",
        headers: Mapping[str, str] = NO_HEADERS,
        method: str = "GET",
        is_cited: bool = False,
        permit: Permit = permit_always,
        limits: Limits | None = None,
        cookies: "RequestsCookieJar | None" = None,
        posted: Posted | None = None,
    ) -> Exchange:
        """Ask a URL and follow where it leads.

        `etag` and `last_modified` are those of the capture held; they go with the hop that asks
        for `validated_uri`, the target of that capture, else with the first.
        `headers` go with every hop, over ours: they must hold no secret. `is_cited`: the
        bibliography has this very URL; written with http, its host may be told the headers of its
        settings by http, until the exchange has come by https. `limits` stand in place of those of
        the fetcher. `cookies` (of `open_cookies`) are sent where they belong, and those that come
        are added to them; without, what a hop sets goes with the next ones alone. `posted` makes it
        a POST: it goes to that host alone, without headers of the settings, and to nobody whose
        certificate is at fault; a redirect of 301, 302 or 303 is followed by GET, as browsers do.
        Raises nothing for what a server may do.
        """
        from indexer.crawl.hops import redact_hop

        exchange = _begin_exchange(url)
        if exchange.cause is not None:
            return exchange
        canonical_url = exchange.canonical_url
        sent = {**HEADERS, "User-Agent": self.user_agent, **headers}
        conditions = _list_conditions(etag=etag, last_modified=last_modified)
        validated_uri = validated_uri or canonical_url
        plain_host = host(canonical_url) if is_cited else ""
        cookies = self.open_cookies() if cookies is None else cookies
        seen: set[tuple[str, str, bool]] = set()
        target_uri = canonical_url
        limits = limits or self.limits
        left_s = limits.total_s
        while True:
            state = (target_uri, _render_cookies(cookies), posted is not None)
            if state in seen or len(exchange.hops) > limits.max_redirects:
                detail = f"{len(exchange.hops)} redirects, back to {target_uri[:100]}"
                return replace(exchange, cause=Cause.REDIRECT_LOOP, detail=detail)
            seen.add(state)
            if target_uri.startswith("https:"):
                plain_host = ""
            with permit(target_uri) as refusal:
                if refusal is not None:
                    return replace(exchange, cause=refusal[0], detail=refusal[1])
                asked = _Asked(
                    method=method,
                    target_uri=target_uri,
                    headers={**sent, **conditions} if target_uri == validated_uri else sent,
                    private=self._sites.find_headers(target_uri, plain_host=plain_host),
                    limits=limits,
                )
                asked = asked if posted is None else _post(asked, posted)
                hop = self._fetch_hop(asked, cookies, left_s)
            left_s -= hop.elapsed_s
            step = self._find_step(hop)
            hop = redact_hop(hop, self._sites.secrets, sent=asked.private)
            exchange = replace(exchange, hops=(*exchange.hops, hop))
            if step is None:
                return replace(exchange, cause=hop.cause, detail=hop.detail)
            let_go(exchange)  # of the body of a redirect: the next hop may need the room
            if step.cause is not None:
                return replace(exchange, cause=step.cause, detail=step.detail)
            target_uri = step.url
            posted = posted if hop.status in POSTED_AGAIN else None

    def sends_headers(self, url: str) -> bool:
        """Tell whether the settings have headers for a URL, or for its host asked by http."""
        return bool(self._sites.find_headers(url, plain_host=host(url)))

    def is_same_site(self, *urls: str) -> bool:
        """Tell whether all of these are of one site: of one registered domain, or one address."""
        from indexer.crawl.hops import find_registered_domain

        names = {host(url) for url in urls}
        return "" not in names and len({find_registered_domain(name) for name in names}) == 1

    def _find_step(self, hop: Hop) -> Step | None:
        """Find the next step after a response; a URL that holds a secret is not followed."""
        step = find_step(hop)
        if step is None:
            return None
        values = self._sites.secrets.values
        if self.holds_secret(step.url):
            detail = "to an address that repeats the value of a header of the settings"
            return Step(cause=Cause.BAD_REDIRECT, detail=detail)
        is_posted = hop.request_payload is not None and hop.status in POSTED_AGAIN
        if is_posted and host(step.url) != host(hop.target_uri):
            return Step(cause=Cause.BAD_REDIRECT, detail="what was posted is for another host")
        return replace(step, detail=redact_text(step.detail, values))

    def open_cookies(self) -> "RequestsCookieJar":
        """Make an empty jar, whose cookies go where RFC 6265 says, and no secret elsewhere."""
        from indexer.crawl.hops import open_cookies

        return open_cookies(self._sites.secrets)

    def holds_secret(self, url: str) -> bool:
        """Tell whether a URL repeats the value of a header of the settings, escaped or not."""
        values = self._sites.secrets.values
        octets = url.encode("utf-8", "replace")
        return holds_value(octets, values) or holds_value(unquote_to_bytes(octets), values)

    def _fetch_hop(self, asked: _Asked, cookies: "RequestsCookieJar", left_s: float) -> Hop:
        """Ask for one hop; where the certificate is at fault, again without verifying it."""
        from indexer.crawl.hops import withhold_secure

        hop = self._ask(asked, cookies, left_s, is_verified=True)
        if hop.cause not in TLS_FAULTS or asked.payload is not None:
            return hop
        left_s -= hop.elapsed_s
        # Whoever answers is not proven to be that server: it is told nothing that is secret.
        public = replace(asked, private=NO_HEADERS)
        told = withhold_secure(cookies, self._sites.secrets)
        again = self._ask(public, told, left_s, is_verified=False)
        if again.status is None:
            return hop
        cookies.update(told)
        return replace(again, tls_fault=hop.cause, detail=again.detail or hop.detail)

    def _ask(
        self, asked: _Asked, cookies: "RequestsCookieJar", left_s: float, *, is_verified: bool
    ) -> Hop:
        from indexer.crawl.hops import ask

        target_uri = asked.target_uri
        is_forwarded = self._proxy is not None and target_uri.startswith("http:")
        attempt = Attempt(
            host=host(target_uri),
            request_target=target_uri if is_forwarded else target_uri[len(origin(target_uri)) :],
            deadline=time.monotonic() + left_s,
            connect_timeout_s=asked.limits.connect_timeout_s,
            read_timeout_s=asked.limits.read_timeout_s,
            resolve=self._resolve,
            open_networks=self._open_networks,
            started_at=self._now(),
            is_proxied=self._proxy is not None,
            method=asked.method,
            room=self._room,
        )
        with self._watch(attempt):
            return ask(
                target_uri,
                attempt=attempt,
                headers={**asked.headers, **asked.private},
                cookies=cookies,
                tls=self._tls if is_verified else self._unverified_tls,
                proxy=self._proxy,
                max_bytes=asked.limits.max_bytes,
                payload=asked.payload,
            )

    @contextmanager
    def _watch(self, attempt: Attempt) -> Iterator[None]:
        with self._lock:
            if self._is_closed:
                attempt.deadline = 0.0
            self._under_way[id(attempt)] = attempt
        try:
            yield
        finally:
            with self._lock:
                del self._under_way[id(attempt)]


def _post(asked: _Asked, posted: Posted) -> _Asked:
    """Make a POST of what would be asked by GET."""
    told = {"Content-Type": posted.media_type} if posted.media_type else {}
    headers = {**asked.headers, **told, "Content-Length": str(len(posted.payload))}
    return replace(
        asked, method="POST", headers=headers, private=NO_HEADERS, payload=posted.payload
    )


def _render_cookies(cookies: "RequestsCookieJar") -> str:
    return "\n".join(sorted(f"{cookie.name}={cookie.value}" for cookie in cookies))
