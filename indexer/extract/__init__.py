"""Here are bytes and headers; give me an Article.

    payload, charset        what the bytes are, and the text in them
    markup, html, blocks    a page's main text, in paragraphs
    metadata                what a page says of itself (jsonld, names, dates, language)
    quality                 what kind of page it is
    article                 all of it, in one face

Nothing here uses the network. What cannot be read is an Article that says so.
"""

from indexer.extract.article import extract_article
from indexer.extract.fingerprint import FINGERPRINT

__all__ = ["FINGERPRINT", "extract_article"]
