"""Parse markup, however broken, into a tree of lxml."""

import re
from typing import Any, Final

import lxml.etree
import lxml.html

MAX_CHARACTERS: Final = 10_000_000  # of markup; what follows is not read
XML_DECLARATION: Final = re.compile(r"^\s*<\?xml[^>]*\?>")


def parse_markup(markup: str) -> Any:
    """The tree of a page; None when there is nothing to parse."""
    text = XML_DECLARATION.sub("", markup[:MAX_CHARACTERS]).replace("\x00", "")
    if not text.strip():
        return None
    # Bytes, not str: libxml2 then never believes the charset that the page declares.
    parser = lxml.html.HTMLParser(encoding="utf-8", remove_pis=True)
    try:
        tree = lxml.html.document_fromstring(text.encode("utf-8", "replace"), parser=parser)
    except (lxml.etree.LxmlError, ValueError):
        return None
    return tree
