-- +goose Up
CREATE TABLE told ( -- what receivers that are called acknowledged last of a record
  receiver INTEGER NOT NULL,
  rec      INTEGER NOT NULL,
  part     TEXT NOT NULL, -- of a record that goes as several messages; empty of others
  message  BLOB NOT NULL, -- hash of the message; zeros while another is under way
  PRIMARY KEY (receiver, rec, part)
) WITHOUT ROWID;
