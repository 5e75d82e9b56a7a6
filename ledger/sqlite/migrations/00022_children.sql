-- +goose Up
-- What was left out because its case's accept record was is no longer read at each delivery:
-- it is marked when that record goes. What may have missed that is looked at once.
UPDATE exceptions SET rule='redrive' WHERE state='not_applicable' AND rule='parent_not_applicable';
