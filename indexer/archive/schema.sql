-- In SQL that SQLite and PostgreSQL take, but for the names of types (`indexer.postgresql`).
-- What the WARC files hold, and what is to be done next. All but `targets.cited` and `hosts` can
-- be read back from the files (`renvois archive reindex`). Times are ISO 8601 in UTC. Each row that
-- answers something carries a digest of itself; that of an article stands in its JSON.

-- A response or revisit record of a WARC file.
CREATE TABLE records (
    record_id      TEXT PRIMARY KEY,
    kind           TEXT NOT NULL,          -- response, revisit, resource
    target_uri     TEXT NOT NULL,
    target_urlkey  TEXT NOT NULL,
    captured_at    TEXT NOT NULL,
    status         INTEGER NOT NULL,
    media_type     TEXT NOT NULL,
    payload_digest TEXT NOT NULL,
    payload_length INTEGER NOT NULL,
    truncated      TEXT NOT NULL,
    etag           TEXT NOT NULL,
    last_modified  TEXT NOT NULL,
    location       TEXT NOT NULL,          -- of a redirect: where to
    refers_to      TEXT NOT NULL,          -- of a revisit: the record that holds the payload
    filename       TEXT NOT NULL,
    "offset"       INTEGER NOT NULL,
    length         INTEGER NOT NULL,
    inside         INTEGER NOT NULL DEFAULT 0,  -- bytes of its member, unpacked, before it
    damaged        INTEGER /* BOOLEAN */ NOT NULL DEFAULT FALSE,  -- 1: it was read once, and can't be any more
    digest         TEXT NOT NULL DEFAULT ''     -- of the row (`sealing`); made by whoever writes it
) STRICT;
CREATE INDEX records_by_target ON records (target_urlkey, captured_at);
CREATE INDEX records_by_place ON records (filename, "offset");
CREATE INDEX records_by_payload ON records (payload_digest);

-- A visit of a cited URL, whatever came of it; never changed, never deleted.
CREATE TABLE visits (
    visit_id       INTEGER PRIMARY KEY,
    url            TEXT NOT NULL,          -- as a person wrote it
    urlkey         TEXT NOT NULL,
    visited_at     TEXT NOT NULL,
    outcome        TEXT NOT NULL,          -- captured, revisited, missed
    cause          TEXT NOT NULL,
    detail         TEXT NOT NULL,
    status         INTEGER,
    final_url      TEXT NOT NULL,
    hops           TEXT NOT NULL,          -- JSON: [[target URI, status], …]
    tls_fault      TEXT NOT NULL,
    record_id      TEXT NOT NULL,          -- of the last hop
    payload_id     TEXT NOT NULL,          -- the record that holds the payload, when there is one
    payload_digest TEXT NOT NULL,
    archive        TEXT NOT NULL,          -- "" for the live web
    memento_at     TEXT NOT NULL,          -- when the archive captured it
    digest         TEXT NOT NULL DEFAULT '',
    UNIQUE (urlkey, visited_at, archive)
) STRICT;
CREATE INDEX visits_with_payload ON visits (urlkey, archive, visited_at) WHERE payload_id <> '';

-- A URL to visit, and when.
CREATE TABLE targets (
    urlkey         TEXT PRIMARY KEY,
    url            TEXT NOT NULL,
    canonical_url  TEXT,                   -- NULL: malformed
    host           TEXT NOT NULL,
    cited          INTEGER /* BOOLEAN */ NOT NULL,  -- the bibliography still has it
    due_at         TEXT NOT NULL,          -- "" as long as it was never visited
    attempts       INTEGER NOT NULL,
    interval_s     REAL NOT NULL,
    digest         TEXT NOT NULL DEFAULT ''  -- of all but `cited`
) STRICT;
CREATE INDEX targets_by_host ON targets (host, urlkey) WHERE cited;

-- A host that asked to be left alone for a while.
CREATE TABLE hosts (
    host           TEXT PRIMARY KEY,
    not_before     TEXT NOT NULL,
    digest         TEXT NOT NULL DEFAULT ''
) STRICT;

-- Visits that a clock which ran ahead dated after those made later; the files keep what it said.
CREATE TABLE misdated (
    urlkey         TEXT NOT NULL,
    visited_at     TEXT NOT NULL,          -- as the clock said
    archive        TEXT NOT NULL,
    believed_at    TEXT NOT NULL,          -- the latest that it can have been
    digest         TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (urlkey, visited_at, archive)
) STRICT;

CREATE TABLE robots (
    origin         TEXT PRIMARY KEY,
    fetched_at     TEXT NOT NULL,
    state          TEXT NOT NULL,
    rules          TEXT NOT NULL,
    cause          TEXT NOT NULL,
    detail         TEXT NOT NULL,
    unreachable_since TEXT NOT NULL,
    digest         TEXT NOT NULL DEFAULT ''
) STRICT;

-- What was read from a payload; rebuilt by `renvois extract`.
CREATE TABLE articles (
    record_id      TEXT PRIMARY KEY,       -- the record that holds the payload
    extractor      TEXT NOT NULL,
    article        TEXT NOT NULL           -- JSON
) STRICT;
