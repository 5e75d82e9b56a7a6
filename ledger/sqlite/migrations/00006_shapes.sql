-- +goose Up
CREATE TABLE shapes ( -- what each pipeline's view was made of when it was last read
  pipeline TEXT PRIMARY KEY,
  run      INTEGER NOT NULL,
  shape    TEXT NOT NULL
) WITHOUT ROWID;
