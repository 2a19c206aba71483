"""Read the main text of a page: prepare it, have it read, choose.

A page that would keep the readers busy for minutes (a million tags, a hundred thousand levels)
is read plainly: its blocks, outside of menus and footers, in one pass.
"""

import re
from dataclasses import dataclass
from typing import Any, Final

from lxml.etree import XPath

from indexer.extract.blocks import PageBlock, list_segments
from indexer.extract.choice import (
    Chosen,
    Readings,
    choose,
    drop_repeats,
    is_one_column,
    is_pointer,
)
from indexer.extract.comments import find_posts, list_comments, part_comments
from indexer.extract.figures import mark_captions, place_captions
from indexer.extract.readers import (
    read_by_readability,
    read_by_resiliparse,
    read_by_strict_trafilatura,
    read_by_trafilatura,
)
from indexer.extract.roles import complete, restore_refrains
from indexer.extract.site_rules import RuledPage
from indexer.extract.weighing import prefer_weighed
from indexer.model import Paragraph

MAX_ELEMENTS: Final = 60_000
MAX_DEPTH: Final = 250
MAX_ATTRIBUTES: Final = 1_000  # on one element
TITLE_PLACES: Final = 3  # the first paragraphs, where a title may stand as plain text
MAX_CHARACTERS: Final = 2_000_000
IS_TOO_LARGE: Final = XPath(f"count(//*) > {MAX_ELEMENTS} or //*[@*[{MAX_ATTRIBUTES + 1}]]")
IS_TOO_DEEP: Final = XPath(f"boolean({'/*' * (MAX_DEPTH + 1)})")
# Quotations of social networks are part of the article, but their class says "share" to readers.
SOCIAL_QUOTE: Final = re.compile(
    r"twitter-tweet|twitter-video|instagram-media|mastodon-embed", re.I
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PreparedPage:
    """Hold a parsed page without its readers' comments, cut in blocks, and the comments apart."""

    tree: Any
    blocks: tuple[PageBlock, ...]
    comments: tuple[str, ...]
    has_captions: bool
    posts: tuple[PageBlock, ...] = ()  # of a forum's page


def prepare_page(tree: Any, *, url: str = "") -> PreparedPage:
    """Take the comments out of a parsed page, mark its captions, and cut it in blocks."""
    free_social_quotes(tree)
    has_captions = mark_captions(tree)
    blocks = list_segments(tree)
    if posts := find_posts(blocks, url=url):
        return PreparedPage(
            tree=tree, blocks=blocks, comments=(), has_captions=has_captions, posts=posts
        )
    parted = part_comments(blocks, url=url)
    for root in parted.roots:
        root.drop_tree()
    for element in parted.thread:  # readers drop what is named so
        element.attrib.pop("class", None)
        element.attrib.pop("id", None)
    return PreparedPage(
        tree=tree,
        blocks=parted.own,
        comments=list_comments(parted.comments),
        has_captions=has_captions,
    )


def read_main_text(
    markup: str,
    page: PreparedPage,
    *,
    is_declared: bool,
    title: str = "",
    ruled: RuledPage | None = None,
) -> Chosen:
    """Read the main text of a page: by its site rule (`ruled`), else by the readers of pages.

    `markup` is its source; `is_declared`: it declares itself an article. One that does not, as
    pages of old, is an article when its text stands in one column. `title` is that of the page.
    """
    by_rule = ruled.list_paragraphs(page.blocks) if ruled is not None else ()
    if ruled is not None and by_rule:
        kept = tuple(each for each in drop_repeats(by_rule) if not is_pointer(each.text))
        completed = complete(page.blocks, kept, title=title)
        return _finish(page, Chosen(reader=f"site-rule:{ruled.rule.name}", paragraphs=completed))
    if page.posts:
        said = drop_repeats(each.paragraph for each in page.posts)
        return Chosen(reader="posts", paragraphs=said)
    tree = page.tree
    drop_stated_bodies(tree)
    wide = read_by_resiliparse(markup)
    readings = Readings(
        base=read_by_trafilatura(tree, wide),
        resiliparse=wide,
        read_strictly=lambda: read_by_strict_trafilatura(tree),
        read_by_readability=lambda: read_by_readability(tree),
    )
    is_article = is_declared or is_one_column(readings.base, page.blocks)
    chosen = choose(readings, is_article=is_article, blocks=page.blocks)
    if is_article:
        completed = complete(page.blocks, chosen.paragraphs, title=title)
        chosen = Chosen(reader=chosen.reader, paragraphs=completed)
    else:
        chosen = prefer_weighed(page.blocks, readings, chosen)
    return _finish(page, chosen)


def _finish(page: PreparedPage, chosen: Chosen) -> Chosen:
    paragraphs = restore_refrains(page.blocks, chosen.paragraphs)
    if page.has_captions:
        paragraphs = place_captions(page.blocks, paragraphs)
    return Chosen(reader=chosen.reader, paragraphs=paragraphs)


def read_plainly(tree: Any) -> Chosen:
    """Every block outside of the shell, in one pass over the page."""
    kept = (segment.paragraph for segment in list_segments(tree) if not segment.is_shell)
    return Chosen(reader="plain", paragraphs=drop_repeats(kept))


def is_too_much(markup: str, tree: Any) -> bool:
    """Say whether a page is so large or so deep that readers do not come back from it."""
    return len(markup) > MAX_CHARACTERS or IS_TOO_LARGE(tree) or IS_TOO_DEEP(tree)


def free_social_quotes(tree: Any) -> None:
    """Take the class off quotations of social networks, so that readers keep them."""
    for quote in tree.iter("blockquote"):
        if SOCIAL_QUOTE.search(quote.get("class", "")):
            del quote.attrib["class"]


def drop_stated_bodies(tree: Any) -> None:
    """Take out the scripts that state a whole article, once the metadata was read.

    trafilatura falls back on them, as one paragraph, and behind a paywall too: whether they are
    believed is decided in `declared`.
    """
    for script in list(tree.iter("script")):
        if "articleBody" in (script.text or ""):
            script.drop_tree()


def drop_heading_of_title(paragraphs: tuple[Paragraph, ...], title: str) -> tuple[Paragraph, ...]:
    """Drop the title, which pages repeat above their text, or as a heading, from the paragraphs."""
    wanted = title.casefold()
    return tuple(
        paragraph
        for number, paragraph in enumerate(paragraphs)
        if (number >= TITLE_PLACES and paragraph.kind != "heading")
        or paragraph.text.casefold() != wanted
    )
