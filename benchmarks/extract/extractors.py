"""Ours and its peers, each as a function: bytes and URL -> text."""

from collections.abc import Callable
from importlib.metadata import version
from typing import Final

import lxml.html

from indexer.extract import FINGERPRINT, extract_article
from indexer.extract.payload import decode_markup

Extractor = Callable[[bytes, str], str]
ASIDE: Final = ("caption", "lead", "note")


def by_renvois(payload: bytes, url: str) -> str:
    """Ours, all that is indexed, captions too; metadata and kind of page included."""
    return extract_article(payload, headers={}, url=url, record_id="").text


def by_renvois_running_text(payload: bytes, url: str) -> str:
    """Ours, the running text alone.

    No gold holds captions, some list them as unwanted, and scrapinghub's hold no standfirsts.
    """
    article = extract_article(payload, headers={}, url=url, record_id="")
    return "\n\n".join(each.text for each in article.paragraphs if each.kind not in ASIDE)


def by_trafilatura(payload: bytes, url: str) -> str:
    """Its default setting, without comments, metadata included as ours has them."""
    from trafilatura import bare_extraction

    document = bare_extraction(payload, url=url, include_comments=False, with_metadata=True)
    return (document.text or "") if document is not None else ""


def by_trafilatura_precision(payload: bytes, url: str) -> str:
    """Its setting that favours precision."""
    from trafilatura import extract

    return extract(payload, url=url, include_comments=False, favor_precision=True) or ""


def by_readability(payload: bytes, url: str) -> str:
    """readability-lxml; the text of its summary, a block a line."""
    from readability import Document

    summary = Document(decode_markup(payload)[0]).summary(html_partial=True)
    tree = lxml.html.fromstring(summary)
    return "\n".join(text.strip() for text in tree.itertext() if text.strip())


def by_resiliparse(payload: bytes, url: str) -> str:
    """resiliparse, main content."""
    from resiliparse.extract.html2text import extract_plain_text

    return extract_plain_text(decode_markup(payload)[0], main_content=True)


def by_newspaper(payload: bytes, url: str) -> str:
    """newspaper4k; it fetches nothing, for it is given the page."""
    from newspaper import Article

    article = Article(url or "http://page.example/", fetch_images=False)
    article.download(input_html=decode_markup(payload)[0])
    article.parse()
    return article.text


EXTRACTORS: Final[dict[str, tuple[Extractor, str]]] = {
    "renvois": (by_renvois, ""),
    "renvois-running-text": (by_renvois_running_text, ""),
    "trafilatura": (by_trafilatura, "trafilatura"),
    "trafilatura-precision": (by_trafilatura_precision, "trafilatura"),
    "readability-lxml": (by_readability, "readability-lxml"),
    "resiliparse": (by_resiliparse, "resiliparse"),
    "newspaper4k": (by_newspaper, "newspaper4k"),
}


def find_version(name: str) -> str:
    """The version of an extractor; ours is its fingerprint."""
    package = EXTRACTORS[name][1]
    return version(package) if package else FINGERPRINT
