"""Find the address that a saved page came from, so that its relative links lead somewhere."""

import re
from typing import Final

_SAVED_FROM: Final = re.compile(r"<!--\s*saved from url=\(\d+\)(?P<url>\S+?)\s*-->")
_BASE: Final = re.compile(
    r"<base\b[^>]*\bhref=[\"'](?P<base>[^\"']+)|"
    r"<link\b[^>]*\brel=[\"']canonical[\"'][^>]*\bhref=[\"'](?P<link>[^\"']+)"
    r"|<meta\b[^>]*\bproperty=[\"']og:url[\"'][^>]*\bcontent=[\"'](?P<og>[^\"']+)",
    re.IGNORECASE,
)
_WEB: Final = re.compile(r"(?:https?|ftp)://", re.IGNORECASE)


def base_of(text: str) -> str:
    """The address that the page's relative links start from, or ""."""
    head = text[:20_000]
    saved = _SAVED_FROM.search(head)
    found = _BASE.search(head)
    written = next((value for value in (found.groups() if found else ()) if value), "")
    return written if _WEB.match(written) else (saved["url"] if saved else "")
