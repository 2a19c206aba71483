"""Read what a page says of itself: title, authors, date, site, language, and where it says so.

In this order of trust: JSON-LD, the meta of libraries (Highwire, Dublin Core), Open Graph, the
address (for dates), the page's text.

A site is named by what the page declares, by the link to its home page, by its host, and by the
end of the window's title that is not the page's heading. None of these names is a title.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import islice
from types import MappingProxyType
from typing import Any, Final
from urllib.parse import urlsplit

from lxml.etree import XPath
from py3langid.langid import MODEL_FILE, LanguageIdentifier

from indexer.extract.authors import (
    list_bylines,
    list_cited,
    list_persons,
    list_text_bylines,
    unescape_twice,
)
from indexer.extract.blocks import PageBlock, parse_markup, tidy_line
from indexer.extract.dates import find_issued, find_last_change
from indexer.extract.declared import (
    Node,
    find_article,
    is_person,
    list_nodes,
    list_scripts,
    names_of,
    text_of,
    truth_of,
    types_of,
)

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
    nodes = list_nodes(list_scripts(tree))
    node = find_article(nodes) or {}
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
        meta, nodes, node, None if blocks is None else tree, blocks, titles
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
            title=titles.title,
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
    nodes: Sequence[Node],
    node: Node,
    tree: Any,
    blocks: Sequence[PageBlock] | None,
    titles: "PageTitles",
) -> tuple[tuple[str, ...], str]:
    """Find the persons who wrote a page, and where they are named."""
    by = node.get("author") or node.get("creator")
    stated = names_of(by, nodes)
    # A person's own site may bear the person's name.
    own_name = "" if is_person(by) else titles.site
    if found := list_persons(stated, site_name=own_name, is_declared=True):
        return found, "json-ld"
    catalogued = [name for key in LIBRARY_AUTHOR for name in meta.get(key, ())]
    found = list_persons(catalogued, site_name=titles.site, is_catalogued=True, is_declared=True)
    if found:
        return found, "library-meta"
    for text in list_cited(blocks or (), titles.title):
        if found := list_persons([text], site_name=titles.site, is_shown=True):
            return found, "text"
    for texts, is_stated in list_bylines(tree) if tree is not None else ():
        if found := list_persons(texts, site_name=titles.site, is_shown=not is_stated):
            return found, "byline"
    return _find_less_sure_authors(meta, blocks or (), titles.site)


def _find_less_sure_authors(
    meta: Mapping[str, list[str]], blocks: Sequence[PageBlock], site_name: str
) -> tuple[tuple[str, ...], str]:
    """Find the persons whom a page names for social networks, or in a line of its text."""
    is_labelled = WRITTEN_BY.match(_first(meta, ("twitter:label1",))) is not None
    labelled = meta.get("twitter:data1", []) if is_labelled else []
    social = [name for key in SOCIAL_AUTHOR for name in meta.get(key, ())]
    persons = (list_persons(e, site_name=site_name, is_declared=True) for e in (labelled, social))
    declared = next(filter(None, persons), ())
    if any(" " in each for each in declared):
        return declared, "meta"
    for text in list_text_bylines(blocks):
        found = list_persons([text], site_name=site_name, is_shown=True)
        # An account may bear a first name: "Ada" of Ada Un.
        if found and (not declared or declared[0] in found[0].split()):
            return found, "text"
    return (declared, "meta") if declared else ((), "")


def _first(meta: Mapping[str, list[str]], names: Iterable[str]) -> str:
    return next((meta[name][0] for name in names if name in meta), "")


def _is_free(nodes: Iterable[Node]) -> bool | None:
    said = [truth_of(node.get("isAccessibleForFree")) for node in nodes]
    return False if False in said else (True if True in said else None)


def _is_article(meta: Mapping[str, list[str]], nodes: Iterable[Node], tree: Any) -> bool:
    stated = {name for node in nodes for name in types_of(node)}
    said = {str(value).rsplit("/", 1)[-1] for value in ITEM_TYPES(tree)[:200]} | stated
    if any(name.endswith(ARTICLE_ENDINGS) for name in said):
        return True
    return not stated & SHOP_TYPES and (
        _first(meta, ("og:type",)).lower() == "article" or "article:published_time" in meta
    )


def _is_wiki(tree: Any) -> bool:
    return bool(IS_WIKI(tree))


LIBRARY_TITLE: Final = ("citation_title", "dc.title", "dcterms.title", "dc:title")
SOCIAL_TITLE: Final = ("og:title", "twitter:title")
SITE_NAME: Final = ("application-name", "citation_journal_title", "dc.publisher")
MAX_FIELD: Final = 1_000  # characters of a title or of a name
MAX_SITE: Final = 60
MAX_LINKS: Final = 60  # looked at for the one to the home page
HEADING_LETTERS: Final = 8  # of a heading that tells where the window's title holds it
LABEL_LETTERS: Final = 5  # of a part of a host that names a site
HOSTED: Final = 0.5  # of a name's letters that are its host's
SEPARATOR: Final = re.compile(r"\s+[|\-–—·•»«:/~>]+\s+|\s*[|»•]\s*|\s*[\[\]]\s*|:\s+")
WORD: Final = re.compile(r"\w+")
NOT_LETTERS: Final = re.compile(r"[\W_]+")
HOME_PATH: Final = re.compile(
    r"/?(?:(?:index|accueil|home|default|spip)(?:\.\w+)?|doku\.php\?id=(?:start|accueil))?/?", re.I
)
NO_NAME: Final = re.compile(
    r"\W*(?:(?:retour|aller)\b.*|(?:page d.)?accueil.*|home\b.*|index\b.*|sommaire|menu|logo|site|"
    r"bienvenue|back\b.*|voir\b.*|(?:la|à la) une|\d*)\W*",
    re.I,
)
FORUM_END: Final = re.compile(r"\s+[|•–—-]\s+(?:les?\s+)?forums?\b[^|•–—]*$", re.I)
LARGE: Final = XPath(
    "//font[@size >= 4 or starts-with(@size, '+')]"
    " | //*[self::td or self::div or self::span or self::p]"
    "[@class='titre' or @class='title' or @class='titre-article' or @class='titrearticle']"
)
LARGE_CHARS: Final = (8, 160)
TITLE_WORDS: Final = 3
LONG_END: Final = 15  # letters of a window's part that a heading may begin with
LONG_WORD: Final = 4  # letters of a word that two titles may share
DOMAIN_END: Final = re.compile(r"(?<=\w)\.(?:fr|com|org|net|info|eu|be|ch|ca)$", re.I)
BLOG_OF: Final = re.compile(r"^(?:le\s+)?(?:blog|carnet|site)\s+(?:de\s+|d[’'])", re.I)
MASTHEADS: Final = XPath(
    "//*[contains(@class, 'site-title') or contains(@class, 'site-name')"
    " or contains(@id, 'site-name')"
    " or contains(@class, 'blog-title') or contains(@id, 'blog-title')"
    " or contains(@class, 'nom_site') or contains(@id, 'nom_site') or contains(@class, 'sitename')]"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PageTitles:
    """Hold a page's title and its site's name ("" where there is none), and where each was read."""

    title: str = ""
    title_source: str = ""
    site: str = ""
    site_source: str = ""


def find_titles(
    meta: Mapping[str, list[str]],
    nodes: Sequence[Node],
    node: Node,
    tree: Any,
    *,
    window: str,
    url: str,
    is_wiki: bool = False,
) -> PageTitles:
    """Find the title of a page and the name of its site.

    `meta`: the contents of its meta by name; `nodes`: what it states in JSON-LD, `node` of its
    article; `window`: its `<title>`. A wiki (`is_wiki`) states who runs it, not its name.
    """
    h1 = _list_headings(tree, "h1")
    below = _list_headings(tree, "h2", "h3") or (() if h1 else _list_large(tree))
    masthead = _find_masthead(tree, url)
    hosted = _list_hosted(window, url)
    names = names_of_site(masthead, url) | set(map(key_of_name, hosted))
    stated = () if is_wiki else _list_stated_sites(meta, nodes, node)
    shown = ("masthead", masthead), *(("title", each) for each in hosted)
    site_source, site = _first_of(
        (
            *stated,
            *shown,
            ("title", _find_masthead_in_h1(window, h1, below, url)),
            ("title", _find_rest(window, h1, below, names)),
        )
    )
    names |= names_of_site(site, url)
    own = [each for each in h1 if key_of_name(each) not in names]
    told = [each for each in _list_titles(meta, node, own, window, below) if each[1]]
    title_source, title = next(
        (each for each in told if key_of_name(each[1]) not in names), told[0] if told else ("", "")
    )
    title = strip_site_name(title, names, headings=own)
    if title_source == "title":
        title = title if own else FORUM_END.sub("", title)
        title = _narrow(title, (*own, *below), names)
    return PageTitles(
        title=title,
        title_source=title_source,
        site=_tidy_site(site, names),
        site_source=site_source,
    )


def strip_site_name(title: str, names: Iterable[str], *, headings: Iterable[str] = ()) -> str:
    """Strip from a title what only names the site: "… - UrbaNews.fr", "[Le Site] …".

    `names`: the keys of the site's names (`key_of_name`). `headings`: those of the page; one that
    is a beginning of the title is all of it.
    """
    known = set(names) - {""}
    while stripped := next(_list_stripped(title, known), ""):
        title = stripped
    keys = {key_of_name(heading) for heading in headings}
    befores = (title[: found.start()].strip() for found in _list_separators(title))
    return next((before for before in befores if key_of_name(before) in keys), title)


def names_of_site(site: str, url: str) -> set[str]:
    """List the keys (`key_of_name`) by which a site is known: its name, its host, parts of that."""
    host = (urlsplit(url).hostname or "").removeprefix("www.")
    labels = host.split(".")
    own = labels[-2] if len(labels) > 1 else labels[0]
    long = [each for each in labels[:-1] if len(each) >= LABEL_LETTERS]
    return {key_of_name(each) for each in (site, host, own, f"www{host}", *long)} - {""}


def key_of_name(text: str) -> str:
    """Give the letters and digits of a name, without case or accents: equal for one name.

    >>> key_of_name("La Dépêche du Vernin") == key_of_name("ladepecheduvernin")
    True
    """
    folded = unicodedata.normalize("NFD", NOT_LETTERS.sub("", text).casefold())
    return "".join(each for each in folded if not unicodedata.combining(each))


def _tidy_site(site: str, names: set[str]) -> str:
    """Give a site's name without what a window puts beside it: "Blog de…", "Le Monde.fr"."""
    bare = BLOG_OF.sub("", site)
    if bare != site and key_of_name(bare) in names:
        return bare
    return DOMAIN_END.sub("", site) if " " in site else site


def _list_headings(tree: Any, *tags: str) -> tuple[str, ...]:
    found = (tidy_line(each.text_content()[:MAX_FIELD]) for each in islice(tree.iter(*tags), 20))
    return tuple(filter(None, found))[:10]


def _find_masthead(tree: Any, url: str) -> str:
    """Find the text of what leads to the home page, or is named after the site's name."""
    host = urlsplit(url).hostname or ""
    for link in islice(tree.iter("a"), MAX_LINKS):
        if _leads_home(link, host) and (name := _name_of_link(link)):
            return name
    return next(filter(None, map(_name_of_link, MASTHEADS(tree)[:5])), "")


def _leads_home(link: Any, host: str) -> bool:
    href = (link.get("href") or "").strip()
    if not href or href.startswith(("#", "mailto:", "javascript:")):
        return False
    try:
        parts = urlsplit(href)
    except ValueError:
        return False
    if parts.netloc and parts.netloc.removeprefix("www.") != host.removeprefix("www."):
        return False
    path = f"{parts.path}?{parts.query}" if parts.query else parts.path
    return bool(parts.netloc or path) and HOME_PATH.fullmatch(path) is not None


def _name_of_link(element: Any) -> str:
    image = next(element.iter("img"), None)
    alternatives = () if image is None else (image.get("alt") or "",)
    for text in (element.text_content()[:MAX_FIELD], *alternatives, element.get("title") or ""):
        name = tidy_line(text)
        if name and len(name) <= MAX_SITE and NO_NAME.fullmatch(name) is None:
            return name
    return ""


def _list_stated_sites(
    meta: Mapping[str, list[str]], nodes: Iterable[Node], node: Node
) -> Iterator[tuple[str, str]]:
    yield "open-graph", _first(meta, ("og:site_name",))
    yield "json-ld", text_of(node.get("publisher"))
    for each in nodes:
        if types_of(each) & {"WebSite", "NewsMediaOrganization"}:
            yield "json-ld", text_of(each.get("name"))
    yield "meta", _first(meta, SITE_NAME)


def _list_hosted(window: str, url: str) -> list[str]:
    """List the ends of a window's title that are like the host: "Le Déclic", ledeclic-mag.fr."""
    ends = _ends_of(window)
    labels = [key_of_name(each) for each in (urlsplit(url).hostname or "").split(".")[:-1]]
    long = [each for each in labels if len(each) >= LABEL_LETTERS]
    return [end for end in ends if any(_is_like(key_of_name(end), label) for label in long)]


def _is_like(name: str, label: str) -> bool:
    if len(name) < LABEL_LETTERS:
        return False
    return name in label or (label in name and len(label) >= HOSTED * len(name))


def _ends_of(window: str) -> list[str]:
    """List the last and the first part of a window's title, of one that has several."""
    parts: list[str] = []
    end = 0
    for found in _list_separators(window):
        parts.append(window[end : found.start()])
        end = found.end()
    told = [each for each in (*parts, window[end:]) if each.strip()]
    return [told[-1], told[0]] if len(told) > 1 else []


def _list_separators(title: str) -> Iterator[re.Match[str]]:
    """List what stands between the parts of a title; a guillemet that closes is none."""
    place = 0
    while found := SEPARATOR.search(title, place):
        place = found.end()
        opened = title.count("«", 0, found.start()) - title.count("»", 0, found.start())
        if "»" in found[0] and opened > 0:
            place = title.index("»", found.start()) + 1
        else:
            yield found


def _find_masthead_in_h1(window: str, h1: Sequence[str], below: Sequence[str], url: str) -> str:
    """Find the `h1` that names a blog whose window shows that name beside a heading below it.

    In front of the title ("Blog: Title") it may be a title before its subtitle: there the address
    must have the words of the heading.
    """
    whole = key_of_name(window)
    titles = set(map(key_of_name, below))
    slug = key_of_name(urlsplit(url).path.rstrip("/").rpartition("/")[2].partition(".")[0])
    for heading in h1 if _ends_of(window) else ():
        key = key_of_name(heading)
        if whole.endswith(key) and whole.removesuffix(key) in titles:
            return heading
        # "Forum • Afficher le sujet - Title"
        is_first = whole.startswith(key) and len(list(_list_separators(window))) > 1
        if is_first and any(len(t) >= HEADING_LETTERS and whole.endswith(t) for t in titles):
            return heading
        rest = whole.removeprefix(key)
        is_named = len(slug) >= HEADING_LETTERS and (rest.startswith(slug) or slug.startswith(rest))
        if rest != whole and rest in titles and is_named:
            return heading
    return ""


def _find_rest(window: str, h1: Sequence[str], below: Sequence[str], names: set[str]) -> str:
    """Find the end of a window's title that is no part of the page's heading: its site."""
    ends = _ends_of(window)
    own = [each for each in h1 if key_of_name(each) not in names] or below
    whole = key_of_name(window)
    for heading in map(key_of_name, own if ends else ()):
        is_short = len(heading) < HEADING_LETTERS and heading not in map(key_of_name, ends)
        if is_short or heading == whole:
            continue
        if whole.startswith(heading) and whole[len(heading) :].endswith(key_of_name(ends[0])):
            return ends[0] if len(ends[0]) <= MAX_SITE else ""
        if whole.endswith(heading) and whole[: -len(heading)].startswith(key_of_name(ends[1])):
            return ends[1] if len(ends[1]) <= MAX_SITE else ""
    return ""


def _list_titles(
    meta: Mapping[str, list[str]],
    node: Node,
    own: Sequence[str],
    window: str,
    below: Sequence[str],
) -> Iterator[tuple[str, str]]:
    stated = _tidy_field(text_of(node.get("headline")))
    shown = (*own, window, *meta.get("og:title", ()))
    if not shown or any(_shares_words(stated, each) for each in shown):
        yield "json-ld", stated
    yield "library-meta", _tidy_field(_first(meta, LIBRARY_TITLE))
    yield "open-graph", _tidy_field(_first(meta, SOCIAL_TITLE))
    if heading := _find_below_masthead(own, window, below):
        yield "heading", heading
    if len(own) == 1:
        yield "h1", _tidy_field(own[0])
    yield "title", _tidy_field(window)
    yield from (("h1", _tidy_field(heading)) for heading in own)


def _find_below_masthead(own: Sequence[str], window: str, below: Sequence[str]) -> str:
    """Find the title among the headings `below` the `h1`, where they alone can be it; else "".

    One that is a part of the window's title, which holds no `h1`; or the only heading of a page
    whose window shares no word with it, as those of old sites name the site alone.
    """
    whole = key_of_name(window)
    if below and BLOG_OF.match(window) and [key_of_name(each) for each in own] == [whole]:
        return below[0]
    if any(key_of_name(each) in whole for each in own):
        return ""
    ends = set(map(key_of_name, _ends_of(window)))
    long = tuple(each for each in ends if len(each) >= LONG_END)
    # A heading that goes on where the window stops: "Minutes", "Minutes du 3 mars".
    if found := next(
        (
            each
            for each in below
            if key_of_name(each) in ends or (long and key_of_name(each).startswith(long))
        ),
        "",
    ):
        return found
    if own or len(below) != 1:
        return ""
    words, others = _list_long_words(below[0]), set(_list_long_words(window))
    shared = sum(each in others for each in words)
    return below[0] if len(words) >= TITLE_WORDS and 3 * shared < len(words) else ""


def _list_long_words(text: str) -> list[str]:
    return [each for each in WORD.findall(text.casefold()) if len(each) >= LONG_WORD]


def _list_large(tree: Any) -> tuple[str, ...]:
    """List what a page without headings sets in large letters, or names a title."""
    found = dict.fromkeys(tidy_line(each.text_content()[:MAX_FIELD]) for each in LARGE(tree)[:20])
    return tuple(each for each in found if LARGE_CHARS[0] <= len(each) <= LARGE_CHARS[1])


def _shares_words(stated: str, shown: str) -> bool:
    """Say whether half of the words of the shorter of two titles are in the other."""
    first, second = (set(WORD.findall(text.casefold())) for text in (stated, shown))
    return 2 * len(first & second) >= max(1, min(len(first), len(second)))


def _list_stripped(title: str, names: set[str]) -> Iterator[str]:
    for found in _list_separators(title):
        before, after = title[: found.start()].strip(), title[found.end() :].strip()
        if before and key_of_name(after) in names:
            yield before
        elif after and key_of_name(before) in names:
            yield after


def _narrow(title: str, headings: Iterable[str], names: set[str]) -> str:
    """Give the heading of the page that a window's title begins or ends with, else that title."""
    whole = key_of_name(title)
    for heading in headings:
        key = key_of_name(heading)
        if len(key) < HEADING_LETTERS or key in names or key == whole:
            continue
        if whole.startswith(key) or whole.endswith(key):
            return heading
    return title


def _first_of(candidates: Iterable[tuple[str, str]]) -> tuple[str, str]:
    found = ((where, _tidy_field(text)) for where, text in candidates)
    return next((each for each in found if each[1]), ("", ""))


def _tidy_field(text: str) -> str:
    return tidy_line(unescape_twice(text[:MAX_FIELD]))


# What a French bibliography cites; a smaller set errs less on short texts.
LANGUAGES: Final = ("fr", "en", "es", "de", "it", "pt", "nl", "ca", "eu", "br", "oc")
ENOUGH: Final = 200  # characters; below, what the page declares is surer
SAMPLE_CHARS: Final = 1_000


def find_language(text: str, *, declared: str = "") -> str:
    """Give the BCP 47 language of `text`; `declared` (by the page) when the text is too short."""
    primary = declared.replace("_", "-").split("-")[0].strip().lower()
    sample = text[:SAMPLE_CHARS]
    if len(sample) < ENOUGH:
        return primary if primary.isalpha() and len(primary) in (2, 3) else ""
    if primary.isalpha() and len(primary) == 2 and primary not in LANGUAGES:
        return primary
    language: str = _identifier().classify(sample)[0]
    return language


@lru_cache(maxsize=1)
def _identifier() -> Any:
    every = LanguageIdentifier.from_model_file(MODEL_FILE)
    every.set_languages(list(LANGUAGES))
    # Made anew of what is left: the other one keeps its 142 languages too, 26 MB of them.
    return LanguageIdentifier(
        every.nb_ptc,
        every.nb_pc,
        every.nb_classes,
        every.tk_nextmove,
        every.tk_output,
        tk_row=every.tk_row,
    )
