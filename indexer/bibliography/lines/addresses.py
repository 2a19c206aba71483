"""Choose among the addresses of a line: that of the text, that of an archive's copy, a DOI."""

import re
from collections.abc import Sequence
from typing import Final

from indexer.bibliography.lines.markup import Address

_ARCHIVE: Final = re.compile(
    r"^https?://(?:web\.)?archive\.[\w.-]+/(?:web/)?(?P<stamp>\d{4,14})(?:[a-z]{2}_)?/(?P<original"
    r">.+)$",
    re.IGNORECASE,
)
_ARCHIVE_HOST: Final = re.compile(
    r"^https?://(?:web\.archive\.|archive\.(?:is|ph|today|org/)|perma\.cc|webcitation\.org)",
    re.IGNORECASE,
)
_DOI_HOST: Final = re.compile(
    r"^https?://(?:dx\.)?doi\.org/(?P<doi>10\.\d{4,9}/\S+)$", re.IGNORECASE
)


def is_archived(address: Address) -> bool:
    """Say whether an address is that of an archive's copy."""
    return bool(address.is_copy or _ARCHIVE_HOST.match(address.href))


def choose_addresses(addresses: Sequence[Address]) -> tuple[str | None, str | None, str]:
    """The address of the text, the one of an archive's copy, and a DOI that is one of them."""
    live: list[str] = []
    copies: list[str] = []
    doi = ""
    for address in addresses:
        if address.version_url:
            copies.append(address.version_url)
        if address.original_url:
            copies.append(address.href)
            live.append(address.original_url)
        elif address.is_copy and live:
            copies.append(address.href)
        elif wrapped := _ARCHIVE.match(address.href):
            copies.append(address.href)
            original = re.sub(r"^(https?):/(?!/)", r"\1://", wrapped["original"])
            live.append(original if "://" in original else f"http://{original}")
        elif _ARCHIVE_HOST.match(address.href):
            copies.append(address.href)
        else:
            live.append(address.href)
        if found := _DOI_HOST.match(address.href):
            doi = found["doi"].lower()
    direct = [href for href in live if not _DOI_HOST.match(href)]
    return next(iter(direct or live), None), next(iter(copies), None), doi
