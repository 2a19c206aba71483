"""Here are References, Articles and Notes; give me Documents, their postings, what changed.

`document` joins what the other rooms know of one cited text; `codec` writes a Document as JSON
and reads it back; `fields` names the fields and their weights; `postings` turns a Document into
terms, analysed once for all fields; `changes` compares with what is indexed already;
`differences` lists where an Article contradicts its Reference.
"""

from indexer.index.changes import Changes
from indexer.index.codec import (
    fingerprint,
    fingerprint_parts,
    parse_document,
    parse_paragraphs,
    render_document,
    render_paragraphs,
)
from indexer.index.document import build_documents

__all__ = [
    "Changes",
    "build_documents",
    "fingerprint",
    "fingerprint_parts",
    "parse_document",
    "parse_paragraphs",
    "render_document",
    "render_paragraphs",
]
