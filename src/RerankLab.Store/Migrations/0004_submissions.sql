-- Submissions: what a competition's board said of a run that was handed in there. Rows are only ever added, and none changes, so that
-- merging lab files is the union of their rows: what is known later, and what corrects, is another row of the same run and board
-- (docs/adr/0018).

CREATE TABLE submission (
    id            INTEGER PRIMARY KEY,
    uid           TEXT NOT NULL UNIQUE,     -- UUIDv7: of what rows of one run and board say, the latest counts
    run           INTEGER NOT NULL REFERENCES run (id),
    at            TEXT NOT NULL,            -- when it was handed in: ISO 8601, UTC, to the second
    board         TEXT NOT NULL,
    public_score  REAL,                     -- NULL: this row does not say
    private_score REAL,                     -- NULL: this row does not say
    note          TEXT,                     -- NULL: this row does not say
    crc           INTEGER NOT NULL DEFAULT 0 -- of uid, the run's uid, at, board, public_score, private_score, note
) STRICT;

CREATE INDEX submission_run ON submission (run, board, uid);

CREATE VIEW submissions AS              -- one row a run and board: what its rows say together
SELECT run.uid AS run, run.name, submission.board, min(submission.at) AS at,
    (SELECT said.public_score FROM submission AS said
        WHERE said.run = submission.run AND said.board = submission.board AND said.public_score IS NOT NULL
        ORDER BY said.uid DESC LIMIT 1) AS public_score,
    (SELECT said.private_score FROM submission AS said
        WHERE said.run = submission.run AND said.board = submission.board AND said.private_score IS NOT NULL
        ORDER BY said.uid DESC LIMIT 1) AS private_score,
    (SELECT said.note FROM submission AS said
        WHERE said.run = submission.run AND said.board = submission.board AND said.note IS NOT NULL
        ORDER BY said.uid DESC LIMIT 1) AS note
FROM submission
JOIN run ON run.id = submission.run
GROUP BY submission.run, submission.board;
