"""No exception of a library gets out of its door; each has a cause."""

import http.client
import importlib
import inspect
import pkgutil
import socket
import ssl

import pytest
import requests
import urllib3
import warcio
import warcio.exceptions

from indexer.archive.reading import list_warcio_errors
from indexer.crawl.error_causes import CAUGHT, find_cause
from indexer.crawl.sockets import DeadlineError, ForbiddenAddressError
from indexer.model import Cause


def exceptions_of(package):
    """Every exception class that a package defines, whatever module it is in."""
    found = set()
    for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        try:
            names = vars(importlib.import_module(module.name))
        except (
            ImportError,
            urllib3.exceptions.DependencyWarning,
        ):  # contrib modules for libraries that are not installed
            continue
        found |= {
            value
            for value in names.values()
            if inspect.isclass(value)
            and issubclass(value, Exception)
            and not issubclass(value, Warning)
            and value.__module__.startswith(package.__name__)
        }
    return sorted(found, key=lambda kind: (kind.__module__, kind.__name__))


# Raised by urllib3's Emscripten and pyOpenSSL backends only, which we don't use.
NOT_OURS = {"_StreamingError", "_RequestError", "_TimeoutError", "UnsupportedExtension"}
# These say nothing without what they are made from.
MADE = {
    urllib3.exceptions.IncompleteRead: lambda: urllib3.exceptions.IncompleteRead(3, 9),
    urllib3.exceptions.InvalidChunkLength: lambda: urllib3.exceptions.InvalidChunkLength(
        urllib3.HTTPResponse(), b"zz"
    ),
}


@pytest.mark.parametrize(
    "kind",
    [
        kind
        for kind in exceptions_of(requests) + exceptions_of(urllib3)
        if kind.__name__ not in NOT_OURS
    ],
    ids=lambda kind: f"{kind.__module__}.{kind.__name__}",
)
def test_each_exception_of_requests_and_urllib3_is_caught_and_has_a_cause(kind):
    def make():
        bare = kind.__new__(kind)
        bare.args = ("said by the test",)
        return bare

    assert issubclass(kind, CAUGHT)
    cause, _ = find_cause(MADE.get(kind, make)())
    assert cause in Cause


@pytest.mark.parametrize("kind", exceptions_of(warcio), ids=lambda kind: kind.__name__)
def test_each_exception_of_warcio_becomes_ours(kind):
    assert issubclass(kind, list_warcio_errors())


@pytest.mark.parametrize(
    "kind",
    [
        kind
        for _, kind in inspect.getmembers(http.client, inspect.isclass)
        if issubclass(kind, Exception)
    ],
    ids=lambda kind: kind.__name__,
)
def test_each_exception_of_http_client_is_caught(kind):
    assert issubclass(kind, CAUGHT)


def verification_error(code):
    error = ssl.SSLCertVerificationError(1, "certificate verify failed")
    error.verify_code = code
    return error


INNERMOST = {
    "reset": (ConnectionResetError(104, "Connection reset by peer"), Cause.CONNECTION_RESET),
    "pipe": (BrokenPipeError(32, "Broken pipe"), Cause.CONNECTION_RESET),
    "refused": (ConnectionRefusedError(111, "Connection refused"), Cause.CONNECTION_REFUSED),
    "timeout": (TimeoutError("timed out"), Cause.TIMEOUT),
    "no route": (OSError(113, "No route to host"), Cause.UNREACHABLE),
    "no network": (OSError(101, "Network is unreachable"), Cause.UNREACHABLE),
    "no such name": (socket.gaierror(socket.EAI_NONAME, "Name unknown"), Cause.UNKNOWN_HOST),
    "resolver": (socket.gaierror(socket.EAI_AGAIN, "Temporary failure"), Cause.DNS_FAILURE),
    "deadline": (DeadlineError("over"), Cause.DEADLINE),
    "inside": (ForbiddenAddressError("10.0.0.1 is inside"), Cause.FORBIDDEN_ADDRESS),
    "closed": (http.client.RemoteDisconnected("closed"), Cause.CONNECTION_RESET),
    "no status": (http.client.BadStatusLine("SSH-2.0"), Cause.BAD_RESPONSE),
    "expired": (verification_error(10), Cause.TLS_EXPIRED),
    "not yet valid": (verification_error(9), Cause.TLS_EXPIRED),
    "self-signed": (verification_error(18), Cause.TLS_SELF_SIGNED),
    "unknown root": (verification_error(19), Cause.TLS_UNKNOWN_CA),
    "incomplete chain": (verification_error(20), Cause.TLS_UNKNOWN_CA),
    "wrong host": (verification_error(62), Cause.TLS_WRONG_HOST),
    "another fault": (verification_error(99), Cause.TLS_FAILURE),
    "old protocol": (ssl.SSLError(1, "tlsv1 alert protocol version"), Cause.TLS_FAILURE),
    "bad octets": (UnicodeDecodeError("utf-8", b"\xe9", 0, 1, "bad"), Cause.BAD_RESPONSE),
}


@pytest.mark.parametrize(("innermost", "cause"), INNERMOST.values(), ids=INNERMOST)
def test_however_many_libraries_wrapped_it_the_innermost_tells(innermost, cause):
    try:
        try:
            try:
                raise innermost
            except Exception as error:
                raise urllib3.exceptions.ProtocolError("Connection aborted.", error) from error
        except urllib3.exceptions.HTTPError as error:
            raise requests.ConnectionError(error) from error
    except requests.RequestException as error:
        found, detail = find_cause(error)

    assert found is cause
    assert "\n" not in detail
    assert len(detail) <= 200
