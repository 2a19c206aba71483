"""Here is an arrival; keep it. Here is a record id; give me the bytes.

    keeper        an Arrival -> records on the disk, then rows, then the Outcome
    warc          a folder of WARC files: append records, read payloads
    records       what goes into a record (pure)
    reading       records of any WARC file
    catalogue     visits, records, articles, robots.txt
    database      its file of SQLite, or its schema of PostgreSQL
    targets       what is due, and what is known of hosts
    rows          values <-> rows (pure)
    copying       a catalogue -> another, from a file to a server or back
    claims        hosts shared by several crawlers of one catalogue
    sealing       a digest in each row; which rows are not what was written
    reindex       the files -> the catalogue: all of it, or what a crash left out
    imports, unpack    others' files in, bounded
    wacz, cdxj    a package out
    secrets       which records hold a secret of the settings; hiding it in a package
    purge, rewriting    take the records of an address out: the one deletion there is
    members       through compression, and past damage
    remote        closed files on S3-compatible storage
    checking      every checksum, digest and row, without changing anything
    lock          one writer at a time, or several crawlers

It fetches nothing and judges nothing.
"""

from indexer.archive.catalogue import Catalogue, open_catalogue
from indexer.archive.checking import (
    CheckProblem,
    CheckState,
    FileCheck,
    check_archive,
    read_state,
)
from indexer.archive.claims import HostClaims, keep_crawlers_out
from indexer.archive.copying import CATALOGUE_TABLES, CopiedPage, copy_tables
from indexer.archive.imports import import_file
from indexer.archive.keeper import Keeper
from indexer.archive.lock import CRAWL_LOCK, Lock, acquire_lock, is_locked
from indexer.archive.purge import (
    Purged,
    PurgeSurvey,
    finish_purge,
    is_purge_pending,
    purge,
    survey_purge,
)
from indexer.archive.reading import Payload
from indexer.archive.records import Location
from indexer.archive.reindex import (
    Indexed,
    Recovered,
    find_files,
    list_closed,
    recover,
    reindex,
)
from indexer.archive.remote import (
    Storage,
    fetch,
    find_remote,
    find_remote_only,
    measure,
    remove_local,
    send,
    was_sent,
)
from indexer.archive.unpack import Bounds, NotTaken, read_lines, remove_partials
from indexer.archive.wacz import Packed, Page, export_wacz
from indexer.archive.warc import WarcArchive, open_archive

__all__ = [
    "CATALOGUE_TABLES",
    "CRAWL_LOCK",
    "Bounds",
    "Catalogue",
    "CheckProblem",
    "CheckState",
    "CopiedPage",
    "FileCheck",
    "HostClaims",
    "Indexed",
    "Keeper",
    "Location",
    "Lock",
    "NotTaken",
    "Packed",
    "Page",
    "Payload",
    "PurgeSurvey",
    "Purged",
    "Recovered",
    "Storage",
    "WarcArchive",
    "acquire_lock",
    "check_archive",
    "copy_tables",
    "export_wacz",
    "fetch",
    "find_files",
    "find_remote",
    "find_remote_only",
    "finish_purge",
    "import_file",
    "is_locked",
    "is_purge_pending",
    "keep_crawlers_out",
    "list_closed",
    "measure",
    "open_archive",
    "open_catalogue",
    "purge",
    "read_lines",
    "read_state",
    "recover",
    "reindex",
    "remove_local",
    "remove_partials",
    "send",
    "survey_purge",
    "was_sent",
]
