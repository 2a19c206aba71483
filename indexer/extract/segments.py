"""Cut a whole page into blocks, each with where it stands: in the text, or in the site's shell."""

import re
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

from indexer.extract.blocks import tidy_line, walk_blocks
from indexer.model import Paragraph

MAX_BLOCKS: Final = 40_000  # of one page, empty ones counted
SHELL_TAGS: Final = frozenset({"nav", "header", "footer", "aside", "form"})
SHELL_NAME: Final = re.compile(
    r"nav|menu|comment|side-?bar|foot|shar(?:e|ing)|social|related|promo|widget|cookie|banner|"
    r"sponsor|advert|\bads?\b|newsletter|breadcrumb|subscri|sign-?up|login|popup|modal|masthead|"
    r"recommend|outbrain|taboola|pagination|pager|hidden|copyright|toolbar|reply|commentaire|"
    r"partage|lire-aussi",
    re.I,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PageBlock:
    """A block of a page."""

    paragraph: Paragraph
    is_shell: bool  # inside a menu, a header, a footer, an aside, a form…
    path: tuple[Any, ...] = ()  # the elements that it stands in, from the outermost


def list_segments(tree: Any) -> tuple[PageBlock, ...]:
    """All the blocks of a parsed page, in order."""
    body = tree.find("body")
    shells: dict[Any, bool] = {}
    found: list[PageBlock] = []
    for kind, raw, path in islice(walk_blocks(tree if body is None else body), MAX_BLOCKS):
        text = tidy_line(raw)
        if not text:
            continue
        for element in path:
            if element not in shells:
                shells[element] = is_shell(element)
        found.append(
            PageBlock(
                paragraph=Paragraph(text=text, kind=kind),
                is_shell=any(shells[element] for element in path),
                path=tuple(path),
            )
        )
    return tuple(found)


def is_shell(element: Any) -> bool:
    """Say whether an element's name, class or id tells that it belongs to the site's shell."""
    if element.tag in SHELL_TAGS:
        return True
    if element.tag in ("body", "html", "main", "article"):
        return False
    names = f"{element.get('class', '')} {element.get('id', '')} {element.get('role', '')}"
    return SHELL_NAME.search(names[:500]) is not None
