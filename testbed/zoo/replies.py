"""What a server can do with a request."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum, auto
from http import HTTPStatus
from typing import Final


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A request, and the round in which it came."""

    method: str
    target: str  # path and query
    headers: Mapping[str, str]  # names in lower case
    round: int
    base: str  # "http://127.7.0.3:8123", where this server lives

    @property
    def path(self) -> str:
        return self.target.partition("?")[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Http:
    """An answer; `length` lies about the length when it is given, `pause_s` comes before it."""

    status: int = 200
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()
    media_type: str = "text/html; charset=utf-8"
    length: int | None = None
    pause_s: float = 0.0

    def render(self, *, is_head: bool) -> bytes:
        try:
            phrase = HTTPStatus(self.status).phrase
        except ValueError:
            phrase = "Unknown"
        fields = list(self.headers)
        if self.media_type:
            fields.append(("Content-Type", self.media_type))
        length = len(self.body) if self.length is None else self.length
        fields += [("Content-Length", str(length)), ("Connection", "close")]
        head = "".join(f"{name}: {value}\r\n" for name, value in fields)
        start = f"HTTP/1.1 {self.status} {phrase}\r\n{head}\r\n".encode("latin-1")
        return start if is_head else start + self.body


@dataclass(frozen=True, slots=True)
class Raw:
    """These bytes and nothing else, then the end."""

    payload: bytes


class Trouble(Enum):
    """Anything but an answer."""

    RESET = auto()  # the connection is reset
    CLOSE = auto()  # closed without a word
    SILENCE = auto()  # never answers
    DRIP = auto()  # the head, then a byte now and then, for ever


Reply = Http | Raw | Trouble
Script = Callable[[Asked], Reply]

NO_ROBOTS: Final = Http(status=404, body=b"", media_type="text/plain")


def redirect(to: str, status: int = 302, *, headers: tuple[tuple[str, str], ...] = ()) -> Http:
    """A redirect; the page beside it is what old browsers would show."""
    body = f'<html><body><a href="{to}">{to}</a></body></html>'.encode()
    return Http(status=status, body=body, headers=(("Location", to), *headers))
