-- +goose Up
CREATE INDEX returned_batch ON returned (batch); -- a row that came back says that its batch had arrived
