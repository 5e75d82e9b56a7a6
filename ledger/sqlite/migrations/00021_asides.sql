-- +goose Up
CREATE INDEX exceptions_rule ON exceptions (receiver, stream, rule, state); -- what a receiver may be offered again, see ledger.Source
