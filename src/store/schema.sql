-- Raised by one with every change below: an index of an older version is set aside and rebuilt.
PRAGMA user_version = 5;

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
  -- run.json, with `attempts` cut down to the attempts' ids in their order.
  record         TEXT NOT NULL,
  -- Of the columns before: SQLite does not see what a disk changes in a text.
  hash           TEXT NOT NULL,
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
  -- Likewise, of what it is read with.
  hash       TEXT NOT NULL,
  started_at TEXT AS (record ->> 'started_at'),
  kind       TEXT AS (record ->> 'kind'),
  command    TEXT AS (record ->> 'command'),
  UNIQUE (name, serial)
);
CREATE INDEX attempts_by_run ON attempts (run_id, attempt_id);

-- What came of an attempt. This and the other views read the attempt's record: a new one is a few lines here.
CREATE VIEW outcomes AS
SELECT
  id AS attempt,
  record ->> 'verdict' AS verdict,
  -- JSON array of {code, message}.
  record -> 'reasons' AS reasons,
  record ->> 'exit_code' AS exit_code,
  record ->> 'signal' AS signal,
  record ->> 'timed_out' AS timed_out,
  record ->> 'cancelled' AS cancelled,
  record ->> 'duration_ms' AS duration_ms,
  record ->> '$.tests.total' AS tests_total,
  record ->> '$.tests.passed' AS tests_passed,
  record ->> '$.tests.failed' AS tests_failed,
  record ->> '$.tests.errored' AS tests_errored,
  record ->> '$.tests.skipped' AS tests_skipped,
  record ->> '$.tests.flaky' AS tests_flaky,
  record ->> 'diagnostics' AS diagnostics,
  record ->> 'suite_errors' AS suite_errors
FROM attempts
WHERE state <> 'running';

-- `truncated` is of either stream: the attempt says only that one of them was cut.
CREATE VIEW outputs AS
SELECT
  attempts.id AS attempt,
  streams.key AS stream,
  record ->> streams.value AS path,
  record ->> 'truncated' AS truncated
FROM attempts
JOIN json_each('{"stdout": "output_file", "stderr": "stderr_file"}') AS streams
WHERE state <> 'running' AND path IS NOT NULL;

CREATE VIEW metrics AS
SELECT attempts.id AS attempt, metric.key AS name, metric.value AS value
FROM attempts
JOIN json_each(attempts.record, '$.metrics') AS metric
-- JSON has neither NaN nor infinity: they are null in it.
WHERE state <> 'running' AND metric.type <> 'null';

CREATE VIEW artifacts AS
SELECT
  attempts.id AS attempt,
  artifact.value ->> 'name' AS name,
  artifact.value ->> 'path' AS path,
  artifact.value ->> 'sha256' AS sha256,
  artifact.value ->> 'bytes' AS bytes
FROM attempts
JOIN json_each(attempts.record, '$.artifacts') AS artifact
WHERE state <> 'running';

-- `value` is JSON, as the extension gave it.
CREATE VIEW extension_data AS
SELECT
  attempts.id AS attempt,
  extension.key AS extension,
  data.key AS key,
  CASE
    WHEN data.type IN ('object', 'array') THEN data.value
    WHEN data.type IN ('text', 'integer', 'real') THEN json_quote(data.value)
    ELSE data.type
  END AS value
FROM attempts
JOIN json_each(attempts.record, '$.extension_data') AS extension
JOIN json_each(extension.value) AS data
WHERE state <> 'running';

-- Events, a thousand or so in one row: what is searched. All that is known of them is in the attempt's file of events
-- (events_file.ts), which a row says the place of.
CREATE TABLE event_batches (
  attempt    INTEGER NOT NULL REFERENCES attempts (id) ON DELETE CASCADE,
  -- Index of the first event, and how many they are.
  first      INTEGER NOT NULL,
  count      INTEGER NOT NULL,
  -- Where their lines are in the file.
  start      INTEGER NOT NULL,
  bytes      INTEGER NOT NULL,
  -- 1: they are compressed, in the file with the ending ".gz".
  packed     INTEGER NOT NULL,
  -- Failed and errored tests, suite errors, diagnostics: of each its place among the events, that of its line among
  -- theirs, and the line's length, as 32-bit numbers. NULL: none.
  problems   BLOB,
  -- One character an event: passed, retried and passed, failed, errored, skipped; Error, Warning, Info.
  statuses   TEXT NOT NULL,
  -- JSON array: milliseconds, or null.
  durations  TEXT NOT NULL,
  -- Eight bytes an event.
  identities BLOB NOT NULL,
  PRIMARY KEY (attempt, first)
);
CREATE INDEX event_batches_problems ON event_batches (attempt, first) WHERE problems IS NOT NULL;
CREATE INDEX event_batches_packed ON event_batches (attempt) WHERE packed = 1;

CREATE VIEW events AS
SELECT
  attempts.run_id,
  attempts.attempt_id,
  attempts.name AS attempt_name,
  attempts.serial,
  first + event.key AS "index",
  CASE substr(statuses, event.key + 1, 1)
    WHEN 'p' THEN 'passed'
    WHEN 'r' THEN 'passed'
    WHEN 'f' THEN 'failed'
    WHEN 'e' THEN 'errored'
    WHEN 's' THEN 'skipped'
    WHEN 'E' THEN 'error'
    WHEN 'W' THEN 'warning'
    WHEN 'I' THEN 'info'
  END AS status,
  substr(statuses, event.key + 1, 1) = 'r' AS flaky,
  event.value AS duration_ms,
  lower(hex(substr(identities, 8 * event.key + 1, 8))) AS identity
FROM event_batches
JOIN attempts ON attempts.id = event_batches.attempt
JOIN json_each(durations) AS event;

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
