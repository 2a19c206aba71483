"""Read outlines of links: bookmarks of browsers (Netscape HTML, Firefox JSON), Pocket, OPML.

A folder is a section, the description of a bookmark a note on it. Raindrop, Pinboard, Shaarli and
others export the bookmarks of browsers too.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any, Final

from lxml import etree

from indexer.bibliography import webpage
from indexer.bibliography.annotated import read_annotated
from indexer.bibliography.findings import (
    FieldRecord,
    Findings,
    find_words,
    findings_of,
    join_texts,
    tell_remainder,
    tidy_note,
)
from indexer.bibliography.formats.format import Format
from indexer.bibliography.formats.saved_pages import is_saved_page, join_by_address, read_saved_page
from indexer.bibliography.lines.markup import normalise
from indexer.model import Place, Problem

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
    return findings_of([*join_by_address(reader.records), *reader.others], reader.tell_left())


class _BookmarkReader(HTMLParser):
    """Goes through `<DL>` (a folder), `<H3>` (its name), `<A>` (a bookmark), `<DD>` (its text)."""

    def __init__(self, path: str) -> None:
        super().__init__(convert_charrefs=True)
        self.records: list[FieldRecord] = []
        self.others: list[FieldRecord] = []  # what is said of folders
        self._left: list[tuple[int, str]] = []  # words that are of no bookmark, by line
        self._path = path
        self._folders: list[str] = []
        self._name = ""  # of the folder whose list opens next
        self._named: dict[str, int] = {}  # folders, and the line of each
        self._words: list[str] = []
        self._item: dict[str, str] = {}
        self._line = 0
        self._in = ""  # "title", "name", "note" or ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Open a folder, a bookmark or its description."""
        if tag in ("a", "dt", "dl", "h1", "h3", "li", "ul", "dd", "title"):
            self._end_words()
        if tag in ("a", "dt", "h3", "dl", "h1", "li"):
            self.keep()
        if tag in ("dl", "ul"):
            self._folders.append(self._name)
            self._name = ""
        elif tag == "h3":
            self._in = "name"
        elif tag in ("h1", "title"):
            self._in = "page"  # what the program calls the file
        elif tag == "a":
            said = {name: value or "" for name, value in attrs}
            self._item = {
                "url": said.pop("href", ""),
                "created": said.pop("add_date", "") or said.pop("time_added", ""),
                **said,
            }
            self._in, self._line = "title", self.getpos()[0]
        elif tag == "dd" and (self._item or self._name):
            self._in = "note"
        elif tag == "br":
            self._words.append("\n")

    def handle_endtag(self, tag: str) -> None:
        """Close a folder, a bookmark or its description."""
        if tag in ("a", "h1", "h3", "dd", "dl", "ul", "title"):
            self._end_words()
        if tag in ("dl", "ul"):
            self.keep()
            self._folders = self._folders[:-1]

    def handle_data(self, data: str) -> None:
        """Keep the words of what is open."""
        if self._in:
            self._words.append(data)
        elif words := normalise(data):
            self._left.append((self.getpos()[0], words))

    def _end_words(self) -> None:
        words = "".join(self._words).strip()
        if self._in == "name":
            self._name = normalise(words)
            self._named.setdefault(self._name, self.getpos()[0])
        elif self._in == "note" and not self._item:
            place = Place(path=self._path, line=self.getpos()[0])
            section = tuple(_tell_folders([*self._folders, self._name]))
            note = {"child": [tidy_note(words)]}
            self.others.append(
                FieldRecord(reference=None, notes=note, section=section, place=place)
            )
        elif self._in and self._in != "page":
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
        elif item and not _OF_BROWSERS.match(item["url"]):  # a script, a file of the machine
            words = " ".join(filter(None, (item.get("title"), item.get("note"))))
            self._left.append((self._line, words))

    def tell_left(self) -> Iterator[Problem]:
        """Tell the words of a file that are of no bookmark, and folders that hold none."""
        records = (*self.records, *self.others)
        held = {name for one in records for name in (*one.section, *_section_of(one))}
        left = [(line, name) for name, line in self._named.items() if name not in held]
        for line, words in sorted([*self._left, *left]):
            if any(map(str.isalnum, words)) and words.casefold() not in _ROOTS:
                yield tell_remainder(words, Place(path=self._path, line=line))


# Queries and pages that browsers keep among bookmarks themselves.
_OF_BROWSERS: Final = re.compile(r"(?:place|about|chrome|edge|data):", re.IGNORECASE)


def _section_of(record: FieldRecord) -> tuple[str, ...]:
    return record.reference.section if record.reference is not None else ()


def _tell_folders(folders: Iterable[str]) -> Iterator[str]:
    """List the folders that a person made, outermost first."""
    return (name for name in folders if name and normalise(name).casefold() not in _ROOTS)


def _in_section(record: FieldRecord, folders: list[str]) -> FieldRecord:
    section = tuple(_tell_folders(folders))
    assert record.reference is not None
    return replace(record, reference=replace(record.reference, section=section))


EMPTY_FOLDER: Final = "empty folder"


def list_bookmarks(
    item: Mapping[str, Any], folders: tuple[str, ...] = ()
) -> Iterator[dict[str, Any]]:
    """List the bookmarks of a browser's JSON (Firefox, Chrome) as saved pages.

    A folder or a query that holds none is an object of one key, EMPTY_FOLDER, so that it is told.
    """
    title = str(item.get("title") or item.get("name") or "").replace("/", " ")
    url = item.get("uri") or item.get("url")
    if isinstance(url, str) and not _OF_BROWSERS.match(url):
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
            "shortcut": str(item.get("keyword") or ""),
            "meta_info": join_texts(item.get("meta_info")),
        }
    elif title and not item.get("children") and title.casefold() not in _ROOTS:
        yield {EMPTY_FOLDER: title}
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
        section = [
            normalise(one.get("text") or one.get("title") or "")
            for one in reversed(list(outline.iterancestors("outline")))
        ]
        item = _read_outline(outline)
        if is_saved_page(item):
            raw = etree.tostring(outline, encoding="unicode")[:1000]
            records.append(_in_section(read_saved_page(item, raw, place), section))
            continue
        said = [item["note"]] if len(outline) else [item["title"], item["note"]]
        if any(said):
            markup = "".join(f"<p>{part}</p>" for part in said)
            pages.append(_read_words(markup, tuple(section), place))
        if left := _find_left(outline, [*section, *said]):
            pages.append(Findings(problems=(tell_remainder(left, place),)))
    return _put_together([findings_of(join_by_address(records)), *pages])


# Of an outline: what programs keep for themselves, or is read as something else.
_OF_PROGRAMS: Final = frozenset(
    "type version created language isComment isBreakpoint id xmlns _id color icon status".split()  # noqa: SIM905
)


def _read_outline(outline: etree._Element) -> dict[str, Any]:
    """Read an outline as a saved page; attributes of programs keep their names."""
    read = {"text", "title", "_note", "description", "category"}
    others = {
        name: value
        for name, value in outline.items()
        if name not in read and name not in _OF_PROGRAMS
    }
    words, title = outline.get("text") or "", outline.get("title") or ""
    notes = dict.fromkeys(filter(None, (outline.get("_note"), outline.get("description"))))
    return others | {
        "url": next((outline.get(name) for name in _ADDRESSES if outline.get(name)), ""),
        "title": normalise(words or title),
        "outline.title": title if words else "",
        "note": "\n\n".join(notes),
        "tags": outline.get("category"),
    }


def _find_left(outline: etree._Element, said: Iterable[str]) -> str:
    """Find the words of an outline's attributes that are said nowhere: of one without an address.

    An outline that holds others is their section; where all of them are empty, its words are left.
    """
    is_section = any(
        one.get("text") or one.get("title") for one in outline.iterdescendants("outline")
    )
    known = {*find_words(join_texts(list(said)))}
    written = {
        name: value
        for name, value in outline.items()
        if name not in _OF_PROGRAMS and (name not in _ADDRESSES or "://" in value)
    }
    if is_section:
        known |= {*find_words(written.pop("text", "") or written.pop("title", ""))}
    left = (value for value in written.values() if not known.issuperset(find_words(value)))
    return "; ".join(left)


def _read_words(page: str, section: tuple[str, ...], place: Place) -> Findings:
    """Read the words of one outline as a page of its own, in its section and at its line."""
    read = read_annotated(webpage.parse_blocks(page), path=place.path)
    if not read.references and not read.notes:  # a word alone, a line that looks like a heading
        note = {"child": [tidy_note(page)]}
        return findings_of([FieldRecord(reference=None, notes=note, section=section, place=place)])
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
