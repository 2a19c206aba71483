"""Say what the settings want for a URL: how long to wait, and which headers to send.

A header of the settings may be a secret. It is sent to the site it was given for and to nobody
else: the same host, scheme and port. The rules are those of browsers for credentials, which
curl has too: https://curl.se/docs/CVE-2022-27774.html tells what happens without them.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from indexer.errors import WrongValueError
from indexer.heads import Secrets, make_secrets
from indexer.messages import message
from indexer.urls import host, is_web_url, origin, parse_url, redact_url

NO_HEADERS: Final[Mapping[str, str]] = MappingProxyType({})
_FIELD_NAME: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")  # RFC 9110 §5.6.2, token


@dataclass(frozen=True, slots=True, kw_only=True)
class SitePolicy:
    """The settings of one site."""

    delay_s: float | None = None
    headers: Mapping[str, str] = field(default_factory=lambda: NO_HEADERS, repr=False)
    ignores_robots: bool = False  # its owner gave permission
    requisites: bool | None = None  # whether what its pages need is kept; None: as for all
    capture: str = ""  # which of its pages a browser captures; "": as for all


class SitePolicies:
    """The settings of sites, by host ("exemple.fr") or by origin ("https://exemple.fr:8443").

    Raises ValueError for a name that is neither, and for a header that can't be sent; no message
    holds a value.
    """

    def __init__(self, sites: Mapping[str, SitePolicy] = MappingProxyType({})) -> None:
        """Take the settings of each site, by its origin."""
        self._by_name: dict[str, SitePolicy] = {}
        for written, site in sites.items():
            name = _parse_name(written)
            if name in self._by_name:
                raise WrongValueError(message("error.setting.site-twice", site=written))
            _check_headers(written, site.headers)
            self._by_name[name] = site
        self.secrets: Secrets = make_secrets(site.headers for site in sites.values())

    def find(self, url: str) -> SitePolicy:
        """Find the policy for a URL: that of its origin, completed by that of its host.

        The headers of the result are empty: `find_headers` says which may be sent.
        """
        found = [s for s in (self._by_name.get(origin(url)), self._find_host(host(url))) if s]
        delays = [site.delay_s for site in found if site.delay_s is not None]
        wanted = [site.requisites for site in found if site.requisites is not None]
        return SitePolicy(
            delay_s=delays[0] if delays else None,
            ignores_robots=any(site.ignores_robots for site in found),
            requisites=wanted[0] if wanted else None,
            capture=next((site.capture for site in found if site.capture), ""),
        )

    def find_headers(self, url: str, *, plain_host: str = "") -> Mapping[str, str]:
        """Find the headers of the settings that may be sent with a request for a URL.

        A table named by an origin holds for exactly that scheme, host and port. A table named by
        a host holds for https on its standard port, with or without "www."; for http only at
        `plain_host`, the host that the bibliography itself cites by http.
        """
        name = host(url)
        is_secure = origin(url) == f"https://{name}"
        is_plain = origin(url) == f"http://{name}" and _bare(name) == _bare(plain_host)
        by_host = self._find_host(name) if is_secure or is_plain else None
        by_origin = self._by_name.get(origin(url))
        return {
            **(by_host.headers if by_host else {}),
            **(by_origin.headers if by_origin else {}),
        }

    def _find_host(self, name: str) -> SitePolicy | None:
        bare = _bare(name)
        names = (name, bare, f"www.{bare}") if name else ()
        return next((self._by_name[each] for each in names if each in self._by_name), None)


NO_SITES: Final = SitePolicies()


def _bare(name: str) -> str:
    return name.removeprefix("www.")


def _parse_name(written: str) -> str:
    """Parse a host or an origin into the form of URLs; ValueError when it is neither."""
    is_origin = "://" in written
    url = parse_url(written if is_origin else f"https://{written}")
    is_bare = url is not None and is_web_url(url) and url.rstrip("/") == origin(url)
    if url is None or not is_bare or "@" in written:
        raise WrongValueError(message("error.setting.no-site", site=redact_url(written)))
    if is_origin:
        return origin(url)
    if origin(url) != f"https://{host(url)}":
        raise WrongValueError(message("error.setting.site-port", site=written))
    return host(url)


def _check_headers(written: str, headers: Mapping[str, str]) -> None:
    for name, value in headers.items():
        if not _FIELD_NAME.fullmatch(name):
            raise WrongValueError(message("error.setting.header-name", site=written, name=name))
        if not isinstance(value, str) or not value.isprintable() or not value.strip():
            raise WrongValueError(message("error.setting.header-line", site=written, name=name))
        try:
            value.encode("latin-1")
        except UnicodeEncodeError:
            raise WrongValueError(
                message("error.setting.header-characters", site=written, name=name)
            ) from None
