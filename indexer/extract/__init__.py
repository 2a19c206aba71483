"""Here are bytes and headers; give me an Article.

    payload, charset          what the bytes are, and the text in them
    markup, blocks            a page parsed, and cut into paragraphs
    readers                   the main text: who reads it,
    choice, maintext          and who is believed
    comments                  what readers wrote below a page, parted from it
    roles                     standfirsts, notes and lines that the readers of pages leave out
    metadata                  what a page says of itself (jsonld, titles, authors, dates, language)
    declared                  text that a page states in its data, where it shows none
    weighing                  blocks weighed, on pages that are no articles
    site_rules, sites/        rules of sites (files that anybody can add), followed first
    figures                   captions, put back at their place
    anchors                   the links of the text
    pdf, layout, office, rtf  documents that are no pages
    article                   all of it (page: articleBody and comments too; document)
    ocr                       scanned pages and images, where Tesseract is installed
    workers                   the same for many payloads, on all cores, within bounds

Nothing here uses the network. What cannot be read is an Article that says so.
"""

from indexer.extract.article import extract_article, is_scanned
from indexer.extract.fingerprint import FINGERPRINT
from indexer.extract.site_rules import FOLDER_NAME, SiteRules, read_site_rules
from indexer.extract.workers import Job, Readers, count_cores, extract_articles

__all__ = [
    "FINGERPRINT",
    "FOLDER_NAME",
    "Job",
    "Readers",
    "SiteRules",
    "count_cores",
    "extract_article",
    "extract_articles",
    "is_scanned",
    "read_site_rules",
]
