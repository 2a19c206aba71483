"""Make an article of a web page: of its main text, or of the text that it declares (JSON-LD).

Comments of readers are kept apart from the article, and never indexed.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Final

from indexer.extract.anchors import list_anchors
from indexer.extract.article import add_evidence, refuse
from indexer.extract.authors import list_persons
from indexer.extract.blocks import MAX_BLOCKS, is_cut, typeset
from indexer.extract.charset import clean_text, decode_markup
from indexer.extract.declared import MAX_DATA, find_stated_text, prefer_declared
from indexer.extract.fingerprint import FINGERPRINT
from indexer.extract.language import find_language
from indexer.extract.maintext import (
    drop_heading_of_title,
    is_too_much,
    prepare_page,
    read_main_text,
    read_plainly,
)
from indexer.extract.markup import bound_payload, cut_markup, parse_markup, shrink_markup
from indexer.extract.metadata import Metadata, read_metadata
from indexer.extract.payload import find_header
from indexer.extract.site_rules import BUILT_IN, RuledPage, SiteRules, read_by_rule
from indexer.extract.titles import names_of_site, strip_site_name
from indexer.messages import NOTHING, Message, message
from indexer.model import Article, PageKind, Paragraph
from indexer.pagekind.classify import classify
from indexer.pagekind.kinds import ERRORS, LISTS
from indexer.pagekind.page import PageContent, read_tree

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
