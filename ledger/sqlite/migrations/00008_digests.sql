-- +goose Up
ALTER TABLE frozen ADD COLUMN digests BLOB; -- of each member's row at the receiver, eight bytes little-endian, in the order of members; NULL = not known
