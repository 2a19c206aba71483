"""Parse markup, however broken, into a tree of lxml, in time linear in its length."""

import re
from collections.abc import Iterator
from itertools import islice
from typing import Any, Final

import lxml.etree
import lxml.html

from indexer.messages import NOTHING, Message, message

MAX_CHARACTERS: Final = 5_000_000  # of markup, scripts left out; what follows is not read
MAX_MARKUP_BYTES: Final = 4 * MAX_CHARACTERS  # so many letters of any coding
# A tag and the text behind it take libxml2 some 280 bytes: a million of "mot<br>", which are 7 MB
# of markup, took a reader process over its 512 MB.
MAX_TAGS: Final = 250_000
# lxml.html looks a class up for every element that is touched, in Python, for the sake of forms;
# one class for all is looked up in C: a tenth of the time of those who walk the tree.
ONE_CLASS: Final = lxml.etree.ElementDefaultClassLookup(element=lxml.html.HtmlElement)
XML_DECLARATION: Final = re.compile(r"^\s*<\?xml[^>]*\?>")
SHOUTED: Final = re.compile(r"</(?!script|style|svg|template)(?i:script|style|svg|template)")
UNREAD: Final = re.compile(r"<!--|<(script|style|svg|template)\b([^>]{0,2000})>", re.I)
SHADOW_ROOT: Final = re.compile(r"\bshadowroot(?:mode)?\s*=", re.I)
TAG_START: Final = re.compile("<")
# Attributes are compared pairwise by libxml2: 200,000 on one tag would take it a minute.
HUGE_TAG: Final = re.compile(r"<([a-z][a-z0-9-]{0,20})\s[^<>]{20000,}>", re.I)


def shrink_markup(markup: str) -> str:
    """Give the markup without what no reader reads: scripts (but JSON-LD), styles, comments.

    A tag of more than 20,000 characters (an image inlined in its address) loses its attributes.
    """
    return HUGE_TAG.sub(r"<\1>", "".join(_read_parts(markup)))


def bound_payload(payload: bytes) -> tuple[bytes, Message]:
    """Shrink a large page and cut it at MAX_MARKUP_BYTES, before it is decoded; say what was cut.

    One emoji makes four bytes of every letter of a decoded text: of 50 MB, 200 MB. Markup is ASCII
    in every coding of pages but those of two or four bytes a letter, which are cut only.
    """
    if len(payload) <= MAX_CHARACTERS:
        return payload, NOTHING
    kept = payload[: MAX_MARKUP_BYTES + 1]
    if b"\0" not in payload[:1_000]:
        pieces: list[bytes] = []
        room = MAX_MARKUP_BYTES + 1
        for part in _read_parts(payload.decode("latin-1")):
            pieces.append(HUGE_TAG.sub(r"<\1>", part)[:room].encode("latin-1"))
            room -= len(pieces[-1])
            if room <= 0:
                break
        kept = b"".join(pieces)
    if len(kept) <= MAX_MARKUP_BYTES:
        return kept, NOTHING
    return kept[:MAX_MARKUP_BYTES], message("evidence.cut-page", count=MAX_CHARACTERS // 1_000_000)


def cut_markup(markup: str) -> tuple[str, Message]:
    """Keep of a page's markup what can be parsed within bounds; say what was cut, or NOTHING."""
    said = NOTHING
    if len(markup) > MAX_CHARACTERS:
        markup = markup[:MAX_CHARACTERS]
        said = message("evidence.cut-page", count=MAX_CHARACTERS // 1_000_000)
    if markup.count("<") > MAX_TAGS:
        first_left_out = next(islice(TAG_START.finditer(markup), MAX_TAGS, None))
        markup = markup[: first_left_out.start()]
        said = message("evidence.cut-tags", count=MAX_TAGS)
    return markup, said


def parse_markup(markup: str) -> Any:
    """Give the tree of a page; None when there is nothing to parse."""
    text = XML_DECLARATION.sub("", markup[:MAX_CHARACTERS])
    if not text.strip():
        return None
    # Bytes, not str: libxml2 then never believes the charset that the page declares.
    parser = lxml.html.HTMLParser(encoding="utf-8", remove_pis=True, remove_comments=True)
    parser.set_element_class_lookup(ONE_CLASS)
    try:
        return lxml.html.document_fromstring(text.encode("utf-8", "replace"), parser=parser)
    except (lxml.etree.LxmlError, ValueError):
        return None


def _read_parts(markup: str) -> Iterator[str]:
    # Ends are looked for in lower case; hardly any page has others, and a copy takes its time.
    lowered = markup.lower() if SHOUTED.search(markup) else markup
    if len(lowered) != len(markup):  # "İ" is longer in lower case: offsets would drift
        lowered = markup
    position = 0
    while found := UNREAD.search(markup, position):
        yield markup[position : found.start()]
        tag = found[1]
        if tag is not None and SHADOW_ROOT.search(found[2]):  # browsers show what it holds
            yield "<div>"
            position = found.end()
            continue
        end = lowered.find("-->" if tag is None else f"</{tag.lower()}", found.end())
        if end < 0:
            # Never closed: a browser would hide all the rest; we keep what follows the tag.
            position = found.end()
            if tag is not None:
                yield "\n"
                position = _skip_all(markup, tag.lower(), position)
            continue
        is_statement = tag is not None and "ld+json" in found[2].lower()
        if tag is None:
            position = end + 3
            continue
        close = markup.find(">", end)
        position = len(markup) if close < 0 else close + 1
        if is_statement:
            yield markup[found.start() : position]
    yield markup[position:]


def _skip_all(markup: str, tag: str, position: int) -> int:
    """Past an unclosed script or style: what follows is not text. Past anything else: it is."""
    return len(markup) if tag in ("script", "style") else position
