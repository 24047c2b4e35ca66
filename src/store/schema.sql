-- The index of .assay/: what can be asked quickly. The truth is .assay/runs/<run_id>/, from which all
-- but annotations can be made again (rebuild.ts).
--
-- Each `record` is the JSON that run.json holds; generated columns look into it, so that they cannot
-- contradict it. `attempt` is attempts.id, which is private to this file; attempt_id is for the world.

CREATE TABLE runs (
  run_id         TEXT NOT NULL PRIMARY KEY,
  -- The order in which runs start. Two runs have the same only where folders were brought together by hand.
  seq            INTEGER NOT NULL,
  state          TEXT NOT NULL CHECK (state IN ('running', 'finished', 'interrupted')),
  -- run.json, with `runners` cut down to the attempts' ids in their order.
  record         TEXT NOT NULL,
  started_at     TEXT AS (record ->> 'started_at'),
  verb           TEXT AS (record ->> 'verb'),
  recommendation TEXT AS (record ->> 'recommendation'),
  confidence     REAL AS (record ->> 'confidence'),
  duration_ms    REAL AS (record ->> 'duration_ms'),
  "commit"       TEXT AS (record ->> 'commit'),
  branch         TEXT AS (record ->> 'branch'),
  dirty          INTEGER AS (record ->> 'dirty'),
  tree           TEXT AS (record ->> 'tree')
);
CREATE UNIQUE INDEX runs_by_seq ON runs (seq, run_id);
CREATE INDEX runs_running ON runs (run_id) WHERE state = 'running';

-- The highest serial given for a name, and under the name '' the highest seq: a second copy of
-- counters.json. Rows are never removed, for a number is never given twice, prune or not.
CREATE TABLE marks (
  name TEXT PRIMARY KEY,
  last INTEGER NOT NULL
) WITHOUT ROWID;

-- Run folders that cannot be read and that the index does not know. Each is older than every run of a
-- higher seq than this, the highest that had been given when the folder was found.
CREATE TABLE unreadable (
  run_id  TEXT PRIMARY KEY,
  seq     INTEGER NOT NULL,
  problem TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE attempts (
  id         INTEGER PRIMARY KEY,
  -- A ULID, of which each is greater than the one before in the same run.
  attempt_id TEXT NOT NULL UNIQUE,
  run_id     TEXT NOT NULL REFERENCES runs (run_id) ON DELETE CASCADE,
  name       TEXT NOT NULL,
  -- NULL: the attempt never started.
  serial     INTEGER,
  state      TEXT NOT NULL CHECK (state IN ('pending', 'running', 'finished', 'interrupted')),
  pid        INTEGER,
  record     TEXT NOT NULL,
  started_at TEXT AS (record ->> 'started_at'),
  kind       TEXT AS (record ->> 'kind'),
  command    TEXT AS (record ->> 'command'),
  UNIQUE (name, serial)
);
CREATE INDEX attempts_by_run ON attempts (run_id, attempt_id);

CREATE TABLE outcomes (
  attempt       INTEGER PRIMARY KEY REFERENCES attempts (id) ON DELETE CASCADE,
  verdict       TEXT NOT NULL CHECK (verdict IN ('pass', 'fail', 'unknown')),
  -- JSON array of {code, message}.
  reasons       TEXT NOT NULL,
  exit_code     INTEGER,
  signal        TEXT,
  timed_out     INTEGER NOT NULL,
  cancelled     INTEGER NOT NULL,
  duration_ms   REAL NOT NULL,
  tests_total   INTEGER NOT NULL,
  tests_passed  INTEGER NOT NULL,
  tests_failed  INTEGER NOT NULL,
  tests_errored INTEGER NOT NULL,
  tests_skipped INTEGER NOT NULL,
  tests_flaky   INTEGER NOT NULL,
  diagnostics   INTEGER NOT NULL,
  suite_errors  INTEGER NOT NULL
);

CREATE TABLE outputs (
  attempt   INTEGER NOT NULL REFERENCES attempts (id) ON DELETE CASCADE,
  stream    TEXT NOT NULL CHECK (stream IN ('stdout', 'stderr')),
  path      TEXT NOT NULL,
  -- Of either stream: the attempt says only that one of them was cut.
  truncated INTEGER NOT NULL,
  PRIMARY KEY (attempt, stream)
) WITHOUT ROWID;

-- Events as the batches they came in: one row for 1,000 events costs a third of 1,000 rows, and a
-- report of 100,000 tests is stored in a quarter of a second. Problems lie in batches of their own, so
-- that showing one failure does not read the passed tests around it.
CREATE TABLE event_batches (
  id      INTEGER PRIMARY KEY,
  attempt INTEGER NOT NULL REFERENCES attempts (id) ON DELETE CASCADE,
  -- Index of the first event of the whole batch: the same in the row of problems and in the other.
  first   INTEGER NOT NULL,
  -- 1: failed and errored tests, suite errors, diagnostics. 0: the rest.
  problem INTEGER NOT NULL,
  -- JSON array of events, ascending by index.
  events  TEXT NOT NULL,
  UNIQUE (attempt, first, problem)
);
CREATE INDEX event_batches_problems ON event_batches (attempt, first) WHERE problem = 1;

CREATE VIEW events AS
SELECT
  attempts.run_id,
  attempts.attempt_id,
  attempts.name AS attempt_name,
  attempts.serial,
  event.value ->> 'index' AS "index",
  event_batches.problem,
  event.value ->> 'type' AS type,
  event.value ->> 'status' AS status,
  event.value ->> 'name' AS name,
  event.value ->> 'suite' AS suite,
  event.value ->> 'rule' AS rule,
  event.value ->> 'tool' AS tool,
  event.value ->> 'file' AS file,
  event.value ->> 'line' AS line,
  event.value ->> 'column' AS "column",
  event.value ->> 'message' AS message,
  event.value ->> 'duration_ms' AS duration_ms,
  event.value ->> 'flaky' AS flaky,
  event.value ->> 'identity' AS identity,
  event.value ->> 'cluster' AS cluster,
  event.value AS record
FROM event_batches
JOIN attempts ON attempts.id = event_batches.attempt
JOIN json_each(event_batches.events) AS event;

CREATE TABLE metrics (
  attempt INTEGER NOT NULL REFERENCES attempts (id) ON DELETE CASCADE,
  name    TEXT NOT NULL,
  value   REAL NOT NULL,
  PRIMARY KEY (attempt, name)
) WITHOUT ROWID;

CREATE TABLE artifacts (
  attempt INTEGER NOT NULL REFERENCES attempts (id) ON DELETE CASCADE,
  name    TEXT NOT NULL,
  path    TEXT NOT NULL,
  sha256  TEXT NOT NULL,
  bytes   INTEGER NOT NULL,
  PRIMARY KEY (attempt, name, path)
) WITHOUT ROWID;

-- Kept by attempt_id and without a foreign key, for they must outlive a rebuild.
CREATE TABLE annotations (
  attempt_id  TEXT NOT NULL,
  -- 0: of the attempt as a whole.
  event_index INTEGER NOT NULL DEFAULT 0,
  annotator   TEXT NOT NULL,
  -- Chosen by the annotator: annotating again replaces.
  key         TEXT NOT NULL,
  display     TEXT NOT NULL CHECK (display IN ('inline', 'detail', 'hidden')),
  record      TEXT NOT NULL,
  PRIMARY KEY (attempt_id, event_index, annotator, key)
) WITHOUT ROWID;

CREATE TABLE extension_data (
  attempt   INTEGER NOT NULL REFERENCES attempts (id) ON DELETE CASCADE,
  extension TEXT NOT NULL,
  key       TEXT NOT NULL,
  -- JSON, as the extension gave it.
  value     TEXT NOT NULL,
  PRIMARY KEY (attempt, extension, key)
) WITHOUT ROWID;
