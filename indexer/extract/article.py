"""Read an article out of a payload, whatever the payload is."""

from collections.abc import Mapping
from types import MappingProxyType

from indexer.extract.blocks import set_french, tidy_line
from indexer.extract.charset import clean_text, decode_markup, decode_plain
from indexer.extract.fingerprint import FINGERPRINT
from indexer.extract.html import drop_heading_of_title, read_main_text
from indexer.extract.language import find_language
from indexer.extract.markup import parse_markup
from indexer.extract.metadata import read_metadata
from indexer.extract.payload import PayloadKind, sniff_payload
from indexer.extract.quality import STUB_CHARS, judge_page
from indexer.model import Article, PageKind, Paragraph


def extract_article(
    payload: bytes, *, headers: Mapping[str, str], url: str, record_id: str
) -> Article:
    """The article that a reader would read in a payload; no network, no clock.

    `payload` is decoded of its content codings; `headers` are those of its response, whatever
    their case; `url` is the target URI; `record_id` that of the capture. A payload that holds no
    article gives one without paragraphs, whose `kind` and `evidence` say why.
    """
    content_type = find_header(headers, "content-type")
    match sniff_payload(payload, content_type=content_type):
        case PayloadKind.HTML:
            return _read_html(payload, content_type, headers, url=url, record_id=record_id)
        case PayloadKind.TEXT:
            return _read_text(payload, content_type, record_id=record_id)
        case PayloadKind.EMPTY:
            return refuse(record_id, PageKind.NO_TEXT, "La réponse est vide.")
        case PayloadKind.IMAGE:
            return refuse(record_id, PageKind.NO_TEXT, "C’est une image, sans texte.")
        case PayloadKind.FEED:
            return refuse(record_id, PageKind.LISTING, "C’est un flux de publications.")
        case PayloadKind.PDF | PayloadKind.EPUB | PayloadKind.ODT | PayloadKind.DOCX as kind:
            return refuse(record_id, PageKind.UNREADABLE, f"Le format {kind} n’est pas encore lu.")
        case PayloadKind.OTHER:
            return refuse(record_id, PageKind.UNREADABLE, "Ce n’est ni une page ni un document.")


def refuse(record_id: str, kind: PageKind, evidence: str) -> Article:
    """An article without text, and why."""
    return Article(record_id=record_id, kind=kind, evidence=evidence, extractor=FINGERPRINT)


def find_header(headers: Mapping[str, str], name: str) -> str:
    """The header of that name (lower case), whatever its case, or ""."""
    return next((value for key, value in headers.items() if key.lower() == name), "")


def _read_html(
    payload: bytes, content_type: str, headers: Mapping[str, str], *, url: str, record_id: str
) -> Article:
    markup, codec = decode_markup(payload, content_type=content_type)
    tree = parse_markup(clean_text(markup))
    if tree is None:
        return refuse(record_id, PageKind.NO_TEXT, "La page ne contient pas de texte.")
    metadata = read_metadata(clean_text(markup), tree, url=url, headers=headers)
    reading = read_main_text(tree)
    paragraphs = drop_heading_of_title(reading.paragraphs, metadata.title)
    kind, evidence = judge_page(tree, metadata, paragraphs, url=url)
    language = find_language(_join(paragraphs), declared=metadata.declared_language)
    return Article(
        record_id=record_id,
        paragraphs=_typeset(paragraphs, language),
        title=_typeset((Paragraph(text=metadata.title),), language)[0].text,
        author=metadata.author,
        issued=metadata.issued,
        site_name=metadata.site_name,
        language=language,
        kind=kind,
        evidence=evidence,
        sources=MappingProxyType({**metadata.sources, "text": reading.reader, "charset": codec}),
        extractor=f"{reading.reader} {FINGERPRINT}",
    )


def _read_text(payload: bytes, content_type: str, *, record_id: str) -> Article:
    text, codec = decode_plain(payload, content_type=content_type)
    blocks = (tidy_line(block) for block in clean_text(text).split("\n\n"))
    paragraphs = tuple(Paragraph(text=block) for block in blocks if block)
    language = find_language(_join(paragraphs))
    length = sum(len(paragraph.text) for paragraph in paragraphs)
    is_stub = length < STUB_CHARS
    return Article(
        record_id=record_id,
        paragraphs=_typeset(paragraphs, language),
        language=language,
        kind=PageKind.STUB if is_stub else PageKind.ARTICLE,
        evidence=f"Le fichier n’a que {length} signes de texte." if is_stub else "",
        sources=MappingProxyType({"text": "plain", "charset": codec}),
        extractor=f"plain {FINGERPRINT}",
    )


def _typeset(paragraphs: tuple[Paragraph, ...], language: str) -> tuple[Paragraph, ...]:
    return tuple(map(set_french, paragraphs)) if language == "fr" else paragraphs


def _join(paragraphs: tuple[Paragraph, ...]) -> str:
    return "\n".join(paragraph.text for paragraph in paragraphs)
