"""Open the zoo: a loopback address for each animal, one port for all of them."""

import contextlib
import socket
import ssl
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import trustme

from testbed.hostile import Conversation, HostileServer
from testbed.zoo.cases import Case
from testbed.zoo.replies import Asked, Http, Raw, Trouble

NETWORK: Final = "127.7.0.0/16"


@dataclass
class Zoo(HostileServer):
    """The zoo, opened while it is entered; `round` is the visit, counted from 0."""

    behaviours: dict[str, Callable[[Conversation], None]] = field(default_factory=dict)
    cases: Sequence[Case] = ()
    round: int = 0
    authority: trustme.CA = field(default_factory=trustme.CA)

    def __enter__(self) -> "Zoo":
        for number, case in enumerate(self.cases):
            if case.url:
                continue
            listener = self._listen(self.address(number), self.port)
            self.port = listener.getsockname()[1]
            if not case.is_listening:
                listener.close()
                continue
            self._start(self._accept, listener, self._make_converse(case, number))
        return self

    @staticmethod
    def address(number: int) -> str:
        return f"127.7.{number // 250}.{number % 250 + 1}"

    def base(self, number: int) -> str:
        """Where an animal lives."""
        scheme = "https" if self.cases[number].certificate else "http"
        return f"{scheme}://{self.address(number)}:{self.port}"

    def cited(self, number: int) -> str:
        """The address of an animal that is cited."""
        case = self.cases[number]
        return case.url or self.base(number) + case.path

    def beside(self, number: int) -> list[str]:
        """The other addresses of it that are cited too."""
        return [self.base(number) + path for path in self.cases[number].beside]

    def trust(self, path: Path) -> Path:
        """Write the authority's certificate, for whoever is to trust it."""
        self.authority.cert_pem.write_to_path(path)
        return path

    def _make_converse(self, case: Case, number: int) -> Callable[[socket.socket], None]:
        base = self.base(number)
        usual = self._make_context(case.certificate, self.address(number))
        expired = self._make_context("expired" if case.expired_rounds else "", self.address(number))

        def converse(sock: socket.socket) -> None:
            sock.settimeout(10)
            context = expired if self.round in case.expired_rounds else usual
            if context is None:
                self._talk(sock, case, base)
            else:
                with context.wrap_socket(sock, server_side=True) as secret:
                    self._talk(secret, case, base)

        return converse

    def _make_context(self, certificate: str, address: str) -> ssl.SSLContext | None:
        if not certificate:
            return None
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        if certificate == "self-signed":
            own = trustme.CA(organization_name="Nobody")
            with own.private_key_pem.tempfile() as key, own.cert_pem.tempfile() as chain:
                context.load_cert_chain(chain, key)
            return context
        name = "autre.test" if certificate == "wrong-host" else address
        until = datetime(2020, 1, 1, tzinfo=UTC) if certificate == "expired" else None
        since = datetime(2019, 1, 1, tzinfo=UTC) if certificate == "expired" else None
        issued = self.authority.issue_cert(name, not_after=until, not_before=since)
        issued.configure_cert(context)
        return context

    def _talk(self, sock: socket.socket, case: Case, base: str) -> None:
        head = b""
        while b"\r\n\r\n" not in head:
            piece = sock.recv(65_536)
            if not piece:
                return
            head += piece
        request_line, *lines = head.decode("latin-1").split("\r\n\r\n")[0].split("\r\n")
        method, target, _ = request_line.split(" ")
        pairs = (line.partition(":") for line in lines)
        headers = {name.lower(): value.strip() for name, _, value in pairs}
        self.requests.append((base, target, headers, time.monotonic()))
        reply = case.answer(
            Asked(method=method, target=target, headers=headers, round=self.round, base=base)
        )
        talk = Conversation(sock, target, base, headers, self.port, self._stop, 0)
        match reply:
            case Http():
                self._stop.wait(reply.pause_s)
                talk.say(reply.render(is_head=method == "HEAD"))
            case Raw():
                talk.say(reply.payload)
            case Trouble.RESET:
                talk.reset()
                return
            case Trouble.CLOSE:
                return
            case Trouble.SILENCE:
                self._stop.wait(10)
                return
            case Trouble.DRIP:
                talk.say(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n")
                talk.drip(lambda: b" ", 0.02)
        with contextlib.suppress(OSError):
            sock.shutdown(socket.SHUT_WR)
