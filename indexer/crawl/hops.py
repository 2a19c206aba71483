"""Ask one request of one server, and bring back the hop as it was on the wire.

The door to `requests`. Nothing here follows a redirect or waits for a slot.
"""

import ssl
import tempfile
import time
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from http.cookiejar import Cookie, DefaultCookiePolicy
from typing import IO, Any, Final

import requests
import tldextract
from requests.cookies import RequestsCookieJar
from requests.hooks import default_hooks
from requests.structures import CaseInsensitiveDict
from urllib3 import BaseHTTPResponse

from indexer.crawl.connection import GuardedAdapter
from indexer.crawl.error_causes import CAUGHT, find_cause
from indexer.crawl.sockets import LARGE_BYTES, Attempt
from indexer.disk import explain
from indexer.errors import CorpusError
from indexer.heads import (
    CREDENTIAL_FIELDS,
    Secrets,
    holds_value,
    parse_head,
    redact_fields,
    redact_text,
    redact_values,
)
from indexer.messages import message
from indexer.model import Cause, Hop

BLOCK: Final = 65_536  # bytes
# With a proxy between, these are the proxy's own trouble, not the server's.
PROXY_CAUSES: Final = frozenset({Cause.CONNECTION_REFUSED, Cause.UNKNOWN_HOST, Cause.DNS_FAILURE})


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """A payload, content codings left on, and why it is not whole."""

    payload: bytes = b""
    truncated: str = ""  # WARC-Truncated
    cause: Cause | None = None
    detail: str = ""


def ask(
    target_uri: str,
    *,
    attempt: Attempt,
    headers: Mapping[str, str],
    cookies: RequestsCookieJar,
    tls: ssl.SSLContext,
    proxy: str | None,
    max_bytes: int,
    payload: bytes | None = None,
) -> Hop:
    """Send one request and read what comes, up to the limits; never raises for what a server does.

    `cookies` are sent, and those that come are added to them. `payload` is what a POST sends.
    """
    start = time.monotonic()
    hop = Hop(target_uri=target_uri, started_at=attempt.started_at, request_payload=payload)
    with _open_session(attempt, tls, proxy, cookies) as session:
        try:
            attempt.check_host()
            with session.send(
                _prepare(attempt.method, target_uri, headers, cookies, payload),
                stream=True,
                allow_redirects=False,
                timeout=(attempt.connect_timeout_s, attempt.read_timeout_s),
            ) as response:
                hop = replace(
                    hop,
                    status=response.status_code,
                    request_head=b"".join(bytes(attempt.sent).partition(b"\r\n\r\n")[:2]),
                    response_head=bytes(attempt.head),
                    headers=parse_head(bytes(attempt.head)),
                )
                received = _receive(response.raw, attempt, max_bytes)
                extra = attempt.received - len(attempt.head) - len(received.payload)
                is_counted = hop.header("Content-Length") and not hop.header("Transfer-Encoding")
                is_longer = extra > 0 and is_counted and received.cause is None
                hop = replace(
                    hop,
                    payload=received.payload,
                    truncated=received.truncated,
                    cause=received.cause,
                    detail="more bytes than Content-Length says" if is_longer else received.detail,
                )
        except CAUGHT as error:
            cause, detail = find_cause(error)
            if attempt.is_proxied and cause in PROXY_CAUSES:
                cause, detail = Cause.UNREACHABLE, f"proxy: {detail}"
            hop = replace(hop, cause=cause, detail=detail)
    elapsed_s = time.monotonic() - start - attempt.waited_s
    return replace(hop, elapsed_s=elapsed_s, ip_address=attempt.ip_address)


class _CookiePolicy(DefaultCookiePolicy):
    """Say where cookies may go: RFC 6265, which http.cookiejar's own defaults are laxer than.

    A cookie without Domain is for its very host, not for those below it. No cookie is for all
    hosts under a public suffix (RFC 6265 §5.3, step 5; https://publicsuffix.org), and none that
    repeats a secret of the settings is for another host than the one that set it.
    """

    def __init__(self, secrets: Secrets) -> None:
        super().__init__(strict_ns_domain=DefaultCookiePolicy.DomainStrictNonDomain)
        self._secrets = secrets

    def set_ok_domain(self, cookie: Cookie, request: urllib.request.Request) -> bool:
        """Say whether a server may set a cookie for that domain."""
        parent: Any = super()
        if not parent.set_ok_domain(cookie, request):
            return False
        if not cookie.domain_specified:
            return True
        text = f"{cookie.name}={cookie.value}".encode("utf-8", "replace")
        return not _is_public_suffix(cookie.domain) and not holds_value(text, self._secrets.values)


# Bundled with the library: nothing is fetched. Hosts that lend sub-domains ("github.io") count.
_find_suffix: Final = tldextract.TLDExtract(
    suffix_list_urls=(), cache_dir=None, include_psl_private_domains=True
)


def find_registered_domain(name: str) -> str:
    """Find what somebody registered of the name of a host: a site; an IP address is its own."""
    found = _find_suffix(name)
    return f"{found.domain}.{found.suffix}" if found.domain and found.suffix else name


def _is_public_suffix(domain: str) -> bool:
    found = _find_suffix(domain.lstrip("."))
    return not found.domain


def open_cookies(secrets: Secrets) -> RequestsCookieJar:
    """Make an empty jar for one exchange."""
    return RequestsCookieJar(policy=_CookiePolicy(secrets))


def withhold_secure(cookies: RequestsCookieJar, secrets: Secrets) -> RequestsCookieJar:
    """Copy a jar without the cookies that only a verified server may have."""
    left = open_cookies(secrets)
    for cookie in cookies:
        if not cookie.secure:
            left.set_cookie(cookie)
    return left


def redact_hop(hop: Hop, secrets: Secrets, *, sent: Mapping[str, str]) -> Hop:
    """Take out of a hop what must not be kept: credentials that were sent, secrets that came back.

    `sent` are the headers of the settings that went with the request. Where some went, the
    cookies that came back may open what they open, so that their values go as well. The payload
    stays as it was received: its digest names it.
    """
    asked = CREDENTIAL_FIELDS | {name.lower() for name in sent}
    answered = {"set-cookie"} if sent else ()
    head = redact_values(redact_fields(hop.response_head, answered), secrets.values)
    return replace(
        hop,
        request_head=redact_fields(hop.request_head, asked),
        response_head=head,
        headers=hop.headers if head == hop.response_head else parse_head(head),
        detail=redact_text(hop.detail, secrets.values),
    )


class _Session(requests.Session):
    def get_redirect_target(self, _resp: requests.Response) -> str | None:
        return None  # requests decodes a Location as UTF-8, or raises; redirects.py reads it


def _open_session(
    attempt: Attempt, tls: ssl.SSLContext, proxy: str | None, cookies: RequestsCookieJar
) -> requests.Session:
    session = _Session()
    session.trust_env = False  # a proxy or a .netrc of the environment would slip past us
    session.cookies = cookies
    session.adapters.clear()
    session.mount("http", GuardedAdapter(attempt, tls, proxy))
    return session


def _prepare(
    method: str,
    target_uri: str,
    headers: Mapping[str, str],
    cookies: RequestsCookieJar,
    payload: bytes | None,
) -> requests.PreparedRequest:
    """Make a request for that very URL: requests' own preparation would write it anew."""
    prepared = requests.PreparedRequest()
    prepared.method = method
    prepared.url = target_uri
    prepared.body = payload
    prepared.headers = CaseInsensitiveDict(headers)
    prepared.hooks = default_hooks()
    configured = prepared.headers.pop("Cookie", "")
    prepared.prepare_cookies(cookies)
    both = [each for each in (configured, prepared.headers.get("Cookie", "")) if each]
    if both:
        prepared.headers["Cookie"] = "; ".join(both)
    return prepared


def _receive(raw: BaseHTTPResponse, attempt: Attempt, max_bytes: int) -> Received:
    """Read a payload; one that is large waits on the disk while another is in memory."""
    with tempfile.SpooledTemporaryFile(max_size=LARGE_BYTES) as spool:
        received = Received()
        try:
            is_whole = _copy(raw, spool, max_bytes)
        except CAUGHT as error:
            cause, detail = find_cause(error)
            is_late = cause in (Cause.DEADLINE, Cause.TIMEOUT)
            received = Received(
                truncated="time" if is_late else "disconnect",
                cause=cause if is_late else Cause.TRUNCATED,
                detail=detail,
            )
        else:
            if not is_whole:
                detail = f"more than {max_bytes} bytes"
                received = Received(truncated="length", cause=Cause.TOO_LARGE, detail=detail)
        is_large = spool.tell() > LARGE_BYTES
        spool.seek(0)
        read = partial(spool.read, max_bytes)
        return replace(received, payload=attempt.load(read) if is_large else read())


def _copy(raw: BaseHTTPResponse, spool: IO[bytes], max_bytes: int) -> bool:
    """Copy a payload, up to a byte more than `max_bytes`; say whether it is not longer.

    Raises CorpusError when the disk takes no more of it, what the network raises otherwise.
    """
    while spool.tell() <= max_bytes:
        piece = raw.read1(min(BLOCK, max_bytes + 1 - spool.tell()), decode_content=False)
        if not piece:
            return True
        try:
            spool.write(piece)
        except OSError as error:
            told = explain(error)
            raise CorpusError(
                message("error.crawl.no-room", why=told.what),
                where=tempfile.gettempdir(),
                hint=told.hint,
            ) from error
    return False
