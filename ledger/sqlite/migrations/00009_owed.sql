-- +goose Up
CREATE TABLE owed ( -- files that the newest versions of records refer to and do not have
  rec      INTEGER PRIMARY KEY,
  pipeline TEXT NOT NULL,
  stream   INTEGER NOT NULL,
  version  INTEGER NOT NULL,
  key      BLOB NOT NULL, -- of the record
  row_key  BLOB NOT NULL, -- of the row it was made from
  field    TEXT NOT NULL,
  ref      TEXT NOT NULL,
  why      TEXT NOT NULL, -- missing, down, store, wrong
  since    INTEGER NOT NULL,
  next     INTEGER NOT NULL, -- asked for again from then on
  tries    INTEGER NOT NULL
);
CREATE INDEX owed_pipeline ON owed(pipeline, rec);
