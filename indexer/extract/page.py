"""Make an article of a web page: of its main text, or of the text that it declares (JSON-LD).

Comments of readers are kept apart from the article, and never indexed.

A page that would keep the readers busy for minutes (a million tags, a hundred thousand levels)
is read plainly: its blocks, outside of menus and footers, in one pass.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from types import MappingProxyType
from typing import Any, Final
from urllib.parse import urljoin, urlsplit

from lxml.etree import XPath

from indexer.extract.article import FINGERPRINT, add_evidence, refuse
from indexer.extract.authors import list_persons
from indexer.extract.blocks import (
    INLINE,
    MAX_BLOCKS,
    PageBlock,
    bound_payload,
    cut_markup,
    is_cut,
    is_shell,
    list_segments,
    parse_markup,
    shrink_markup,
    tidy_line,
    typeset,
)
from indexer.extract.comments import find_posts, list_comments, part_comments
from indexer.extract.declared import MAX_DATA, find_stated_text, prefer_declared
from indexer.extract.metadata import (
    Metadata,
    find_language,
    names_of_site,
    read_metadata,
    strip_site_name,
)
from indexer.extract.payload import clean_text, decode_markup, find_header
from indexer.extract.readers import (
    Chosen,
    Readings,
    choose,
    drop_repeats,
    is_one_column,
    is_pointer,
    key_of,
    read_by_readability,
    read_by_resiliparse,
    read_by_trafilatura,
    read_missed,
)
from indexer.extract.roles import complete, mark_captions, place_captions, restore_refrains
from indexer.extract.site_rules import BUILT_IN, RuledPage, SiteRules, read_by_rule
from indexer.extract.weighing import prefer_weighed
from indexer.messages import NOTHING, Message, message
from indexer.model import Anchor, Article, PageKind, Paragraph
from indexer.pagekind.classify import classify
from indexer.pagekind.kinds import ERRORS, LISTS
from indexer.pagekind.page import PageContent, read_tree

MAX_ELEMENTS: Final = 60_000
MAX_DEPTH: Final = 250
MAX_ATTRIBUTES: Final = 1_000  # on one element
TITLE_PLACES: Final = 3  # the first paragraphs, where a title may stand as plain text
MAX_CHARACTERS: Final = 2_000_000
IS_TOO_LARGE: Final = XPath(f"count(//*) > {MAX_ELEMENTS} or //*[@*[{MAX_ATTRIBUTES + 1}]]")
IS_TOO_DEEP: Final = XPath(f"boolean({'/*' * (MAX_DEPTH + 1)})")
FOLDED: Final = XPath(
    "//*[@hidden or contains(@style, 'none')][contains(@class, 'collapse')"
    " or contains(@class, 'accordion') or contains(@class, 'faq')]"
)
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
    open_accordions(tree)
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
    readings = Readings(
        base=read_by_trafilatura(tree, page.blocks),
        resiliparse=read_by_resiliparse(markup),
        read_by_readability=lambda: read_by_readability(tree),
        blocks=page.blocks,
    )
    readings = read_missed(readings, tree)
    is_article = is_declared or is_one_column(readings.base, readings.resiliparse, page.blocks)
    chosen = choose(readings, is_article=is_article)
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


def open_accordions(tree: Any) -> None:
    """Show the panels of accordions, which their style hides until they are clicked."""
    for panel in FOLDED(tree):
        panel.attrib.pop("style", None)
        panel.attrib.pop("hidden", None)


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


WIKI_WORD: Final = re.compile(r"(?:[A-ZÀ-Þ][a-zà-ÿ0-9]*){2,}")
# What such a page states is not what a reader who follows the reference reads.
WALLED: Final = frozenset({PageKind.PAYWALL, PageKind.LOGIN, PageKind.SOFT_404})
SHOWN_EMPTY: Final = frozenset({PageKind.SCRIPT_SHELL, PageKind.NO_TEXT, PageKind.STUB})
# A text that is shorter is a stub; paragraphs that are longer are no teasers of a list, and so
# much of them is a text.
STUB_CHARS: Final = 250
TEASER_CHARS: Final = 130
FEW_CHARS: Final = 300
# What keeps a page from being read; whether there is text, its paragraphs tell.
WITHOUT_TEXT: Final = (ERRORS | {PageKind.PAYWALL}) - {PageKind.NO_TEXT}
NOISE_BYTES: Final = 50_000
NOISE_PART: Final = 20
CONTROLS: Final = bytes(each for each in range(1, 32) if each not in b"\t\n\r\f\x1b")
# Why a page is no article, where its own words would not say it.
EVIDENCE: Final[Mapping[PageKind, Message]] = MappingProxyType(
    {
        PageKind.LOGIN: message("evidence.password"),
        PageKind.CONSENT: message("evidence.consent"),
        PageKind.SCRIPT_SHELL: message("evidence.empty-shell"),
        PageKind.NO_TEXT: message("evidence.no-text"),
        PageKind.LISTING: message("evidence.list"),
        PageKind.SEARCH_RESULTS: message("evidence.list"),
        PageKind.HOME_PAGE: message("evidence.list"),
    }
)


def read_page_article(
    payload: bytes,
    *,
    headers: Mapping[str, str],
    url: str,
    record_id: str,
    rules: SiteRules = BUILT_IN,
) -> Article:
    """Read the article of a page of HTML, and its kind of page; `rules` are those of sites."""
    bounded, said_cut = bound_payload(payload)
    decoded, codec = decode_markup(bounded, content_type=find_header(headers, "content-type"))
    del bounded
    shrunk, said_tags = cut_markup(shrink_markup(decoded))
    said_cut = said_tags or said_cut
    source = decoded if len(decoded) <= MAX_DATA else ""
    del decoded  # of 80 MB, maybe
    if is_noise(payload, codec):
        return refuse(record_id, PageKind.UNREADABLE, message("evidence.other"))
    markup = clean_text(shrunk)
    tree = parse_markup(markup)
    if tree is None:
        return refuse(record_id, PageKind.NO_TEXT, message("evidence.no-text"))
    is_huge = is_too_much(markup, tree)
    if is_huge and not said_cut and is_cut(tree):
        said_cut = message("evidence.cut-blocks", count=MAX_BLOCKS)
    content = None if is_huge else read_tree(tree, markup=markup, url=url)
    rule = None if is_huge else rules.find(tree, url)
    ruled = read_by_rule(tree, rule) if rule is not None else None
    prepared = None if is_huge else prepare_page(tree, url=url)
    blocks = prepared.blocks if prepared is not None else None
    metadata = read_metadata(markup, tree, url=url, headers=headers, blocks=blocks)
    if ruled is not None:
        metadata = prefer_ruled(metadata, ruled)
    if prepared is None:
        reading = read_plainly(tree)
    else:
        reading = read_main_text(
            markup, prepared, is_declared=metadata.is_article, title=metadata.title, ruled=ruled
        )
    if is_huge and not reading.paragraphs:
        return refuse(record_id, PageKind.UNREADABLE, message("evidence.too-deep"))
    title = metadata.title
    heading = next((each.text for each in reading.paragraphs[:2] if each.kind == "heading"), "")
    is_wiki = WIKI_WORD.fullmatch(title) is not None and heading != ""
    if is_wiki:  # a wiki names its pages by words run together; the text has the title
        title = heading
    paragraphs = drop_heading_of_title(reading.paragraphs, title)
    kind, evidence = judge_page(content, paragraphs)
    declared, where = find_declared(metadata, paragraphs, kind, source)
    if declared:  # whole, whatever the markup shows of it
        paragraphs = drop_heading_of_title(declared, title)
        kind, evidence = PageKind.ARTICLE, NOTHING
    text = "\n".join(paragraph.text for paragraph in paragraphs)
    language = find_language(text, declared=metadata.declared_language)
    article = Article(
        record_id=record_id,
        paragraphs=typeset(paragraphs, language),
        title=typeset((Paragraph(text=title),), language)[0].text,
        author=metadata.author,
        issued=metadata.issued,
        site_name=metadata.site_name,
        language=language,
        kind=kind,
        evidence=evidence,
        sources={
            **metadata.sources,
            **({"title": "heading"} if is_wiki else {}),
            "text": where or reading.reader,
            "charset": codec,
        },
        extractor=FINGERPRINT,
        links=() if is_huge else list_anchors(tree, paragraphs, url=url),
        comments=prepared.comments if prepared is not None else (),
    )
    return add_evidence(article, said_cut) if said_cut else article


def find_declared(
    metadata: Metadata, paragraphs: Sequence[Paragraph], kind: PageKind, source: str
) -> tuple[tuple[Paragraph, ...], str]:
    """Find the text that a page states in its data, and where; (), "" where the markup shows it.

    `paragraphs` were read of the markup, `kind` was told by them; `source` is the page with its
    scripts. What a paywall hides from readers is not taken.
    """
    if kind in WALLED or metadata.is_free is False:
        return (), ""
    if stated := prefer_declared(metadata.article_body, paragraphs):
        return stated, "json-ld"
    found = find_stated_text(source) if kind in SHOWN_EMPTY else ()
    return found, "data" if found else ""


def is_noise(payload: bytes, codec: str) -> bool:
    """Say whether what begins as a page goes on as no text: a twentieth of control characters."""
    if codec.startswith(("utf-16", "utf-32", "utf_16", "utf_32")):
        return False
    read = payload[:NOISE_BYTES]
    return NOISE_PART * (len(read) - len(read.translate(None, CONTROLS))) > len(read)


def prefer_ruled(metadata: Metadata, ruled: RuledPage) -> Metadata:
    """Give the metadata of a page with what its site rule found of title, authors and date."""
    where = f"site-rule:{ruled.rule.name}"
    title = strip_site_name(ruled.title, names_of_site(metadata.site_name, ""))
    persons = list_persons(ruled.authors, site_name=metadata.site_name)
    found = {"title": title, "author": persons, "issued": ruled.issued}
    told = {name: value for name, value in found.items() if value}
    sources = {**metadata.sources, **dict.fromkeys(told, where)}
    return replace(metadata, **told, sources=sources)  # type: ignore[arg-type]


def judge_page(
    content: PageContent | None, paragraphs: Sequence[Paragraph]
) -> tuple[PageKind, Message]:
    """Judge what kind of page was read; gives the evidence for it (NOTHING for an article).

    `content` is None for a page so huge that it is no notice; `paragraphs` are its main text.
    """
    length = sum(len(each.text) for each in paragraphs)
    found = classify(content) if content is not None else None
    if found is not None:
        is_told = found.is_sure or length < STUB_CHARS
        if found.kind in WITHOUT_TEXT and is_told:
            said = message("evidence.page-says", words=found.words)
            if found.rule == "declared":
                said = message("evidence.declared-paid")
            return found.kind, EVIDENCE.get(found.kind, said)
        if found.kind in LISTS and is_told and _count_prose(paragraphs) < FEW_CHARS:
            return found.kind, EVIDENCE[found.kind]
    if not length:
        return PageKind.NO_TEXT, message("evidence.no-text")
    if length < STUB_CHARS:
        return PageKind.STUB, message("evidence.short", count=length)
    return PageKind.ARTICLE, NOTHING


def _count_prose(paragraphs: Iterable[Paragraph]) -> int:
    return sum(len(each.text) for each in paragraphs if len(each.text) > TEASER_CHARS)


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
