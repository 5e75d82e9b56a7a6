-- +goose Up
CREATE TABLE doubts ( -- fields of the newest versions of records that could not be verified, or are not so
  rec      INTEGER NOT NULL,
  field    TEXT NOT NULL,
  pipeline TEXT NOT NULL,
  stream   INTEGER NOT NULL,
  version  INTEGER NOT NULL,
  key      BLOB NOT NULL, -- of the record
  row_key  BLOB NOT NULL, -- of the row it was made from
  service  TEXT NOT NULL,
  failed   INTEGER NOT NULL, -- 1: it is not so; 0: nobody could say
  rule     TEXT NOT NULL,
  since    INTEGER NOT NULL,
  next     INTEGER NOT NULL, -- asked again from then on
  tries    INTEGER NOT NULL,
  PRIMARY KEY (rec, field)
) WITHOUT ROWID;
CREATE INDEX doubts_pipeline ON doubts(pipeline, rec, field);
