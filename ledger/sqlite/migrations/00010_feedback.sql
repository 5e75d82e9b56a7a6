-- +goose Up
CREATE TABLE returned ( -- rows that a receiver took and sent back
  id        INTEGER PRIMARY KEY AUTOINCREMENT,
  receiver  INTEGER NOT NULL,
  origin    TEXT NOT NULL, -- the receiver's table they were read from
  row       TEXT NOT NULL, -- what names them there
  tablename TEXT NOT NULL, -- they had been sent to; empty = a name that is none of ours
  named     TEXT NOT NULL, -- row_guid or key, as the receiver has it
  batch     TEXT NOT NULL,
  kind      TEXT NOT NULL,
  words     TEXT NOT NULL,
  at        INTEGER NOT NULL, -- by the receiver's clock
  seen      INTEGER NOT NULL,
  state     TEXT NOT NULL, -- returned, replaced, other, unknown
  stream    INTEGER, -- of the record, as the rest; NULL = none was found
  key       BLOB,
  rec       INTEGER,
  version   INTEGER,
  UNIQUE (receiver, origin, row)
);
CREATE INDEX returned_rec ON returned (receiver, rec);
CREATE TABLE watched ( -- how far a receiver has taken over a batch that it has
  batch     TEXT PRIMARY KEY,
  receiver  INTEGER NOT NULL,
  tablename TEXT NOT NULL,
  at        INTEGER NOT NULL, -- of the receipt
  sent      INTEGER NOT NULL, -- rows: members less those its database refused
  waiting   INTEGER NOT NULL,
  missing   INTEGER NOT NULL DEFAULT 0,
  looked    INTEGER NOT NULL DEFAULT 0, -- 0 = never
  done      INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;
CREATE INDEX watched_open ON watched (receiver, looked, at) WHERE done=0;
CREATE TABLE adopted ( -- identities taken over from an earlier exchange program
  rec         INTEGER PRIMARY KEY,
  receiver    INTEGER NOT NULL,
  tablename   TEXT NOT NULL,
  guid        BLOB NOT NULL UNIQUE,
  spelled     TEXT NOT NULL, -- as they write it; empty = as we do
  was_guid    BLOB NOT NULL,
  case_no     TEXT NOT NULL, -- empty = the record's own was kept
  was_case_no TEXT NOT NULL,
  at          INTEGER NOT NULL
);
