"""A mail server and a webhook on loopback: real ones, which keep what they get."""

import email
import email.policy
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword

from tests.serving import running


class Mailbox:
    """Keep what is handed in; refuse what is to be refused."""

    def __init__(self) -> None:
        self.mails: list[Any] = []
        self.refuses = False

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        if self.refuses:
            return "451 Try again later"
        parsed = email.message_from_bytes(envelope.content, policy=email.policy.default)
        self.mails.append((list(envelope.rcpt_tos), parsed))
        return "250 OK"


class _OnAnyPort(Controller):
    """Listen where the system says: a port that was free a moment ago may not be any more."""

    def _trigger_server(self) -> None:
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


@contextmanager
def mail_server(**more: Any) -> Iterator[tuple[Mailbox, str]]:
    """Serve SMTP; gives the mailbox, and "host:port"."""
    box = Mailbox()
    controller = _OnAnyPort(box, hostname="127.0.0.1", port=0, **more)
    controller.start()
    try:
        yield box, f"127.0.0.1:{controller.port}"
    finally:
        controller.stop()


def accept(name: str, password: str) -> Any:
    """An authenticator that takes one name and password."""

    def check(_server: Any, _session: Any, _envelope: Any, _mechanism: str, data: Any) -> Any:
        is_right = isinstance(data, LoginPassword) and (data.login, data.password) == (
            name.encode(),
            password.encode(),
        )
        return AuthResult(success=is_right, handled=False)  # it tells the client itself

    return check


class Hook:
    """What a webhook was posted: headers and bytes; the status that it answers."""

    def __init__(self) -> None:
        self.posts: list[tuple[dict[str, str], bytes]] = []
        self.status = 204
        self.location = ""


@contextmanager
def webhook() -> Iterator[tuple[Hook, str]]:
    """Serve a webhook; gives what it keeps, and its address."""
    hook = Hook()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            payload = self.rfile.read(int(self.headers["Content-Length"]))
            hook.posts.append((dict(self.headers), payload))
            self.send_response(hook.status)
            if hook.location:
                self.send_header("Location", hook.location)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with running(ThreadingHTTPServer(("127.0.0.1", 0), Handler)) as address:
        yield hook, f"{address}/hook"
