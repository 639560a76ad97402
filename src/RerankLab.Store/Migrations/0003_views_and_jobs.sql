-- Views for pandas, DuckDB, Datasette and rlab sql: their columns stay, whatever becomes of the tables (docs/sql.md). They use nothing
-- but SQLite's own functions, so that every program that opens the file has them.

CREATE VIEW runs AS                     -- one row a run
SELECT run.uid AS run, run.name, run.started, run.status, run.depth,
    scorer.fingerprint AS scorer,
    json_extract(run.setup, '$.scorer.model') AS model,
    json_extract(run.setup, '$.scorer.precision') AS precision,
    json_extract(run.setup, '$.scorer.max_length') AS max_length,
    candidates.fingerprint AS candidates, qrels.fingerprint AS qrels,
    run.queries, run.pairs, run.unique_pairs, run.hits, run.misses, run.scored, run.truncated, run.tokens, run.padded_tokens,
    session.uid AS session, session.device,
    json_extract(run.seconds, '$.total') AS seconds,
    run.cost, run.currency, run.tags, run.experiment_path, run.git_commit, run.git_dirty
FROM run
JOIN scorer ON scorer.id = run.scorer
JOIN candidates ON candidates.id = run.candidates
LEFT JOIN qrels ON qrels.id = run.qrels
LEFT JOIN session ON session.id = run.session;

CREATE VIEW leaderboard AS              -- one row a run and measure: the mean
SELECT run.uid AS run, run.name, run.started, run.status, run.depth,
    json_extract(run.setup, '$.scorer.model') AS model, scorer.fingerprint AS scorer, qrels.fingerprint AS qrels,
    measure.name AS measure, measure.value
FROM measure
JOIN run ON run.id = measure.run
JOIN scorer ON scorer.id = run.scorer
JOIN qrels ON qrels.id = measure.qrels
WHERE measure.query IS NULL;

CREATE VIEW scores_by_pair AS           -- one row a score
SELECT scorer.fingerprint AS scorer, lower(hex(score.pair)) AS pair, score.query, score.logit, score.tokens,
    session.uid AS session, session.device
FROM score
JOIN scorer ON scorer.id = score.scorer
JOIN session ON session.id = score.session;

-- One row a run, query and document: the run's own ranking, down to its depth. Logits are packed as float32, so they are put together
-- here from sign, exponent and fraction, by factors that are exact in every SQLite. A run that was imported is ranked by the order of its
-- candidates and has no logits.
CREATE VIEW rankings AS
WITH scored (run, name, query, document, place, logit) AS (
    SELECT run.uid, run.name, candidate_query.qid, place.value, place.key,
        CASE WHEN bits.value >> 31 THEN -1.0 ELSE 1.0 END
        * CASE WHEN bits.value & 2139095040 THEN 8388608 + (bits.value & 8388607) ELSE 2 * (bits.value & 8388607) END
        * CASE WHEN bits.value & 8388608 THEN 2.0 ELSE 1.0 END          -- 2 to the exponent, bit by bit
        * CASE WHEN bits.value & 16777216 THEN 4.0 ELSE 1.0 END
        * CASE WHEN bits.value & 33554432 THEN 16.0 ELSE 1.0 END
        * CASE WHEN bits.value & 67108864 THEN 256.0 ELSE 1.0 END
        * CASE WHEN bits.value & 134217728 THEN 65536.0 ELSE 1.0 END
        * CASE WHEN bits.value & 268435456 THEN 4294967296.0 ELSE 1.0 END
        * CASE WHEN bits.value & 536870912 THEN 4294967296.0 * 4294967296.0 ELSE 1.0 END
        * CASE WHEN bits.value & 1073741824 THEN 4294967296.0 * 4294967296.0 * 4294967296.0 * 4294967296.0 ELSE 1.0 END
        / (4294967296.0 * 4294967296.0 * 4294967296.0 * 4294967296.0 * 4194304.0)
    FROM run
    JOIN run_query ON run_query.run = run.id
    JOIN logits ON logits.id = run_query.logits
    JOIN candidate_query ON candidate_query.candidates = run.candidates AND candidate_query.ordinal = run_query.ordinal
    JOIN json_each(candidate_query.documents) AS place ON place.key < run.depth
    -- Arrays of one give names to values, which are computed once so.
    JOIN json_each(json_array(hex(substr(logits.data, 4 * place.key + 1, 4)))) AS digits
    JOIN json_each(json_array(                                          -- little-endian; '0' stands nowhere in '123…', and so counts 0
        (instr('123456789ABCDEF', substr(digits.value, 7, 1)) << 28) | (instr('123456789ABCDEF', substr(digits.value, 8, 1)) << 24) |
        (instr('123456789ABCDEF', substr(digits.value, 5, 1)) << 20) | (instr('123456789ABCDEF', substr(digits.value, 6, 1)) << 16) |
        (instr('123456789ABCDEF', substr(digits.value, 3, 1)) << 12) | (instr('123456789ABCDEF', substr(digits.value, 4, 1)) << 8) |
        (instr('123456789ABCDEF', substr(digits.value, 1, 1)) << 4) | instr('123456789ABCDEF', substr(digits.value, 2, 1)))) AS bits
    WHERE bits.value & 2139095040 <> 2139095040                         -- else NaN: not scored
    UNION ALL
    SELECT run.uid, run.name, candidate_query.qid, place.value, place.key, NULL
    FROM run
    JOIN candidate_query ON candidate_query.candidates = run.candidates
    JOIN json_each(candidate_query.documents) AS place
    WHERE NOT EXISTS (SELECT 1 FROM run_query WHERE run_query.run = run.id)
)
SELECT run, name, query, document,
    row_number() OVER (PARTITION BY run, query ORDER BY logit DESC, CASE WHEN logit IS NULL THEN place END, document DESC) AS rank,
    logit
FROM scored;

-- A job: what rlab cache pack puts into a lab file of its own for a machine without the experiment's files. rlab cache merge does not
-- carry these tables over.

CREATE TABLE job (
    id              INTEGER PRIMARY KEY CHECK (id = 1),
    experiment      TEXT NOT NULL,      -- the experiment file as written
    overrides       TEXT NOT NULL,      -- JSON array of --set assignments
    experiment_path TEXT NOT NULL,      -- relative to the lab file that it was packed from
    candidates      INTEGER NOT NULL REFERENCES candidates (id),
    qrels           INTEGER REFERENCES qrels (id),
    is_ordered      INTEGER NOT NULL,   -- 0: the order of the candidates means nothing
    crc             INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE job_text (                 -- only with --with-texts: each distinct text once
    id              INTEGER PRIMARY KEY,
    text            BLOB NOT NULL       -- UTF-8
) STRICT;

CREATE TABLE job_query (                -- where a query's texts are; its keys (candidate_query) tell whether they are what was packed
    ordinal         INTEGER PRIMARY KEY,
    query           INTEGER REFERENCES job_text (id),
    passages        TEXT NOT NULL       -- JSON array, parallel to the documents; null: not packed
) STRICT;
