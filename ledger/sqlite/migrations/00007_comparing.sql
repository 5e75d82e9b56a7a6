-- +goose Up
ALTER TABLE runs ADD COLUMN compared INTEGER NOT NULL DEFAULT 0; -- the whole view was compared with the ledger
UPDATE runs SET compared=1 WHERE mode IN ('full','compare') AND state='done';
CREATE TABLE delete_lists ( -- records that the fuse kept from being deleted, for a person to approve
  number   INTEGER PRIMARY KEY AUTOINCREMENT,
  pipeline TEXT NOT NULL,
  kind     TEXT NOT NULL, -- absent, marked
  run      INTEGER NOT NULL, -- that found it last
  at       INTEGER NOT NULL,
  records  INTEGER NOT NULL,
  digest   TEXT NOT NULL,
  members  BLOB NOT NULL, -- record numbers and versions
  state    TEXT NOT NULL DEFAULT 'open', -- open, approved, replaced, settled
  who      TEXT NOT NULL DEFAULT '',
  decided  INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX delete_lists_pipeline ON delete_lists (pipeline, state);
