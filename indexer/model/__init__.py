"""The frozen values that pass from room to room, in the words of the field.

    bibliography    CSL: references, notes, citations
    exchange        HTTP, WARC, Memento: hops, captures, outcomes
    visit           what a visit is worth, and when to come back
    article         the text of a page
    link            how a link is
    document        what is indexed and shown

Nothing here decides, reads or writes anything.
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
    "Signal",
    "Target",
    "TextChange",
    "Verdict",
    "Visit",
    "Worth",
]
