"""Read outlines of links: bookmarks of browsers (Netscape HTML, Firefox JSON), Pocket, OPML.

A folder is a section, the description of a bookmark a note on it. Raindrop, Pinboard, Shaarli and
others export the bookmarks of browsers too.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any, Final

from lxml import etree

from indexer.bibliography import webpage
from indexer.bibliography.annotated import read_annotated
from indexer.bibliography.findings import FieldRecord, Findings, findings_of
from indexer.bibliography.formats.format import Format
from indexer.bibliography.formats.saved_pages import is_saved_page, join_by_address, read_saved_page
from indexer.bibliography.lines.markup import normalise
from indexer.model import Place

# Folders that browsers make themselves; they say nothing of what is in them.
_ROOTS: Final = frozenset(
    {"bookmarks", "bookmarks bar", "bookmarks menu", "bookmarks toolbar", "other bookmarks"}
    | {"marque-pages", "barre personnelle", "menu des marque-pages", "autres marque-pages"}
    | {"barre de favoris", "autres favoris", "favoris", "favorites bar", "mobile bookmarks"}
    | {"unread", "read archive", "read", "unsorted", "toolbar", "menu"}
)


def parse_bookmarks(text: str, *, path: str) -> Findings:
    """Read a file of bookmarks in Netscape's HTML, or Pocket's; `path` is for the places."""
    reader = _BookmarkReader(path)
    reader.feed(text)
    reader.close()
    reader.keep()
    return findings_of(join_by_address(reader.records))


class _BookmarkReader(HTMLParser):
    """Goes through `<DL>` (a folder), `<H3>` (its name), `<A>` (a bookmark), `<DD>` (its text)."""

    def __init__(self, path: str) -> None:
        super().__init__(convert_charrefs=True)
        self.records: list[FieldRecord] = []
        self._path = path
        self._folders: list[str] = []
        self._name = ""  # of the folder whose list opens next
        self._words: list[str] = []
        self._item: dict[str, str] = {}
        self._line = 0
        self._in = ""  # "title", "name", "note" or ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Open a folder, a bookmark or its description."""
        if tag in ("a", "dt", "dl", "h1", "h3", "li", "ul", "dd"):
            self._end_words()
        if tag in ("a", "dt", "h3", "dl", "h1", "li"):
            self.keep()
        if tag in ("dl", "ul"):
            self._folders.append(self._name)
            self._name = ""
        elif tag == "h3":
            self._in = "name"
        elif tag == "a":
            said = {name: value or "" for name, value in attrs}
            self._item = {
                "url": said.get("href", ""),
                "tags": said.get("tags", ""),
                "created": said.get("add_date") or said.get("time_added") or "",
            }
            self._in, self._line = "title", self.getpos()[0]
        elif tag == "dd" and self._item:
            self._in = "note"
        elif tag == "br":
            self._words.append("\n")

    def handle_endtag(self, tag: str) -> None:
        """Close a folder, a bookmark or its description."""
        if tag in ("a", "h1", "h3", "dd", "dl", "ul"):
            self._end_words()
        if tag in ("dl", "ul"):
            self.keep()
            self._folders = self._folders[:-1]

    def handle_data(self, data: str) -> None:
        """Keep the words of what is open."""
        if self._in:
            self._words.append(data)

    def _end_words(self) -> None:
        words = "".join(self._words).strip()
        if self._in == "name":
            self._name = normalise(words)
        elif self._in:
            self._item[self._in] = words
        self._words, self._in = [], ""

    def keep(self) -> None:
        """Keep the bookmark that is open, if it leads to a page."""
        item, self._item = self._item, {}
        place = Place(path=self._path, line=self._line)
        if is_saved_page(item):
            self.records.append(
                _in_section(read_saved_page(item, item["url"], place), self._folders)
            )


def _in_section(record: FieldRecord, folders: list[str]) -> FieldRecord:
    section = tuple(name for name in folders if name and normalise(name).casefold() not in _ROOTS)
    assert record.reference is not None
    return replace(record, reference=replace(record.reference, section=section))


def list_bookmarks(
    item: Mapping[str, Any], folders: tuple[str, ...] = ()
) -> Iterator[dict[str, Any]]:
    """List the bookmarks of a browser's JSON (Firefox, Chrome) as saved pages."""
    title = str(item.get("title") or item.get("name") or "").replace("/", " ")
    url = item.get("uri") or item.get("url")
    if isinstance(url, str):
        notes = [
            str(one.get("value"))
            for one in item.get("annos") or []
            if isinstance(one, dict) and one.get("name") == "bookmarkProperties/description"
        ]
        yield {
            "url": url,
            "title": title,
            "tags": str(item.get("tags") or ""),
            "created": str(item.get("dateAdded") or ""),
            "note": "\n\n".join(notes),
            "folder": "/".join(name for name in folders if name.casefold() not in _ROOTS),
        }
    roots = item.get("roots")
    inside = [*(roots.values() if isinstance(roots, dict) else ()), *(item.get("children") or ())]
    for child in inside:
        if isinstance(child, dict):
            yield from list_bookmarks(child, (*folders, title) if title else folders)


# --- OPML --------------------------------------------------------------------------------------

_ADDRESSES: Final = ("url", "htmlUrl", "xmlUrl", "href")


def parse_opml(text: str, *, path: str) -> Findings:
    """Read an outline (OPML 2.0): an address is a reference, what has children a section.

    Words of an outline may hold links, which are references as those of any page are.
    """
    parser = etree.XMLParser(recover=True, resolve_entities=False, no_network=True, load_dtd=False)
    source = text.encode("utf-8", "replace")
    root = etree.fromstring(source, parser) if source.strip() else None
    body = None if root is None else root.find("body")
    if body is None:
        return Findings()
    records: list[FieldRecord] = []
    pages: list[Findings] = []
    for outline in body.iter("outline"):
        place = Place(path=path, line=outline.sourceline or 1)
        section = tuple(
            normalise(one.get("text") or one.get("title") or "")
            for one in reversed(list(outline.iterancestors("outline")))
        )
        words = outline.get("text") or outline.get("title") or ""
        said = outline.get("_note") or outline.get("description") or ""
        url = next((outline.get(name) for name in _ADDRESSES if outline.get(name)), "")
        item = {
            "url": url,
            "title": normalise(words),
            "note": said,
            "tags": outline.get("category"),
        }
        if is_saved_page(item):
            record = read_saved_page(
                item, etree.tostring(outline, encoding="unicode")[:1000], place
            )
            records.append(_in_section(record, list(section)))
        elif len(outline) == 0 or said:
            markup = "".join(
                f"<p>{part}</p>" for part in ([] if len(outline) else [words]) + [said]
            )
            pages.append(_read_words(markup, section, place))
    return _put_together([findings_of(join_by_address(records)), *pages])


def _read_words(page: str, section: tuple[str, ...], place: Place) -> Findings:
    """Read the words of one outline as a page of its own, in its section and at its line."""
    read = read_annotated(webpage.parse_blocks(page), path=place.path)
    return replace(
        read,
        references=tuple(replace(one, section=section, place=place) for one in read.references),
        notes=tuple(replace(one, section=section, place=place) for one in read.notes),
    )


def _put_together(parts: Sequence[Findings]) -> Findings:
    references, notes = 0, 0
    citations: list[tuple[int, int]] = []
    for one in parts:
        citations += ((note + notes, cited + references) for note, cited in one.citations)
        references, notes = references + len(one.references), notes + len(one.notes)
    return Findings(
        references=tuple(each for one in parts for each in one.references),
        notes=tuple(each for one in parts for each in one.notes),
        citations=tuple(citations),
        problems=tuple(each for one in parts for each in one.problems),
        note_kinds=tuple(
            kind for one in parts for kind in one.note_kinds or ["child"] * len(one.notes)
        ),
    )


BOOKMARKS: Final = Format(
    name="bookmarks",
    label="Bookmarks",
    media_type="text/html",
    extensions=("html", "htm"),
    parse=parse_bookmarks,
    signature=re.compile(
        r"(?i)\s*<!DOCTYPE NETSCAPE-Bookmark|[\s\S]{0,600}<title>\s*Pocket Export\s*</title>"
    ),
    needs_signature=True,
)
OPML: Final = Format(
    name="opml",
    label="OPML",
    media_type="text/x-opml",
    extensions=("opml",),
    parse=parse_opml,
    signature=re.compile(r"(?i)\s*(?:<\?xml[^>]*>\s*)?(?:<!--[\s\S]{0,400}?-->\s*)*<opml\b"),
)
