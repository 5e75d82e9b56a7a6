-- +goose Up
ALTER TABLE cases ADD COLUMN item_code TEXT; -- of the case, for messages that repeat it
ALTER TABLE frozen ADD COLUMN open BLOB; -- members without an outcome, one bit each in the order of members; NULL = all
ALTER TABLE frozen ADD COLUMN open_rows INTEGER; -- how many; NULL = all
ALTER TABLE receivers ADD COLUMN identity TEXT NOT NULL DEFAULT ''; -- system and environment it was first fed as
ALTER TABLE receivers ADD COLUMN paused_at INTEGER NOT NULL DEFAULT 0; -- by a person; 0 = not
ALTER TABLE receivers ADD COLUMN paused_why TEXT NOT NULL DEFAULT '';
ALTER TABLE receivers ADD COLUMN blocked_at INTEGER NOT NULL DEFAULT 0; -- it refuses us since; 0 = it does not
ALTER TABLE receivers ADD COLUMN blocked_why TEXT NOT NULL DEFAULT '';
ALTER TABLE receivers ADD COLUMN tried_at INTEGER NOT NULL DEFAULT 0; -- the last delivery began
ALTER TABLE receivers ADD COLUMN good_at INTEGER NOT NULL DEFAULT 0; -- the last delivery that ended well
ALTER TABLE receivers ADD COLUMN clock_ms INTEGER; -- its clock less ours; NULL = not known
