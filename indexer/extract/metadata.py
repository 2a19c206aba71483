"""Read what a page says of itself: title, authors, date, site, language, and where it says so.

In this order of trust: JSON-LD, the meta of libraries (Highwire, Dublin Core), Open Graph, the
address (for dates), the page's text.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final

from lxml.etree import XPath

from indexer.extract import jsonld
from indexer.extract.authors import (
    list_bylines,
    list_persons,
    list_text_bylines,
)
from indexer.extract.blocks import PageBlock, tidy_line
from indexer.extract.dates import find_issued, find_last_change
from indexer.extract.markup import parse_markup
from indexer.extract.titles import MAX_FIELD, find_titles

LIBRARY_AUTHOR: Final = ("citation_author", "dc.creator", "dcterms.creator", "dc:creator")
SOCIAL_AUTHOR: Final = ("author", "article:author", "og:article:author", "sailthru.author")
ARTICLE_ENDINGS: Final = ("Article", "BlogPosting", "Report", "Review", "Recipe")
# What a page states to be, where its generator calls every page an article in Open Graph.
SHOP_TYPES: Final = frozenset({"Product", "ProductGroup", "CollectionPage"})
HEAD_END: Final = re.compile(r"</head\s*>|<body[\s>]", re.I)
HEAD_LIMIT: Final = 500_000  # characters
LOST_HEAD: Final = 50_000  # characters read of a head without an end
WRITTEN_BY: Final = re.compile(r"(?:written by|écrit par|auteur)\b", re.I)
ITEM_TYPES: Final = XPath("//@itemtype")
IS_WIKI: Final = XPath("boolean(//*[@id='mw-content-text'])")
WIKI_GENERATOR: Final = re.compile(r"mediawiki\b", re.I)


@dataclass(frozen=True, slots=True, kw_only=True)
class Metadata:
    """Hold a page's title, authors, dates, language; `sources` names where each was read."""

    title: str = ""
    author: tuple[str, ...] = ()
    issued: str = ""  # EDTF
    site_name: str = ""
    declared_language: str = ""  # as `<html lang>` has it
    is_free: bool | None = None  # schema.org isAccessibleForFree; None: not said
    is_article: bool = False  # as it declares itself, in schema.org's or Facebook's words
    article_body: str = ""  # schema.org articleBody, as it is stated
    sources: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


def read_metadata(
    markup: str,
    tree: Any,
    *,
    url: str,
    headers: Mapping[str, str] | None = None,
    blocks: Sequence[PageBlock] | None = None,
) -> Metadata:
    """Read the title, authors, dates and language that a page declares or shows.

    `markup` is the page's text, `tree` the same parsed by lxml.html, without comments of readers,
    `headers` those of its response (its `Date` is the day of the crawl, never of publication),
    `blocks` those of the page; of a page so huge that there are none (None), only the declarations
    are read, not the text.
    """
    end = HEAD_END.search(markup, 0, HEAD_LIMIT)
    head = parse_markup(markup[: end.start() if end else LOST_HEAD])
    meta = _list_meta(head)
    nodes = jsonld.list_nodes(jsonld.list_scripts(tree))
    node = jsonld.find_article(nodes) or {}
    windows = () if head is None else head.iter("title")
    window_title = next((tidy_line(each.text_content()[:MAX_FIELD]) for each in windows), "")
    # A wiki states the description of the subject, its first day, and who runs the site.
    is_wiki = WIKI_GENERATOR.match(_first(meta, ("generator",))) is not None or _is_wiki(tree)
    if is_wiki:
        node = {"datePublished": node.get("dateModified", "")}
    titles = find_titles(meta, nodes, node, tree, window=window_title, url=url, is_wiki=is_wiki)
    named = {"site_name": titles.site_source, "title": titles.title_source}
    sources = {name: where for name, where in named.items() if where}
    author, where = _find_authors(
        meta, nodes, node, None if blocks is None else tree, blocks, titles.site
    )
    if author:
        sources["author"] = where
    if is_wiki and not node["datePublished"]:
        issued, where = find_last_change(blocks or ()), "text"
    else:
        issued, where = find_issued(
            meta,
            node,
            None if blocks is None else tree,
            url=url,
            headers=headers or {},
            blocks=blocks or (),
        )
    if issued:
        sources["issued"] = where
    return Metadata(
        title=titles.title,
        author=author,
        issued=issued,
        site_name=titles.site,
        declared_language=(tree.get("lang") or tree.get("xml:lang") or "").strip(),
        is_free=_is_free(nodes),
        is_article=_is_article(meta, nodes, tree),
        article_body=body if isinstance(body := node.get("articleBody"), str) else "",
        sources=MappingProxyType(sources),
    )


def _list_meta(head: Any) -> dict[str, list[str]]:
    """name, property or itemprop (lower case) -> contents, in order."""
    meta: dict[str, list[str]] = {}
    for tag in () if head is None else head.iter("meta"):
        content = tidy_line(tag.get("content") or "")
        for attribute in ("name", "property", "itemprop", "http-equiv"):
            if content and (name := (tag.get(attribute) or "").strip().lower()):
                meta.setdefault(name, []).append(content)
    return meta


def _find_authors(
    meta: Mapping[str, list[str]],
    nodes: Sequence[jsonld.Node],
    node: jsonld.Node,
    tree: Any,
    blocks: Sequence[PageBlock] | None,
    site_name: str,
) -> tuple[tuple[str, ...], str]:
    """Find the persons who wrote a page, and where they are named."""
    stated = jsonld.names_of(node.get("author") or node.get("creator"), nodes)
    if found := list_persons(stated, site_name=site_name, is_declared=True):
        return found, "json-ld"
    catalogued = [name for key in LIBRARY_AUTHOR for name in meta.get(key, ())]
    if found := list_persons(catalogued, site_name=site_name, is_catalogued=True, is_declared=True):
        return found, "library-meta"
    for texts, is_stated in list_bylines(tree) if tree is not None else ():
        if found := list_persons(texts, site_name=site_name, is_shown=not is_stated):
            return found, "byline"
    if WRITTEN_BY.match(_first(meta, ("twitter:label1",))):
        labelled = meta.get("twitter:data1", [])
        if found := list_persons(labelled, site_name=site_name, is_declared=True):
            return found, "meta"
    social = [name for key in SOCIAL_AUTHOR for name in meta.get(key, ())]
    if found := list_persons(social, site_name=site_name, is_declared=True):
        return found, "meta"
    for text in list_text_bylines(blocks or ()):
        if found := list_persons([text], site_name=site_name, is_shown=True):
            return found, "text"
    return (), ""


def _first(meta: Mapping[str, list[str]], names: Iterable[str]) -> str:
    return next((meta[name][0] for name in names if name in meta), "")


def _is_free(nodes: Iterable[jsonld.Node]) -> bool | None:
    said = [jsonld.truth_of(node.get("isAccessibleForFree")) for node in nodes]
    return False if False in said else (True if True in said else None)


def _is_article(meta: Mapping[str, list[str]], nodes: Iterable[jsonld.Node], tree: Any) -> bool:
    stated = {name for node in nodes for name in jsonld.types_of(node)}
    said = {str(value).rsplit("/", 1)[-1] for value in ITEM_TYPES(tree)[:200]} | stated
    if any(name.endswith(ARTICLE_ENDINGS) for name in said):
        return True
    return not stated & SHOP_TYPES and (
        _first(meta, ("og:type",)).lower() == "article" or "article:published_time" in meta
    )


def _is_wiki(tree: Any) -> bool:
    return bool(IS_WIKI(tree))
