"""Read, compare and name web addresses.

Four addresses, four words: `url` as a person wrote it, `canonical_url` as asked, `target_uri`
as recorded, `urlkey` as compared. Parsing is the WHATWG URL standard's (https://url.spec.whatwg.org),
by ada-url: what a browser would ask is what we ask. Nothing here opens a socket, and nothing here
guesses: `spip.php?article12` and `spip.php?article12&lang=fr` stay two pages.
"""

import re
from functools import lru_cache
from typing import Final

import ada_url

REMEMBERED: Final = 512  # a visit asks the same of one address several times
MAX_URL_LENGTH: Final = 8_192  # characters; servers refuse longer request lines

# Parameters that say where a reader came from, never which page it is. A closed list: whatever
# is not here tells pages apart.
TRACKING_PARAMETERS: Final = frozenset(
    {
        "fbclid",  # Facebook
        "gclid",  # Google Ads
        "gclsrc",
        "dclid",
        "gbraid",
        "wbraid",
        "msclkid",  # Microsoft
        "yclid",  # Yandex
        "twclid",  # Twitter
        "igshid",  # Instagram
        "mc_cid",  # Mailchimp
        "mc_eid",
        "mkt_tok",  # Marketo
        "_hsenc",  # HubSpot
        "_hsmi",
        "xtor",  # AT Internet, most of the French press
        "xtref",
        "pk_campaign",  # Piwik, Matomo
        "pk_kwd",
        "wt_mc",  # Webtrekk
    }
)
TRACKING_PREFIXES: Final = ("utm_", "mtm_", "piwik_", "matomo_", "at_medium", "at_campaign")

_CREDENTIALS: Final = re.compile(r"(?<=//)[^/?#\s\\]*@")
_RAW_MEMENTO: Final = re.compile(r"/(\d{14})id_/(?=https?:)")
_ENCODED: Final = re.compile(r"%([0-9A-Fa-f]{2})")
_UNRESERVED: Final = frozenset(
    b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"
)


def parse_url(text: str, *, base: str | None = None) -> str | None:
    """Parse what somebody wrote into the canonical URL to ask; None when it is malformed.

    The href of the WHATWG standard without fragment and without credentials, which are never
    sent. The scheme is kept, whatever it is: `is_web_url` tells those we may ask. `base` is the
    URL of the page that `text` was written on, when it may be relative.
    """
    if len(text) > MAX_URL_LENGTH:
        return None
    parsed = _parse(text, base)
    if parsed is None:
        return None
    parsed.hash = ""
    if parsed.username or parsed.password:
        parsed.username = parsed.password = ""
    href = str(parsed.href)
    return href if len(href) <= MAX_URL_LENGTH else None


@lru_cache(REMEMBERED)
def is_web_url(url: str) -> bool:
    """Whether this is an http or https URL: the only schemes that are ever asked."""
    parsed = _parse(url)
    return parsed is not None and parsed.protocol in ("http:", "https:")


@lru_cache(REMEMBERED)
def urlkey(url: str) -> str:
    """Make the key by which two addresses of one page compare equal, in SURT form.

    "https://www.Urbanews.fr/2015/?utm_source=x#haut" gives "fr,urbanews)/2015". Scheme, default
    port, "www.", trailing slash, tracking parameters, fragment, credentials and the case of a
    percent-encoding do not count; everything else does, the order of parameters included.
    What can't be parsed is its own key, so that malformed addresses still compare.
    """
    parsed = _parse(url)
    if parsed is None:
        return redact_url(url.strip())
    if parsed.protocol not in ("http:", "https:"):
        return redact_url(str(parsed.href).partition("#")[0])
    name = str(parsed.hostname).removeprefix("www.").rstrip(".")
    port = f":{parsed.port}" if parsed.port else ""
    path = _normalize_encoding(str(parsed.pathname)).rstrip("/") or "/"
    query = "&".join(
        _normalize_encoding(parameter)
        for parameter in str(parsed.search)[1:].split("&")
        if parameter and not _is_tracking(parameter)
    )
    return f"{_reverse(name)}{port}){path}{'?' + query if query else ''}"


@lru_cache(REMEMBERED)
def host(url: str) -> str:
    """Find the host as it is asked: lower case, IDN in Punycode, without port; "" for none."""
    parsed = _parse(url)
    return "" if parsed is None else str(parsed.hostname)


def site(url: str) -> str:
    """Find the host as a reader knows it: without "www.", IDN in Unicode."""
    name = host(url).removeprefix("www.")
    return ada_url.idna.decode(name.encode()) if "xn--" in name else name


@lru_cache(REMEMBERED)
def origin(url: str) -> str:
    """Scheme, host and port: what one robots.txt speaks for (RFC 9309 §2.3)."""
    parsed = _parse(url)
    return "" if parsed is None else str(parsed.origin)


def readable_memento(uri: str) -> str:
    """Find where a reader opens a memento whose bytes came from its raw address (`id_`)."""
    return _RAW_MEMENTO.sub(r"/\1/", uri, count=1)


def redact_url(text: str) -> str:
    """Take the credentials of URLs out of a text, for logs and pages."""
    return _CREDENTIALS.sub("", text)


def _parse(text: str, base: str | None = None) -> ada_url.URL | None:
    # Web IDL, USVString: a lone surrogate is a replacement character.
    scalars = text
    if not text.isascii():
        scalars = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    try:
        parsed = ada_url.URL(scalars, base=base)
    except ValueError:
        return None
    return parsed if _is_domain(str(parsed.hostname)) else None


def _is_domain(name: str) -> bool:
    """Whether each label of a name that says it is Punycode is; ada-url lets some through."""
    labels = name.split(".") if "xn--" in name else []
    coded = [label for label in labels if label.startswith("xn--")]
    return all(ada_url.idna.decode(label.encode()) != label for label in coded)


def _is_tracking(parameter: str) -> bool:
    name = parameter.partition("=")[0].lower()
    return name in TRACKING_PARAMETERS or name.startswith(TRACKING_PREFIXES)


def _normalize_encoding(text: str) -> str:
    """RFC 3986 §6.2.2: `%e9` is `%E9`, and `%7E` is `~`; nothing else is touched."""
    return _ENCODED.sub(_normalize_octet, text)


def _normalize_octet(match: re.Match[str]) -> str:
    octet = int(match[1], 16)
    return chr(octet) if octet in _UNRESERVED else match[0].upper()


def _reverse(name: str) -> str:
    """Reverse the labels of a name: "a.b.fr" gives "fr,b,a"; an IP address stays as it is."""
    if name.startswith("[") or name.replace(".", "").isdigit():
        return name
    return ",".join(reversed(name.split(".")))
