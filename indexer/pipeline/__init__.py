"""Carry values from room to room, one outcome at a time; iterating is the progress.

Nothing here decides, opens or prints: the rooms decide, `wiring` opens, the command prints.

    stages     visit, read, index
    head_policy    which targets HEAD is enough for
    mementos       what can't be had live -> web archives
    differences    where a page contradicts the bibliography
    observations, observation_queue, observe_visit    visits -> observations of links
    good_captures  captures -> the one that shows the text
    links          observations -> the health of a link, the rows of a report
    replacements   links that died -> web archives
    history_transfer    observations -> a package, and back
    link_report_cache   the rows of the report, for a page that asks for them
"""

from indexer.pipeline.differences import list_differences
from indexer.pipeline.head_policy import HeadPolicy
from indexer.pipeline.history_transfer import HISTORY_MEMBER, render_history, restore_history
from indexer.pipeline.links import (
    compare_captures,
    find_health,
    list_rows,
    list_to_check,
    make_report,
    plan_checks,
)
from indexer.pipeline.mementos import find_mementos
from indexer.pipeline.observations import observe, observe_meanwhile, probe
from indexer.pipeline.replacements import find_replacements
from indexer.pipeline.stages import (
    IndexUpdate,
    LazyMapping,
    build_corpus_documents,
    crawl,
    extract,
    index,
)

__all__ = [
    "HISTORY_MEMBER",
    "HeadPolicy",
    "IndexUpdate",
    "LazyMapping",
    "build_corpus_documents",
    "compare_captures",
    "crawl",
    "extract",
    "find_health",
    "find_mementos",
    "find_replacements",
    "index",
    "list_differences",
    "list_rows",
    "list_to_check",
    "make_report",
    "observe",
    "observe_meanwhile",
    "plan_checks",
    "probe",
    "render_history",
    "restore_history",
]
