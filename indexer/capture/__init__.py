"""Capture what a page needs to be shown again: its requisites; what scripts make of it.

    requisites     markup, styles                       -> the addresses that they need
    parts          an address -> what came of it, kept; guarded, polite, bounded
    collecting     captures -> what came of collecting what each needs

The plain crawl visits; this comes after it, for the pages that it kept, and only where settings
want it. Whatever is asked for goes through the crawl's fetcher.
"""

from indexer.capture.collecting import (
    Collected,
    collect_all,
    describe_collected,
    list_to_collect,
)
from indexer.capture.parts import PartBounds, make_bounds

__all__ = [
    "Collected",
    "PartBounds",
    "collect_all",
    "describe_collected",
    "list_to_collect",
    "make_bounds",
]
