"""Say why an address can't be read, for whoever has to mend it in the bibliography."""

import re
from typing import Final

from indexer.messages import NOTHING, Message, message
from indexer.urls import MAX_URL_LENGTH, parse_url

_SCHEME: Final = re.compile(r"([a-z][a-z0-9+.-]*):(.*)", re.IGNORECASE | re.DOTALL)
_PORT: Final = re.compile(r":([^:\]]*)$")
# WHATWG URL, "forbidden domain code point", but for what ends a host.
_FORBIDDEN: Final = re.compile(r"[\x00- \"%<>\[\]^`{|}\x7f]")


def find_fault(url: str) -> Message:
    """A clause without its full stop, NOTHING for an address that can be read."""
    if parse_url(url) is not None:
        return NOTHING
    text = url.strip()
    if len(text) > MAX_URL_LENGTH:
        return message("link.fault.too-long", limit=MAX_URL_LENGTH)
    scheme = _SCHEME.match(text)
    if scheme is None:
        return message("link.fault.no-scheme")
    authority = re.split(r"[/\\?#]", scheme[2].lstrip("/\\"), maxsplit=1)[0].rpartition("@")[2]
    if not authority:
        return message("link.fault.no-name")
    is_open = authority.startswith("[") and "]" not in authority
    port = None if is_open else _PORT.search(authority)
    name = authority[: port.start()] if port is not None else authority
    if port is not None and parse_url(f"http://exemple.test:{port[1]}/") is None:
        return message("link.fault.bad-port", port=port[1][:20])
    if not name:
        return message("link.fault.no-name")
    wrong = None if name.startswith("[") else _FORBIDDEN.search(name)
    if wrong is not None:
        if wrong[0].isspace():
            return message("link.fault.space-in-name")
        return message("link.fault.sign-in-name", sign=wrong[0])
    return message("link.fault.bad-name", name=name[:80])
