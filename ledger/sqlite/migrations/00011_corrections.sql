-- +goose Up
CREATE TABLE corrections ( -- what departments say that refused rows should have held
  pipeline TEXT NOT NULL,
  row      BLOB NOT NULL, -- the row as it is read, a hash
  cells    TEXT NOT NULL, -- JSON: column to text, or null
  reject   INTEGER NOT NULL,
  who      TEXT NOT NULL,
  at       INTEGER NOT NULL,
  PRIMARY KEY (pipeline, row)
) WITHOUT ROWID;
