-- +goose Up
ALTER TABLE frozen ADD COLUMN tried INTEGER; -- of an open batch: when the last attempt that may have arrived began; 0 = none may have; NULL = at
ALTER TABLE receivers ADD COLUMN stamped INTEGER NOT NULL DEFAULT 0; -- the latest time that was written to it: no batch is of an earlier one
UPDATE receivers SET stamped = (SELECT coalesce(max(at), 0) FROM frozen WHERE frozen.receiver = receivers.id);
