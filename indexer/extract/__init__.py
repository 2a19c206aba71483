"""Here are bytes and headers; give me an Article.

    payload                   what the bytes are, and the text in them
    blocks                    a page parsed, and cut into paragraphs
    readers                   the main text: who reads it, and who is believed
    comments                  what readers wrote below a page, parted from it
    roles                     standfirsts, notes, lines and captions that readers of pages leave out
    metadata, authors, dates  what a page says of itself
    declared                  what a page states in its data: schema.org, text that it shows nowhere
    weighing                  blocks weighed, on pages that are no articles
    site_rules, sites/        rules of sites (files that anybody can add), followed first
    page                      the article of a page: all of these, and the links of the text
    pdf, office, rtf, ocr     documents that are no pages, and scans where Tesseract is installed
    document                  their articles
    article                   the article of any payload
    workers                   the same for many payloads, on all cores, within bounds

Nothing here uses the network. What cannot be read is an Article that says so.
"""

from indexer.extract.article import FINGERPRINT, extract_article, is_scanned
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
