"""Read what a page says of itself: title, authors, date, site, language, and where it says so.

In this order of trust: JSON-LD, the meta of libraries (Highwire, Dublin Core), Open Graph, the
address (for dates), the page's text.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final
from urllib.parse import urlsplit

from indexer.extract import jsonld
from indexer.extract.authors import (
    list_bylines,
    list_persons,
    list_text_bylines,
    unescape_twice,
)
from indexer.extract.blocks import PageBlock, tidy_line
from indexer.extract.dates import find_issued
from indexer.extract.markup import parse_markup

LIBRARY_TITLE: Final = ("citation_title", "dc.title", "dcterms.title", "dc:title")
LIBRARY_AUTHOR: Final = ("citation_author", "dc.creator", "dcterms.creator", "dc:creator")
SOCIAL_TITLE: Final = ("og:title", "twitter:title")
SOCIAL_AUTHOR: Final = ("author", "article:author", "og:article:author", "sailthru.author")
SITE_NAME: Final = ("og:site_name", "application-name", "citation_journal_title", "dc.publisher")
ARTICLE_ENDINGS: Final = ("Article", "BlogPosting", "Report", "Review", "Recipe")
# What a page states to be, where its generator calls every page an article in Open Graph.
SHOP_TYPES: Final = frozenset({"Product", "ProductGroup", "CollectionPage"})
TITLE_SEPARATOR: Final = re.compile(r"\s+[|\-–—·•»«:/~]+\s+|\s*[|»]\s*")
HEAD_END: Final = re.compile(r"</head\s*>|<body[\s>]", re.I)
HEAD_LIMIT: Final = 500_000  # characters
LOST_HEAD: Final = 50_000  # characters read of a head without an end
MAX_FIELD: Final = 1_000  # characters of a title or of a name
WORD: Final = re.compile(r"\w+")
WRITTEN_BY: Final = re.compile(r"(?:written by|écrit par|auteur)\b", re.I)
WIKI_GENERATOR: Final = re.compile(r"mediawiki\b", re.I)
WIKI_TITLE: Final = re.compile(r"\s[-–—]\s([^-–—]{3,40})$")
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
    headings = tuple(
        text for h1 in tree.iter("h1") if (text := tidy_line(h1.text_content()[:MAX_FIELD]))
    )[:5]
    titles = () if head is None else head.iter("title")
    window_title = next((tidy_line(each.text_content()[:MAX_FIELD]) for each in titles), "")
    sources: dict[str, str] = {}
    is_wiki = WIKI_GENERATOR.match(_first(meta, ("generator",))) is not None
    if is_wiki:  # it states the description of the subject, its first day, and who runs the site
        node = {"datePublished": node.get("dateModified", "")}

    site_name = _choose(sources, "site_name", _site_names(meta, nodes, node, is_wiki=is_wiki))
    if is_wiki and not site_name and (named := WIKI_TITLE.search(window_title)):
        site_name, sources["site_name"] = named[1], "title"
    title = _choose_title(sources, _titles(meta, node, headings, window_title), site_name, url)
    author, where = _find_authors(
        meta, nodes, node, None if blocks is None else tree, blocks, site_name
    )
    if author:
        sources["author"] = where
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
    keys = _names_of_site(site_name, url)
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


def _names_of_site(site_name: str, url: str) -> set[str]:
    keys = {_key(site_name), _key(_label(url)), _key(urlsplit(url).hostname or "")} - {""}
    return keys | {key.removeprefix("www") for key in keys}


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
    meta: Mapping[str, list[str]],
    nodes: Iterable[jsonld.Node],
    node: jsonld.Node,
    *,
    is_wiki: bool,
) -> Iterator[tuple[str, str]]:
    yield "open-graph", _first(meta, ("og:site_name",))
    yield "json-ld", jsonld.text_of(node.get("publisher"))
    for each in () if is_wiki else nodes:
        if jsonld.types_of(each) & {"WebSite", "NewsMediaOrganization"}:
            yield "json-ld", jsonld.text_of(each.get("name"))
    yield "meta", _first(meta, SITE_NAME)


def _titles(
    meta: Mapping[str, list[str]], node: jsonld.Node, headings: tuple[str, ...], window: str
) -> Iterator[tuple[str, str]]:
    stated = jsonld.text_of(node.get("headline"))
    shown = (*headings, window, *meta.get("og:title", ()))
    if not shown or any(_shares_words(stated, each) for each in shown):
        yield "json-ld", stated
    yield "library-meta", _first(meta, LIBRARY_TITLE)
    yield "open-graph", _first(meta, SOCIAL_TITLE)
    if len(headings) == 1:
        yield "h1", headings[0]
    yield "title", window
    yield from (("h1", heading) for heading in headings)


def _shares_words(stated: str, shown: str) -> bool:
    """Say whether half of the words of the shorter of two titles are in the other."""
    first, second = (set(WORD.findall(text.casefold())) for text in (stated, shown))
    return 2 * len(first & second) >= max(1, min(len(first), len(second)))


def _choose_title(
    sources: dict[str, str], candidates: Iterator[tuple[str, str]], site_name: str, url: str
) -> str:
    """Choose the first title that is not the name of the site, or that name where all are."""
    names = _names_of_site(site_name, url)
    told = [(where, tidy) for where, text in candidates if (tidy := _tidy_field(text))]
    own = [(where, text) for where, text in told if _key(text) not in names]
    for where, text in own or told:
        sources["title"] = where
        return text
    return ""


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
    if found := list_persons(stated, site_name=site_name):
        return found, "json-ld"
    catalogued = [name for key in LIBRARY_AUTHOR for name in meta.get(key, ())]
    if found := list_persons(catalogued, site_name=site_name, is_catalogued=True):
        return found, "library-meta"
    for texts, is_stated in list_bylines(tree) if tree is not None else ():
        if found := list_persons(texts, site_name=site_name, is_shown=not is_stated):
            return found, "byline"
    if WRITTEN_BY.match(_first(meta, ("twitter:label1",))):
        labelled = meta.get("twitter:data1", [])
        if found := list_persons(labelled, site_name=site_name):
            return found, "meta"
    social = [name for key in SOCIAL_AUTHOR for name in meta.get(key, ())]
    if found := list_persons(social, site_name=site_name):
        return found, "meta"
    for text in list_text_bylines(blocks or ()):
        if found := list_persons([text], site_name=site_name, is_shown=True):
            return found, "text"
    return (), ""


def _choose(sources: dict[str, str], name: str, candidates: Iterator[tuple[str, str]]) -> str:
    for where, text in candidates:
        if tidy := _tidy_field(text):
            sources[name] = where
            return tidy
    return ""


def _tidy_field(text: str) -> str:
    return tidy_line(unescape_twice(text[:MAX_FIELD]))


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
