"""The connections that `requests` uses: guarded, bounded and remembered.

Nothing here follows, retries or judges.
"""

import functools
import socket
import ssl
from pathlib import Path
from typing import Any

from requests import PreparedRequest
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, PoolManager, ProxyManager
from urllib3.connection import HTTPConnection, HTTPSConnection

from indexer.crawl.sockets import Attempt, WatchedResponse, connect


class _Guarded:
    """Make connections, in the clear and under TLS, as an attempt allows."""

    attempt: Attempt
    host: str
    port: int
    _dns_host: str

    def _new_conn(self) -> socket.socket:
        return connect(self.attempt, self._dns_host, self.port)

    def putrequest(
        self, method: str, url: str, skip_host: bool = False, skip_accept_encoding: bool = False
    ) -> None:
        """Ask for the target as it was parsed; urllib3 would encode it anew."""
        del url
        parent: Any = super()
        target = self.attempt.request_target
        parent.putrequest(method, target, skip_host, skip_accept_encoding)

    def send(self, payload: Any) -> None:
        """Send, and keep what was sent; what a proxy is told is not part of it."""
        parent: Any = super()
        if isinstance(payload, bytes) and not payload.startswith(b"CONNECT "):
            self.attempt.sent += payload
        parent.send(payload)


class GuardedConnection(_Guarded, HTTPConnection):
    """A connection in the clear."""

    def __init__(self, *args: Any, attempt: Attempt, **named: Any) -> None:
        """Prepare a connection by http for an attempt."""
        super().__init__(*args, **named)
        self.attempt = attempt
        self.response_class = functools.partial(WatchedResponse, attempt)  # type: ignore[assignment]


class GuardedTlsConnection(_Guarded, HTTPSConnection):
    """A connection under TLS."""

    def __init__(self, *args: Any, attempt: Attempt, **named: Any) -> None:
        """Prepare a connection by https for an attempt."""
        super().__init__(*args, **named)
        self.attempt = attempt
        self.response_class = functools.partial(WatchedResponse, attempt)  # type: ignore[assignment]

    def connect(self) -> None:
        """Connect; what was not verified is marked on the hop, not in a warning of urllib3's."""
        super().connect()
        self.is_verified = True


class GuardedAdapter(HTTPAdapter):
    """Send the requests of a session: one attempt, one connection, no reuse.

    A connection kept open would save a handshake where requests follow one another by a second,
    and would cost false failures where the server closed it meanwhile.
    """

    def __init__(self, attempt: Attempt, tls: ssl.SSLContext, proxy: str | None) -> None:
        """Take the attempt, how TLS is spoken, and the proxy if there is one."""
        self._attempt = attempt
        self._tls = tls
        self._proxy = proxy
        super().__init__(pool_connections=1, pool_maxsize=1)

    def init_poolmanager(self, *_args: Any, **_named: Any) -> None:
        """Make the pools ours, whether a proxy stands between or not."""
        is_verified = self._tls.verify_mode != ssl.CERT_NONE
        named: dict[str, Any] = {
            "num_pools": 1,
            "ssl_context": self._tls,
            "cert_reqs": "CERT_REQUIRED" if is_verified else "CERT_NONE",
            "assert_hostname": None if is_verified else False,
        }
        self.poolmanager = (
            ProxyManager(self._proxy, proxy_headers=self.proxy_headers(self._proxy), **named)
            if self._proxy
            else PoolManager(**named)
        )

    def get_connection_with_tls_context(
        self, request: PreparedRequest, *_args: Any, **_named: Any
    ) -> HTTPConnectionPool:
        """Make a pool whose connections are guarded, for the attempt under way."""
        pool: HTTPConnectionPool = self.poolmanager.connection_from_url(str(request.url))
        kind = GuardedTlsConnection if pool.scheme == "https" else GuardedConnection
        pool.ConnectionCls = functools.partial(kind, attempt=self._attempt)  # type: ignore[assignment]
        return pool

    def cert_verify(self, *_args: Any, **_named: Any) -> None:
        """Do nothing: the context verifies."""


def open_tls(ca_file: Path | None = None) -> ssl.SSLContext:
    """Open a context that trusts the system's authorities, and those of a PEM file.

    Raises ssl.SSLError, and OSError where the file can't be read.
    """
    context = ssl.create_default_context()
    if ca_file is not None:
        context.load_verify_locations(ca_file)
    return context


def open_unverified_tls() -> ssl.SSLContext:
    """Open a context that reads whatever answers, old protocols included: for reading only.

    The page is public and nothing secret is sent; what it was read with is marked. No authorities
    are loaded, which takes 50 ms: none is asked.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
    context.set_ciphers("DEFAULT@SECLEVEL=0")
    return context
