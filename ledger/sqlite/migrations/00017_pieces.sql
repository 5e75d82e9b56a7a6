-- +goose Up
CREATE TABLE pieces ( -- receipts of files that go to a receiver in pieces
  receiver     INTEGER NOT NULL,
  rec          INTEGER NOT NULL,
  version      INTEGER NOT NULL,
  count        INTEGER NOT NULL,
  size         INTEGER NOT NULL, -- bytes of each but the last
  md5          TEXT NOT NULL,    -- of the whole file
  acknowledged BLOB NOT NULL,    -- Unix milliseconds of each piece in order, eight bytes little-endian
  PRIMARY KEY (receiver, rec, version)
) WITHOUT ROWID;
