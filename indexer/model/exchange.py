"""The values of an exchange, hop by hop, and of its capture: HTTP, WARC 1.1, Memento."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final


class Cause(StrEnum):
    """Why a URL could not be had; the slugs are read by people and by programs."""

    MALFORMED_URL = "malformed-url"
    FORBIDDEN_SCHEME = "forbidden-scheme"
    FORBIDDEN_ADDRESS = "forbidden-address"
    DISALLOWED_BY_ROBOTS = "disallowed-by-robots"
    ROBOTS_UNREACHABLE = "robots-unreachable"
    UNKNOWN_HOST = "unknown-host"
    DNS_FAILURE = "dns-failure"
    CONNECTION_REFUSED = "connection-refused"
    CONNECTION_RESET = "connection-reset"
    UNREACHABLE = "unreachable"
    TIMEOUT = "timeout"
    DEADLINE = "deadline"
    TLS_EXPIRED = "tls-expired"
    TLS_SELF_SIGNED = "tls-self-signed"
    TLS_WRONG_HOST = "tls-wrong-host"
    TLS_UNKNOWN_CA = "tls-unknown-ca"
    TLS_FAILURE = "tls-failure"
    BAD_RESPONSE = "bad-response"
    BAD_REDIRECT = "bad-redirect"
    REDIRECT_LOOP = "redirect-loop"
    BAD_ENCODING = "bad-encoding"
    TOO_LARGE = "too-large"
    TRUNCATED = "truncated"
    DAMAGED = "damaged"  # of an imported capture: its record is cut short, or its digest wrong
    EMPTY = "empty"
    UNEXPECTED_STATUS = "unexpected-status"
    BLOCKED = "blocked"
    THROTTLED = "throttled"
    NOT_FOUND = "not-found"
    GONE = "gone"
    SERVER_ERROR = "server-error"


# A certificate that is at fault, or a handshake: whoever answers is not proven to be that server.
TLS_FAULTS: Final = frozenset(
    {
        Cause.TLS_EXPIRED,
        Cause.TLS_SELF_SIGNED,
        Cause.TLS_WRONG_HOST,
        Cause.TLS_UNKNOWN_CA,
        Cause.TLS_FAILURE,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hop:
    """One request and what came back of it, as it was on the wire, secrets hidden in its heads."""

    target_uri: str
    started_at: datetime
    request_head: bytes = b""  # request line and headers, as sent
    request_payload: bytes | None = None  # what a POST sent; None: nothing was posted
    status: int | None = None  # None: no response could be read
    response_head: bytes = b""  # status line and headers, as received
    headers: tuple[tuple[str, str], ...] = ()  # decoded as Latin-1, repeated ones kept
    payload: bytes = b""  # the body, content codings left on
    truncated: str = ""  # WARC-Truncated: "", "length", "time", "disconnect"
    ip_address: str = ""
    elapsed_s: float = 0.0
    cause: Cause | None = None  # what went wrong on this hop
    detail: str = ""  # in the words of whoever failed
    tls_fault: Cause | None = None  # read without verification, for reading only

    def header(self, name: str) -> str:
        """Find the first header of that name, whatever its case, or ""."""
        wanted = name.lower()
        return next((value for key, value in self.headers if key.lower() == wanted), "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """A URL asked, and every hop that followed; the last one decides."""

    url: str  # as a person wrote it
    canonical_url: str  # as it was asked
    hops: tuple[Hop, ...] = ()
    cause: Cause | None = None  # what stopped the chain, if something did
    detail: str = ""


HANDED_IN: Final = "handed-in"  # `archive` of a capture that a person brought in a file
BY_BROWSER: Final = "by-browser"  # `archive` of what a page was after its scripts had run
REQUISITES: Final = "requisites"  # `archive` of a visit of what a page needs: images, styles…
IMAGE_PREFIX: Final = "urn:view:"  # before the address of a page: its image, as a browser showed it
PRINT_PREFIX: Final = "urn:pdf:"  # its print
BESIDE_PAGES: Final = frozenset({BY_BROWSER, REQUISITES})
# What stands in `archive` where no web archive was asked.
NO_ARCHIVES: Final = frozenset({"", HANDED_IN, BY_BROWSER, REQUISITES})


@dataclass(frozen=True, slots=True, kw_only=True)
class HandedIn:
    """A file that a person brings as the text of a cited URL, and what is told of it."""

    url: str  # as the bibliography writes it
    payload: bytes
    media_type: str
    name: str  # of the file
    by: str  # who brought it
    at: datetime  # UTC


@dataclass(frozen=True, slots=True, kw_only=True)
class Capture:
    """One response kept in the archive; Memento calls it a memento."""

    record_id: str  # WARC-Record-ID
    url: str  # as a person wrote it
    urlkey: str  # as compared (SURT)
    target_uri: str  # WARC-Target-URI
    captured_at: datetime  # WARC-Date, always UTC
    status: int
    media_type: str  # as declared
    payload_digest: str  # WARC-Payload-Digest
    length: int  # bytes of the payload
    truncated: str = ""  # WARC-Truncated, or "damaged": it was so when it was imported
    etag: str = ""
    last_modified: str = ""
    archive: str = ""  # one of NO_ARCHIVES ("" for the live web), else that of the memento


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptMemento:
    """A response of the archive that can be given back as it was: a memento (RFC 7089)."""

    target_uri: str  # the URL that it answers for
    captured_at: datetime  # UTC, to the second, as its address and its Memento-Datetime say
    status: int
    record_id: str
    payload_digest: str
    location: str = ""  # of a redirect: the absolute URL where it led
    archive: str = ""  # "" for a capture of ours, else the web archive that it came from
    public_address: str = ""  # where that archive shows it

    @property
    def timestamp(self) -> str:
        """The 14 digits that stand for its moment in an address."""
        return f"{self.captured_at:%Y%m%d%H%M%S}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayedResponse:
    """The response of a memento, to be given back: fields of its head, and its payload."""

    headers: tuple[tuple[str, str], ...]
    payload: bytes

    def header(self, name: str) -> str:
        """Find the first header of that name, whatever its case, or ""."""
        wanted = name.lower()
        return next((value for key, value in self.headers if key.lower() == wanted), "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Captured:
    """Something new is in the archive."""

    url: str
    capture: Capture
    cause: Cause | None = None  # kept, but: "truncated", "too-large", "deadline"
    detail: str = ""
    hops: tuple[str, ...] = ()  # the target URIs on the way
    by_scripts: bool = False  # a page that has no text before its scripts have run


@dataclass(frozen=True, slots=True, kw_only=True)
class Revisited:
    """The URL gave the bytes that are kept already (a WARC revisit)."""

    url: str
    capture: Capture
    hops: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Missed:
    """It could not be had, and why."""

    url: str
    cause: Cause
    detail: str = ""
    status: int | None = None
    hops: tuple[str, ...] = ()


Outcome = Captured | Revisited | Missed
