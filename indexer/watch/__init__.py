"""Here is a corpus; keep it up to date by itself, and say how it is.

rounds      visit, look, index, tell: one round after the other
journal     the rounds, what was news, who was told: the only shell, one SQLite file
status      how the corpus is
"""

from indexer.watch.journal import FILE_NAME, Round, WatchJournal
from indexer.watch.rounds import Watch
from indexer.watch.status import (
    LOCK_NAME,
    Status,
    StatusLevel,
    describe_status,
    open_journal_to_read,
    read_status,
)

__all__ = [
    "FILE_NAME",
    "LOCK_NAME",
    "Round",
    "Status",
    "StatusLevel",
    "Watch",
    "WatchJournal",
    "describe_status",
    "open_journal_to_read",
    "read_status",
]
