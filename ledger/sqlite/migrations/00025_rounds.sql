-- +goose Up
CREATE INDEX records_rounds ON records (stream, key) WHERE round<>1; -- few: what a case has besides its first round, see Store.LaterRounds
