"""List the links that stand in the text of an article, as its page has them."""

from collections.abc import Sequence
from itertools import islice
from typing import Any, Final
from urllib.parse import urljoin, urlsplit

from indexer.extract.blocks import INLINE, is_shell, tidy_line
from indexer.extract.readers import key_of
from indexer.model import Anchor, Paragraph

MAX_LINKS: Final = 5_000  # of one page; wikis have that many
MAX_HREF: Final = 2_000  # characters; longer ones hold pictures
WORDS_BESIDE: Final = 4


def list_anchors(tree: Any, paragraphs: Sequence[Paragraph], *, url: str) -> tuple[Anchor, ...]:
    """Give the links of the paragraphs, in the page's order, each once; addresses made absolute.

    `tree` is the page, `url` its address. A link is of the text when its words were read between
    those that stand beside it; one that stands alone, when its words are a whole paragraph.
    """
    keys = {key_of(each.text) for each in paragraphs}
    read = key_of(" ".join(each.text for each in paragraphs))
    words = frozenset(read.split())
    base = _find_base(tree, url)
    found: dict[Anchor, None] = {}
    for element in islice(tree.iter("a"), MAX_LINKS):
        href = (element.get("href") or "").strip()
        if not href or href.startswith("#") or len(href) > MAX_HREF:
            continue
        shown = element.text_content() if len(element) else element.text or ""
        text = tidy_line(shown[:MAX_HREF])
        key = key_of(text)
        if not key.strip() or not words.issuperset(key.split()) or key not in read:
            continue
        around = _with_neighbours(element, key)
        is_read = around in read if around != key else key in keys and not _is_in_shell(element)
        if is_read and (target := _resolve(base, href)):
            found.setdefault(Anchor(href=target, text=text))
    return tuple(found)


def _with_neighbours(element: Any, key: str) -> str:
    """Give the link's words with a few of those before and after it, in its block."""
    while True:
        parent, previous = element.getparent(), element.getprevious()
        before = parent.text if previous is None and parent is not None else None
        if previous is not None:
            before = previous.tail
        left = key_of(before or "").split()[-WORDS_BESIDE:]
        right = key_of(element.tail or "").split()[:WORDS_BESIDE]
        if left or right or parent is None or parent.tag not in INLINE:
            return f" {' '.join((*left, key.strip(), *right))} "
        element = parent


def _is_in_shell(element: Any) -> bool:
    return any(is_shell(each) for each in element.iterancestors())


def _find_base(tree: Any, url: str) -> str:
    base = next(tree.iter("base"), None)
    return (_resolve(url, base.get("href") or "") if base is not None else "") or url


def _resolve(base: str, href: str) -> str:
    """Give the absolute address; "" of what is no page's address, or no address at all."""
    try:
        target = urljoin(base, href)
        return target if urlsplit(target).scheme in {"http", "https"} else ""
    except ValueError:
        return ""
