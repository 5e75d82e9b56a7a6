-- +goose Up
CREATE TABLE acknowledged ( -- concerns of a site that a person has seen
  concern TEXT PRIMARY KEY,
  count   INTEGER NOT NULL,
  state   TEXT NOT NULL,
  at      INTEGER NOT NULL,
  who     TEXT NOT NULL
) WITHOUT ROWID;
