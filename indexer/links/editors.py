"""Say where and how each kind of file takes an archived address beside the original.

Where the file is HTML or Markdown it is a Robust Link (https://robustlinks.mementoweb.org/spec/):
the date of the version beside its address.
"""

import html
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from indexer.model import Replacement

_URL_CHAR: Final = r"[^\s<>\"'«»“”\\\[\]{}|^`]"
_ENDS: Final = rf"(?!{_URL_CHAR}*[\w/=&?%#~+-])"  # no longer address goes on from here

_HREF: Final = re.compile(r"<a\s[^<>]*\bhref\s*=\s*[\"']?", re.IGNORECASE)
_ATTRIBUTE: Final = re.compile(r"<[a-z][\w-]*\s[^<>]*=\s*[\"']?", re.IGNORECASE)
# No reader sees these.
_UNREAD: Final = re.compile(
    r"<(script|style|head|textarea|title)\b.*?</\1\s*>|<!--.*?-->", re.IGNORECASE | re.DOTALL
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fix:
    """A cited URL, as written in the files, and what goes beside it."""

    url: str
    replacement: Replacement


@dataclass(frozen=True, slots=True)
class Edit:
    """Put `text` in place of [start, end); an insertion where they are equal."""

    start: int
    end: int
    text: str


Editor = Callable[[str, Fix], Iterator[Edit]]


def _spans(text: str, url: str) -> Iterator[tuple[int, int]]:
    """Find the whole occurrences of a URL: none inside another URL or at a longer one's start."""
    for form in {url, html.escape(url), html.escape(url, quote=False)}:
        # After "(" an address begins, after "/" it is a part of another; a "." may end it.
        pattern = rf"(?<![\w/:%.~-]){re.escape(form)}{_ENDS}"
        for found in re.finditer(pattern, text):
            yield found.span()


def _has_it_already(text: str, end: int, fix: Fix) -> bool:
    """Whether the archived address stands within the next two lines."""
    near = re.match(r"[^\n]*\n?[^\n]*", text[end:])
    return near is not None and holds_address(html.unescape(near[0]), fix.replacement.address)


def holds_address(text: str, address: str) -> bool:
    """Whether the address stands in the text, and not only as the beginning of a longer one."""
    return re.search(rf"{re.escape(address)}{_ENDS}", text) is not None


def replace_address(text: str, fix: Fix) -> Iterator[Edit]:
    """Put the new address of a page that moved in place of the old one."""
    for start, end in _spans(text, fix.url):
        is_escaped = text[start:end] != fix.url
        address = fix.replacement.address
        yield Edit(start, end, html.escape(address) if is_escaped else address)


def edit_plain(text: str, fix: Fix) -> Iterator[Edit]:
    """Add the archived address in brackets after the original, as the line reader knows it."""
    for _, end in _spans(text, fix.url):
        if not _has_it_already(text, end, fix):
            close = 1 if text[end : end + 1] == ">" else 0
            yield Edit(end + close, end + close, f" (archive : {fix.replacement.address})")


def _edit_html(text: str, fix: Fix) -> Iterator[Edit]:
    unread = [found.span() for found in _UNREAD.finditer(text)]
    for start, end in _spans(text, fix.url):
        if any(a <= start < b for a, b in unread):
            continue
        tag_start = text.rfind("<", 0, start)
        if tag_start >= 0 and ">" not in text[tag_start:start]:
            yield from _edit_tag(text, tag_start, start, end, fix)
        elif not _is_inside_link(text, start) and not _has_it_already(text, end, fix):
            yield Edit(end, end, f" {_robust_link(fix)}")


def _edit_tag(text: str, tag_start: int, start: int, end: int, fix: Fix) -> Iterator[Edit]:
    """Add the attributes of a Robust Link to a link without them, where it is the address's."""
    tag = text[tag_start : text.find(">", end)].lower()
    if _HREF.fullmatch(text[tag_start:start]) and "data-versionurl" not in tag:
        at = end + (1 if text[end : end + 1] in ("'", '"') else 0)
        yield Edit(at, at, f" {_robust_attributes(fix)}")


def _is_inside_link(text: str, at: int) -> bool:
    opened = [m.start() for m in re.finditer(r"<a\s", text[:at], re.IGNORECASE)]
    return bool(opened) and "</a" not in text[opened[-1] : at].lower()


def _edit_markdown(text: str, fix: Fix) -> Iterator[Edit]:
    for start, end in _spans(text, fix.url):
        tag_start = text.rfind("<", 0, start)
        if _ATTRIBUTE.fullmatch(text[max(tag_start, 0) : start]):
            yield from _edit_tag(text, tag_start, start, end, fix)
            continue
        if _has_it_already(text, end, fix):
            continue
        if re.search(r"^\s{0,3}\[[^\]\n]+\]:\s*<?$", _line_before(text, start)):
            # The definition of a reference link: nothing may follow its address, so that what
            # is added stands where the link is used.
            yield from _edit_uses(text, start, fix)
            continue
        close = _end_of_link(text, start, end)
        yield Edit(close, close, f" {_robust_link(fix)}")


def _edit_uses(text: str, start: int, fix: Fix) -> Iterator[Edit]:
    """Add the archived address after each use of the definition whose address is at `start`."""
    label = re.search(r"\[([^\]\n]+)\]:\s*<?$", _line_before(text, start))
    if label is None:
        return
    name = r"\s+".join(map(re.escape, label[1].split()))
    uses = rf"\[[^\[\]]+\] ?\[{name}\]|(?<!\])\[{name}\](?:\[\])?(?![\[(:])"
    for use in re.finditer(uses, text, re.IGNORECASE):
        if not _has_it_already(text, use.end(), fix):
            yield Edit(use.end(), use.end(), f" {_robust_link(fix)}")


def _end_of_link(text: str, start: int, end: int) -> int:
    """Past what closes the Markdown link around an address: ")", ">", a title in quotes."""
    if re.search(r"\]\(\s*<?$", text[:start][-8:]):
        closing = re.match(r">?(\s+(\"[^\"]*\"|'[^']*'))?\s*\)", text[end:])
        return end + closing.end() if closing else end
    return end + 1 if text[start - 1 : start] == "<" and text[end : end + 1] == ">" else end


def _robust_attributes(fix: Fix) -> str:
    address = html.escape(fix.replacement.address)
    when = fix.replacement.archived_at
    date = f' data-versiondate="{when:%Y-%m-%d}"' if when else ""
    return f'data-versionurl="{address}"{date}'


def _robust_link(fix: Fix) -> str:
    when = fix.replacement.archived_at
    date = f' data-versiondate="{when:%Y-%m-%d}"' if when else ""
    return (
        f'<a href="{html.escape(fix.replacement.address)}" '
        f'data-originalurl="{html.escape(fix.url)}"{date}>[archive]</a>'
    )


def _edit_bibtex(text: str, fix: Fix) -> Iterator[Edit]:
    for start, end in _spans(text, fix.url):
        field = re.search(r"([ \t]*)\burl\s*=\s*[{\"]+\s*$", text[:start][-200:], re.IGNORECASE)
        closing = re.match(r"\s*[}\"]+", text[end:])
        if field and closing and not _has_it_already(text, end, fix):
            at = end + closing.end()
            gap = _newline_of(text) + field[1]
            yield Edit(at, at, f",{gap}archiveurl = {{{fix.replacement.address}}}")


def _edit_ris(text: str, fix: Fix) -> Iterator[Edit]:
    for start, end in _spans(text, fix.url):
        if _line_before(text, start) == "UR  - " and not _has_it_already(text, end, fix):
            yield Edit(end, end, f"{_newline_of(text)}L2  - {fix.replacement.address}")


def _edit_json(text: str, fix: Fix) -> Iterator[Edit]:
    for start, end in _spans(text, fix.url):
        key = re.search(r"([ \t]*)\"URL\"\s*:\s*\"$", text[:start][-200:])
        if key and not _has_it_already(text, end, fix):
            at = end + 1  # past the quote
            gap = _newline_of(text) + key[1] if _line_before(text, start) == key[0] else " "
            yield Edit(at, at, f',{gap}"archive_location": "{fix.replacement.address}"')


def _edit_yaml(text: str, fix: Fix) -> Iterator[Edit]:
    for start, end in _spans(text, fix.url):
        key = re.fullmatch(r"([ -]*)URL:\s*[\"']?", _line_before(text, start))
        if key and not _has_it_already(text, end, fix):
            rest = re.match(r"[\"']?", text[end:])
            at = end + (rest.end() if rest else 0)
            gap = _newline_of(text) + key[1].replace("-", " ")
            yield Edit(at, at, f"{gap}archive_location: {fix.replacement.address}")


def _edit_mods(text: str, fix: Fix) -> Iterator[Edit]:
    """Add a second `url` with a displayLabel, after the one that holds the address."""
    for start, end in _spans(text, fix.url):
        opening = re.search(r"([ \t]*)<((?:\w+:)?)url\b[^<>]*>\s*$", text[:start][-300:])
        closing = re.match(r"\s*</[\w:]+>", text[end:])
        if opening and closing and not _has_it_already(text, end, fix):
            at = end + closing.end()
            tag = f"{opening[2]}url"
            address = html.escape(fix.replacement.address, quote=False)
            gap = _newline_of(text) + opening[1] if opening[1] else ""
            yield Edit(at, at, f'{gap}<{tag} displayLabel="archived copy">{address}</{tag}>')


def _line_before(text: str, at: int) -> str:
    return text[text.rfind("\n", 0, at) + 1 : at]


def _newline_of(text: str) -> str:
    return "\r\n" if "\r\n" in text else "\n"


EDITORS: Final[Mapping[str, Editor]] = MappingProxyType(
    {
        ".html": _edit_html,
        ".htm": _edit_html,
        ".xhtml": _edit_html,
        ".md": _edit_markdown,
        ".markdown": _edit_markdown,
        ".bib": _edit_bibtex,
        ".ris": _edit_ris,
        ".json": _edit_json,
        ".yaml": _edit_yaml,
        ".yml": _edit_yaml,
        ".mods": _edit_mods,
        ".xml": _edit_mods,
    }
)
