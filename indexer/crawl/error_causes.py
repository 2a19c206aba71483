"""Give a cause to whatever requests, urllib3, http.client, ssl or the socket raised.

An exception is read with all that it was raised from: the innermost tells best, so that a reset
connection is one however many libraries wrapped it. Tables, read from the top.
"""

import errno
import http.client
import socket
import ssl
from collections.abc import Iterator
from types import MappingProxyType
from typing import Final

import requests
import urllib3

from indexer.crawl.sockets import DeadlineError, ForbiddenAddressError
from indexer.model import Cause

# All that the door has to catch; what is not below one of these is a fault of ours.
CAUGHT: Final = (
    requests.RequestException,
    requests.cookies.CookieConflictError,
    urllib3.exceptions.HTTPError,
    http.client.HTTPException,
    OSError,
    ValueError,  # UnicodeError too: a head that no library expected
)

CAUSE_BY_TYPE: Final[tuple[tuple[type[BaseException], Cause], ...]] = (
    (ForbiddenAddressError, Cause.FORBIDDEN_ADDRESS),
    (DeadlineError, Cause.DEADLINE),
    (ssl.SSLError, Cause.TLS_FAILURE),
    (ConnectionRefusedError, Cause.CONNECTION_REFUSED),
    (ConnectionError, Cause.CONNECTION_RESET),  # http.client.RemoteDisconnected is one
    (TimeoutError, Cause.TIMEOUT),
    (http.client.IncompleteRead, Cause.CONNECTION_RESET),
    (http.client.InvalidURL, Cause.MALFORMED_URL),
    (http.client.HTTPException, Cause.BAD_RESPONSE),
    (urllib3.exceptions.LocationValueError, Cause.MALFORMED_URL),
    (urllib3.exceptions.TimeoutError, Cause.TIMEOUT),
    (urllib3.exceptions.NameResolutionError, Cause.DNS_FAILURE),
    (urllib3.exceptions.SSLError, Cause.TLS_FAILURE),
    (requests.exceptions.InvalidSchema, Cause.FORBIDDEN_SCHEME),
    (requests.exceptions.InvalidURL, Cause.MALFORMED_URL),
    (requests.exceptions.MissingSchema, Cause.MALFORMED_URL),
    (requests.exceptions.TooManyRedirects, Cause.REDIRECT_LOOP),
    (requests.exceptions.ContentDecodingError, Cause.BAD_ENCODING),
    (requests.exceptions.Timeout, Cause.TIMEOUT),
    (requests.exceptions.SSLError, Cause.TLS_FAILURE),
    (urllib3.exceptions.NewConnectionError, Cause.UNREACHABLE),
    (urllib3.exceptions.ProxyError, Cause.UNREACHABLE),
    (requests.exceptions.ProxyError, Cause.UNREACHABLE),
    (UnicodeError, Cause.BAD_RESPONSE),
    (requests.cookies.CookieConflictError, Cause.BAD_RESPONSE),
    (urllib3.exceptions.HTTPError, Cause.BAD_RESPONSE),
    (requests.exceptions.RequestException, Cause.BAD_RESPONSE),
)

CAUSE_BY_ERRNO: Final = MappingProxyType(
    {
        errno.ECONNREFUSED: Cause.CONNECTION_REFUSED,
        errno.ECONNRESET: Cause.CONNECTION_RESET,
        errno.ECONNABORTED: Cause.CONNECTION_RESET,
        errno.EPIPE: Cause.CONNECTION_RESET,
        errno.ETIMEDOUT: Cause.TIMEOUT,
        errno.ENETUNREACH: Cause.UNREACHABLE,
        errno.EHOSTUNREACH: Cause.UNREACHABLE,
        errno.ENETDOWN: Cause.UNREACHABLE,
        errno.EADDRNOTAVAIL: Cause.UNREACHABLE,
    }
)

# X.509 verification codes (openssl-verification-options(1)).
CAUSE_BY_VERIFY_CODE: Final = MappingProxyType(
    {
        10: Cause.TLS_EXPIRED,
        9: Cause.TLS_EXPIRED,  # not yet valid: the same clock, the other way
        18: Cause.TLS_SELF_SIGNED,  # the certificate itself
        19: Cause.TLS_UNKNOWN_CA,  # a chain that ends in a root nobody knows
        20: Cause.TLS_UNKNOWN_CA,  # or an incomplete chain: it can't be told apart
        21: Cause.TLS_UNKNOWN_CA,
        62: Cause.TLS_WRONG_HOST,
        64: Cause.TLS_WRONG_HOST,  # of an address
    }
)

# getaddrinfo(3): the name does not exist, as opposed to a resolver that fails.
UNKNOWN_HOST_ERRNOS: Final = frozenset(
    {
        socket.EAI_NONAME,
        getattr(socket, "EAI_NODATA", socket.EAI_NONAME),
        getattr(socket, "EAI_ADDRFAMILY", socket.EAI_NONAME),
    }
)


def find_cause(error: BaseException) -> tuple[Cause, str]:
    """Find the cause of an exception, and the words of the innermost one that tells it."""
    chain = list(_chain(error))
    for found in reversed(chain):
        cause = _cause_of(found)
        if cause is not None:
            return cause, _render(found)
    for wanted, cause in CAUSE_BY_TYPE:
        for found in reversed(chain):
            if isinstance(found, wanted):
                return cause, _render(found)
    return Cause.BAD_RESPONSE, _render(error)


def _cause_of(error: BaseException) -> Cause | None:
    """Find the cause by the number of an exception, where that tells more than its type."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return CAUSE_BY_VERIFY_CODE.get(getattr(error, "verify_code", 0), Cause.TLS_FAILURE)
    if isinstance(error, socket.gaierror):
        is_unknown = error.errno in UNKNOWN_HOST_ERRNOS
        return Cause.UNKNOWN_HOST if is_unknown else Cause.DNS_FAILURE
    if isinstance(error, DeadlineError | ForbiddenAddressError | ssl.SSLError):
        return None
    if isinstance(error, OSError) and error.errno is not None:
        return CAUSE_BY_ERRNO.get(error.errno)
    return None


def _chain(error: BaseException) -> Iterator[BaseException]:
    """Unwind an exception and all that it was raised from, outermost first, each once."""
    seen: set[int] = set()
    waiting: list[BaseException] = [error]
    while waiting:
        found = waiting.pop(0)
        if id(found) in seen:
            continue
        seen.add(id(found))
        yield found
        inner = [found.__cause__, found.__context__, getattr(found, "reason", None), *found.args]
        waiting += [candidate for candidate in inner if isinstance(candidate, BaseException)]


def _render(error: BaseException) -> str:
    text = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return " ".join(str(text).split())[:200]
