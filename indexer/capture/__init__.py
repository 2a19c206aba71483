"""Capture what a page needs to be shown again: its requisites; what scripts make of it.

    requisites     markup, styles                       -> the addresses that they need
    parts          an address -> what came of it, kept; guarded, polite, bounded
    collecting     captures -> what came of collecting what each needs
    rendering      captures -> what came of having a browser run their scripts
    browser        the door to Playwright, and to Debian's Chromium

The plain crawl visits; this comes after it, for the pages that it kept, and only where settings
want it. Whatever is asked for goes through the crawl's fetcher.
"""

from indexer.capture.browser import Chromium, find_program
from indexer.capture.collecting import (
    Collected,
    collect_all,
    describe_collected,
    list_to_collect,
)
from indexer.capture.parts import PartBounds, make_bounds
from indexer.capture.rendering import (
    Rendered,
    describe_missed,
    describe_rendered,
    list_to_render,
    make_policy,
    render_all,
)

__all__ = [
    "Chromium",
    "Collected",
    "PartBounds",
    "Rendered",
    "collect_all",
    "describe_collected",
    "describe_missed",
    "describe_rendered",
    "find_program",
    "list_to_collect",
    "list_to_render",
    "make_bounds",
    "make_policy",
    "render_all",
]
