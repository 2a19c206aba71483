"""The frozen values that pass from room to room, in the words of the field.

    bibliography    CSL: references, notes, citations
    exchange        HTTP, WARC, Memento: hops, captures, outcomes
    visit           what a visit is worth, and when to come back
    article         the text of a page
    link            how a link is
    document        what is indexed and shown
    identity        the names of texts and notes, and of the bibliographies that hold them

Nothing here reads or writes anything; `identity` alone has functions, of values.
"""

from indexer.model.article import Anchor, Article, PageKind, Paragraph
from indexer.model.bibliography import (
    ZOTERO_BY_CSL,
    Bibliography,
    Citation,
    Entry,
    EntryKind,
    Name,
    Note,
    Place,
    Problem,
    Reference,
)
from indexer.model.document import CitingNote, Document, DocumentKind
from indexer.model.exchange import (
    TLS_FAULTS,
    Capture,
    Captured,
    Cause,
    Exchange,
    Hop,
    Missed,
    Outcome,
    Revisited,
)
from indexer.model.identity import (
    Identity,
    SourceFile,
    name_bibliographies,
    name_doi,
    name_id,
    name_url,
)
from indexer.model.link import (
    LINK_STATES,
    UNREADABLE,
    Dot,
    LinkHealth,
    LinkMark,
    LinkRow,
    LinkState,
    Observation,
    ParagraphChange,
    Redirect,
    Replacement,
    RowFilter,
    Signal,
    TextChange,
)
from indexer.model.visit import (
    Arrival,
    Due,
    HeadTrust,
    HeadUse,
    HostQueue,
    Robots,
    RobotsState,
    Target,
    Verdict,
    Visit,
    Worth,
)

__all__ = [
    "LINK_STATES",
    "TLS_FAULTS",
    "UNREADABLE",
    "ZOTERO_BY_CSL",
    "Anchor",
    "Arrival",
    "Article",
    "Bibliography",
    "Capture",
    "Captured",
    "Cause",
    "Citation",
    "CitingNote",
    "Document",
    "DocumentKind",
    "Dot",
    "Due",
    "Entry",
    "EntryKind",
    "Exchange",
    "HeadTrust",
    "HeadUse",
    "Hop",
    "HostQueue",
    "Identity",
    "LinkHealth",
    "LinkMark",
    "LinkRow",
    "LinkState",
    "Missed",
    "Name",
    "Note",
    "Observation",
    "Outcome",
    "PageKind",
    "Paragraph",
    "ParagraphChange",
    "Place",
    "Problem",
    "Redirect",
    "Reference",
    "Replacement",
    "Revisited",
    "Robots",
    "RobotsState",
    "RowFilter",
    "Signal",
    "SourceFile",
    "Target",
    "TextChange",
    "Verdict",
    "Visit",
    "Worth",
    "name_bibliographies",
    "name_doi",
    "name_id",
    "name_url",
]
