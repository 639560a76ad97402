-- Every row carries crc, by which a byte that was flipped on disk is found when the row is read: CRC-32C of the row's values,
-- as crc32c(…) of rlab's connections gives it. What a row refers to is in it by uid, fingerprint or hash, not by id, so that a
-- row is copied to another lab file with its crc. candidates and qrels are covered by their lists, logits by its own hash.

ALTER TABLE scorer ADD COLUMN crc INTEGER NOT NULL DEFAULT 0;
UPDATE scorer SET crc = crc32c(fingerprint, kind, spec);

ALTER TABLE scorer_name ADD COLUMN crc INTEGER NOT NULL DEFAULT 0;
UPDATE scorer_name SET crc = crc32c(name, precision, (SELECT s.fingerprint FROM scorer s WHERE s.id = scorer_name.scorer));

ALTER TABLE session ADD COLUMN crc INTEGER NOT NULL DEFAULT 0;          -- without ended and scored, which change
UPDATE session SET crc = crc32c(uid, started, device, provider, versions, host);

ALTER TABLE score ADD COLUMN crc INTEGER NOT NULL DEFAULT 0;            -- 24 bits of it, signed: there are very many of these rows
UPDATE score SET crc = crc32c(
    (SELECT s.fingerprint FROM scorer s WHERE s.id = score.scorer), query, pair, logit, tokens) >> 8;

ALTER TABLE candidate_query ADD COLUMN crc INTEGER NOT NULL DEFAULT 0;
UPDATE candidate_query SET crc = crc32c(
    (SELECT c.fingerprint FROM candidates c WHERE c.id = candidate_query.candidates), ordinal, qid, query, documents, scores, pairs);

ALTER TABLE qrels_query ADD COLUMN crc INTEGER NOT NULL DEFAULT 0;
UPDATE qrels_query SET crc = crc32c((SELECT q.fingerprint FROM qrels q WHERE q.id = qrels_query.qrels), ordinal, qid, labels);

ALTER TABLE run ADD COLUMN crc INTEGER NOT NULL DEFAULT 0;              -- without name and tags, which are the user's to change
UPDATE run SET crc = crc32c(uid, started, status, depth, experiment, overrides, experiment_path, setup,
    (SELECT c.fingerprint FROM candidates c WHERE c.id = run.candidates), (SELECT s.fingerprint FROM scorer s WHERE s.id = run.scorer),
    (SELECT q.fingerprint FROM qrels q WHERE q.id = run.qrels), (SELECT s.uid FROM session s WHERE s.id = run.session),
    queries, pairs, unique_pairs, hits, misses, scored, truncated, tokens, padded_tokens, seconds, cost, currency,
    environment, git_commit, git_dirty);

ALTER TABLE run_query ADD COLUMN crc INTEGER NOT NULL DEFAULT 0;
UPDATE run_query SET crc = crc32c(
    (SELECT r.uid FROM run r WHERE r.id = run_query.run), ordinal, (SELECT l.hash FROM logits l WHERE l.id = run_query.logits));

ALTER TABLE measure ADD COLUMN crc INTEGER NOT NULL DEFAULT 0;
UPDATE measure SET crc = crc32c(
    (SELECT r.uid FROM run r WHERE r.id = measure.run), (SELECT q.fingerprint FROM qrels q WHERE q.id = measure.qrels), query, name, value);
