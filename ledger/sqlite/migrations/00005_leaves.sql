-- +goose Up
ALTER TABLE records ADD COLUMN leaf INTEGER NOT NULL DEFAULT 0; -- part of the view its row lies in, and 1; 0 = not known
CREATE TABLE sums ( -- what the parts of a view added up to when it was last compared
  pipeline TEXT PRIMARY KEY,
  mapping  TEXT NOT NULL, -- version
  of       TEXT NOT NULL, -- what was added up, and how
  run      INTEGER NOT NULL,
  parts    BLOB NOT NULL
) WITHOUT ROWID;
CREATE TABLE stirred ( -- parts whose records changed since
  pipeline TEXT NOT NULL,
  leaf     INTEGER NOT NULL,
  PRIMARY KEY (pipeline, leaf)
) WITHOUT ROWID;
