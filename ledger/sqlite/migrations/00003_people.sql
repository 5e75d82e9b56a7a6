-- +goose Up
ALTER TABLE receivers ADD COLUMN failed_at INTEGER NOT NULL DEFAULT 0; -- the last delivery did not end well; 0 = it did
ALTER TABLE receivers ADD COLUMN failed_why TEXT NOT NULL DEFAULT ''; -- JSON as in blocked_why: what, and how to mend it
ALTER TABLE frozen ADD COLUMN arrived INTEGER NOT NULL DEFAULT 0; -- when its last receipt was stored; 0 = never, or before this layout
CREATE TABLE waivers ( -- rejects that a person decided not to have mended
  reject INTEGER PRIMARY KEY,
  at     INTEGER NOT NULL,
  who    TEXT NOT NULL,
  why    TEXT NOT NULL
);
