"""Carry values from room to room, one outcome at a time; iterating is the progress.

Nothing here decides, opens or prints: the rooms decide, `corpus` opens, the command prints. What
is opened comes as one value, a `Corpus` (or a `Crawl`, to visit), with a clock.

    stages         visit, read, index; where pages contradict the bibliography
    observations, observe_visit    visits -> observations of links
    links          observations -> the health of a link, the rows of a report, what is due; what
                   can't be had live, what died -> web archives
    libraries      the interface of another program -> a file of its library
    history_transfer    observations -> a package, and back
    link_report_cache   the rows of the report, for a page that asks for them
"""

from indexer.pipeline.history_transfer import HISTORY_MEMBER, render_history, restore_history
from indexer.pipeline.libraries import SOURCES, FetchedLibrary, fetch_library
from indexer.pipeline.link_report_cache import LinkReportCache
from indexer.pipeline.links import (
    compare_captures,
    find_health,
    find_mementos,
    find_replacements,
    list_dead_dois,
    list_rows,
    plan_checks,
)
from indexer.pipeline.observations import observe, observe_meanwhile, probe
from indexer.pipeline.stages import (
    CorpusDocuments,
    IndexUpdate,
    LazyMapping,
    crawl,
    extract,
    index,
    list_differences,
)

__all__ = [
    "HISTORY_MEMBER",
    "SOURCES",
    "CorpusDocuments",
    "FetchedLibrary",
    "IndexUpdate",
    "LazyMapping",
    "LinkReportCache",
    "compare_captures",
    "crawl",
    "extract",
    "fetch_library",
    "find_health",
    "find_mementos",
    "find_replacements",
    "index",
    "list_dead_dois",
    "list_differences",
    "list_rows",
    "observe",
    "observe_meanwhile",
    "plan_checks",
    "probe",
    "render_history",
    "restore_history",
]
