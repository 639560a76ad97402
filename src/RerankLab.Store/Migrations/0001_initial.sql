-- Scores: each under the very scorer that gave it, a query's together on disk.

CREATE TABLE scorer (
    id          INTEGER PRIMARY KEY,
    fingerprint TEXT NOT NULL UNIQUE,   -- SHA-256 of spec, hex
    kind        TEXT NOT NULL,          -- 'onnx'; 'imported': scores from outside, under the name they were declared by
    spec        TEXT NOT NULL           -- canonical JSON of everything that can change a score
) STRICT;

CREATE TABLE scorer_name (              -- how experiments declared it: found by when the model is not at hand
    name        TEXT NOT NULL,          -- the model folder's last name
    precision   TEXT NOT NULL,
    scorer      INTEGER NOT NULL REFERENCES scorer (id),
    PRIMARY KEY (name, precision, scorer)
) STRICT, WITHOUT ROWID;

CREATE TABLE session (                  -- one stretch of scoring on one machine
    id          INTEGER PRIMARY KEY,
    uid         TEXT NOT NULL UNIQUE,   -- UUIDv7
    started     TEXT NOT NULL,          -- ISO 8601, UTC
    ended       TEXT,                   -- NULL: still going on, or killed
    scored      INTEGER NOT NULL,
    device      TEXT NOT NULL,
    provider    TEXT NOT NULL,
    versions    TEXT NOT NULL,          -- JSON
    host        TEXT NOT NULL           -- JSON
) STRICT;

CREATE TABLE score (
    scorer      INTEGER NOT NULL REFERENCES scorer (id),
    query       INTEGER NOT NULL,       -- first 64 bits of MD5 of the query, big-endian, signed
    pair        BLOB NOT NULL,          -- MD5 of '{query}_{passage}', 16 bytes
    logit       REAL NOT NULL,          -- a float32, raw and finite
    tokens      INTEGER NOT NULL,       -- the pair's length before truncation
    session     INTEGER NOT NULL REFERENCES session (id),
    PRIMARY KEY (scorer, query, pair)
) STRICT, WITHOUT ROWID;

-- What runs were made of. Lists are packed: arrays of one query in one row.

CREATE TABLE candidates (
    id          INTEGER PRIMARY KEY,
    fingerprint TEXT NOT NULL UNIQUE
) STRICT;

CREATE TABLE candidate_query (
    candidates  INTEGER NOT NULL REFERENCES candidates (id),
    ordinal     INTEGER NOT NULL,
    qid         TEXT NOT NULL,
    query       INTEGER,                -- query key, as in score; NULL: an imported run whose texts are unknown
    documents   TEXT NOT NULL,          -- JSON array of document ids in first-stage order
    scores      BLOB,                   -- first-stage scores, float64 little-endian each; NULL: none
    pairs       BLOB,                   -- pair keys, 16 bytes each; NULL: as above
    PRIMARY KEY (candidates, ordinal)
) STRICT;

CREATE TABLE qrels (
    id          INTEGER PRIMARY KEY,
    fingerprint TEXT NOT NULL UNIQUE
) STRICT;

CREATE TABLE qrels_query (
    qrels       INTEGER NOT NULL REFERENCES qrels (id),
    ordinal     INTEGER NOT NULL,
    qid         TEXT NOT NULL,
    labels      TEXT NOT NULL,          -- JSON object: label by document id
    PRIMARY KEY (qrels, ordinal)
) STRICT;

-- Runs. A run keeps its own logits: it stays what it was whatever happens to the scores.

CREATE TABLE run (
    id              INTEGER PRIMARY KEY,
    uid             TEXT NOT NULL UNIQUE,   -- UUIDv7
    name            TEXT NOT NULL,
    started         TEXT NOT NULL,          -- ISO 8601, UTC
    status          TEXT NOT NULL CHECK (status IN ('complete', 'partial')),
    depth           INTEGER NOT NULL,       -- deepest first-stage rank that every query reached
    experiment      TEXT NOT NULL,          -- the experiment file as written
    overrides       TEXT NOT NULL,          -- JSON array of --set assignments
    experiment_path TEXT NOT NULL,          -- relative to the lab file
    setup           TEXT NOT NULL,          -- JSON: the set-up as resolved
    candidates      INTEGER NOT NULL REFERENCES candidates (id),
    scorer          INTEGER NOT NULL REFERENCES scorer (id),
    qrels           INTEGER REFERENCES qrels (id),
    session         INTEGER REFERENCES session (id),
    queries         INTEGER NOT NULL,
    pairs           INTEGER NOT NULL,
    unique_pairs    INTEGER NOT NULL,
    hits            INTEGER NOT NULL,
    misses          INTEGER NOT NULL,
    scored          INTEGER NOT NULL,
    truncated       INTEGER NOT NULL,
    tokens          INTEGER NOT NULL,
    padded_tokens   INTEGER NOT NULL,
    seconds         TEXT NOT NULL,          -- JSON object by stage
    cost            REAL,
    currency        TEXT,
    environment     TEXT NOT NULL,          -- JSON object
    git_commit      TEXT,
    git_dirty       INTEGER,
    tags            TEXT NOT NULL           -- JSON array
) STRICT;

CREATE INDEX run_name ON run (name);

CREATE TABLE logits (                       -- identical lists of logits are stored once
    id          INTEGER PRIMARY KEY,
    hash        BLOB NOT NULL UNIQUE,       -- SHA-256 of data
    data        BLOB NOT NULL               -- float32 little-endian in candidate order, NaN: not scored
) STRICT;

CREATE TABLE run_query (                    -- none for an imported run: it is ranked by candidate_query.scores
    run         INTEGER NOT NULL REFERENCES run (id),
    ordinal     INTEGER NOT NULL,           -- as in candidate_query
    logits      INTEGER NOT NULL REFERENCES logits (id),
    PRIMARY KEY (run, ordinal)
) STRICT, WITHOUT ROWID;

CREATE TABLE measure (
    run         INTEGER NOT NULL REFERENCES run (id),
    qrels       INTEGER NOT NULL REFERENCES qrels (id),
    query       TEXT,                       -- NULL: the mean
    name        TEXT NOT NULL,
    value       REAL NOT NULL
) STRICT;

CREATE INDEX measure_run ON measure (run, name, query);
