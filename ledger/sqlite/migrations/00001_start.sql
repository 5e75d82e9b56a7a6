-- +goose Up
CREATE TABLE streams (
  id      INTEGER PRIMARY KEY,
  source  TEXT NOT NULL,
  subject TEXT NOT NULL,
  UNIQUE (source, subject)
);
CREATE TABLE records ( -- the index: newest version of every record, clustered by stream and key
  stream  INTEGER NOT NULL,
  key     BLOB NOT NULL,
  rec     INTEGER NOT NULL,
  version INTEGER NOT NULL,
  rhash   BLOB NOT NULL,
  shash   BLOB NOT NULL,
  guid    BLOB NOT NULL,
  seq     INTEGER NOT NULL,
  row     INTEGER NOT NULL,
  run     INTEGER NOT NULL,
  deleted INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (stream, key)
) WITHOUT ROWID;
CREATE TABLE log ( -- what changed, in order
  seq      INTEGER PRIMARY KEY AUTOINCREMENT,
  stream   INTEGER NOT NULL,
  pipeline TEXT NOT NULL,
  run      INTEGER NOT NULL,
  mapping  TEXT NOT NULL,
  at       INTEGER NOT NULL,
  rows     INTEGER NOT NULL,
  payload  BLOB
);
CREATE INDEX log_stream ON log (stream, seq);
CREATE TABLE dead ( -- how many payload rows of a log batch were replaced; apart, for a log row is as large as its payload
  seq  INTEGER PRIMARY KEY,
  rows INTEGER NOT NULL
);
CREATE TABLE superseded ( -- payload rows that a newer version replaced
  seq INTEGER NOT NULL,
  row INTEGER NOT NULL,
  PRIMARY KEY (seq, row)
) WITHOUT ROWID;
CREATE TABLE cases (
  source      TEXT NOT NULL,
  local_no    TEXT NOT NULL,
  case_no     TEXT,
  flow_no     TEXT,
  rec         INTEGER NOT NULL,
  round       INTEGER NOT NULL,
  accepted_at INTEGER NOT NULL,
  PRIMARY KEY (source, local_no)
) WITHOUT ROWID;
CREATE TABLE positions (
  pipeline TEXT PRIMARY KEY,
  position TEXT NOT NULL,
  run      INTEGER NOT NULL,
  at       INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE runs (
  num      INTEGER PRIMARY KEY AUTOINCREMENT,
  id       TEXT NOT NULL,
  pipeline TEXT NOT NULL,
  mode     TEXT NOT NULL,
  mapping  TEXT NOT NULL,
  started  INTEGER NOT NULL,
  ended    INTEGER NOT NULL DEFAULT 0,
  state    TEXT NOT NULL,
  counts   TEXT NOT NULL DEFAULT '{}',
  error    TEXT NOT NULL DEFAULT ''
);
CREATE INDEX runs_pipeline ON runs (pipeline, num);
CREATE TABLE kept ( -- mapped source columns, for some days
  id       INTEGER PRIMARY KEY AUTOINCREMENT,
  pipeline TEXT NOT NULL,
  run      INTEGER NOT NULL,
  at       INTEGER NOT NULL,
  rows     INTEGER NOT NULL,
  payload  BLOB NOT NULL
);
CREATE TABLE rejects (
  id        INTEGER PRIMARY KEY AUTOINCREMENT,
  pipeline  TEXT NOT NULL,
  receiver  TEXT NOT NULL,
  key       BLOB NOT NULL,
  rule      TEXT NOT NULL,
  shash     BLOB NOT NULL,
  subject   TEXT NOT NULL,
  field     TEXT NOT NULL,
  args      TEXT NOT NULL,
  kept      INTEGER NOT NULL,
  kept_row  INTEGER NOT NULL,
  run       INTEGER NOT NULL,
  at        INTEGER NOT NULL,
  seen_run  INTEGER NOT NULL,
  state     TEXT NOT NULL DEFAULT 'open',
  closed_at INTEGER NOT NULL DEFAULT 0,
  UNIQUE (pipeline, receiver, key, rule, shash)
);
CREATE INDEX rejects_open ON rejects (pipeline, state);
CREATE TABLE receivers (
  id   INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE
);
CREATE TABLE offsets (
  receiver INTEGER NOT NULL,
  stream   INTEGER NOT NULL,
  seq      INTEGER NOT NULL,
  PRIMARY KEY (receiver, stream)
) WITHOUT ROWID;
CREATE TABLE sent ( -- versions a receiver has, 512 consecutive record numbers a page
  receiver INTEGER NOT NULL,
  page     INTEGER NOT NULL,
  versions BLOB NOT NULL,
  PRIMARY KEY (receiver, page)
) WITHOUT ROWID;
CREATE TABLE exceptions (
  receiver INTEGER NOT NULL,
  rec      INTEGER NOT NULL,
  version  INTEGER NOT NULL,
  state    TEXT NOT NULL,
  rule     TEXT NOT NULL,
  field    TEXT NOT NULL,
  args     TEXT NOT NULL,
  stream   INTEGER NOT NULL,
  key      BLOB NOT NULL,
  seq      INTEGER NOT NULL,
  row      INTEGER NOT NULL,
  run      INTEGER NOT NULL,
  pipeline TEXT NOT NULL,
  since    INTEGER NOT NULL,
  PRIMARY KEY (receiver, rec)
) WITHOUT ROWID;
CREATE TABLE frozen (
  id       TEXT PRIMARY KEY,
  receiver INTEGER NOT NULL,
  stream   INTEGER NOT NULL,
  tablename TEXT NOT NULL,
  at       INTEGER NOT NULL,
  state    TEXT NOT NULL DEFAULT 'open', -- open, arrived
  rows     INTEGER NOT NULL,
  members  BLOB NOT NULL
) WITHOUT ROWID;
CREATE INDEX frozen_open ON frozen (receiver) WHERE state = 'open';
CREATE TABLE leases (
  name  TEXT PRIMARY KEY,
  owner TEXT NOT NULL,
  epoch INTEGER NOT NULL,
  until INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE counters (
  name  TEXT PRIMARY KEY,
  value INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE due ( -- when a job was last due
  job TEXT PRIMARY KEY,
  at  INTEGER NOT NULL
) WITHOUT ROWID;
