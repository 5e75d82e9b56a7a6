-- +goose Up
ALTER TABLE receivers ADD COLUMN broken_at INTEGER NOT NULL DEFAULT 0; -- it failed too often in a row and is left alone since; 0 = not
ALTER TABLE receivers ADD COLUMN broken_until INTEGER NOT NULL DEFAULT 0; -- nothing goes before, then one try
ALTER TABLE receivers ADD COLUMN broken_times INTEGER NOT NULL DEFAULT 0; -- tries that failed since, and the first
ALTER TABLE receivers ADD COLUMN broken_why TEXT NOT NULL DEFAULT ''; -- JSON as in blocked_why
ALTER TABLE offsets ADD COLUMN ahead_from INTEGER NOT NULL DEFAULT 0; -- what lies behind this batch goes before the backlog; 0 = there is none
ALTER TABLE offsets ADD COLUMN ahead_to INTEGER NOT NULL DEFAULT 0; -- the last batch of it that was looked at
ALTER TABLE offsets ADD COLUMN ahead_rows INTEGER NOT NULL DEFAULT 0; -- rows of it that were offered
CREATE TABLE outcomes ( -- calls of which nobody knows whether they took effect, and what people decided about them
  id       INTEGER PRIMARY KEY AUTOINCREMENT,
  receiver INTEGER NOT NULL,
  rec      INTEGER NOT NULL,
  version  INTEGER NOT NULL,
  batch    TEXT NOT NULL, -- frozen batch it is a member of
  stream   INTEGER NOT NULL,
  key      BLOB NOT NULL,
  pipeline TEXT NOT NULL,
  run      INTEGER NOT NULL,
  state    TEXT NOT NULL, -- calling, open, unknown, again; decided: arrived, again, given_up
  since    INTEGER NOT NULL,
  tries    INTEGER NOT NULL, -- deliveries that gave it up
  why      TEXT NOT NULL, -- JSON as in blocked_why
  who      TEXT NOT NULL DEFAULT '', -- decided
  said     TEXT NOT NULL DEFAULT '', -- in that person's words
  decided  INTEGER NOT NULL DEFAULT 0 -- 0 = it is not settled
);
CREATE UNIQUE INDEX outcomes_open ON outcomes (receiver, rec, version) WHERE decided=0;
CREATE INDEX outcomes_rec ON outcomes (receiver, rec);
