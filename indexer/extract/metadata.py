"""Read what a page says of itself: title, authors, date, site, language, and where it says so.

In this order of trust: JSON-LD, the meta of libraries (Highwire, Dublin Core), Open Graph, the
address (for dates), the page's text.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final
from urllib.parse import urlsplit

from indexer.extract import jsonld
from indexer.extract.blocks import tidy_line
from indexer.extract.dates import find_issued
from indexer.extract.markup import parse_markup
from indexer.extract.names import list_persons

LIBRARY_TITLE: Final = ("citation_title", "dc.title", "dcterms.title", "dc:title")
LIBRARY_AUTHOR: Final = ("citation_author", "dc.creator", "dcterms.creator", "dc:creator")
SOCIAL_TITLE: Final = ("og:title", "twitter:title")
SOCIAL_AUTHOR: Final = ("author", "article:author", "og:article:author", "sailthru.author")
SITE_NAME: Final = ("og:site_name", "application-name", "citation_journal_title", "dc.publisher")
BYLINES: Final = (
    "//*[@rel='author' or @itemprop='author' or contains(@class, 'p-author')]",
    "//*[contains(concat(' ', @class, ' '), ' author ') or contains(@class, 'byline')"
    " or contains(@class, 'auteur') or contains(@class, 'author-name')]",
)
ARTICLE_ENDINGS: Final = ("Article", "BlogPosting", "Report", "Review", "Recipe")
# What a page states to be, where its generator calls every page an article in Open Graph.
SHOP_TYPES: Final = frozenset({"Product", "ProductGroup", "CollectionPage"})
TITLE_SEPARATOR: Final = re.compile(r"\s+[|\-–—·•»«:/~]+\s+|\s*[|»]\s*")
HEAD_END: Final = re.compile(r"</head\s*>|<body[\s>]", re.I)
HEAD_LIMIT: Final = 500_000  # characters
LOST_HEAD: Final = 50_000  # characters read of a head without an end
MAX_FIELD: Final = 1_000  # characters of a title or of a name
NOT_LETTERS: Final = re.compile(r"[\W_]+")


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
    is_huge: bool = False,
) -> Metadata:
    """Read the title, authors, dates and language that a page declares or shows.

    `markup` is the page's text, `tree` the same parsed by lxml.html, `headers` those of its
    response (its `Date` is the day of the crawl, never of publication). Of a page that `is_huge`
    only the declarations are read, not the text.
    """
    end = HEAD_END.search(markup, 0, HEAD_LIMIT)
    head = parse_markup(markup[: end.start() if end else LOST_HEAD])
    meta = _list_meta(head)
    nodes = jsonld.list_nodes(jsonld.list_scripts(tree))
    node = jsonld.find_article(nodes) or {}
    headings = tuple(
        text for h1 in tree.iter("h1") if (text := tidy_line(h1.text_content()[:MAX_FIELD]))
    )[:5]
    titles = () if head is None else head.iter("title")
    window_title = next((tidy_line(each.text_content()[:MAX_FIELD]) for each in titles), "")
    sources: dict[str, str] = {}

    site_name = _choose(sources, "site_name", _site_names(meta, nodes, node))
    title = _choose(sources, "title", _titles(meta, node, headings, window_title))
    bylines = ((where, list_persons(raw, site_name=site_name))
               for where, raw in _bylines(meta, node, None if is_huge else tree))  # fmt: skip
    where, author = next(((where, found) for where, found in bylines if found), ("", ()))
    if author:
        sources["author"] = where
    issued, where = find_issued(
        meta, node, None if is_huge else tree, url=url, headers=headers or {}
    )
    if issued:
        sources["issued"] = where
    return Metadata(
        title=strip_site_name(title, site_name=site_name, url=url, headings=headings),
        author=author,
        issued=issued,
        site_name=site_name,
        declared_language=(tree.get("lang") or tree.get("xml:lang") or "").strip(),
        is_free=_is_free(nodes),
        is_article=_is_article(meta, nodes, tree),
        article_body=body if isinstance(body := node.get("articleBody"), str) else "",
        sources=MappingProxyType(sources),
    )


def strip_site_name(title: str, *, site_name: str, url: str, headings: Iterable[str] = ()) -> str:
    """The title without what only names the site: "… - UrbaNews.fr", "… | Le Monde"."""
    keys = {_key(site_name), _key(_label(url)), _key(urlsplit(url).hostname or "")} - {""}
    keys |= {key.removeprefix("www") for key in keys}
    h1 = {_key(heading) for heading in headings}
    parts = [
        (title[: found.start()].strip(), title[found.end() :].strip())
        for found in TITLE_SEPARATOR.finditer(title)
    ]
    for before, after in parts:
        if before and _key(after) in keys:
            return before
        if after and _key(before) in keys:
            return after
    return next((before for before, _ in parts if _key(before) in h1), title)


def _list_meta(head: Any) -> dict[str, list[str]]:
    """name, property or itemprop (lower case) -> contents, in order."""
    meta: dict[str, list[str]] = {}
    for tag in () if head is None else head.iter("meta"):
        content = tidy_line(tag.get("content") or "")
        for attribute in ("name", "property", "itemprop", "http-equiv"):
            if content and (name := (tag.get(attribute) or "").strip().lower()):
                meta.setdefault(name, []).append(content)
    return meta


def _site_names(
    meta: Mapping[str, list[str]], nodes: Iterable[jsonld.Node], node: jsonld.Node
) -> Iterator[tuple[str, str]]:
    yield "open-graph", _first(meta, ("og:site_name",))
    yield "json-ld", jsonld.text_of(node.get("publisher"))
    for each in nodes:
        if jsonld.types_of(each) & {"WebSite", "NewsMediaOrganization"}:
            yield "json-ld", jsonld.text_of(each.get("name"))
    yield "meta", _first(meta, SITE_NAME)


def _titles(
    meta: Mapping[str, list[str]], node: jsonld.Node, headings: tuple[str, ...], window: str
) -> Iterator[tuple[str, str]]:
    yield "json-ld", jsonld.text_of(node.get("headline"))
    yield "library-meta", _first(meta, LIBRARY_TITLE)
    yield "open-graph", _first(meta, SOCIAL_TITLE)
    if len(headings) == 1:
        yield "h1", headings[0]
    yield "title", window
    yield from (("h1", heading) for heading in headings)


def _bylines(
    meta: Mapping[str, list[str]], node: jsonld.Node, tree: Any
) -> Iterator[tuple[str, list[str]]]:
    yield "json-ld", jsonld.names_of(node.get("author") or node.get("creator"))
    yield "library-meta", [name for key in LIBRARY_AUTHOR for name in meta.get(key, ())]
    yield "meta", [name for key in SOCIAL_AUTHOR for name in meta.get(key, ())]
    for path in BYLINES if tree is not None else ():
        for element in tree.xpath(path)[:10]:
            text = element.get("content") or element.text_content()
            if len(text) < 200:
                yield "byline", [text]


def _choose(sources: dict[str, str], name: str, candidates: Iterator[tuple[str, str]]) -> str:
    for where, text in candidates:
        if tidy := tidy_line(text[:MAX_FIELD]):
            sources[name] = where
            return tidy
    return ""


def _first(meta: Mapping[str, list[str]], names: Iterable[str]) -> str:
    return next((meta[name][0] for name in names if name in meta), "")


def _is_free(nodes: Iterable[jsonld.Node]) -> bool | None:
    said = [jsonld.truth_of(node.get("isAccessibleForFree")) for node in nodes]
    return False if False in said else (True if True in said else None)


def _is_article(meta: Mapping[str, list[str]], nodes: Iterable[jsonld.Node], tree: Any) -> bool:
    stated = {name for node in nodes for name in jsonld.types_of(node)}
    said = {str(value).rsplit("/", 1)[-1] for value in tree.xpath("//@itemtype")[:200]} | stated
    if any(name.endswith(ARTICLE_ENDINGS) for name in said):
        return True
    return not stated & SHOP_TYPES and (
        _first(meta, ("og:type",)).lower() == "article" or "article:published_time" in meta
    )


def _key(text: str) -> str:
    return NOT_LETTERS.sub("", text).casefold()


def _label(url: str) -> str:
    """The host's own name, without "www." and the ending: "urbanews"."""
    labels = (urlsplit(url).hostname or "").removeprefix("www.").split(".")
    return labels[-2] if len(labels) > 1 else labels[0]
