"""List what a page needs to be shown: images, styles, fonts, scripts, icons, frames.

Pure: markup and styles in, addresses out. Nothing is fetched. What scripts would ask for is not
known here: that is the browser's business (`capture.browser`).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from lxml import etree, html

from indexer.urls import is_web_url, parse_url

MAX_MARKUP: Final = 4_000_000  # characters of a page or of a style that are looked through


class RequisiteKind(StrEnum):
    """The kinds of a page's requisites; styles and frames are read for further requisites."""

    STYLE = "style"
    FRAME = "frame"
    MEDIA = "media"  # a film or a sound
    OTHER = "other"  # an image, a font, an icon, a script


@dataclass(frozen=True, slots=True, kw_only=True)
class Requisite:
    """An address that a page needs, absolute, and what for."""

    url: str
    kind: RequisiteKind = RequisiteKind.OTHER


# Attributes that hold one address, by tag. A page that loads its images late names them in
# `data-` attributes; the commonest of them are here, so that they are there when scripts run.
_ADDRESSES: Final[dict[str, tuple[str, ...]]] = {
    "img": ("src", "data-src", "data-original", "data-lazy-src"),
    "source": ("data-src",),
    "input": ("src",),
    "script": ("src",),
    "video": ("poster",),
    "body": ("background",),
    "table": ("background",),
    "td": ("background",),
    "image": ("href", "{http://www.w3.org/1999/xlink}href", "xlink:href"),
    "use": ("href", "xlink:href"),
    "feimage": ("href", "xlink:href"),
}
_MEDIA: Final = frozenset({"video", "audio", "source"})  # `src`; of a picture, a source has none
_FRAMES: Final[dict[str, tuple[str, ...]]] = {
    "iframe": ("src", "data-src"),
    "frame": ("src",),
    "object": ("data",),
    "embed": ("src",),
}
_SETS: Final = ("srcset", "data-srcset", "imagesrcset", "data-lazy-srcset")
# Words of `rel` whose address is a part of the page.
_PARTS: Final = frozenset({"icon", "apple-touch-icon", "mask-icon", "preload", "modulepreload"})
_ESCAPED: Final = r"\\(?:[0-9a-fA-F]{1,6}\s?|.)"
_STRING: Final = r""""((?:[^"\\\n]|\\.)*)"|'((?:[^'\\\n]|\\.)*)'"""
# What of a style is an address (CSS Syntax 3 §4.3.6, CSS Images 4 §2.4), and what only looks so.
_IN_STYLE: Final = re.compile(
    rf"/\*.*?(?:\*/|\Z)|@namespace[^;]*;|@import\s*(?:url\(\s*)?(?:{_STRING}|([^\s;\"')]+))"
    rf"|image-set\(((?:[^()]|\([^()]*\))*)\)|url\(\s*(?:{_STRING}|((?:[^\s\"'()\\]|{_ESCAPED})*))\s*\)"
    rf"|{_STRING}",
    re.IGNORECASE | re.DOTALL,
)
_IN_SET: Final = re.compile(rf"{_STRING}|url\(\s*([^\s\"'()]+)\s*\)", re.IGNORECASE)
_ESCAPE: Final = re.compile(r"\\(?:([0-9a-fA-F]{1,6})\s?|(.))", re.DOTALL)


def list_of_page(markup: str, url: str) -> list[Requisite]:
    """List what a page needs, in its order and each once; `url` is where it was found.

    Frames are pages of their own: what they need is listed when they are there.
    """
    parser = html.HTMLParser(encoding="utf-8", huge_tree=True)
    octets = markup[:MAX_MARKUP].replace("\x00", "").encode("utf-8", "replace")
    try:
        tree = html.document_fromstring(octets, parser=parser)
    except (etree.LxmlError, ValueError):  # nothing but spaces or comments
        return []
    base = _find_base(tree, url)
    found = (made for element in tree.iter() for made in _list_of_element(element, base))
    return [each for each in dict.fromkeys(found) if each.url != url]


def list_of_style(style: str, url: str) -> list[Requisite]:
    """List what a style needs, each once; `url` is that of the style, or of its page."""
    return list(dict.fromkeys(_list_of_style(style, url)))


def _find_base(tree: Any, url: str) -> str:
    """Find the address to which those of a page are relative (HTML §4.2.3)."""
    named = tree.find(".//base[@href]")
    base = parse_url(named.get("href"), base=url) if named is not None else None
    return base if base is not None and is_web_url(base) else url


def _list_of_element(element: Any, base: str) -> Iterator[Requisite]:
    tag = element.tag
    if not isinstance(tag, str):  # a comment
        return
    tag = tag.rpartition("}")[2].lower()
    for name in _ADDRESSES.get(tag, ()):
        yield from _make(element.get(name), base)
    if tag in _MEDIA:
        yield from _make(element.get("src"), base, RequisiteKind.MEDIA)
    for name in _FRAMES.get(tag, ()):
        yield from _make(element.get(name), base, RequisiteKind.FRAME)
    if tag == "link":
        yield from _list_of_link(element, base)
    for name in _SETS:
        for candidate in _split_set(element.get(name) or ""):
            yield from _make(candidate, base)
    style = (element.text or "") if tag == "style" else element.get("style")
    if style:
        yield from _list_of_style(style, base)
    if tag == "iframe" and element.get("srcdoc"):
        yield from list_of_page(element.get("srcdoc"), base)


def _list_of_link(element: Any, base: str) -> Iterator[Requisite]:
    words = set((element.get("rel") or "").lower().split())
    if "stylesheet" in words or (words & _PARTS and element.get("as") == "style"):
        yield from _make(element.get("href"), base, RequisiteKind.STYLE)
    elif words & _PARTS:
        yield from _make(element.get("href"), base)


def _split_set(text: str) -> Iterator[str]:
    """Give the addresses of a `srcset`: one may hold commas, not at its end (HTML §4.8.4.2.2).

    >>> list(_split_set("a,b.png 1x, c.png 2x,d.png"))
    ['a,b.png', 'c.png', 'd.png']
    """
    rest = " ".join(text.split()).lstrip(" ,")
    while rest:
        address, _, rest = rest.partition(" ")
        if address.endswith(","):
            address = address.rstrip(",")
        else:
            _, _, rest = re.sub(r"\([^)]*\)", "", rest).partition(",")
        if address:
            yield address
        rest = rest.lstrip(" ,")


def _list_of_style(style: str, base: str) -> Iterator[Requisite]:
    for found in _IN_STYLE.finditer(style[:MAX_MARKUP]):
        double, single, bare, candidates, *address, _, _ = found.groups()
        if imported := next(filter(None, (double, single, bare)), ""):
            yield from _make(_unescape(imported), base, RequisiteKind.STYLE)
        for candidate in _IN_SET.finditer(candidates or ""):
            yield from _make(_unescape(next(filter(None, candidate.groups()), "")), base)
        if named := next(filter(None, address), ""):
            yield from _make(_unescape(named), base)


def _unescape(text: str) -> str:
    """Take the escapes of a style off (CSS Syntax 3 §4.3.7)."""

    def read(match: re.Match[str]) -> str:
        if match[1] is None:
            return "" if match[2] == "\n" else match[2]
        number = int(match[1], 16)
        return chr(number) if 0 < number < 0x110000 else "\ufffd"

    return _ESCAPE.sub(read, text)


def _make(
    text: str | None, base: str, kind: RequisiteKind = RequisiteKind.OTHER
) -> Iterator[Requisite]:
    text = (text or "").strip()
    if not text or text.startswith("#"):
        return
    url = parse_url(text, base=base)
    if url is not None and is_web_url(url):
        yield Requisite(url=url, kind=kind)
