"""Make an article of a web page."""

import re
from collections.abc import Mapping
from typing import Final

from indexer.extract.anchors import list_anchors
from indexer.extract.article import add_evidence, refuse
from indexer.extract.blocks import typeset
from indexer.extract.charset import clean_text, decode_markup
from indexer.extract.comments import list_comments
from indexer.extract.declared import prefer_declared
from indexer.extract.fingerprint import FINGERPRINT
from indexer.extract.language import find_language
from indexer.extract.maintext import drop_heading_of_title, is_too_much, read_main_text
from indexer.extract.markup import MAX_CHARACTERS, parse_markup, shrink_markup
from indexer.extract.metadata import read_metadata
from indexer.extract.payload import find_header
from indexer.extract.quality import judge_page
from indexer.messages import NOTHING, message
from indexer.model import Article, PageKind, Paragraph

WIKI_WORD: Final = re.compile(r"(?:[A-ZÀ-Þ][a-zà-ÿ0-9]*){2,}")
# What such a page states is not what a reader who follows the reference reads.
WALLED: Final = frozenset({PageKind.PAYWALL, PageKind.LOGIN, PageKind.SOFT_ERROR})


def read_page_article(
    payload: bytes, *, headers: Mapping[str, str], url: str, record_id: str
) -> Article:
    """The article of a page of HTML, and what kind of page it is."""
    decoded, codec = decode_markup(payload, content_type=find_header(headers, "content-type"))
    markup = clean_text(shrink_markup(decoded))
    tree = parse_markup(markup)
    if tree is None:
        return refuse(record_id, PageKind.NO_TEXT, message("evidence.no-text"))
    is_huge = is_too_much(markup, tree)
    metadata = read_metadata(markup, tree, url=url, headers=headers, is_huge=is_huge)
    reading = read_main_text(markup, tree, is_article=metadata.is_article, is_huge=is_huge)
    if is_huge and not reading.paragraphs:
        return refuse(record_id, PageKind.UNREADABLE, message("evidence.too-deep"))
    title = metadata.title
    heading = next((each.text for each in reading.paragraphs[:2] if each.kind == "heading"), "")
    is_wiki = WIKI_WORD.fullmatch(title) is not None and heading != ""
    if is_wiki:  # a wiki names its pages by words run together; the text has the title
        title = heading
    paragraphs = drop_heading_of_title(reading.paragraphs, title)
    kind, evidence = judge_page(tree, metadata, paragraphs, url=url)
    is_walled = kind in WALLED or metadata.is_free is False
    declared = prefer_declared(metadata.article_body, paragraphs, is_walled=is_walled)
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
            "text": "json-ld" if declared else reading.reader,
            "charset": codec,
        },
        extractor=FINGERPRINT,
        links=() if is_huge else list_anchors(tree, paragraphs, url=url),
        comments=() if is_huge else list_comments(tree, paragraphs),
    )
    if len(markup) >= MAX_CHARACTERS:
        said = message("evidence.cut-page", count=MAX_CHARACTERS // 1_000_000)
        return add_evidence(article, said)
    return article
