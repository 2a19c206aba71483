"""Say in French why an address can't be read, for whoever has to mend it in the bibliography."""

import re
from typing import Final

from indexer.links.wording import NNBSP
from indexer.urls import MAX_URL_LENGTH, parse_url

_SCHEME: Final = re.compile(r"([a-z][a-z0-9+.-]*):(.*)", re.IGNORECASE | re.DOTALL)
_PORT: Final = re.compile(r":([^:\]]*)$")
# WHATWG URL, "forbidden domain code point", but for what ends a host.
_FORBIDDEN: Final = re.compile(r"[\x00- \"%<>\[\]^`{|}\x7f]")
_GUILLEMETS: Final = "«\u00a0{}\u00a0»"


def find_fault(url: str) -> str:
    """A clause without its full stop, "" for an address that can be read."""
    if parse_url(url) is not None:
        return ""
    text = url.strip()
    if len(text) > MAX_URL_LENGTH:
        return f"elle compte plus de {MAX_URL_LENGTH:_} caractères".replace("_", NNBSP)
    scheme = _SCHEME.match(text)
    if scheme is None:
        return "il y manque «\u00a0http://\u00a0» ou «\u00a0https://\u00a0»"
    authority = re.split(r"[/\\?#]", scheme[2].lstrip("/\\"), maxsplit=1)[0].rpartition("@")[2]
    if not authority:
        return "le nom du site y manque"
    is_open = authority.startswith("[") and "]" not in authority
    port = None if is_open else _PORT.search(authority)
    name = authority[: port.start()] if port is not None else authority
    if port is not None and parse_url(f"http://exemple.test:{port[1]}/") is None:
        return f"il n’existe pas de port {_GUILLEMETS.format(port[1][:20])}"
    if not name:
        return "le nom du site y manque"
    wrong = None if name.startswith("[") else _FORBIDDEN.search(name)
    if wrong is not None:
        sign = "une espace" if wrong[0].isspace() else _GUILLEMETS.format(wrong[0])
        return f"il y a {sign} dans le nom du site"
    return f"{_GUILLEMETS.format(name[:80])} n’est pas un nom de site"
