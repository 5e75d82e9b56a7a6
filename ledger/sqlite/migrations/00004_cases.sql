-- +goose Up
-- What children need to know of a case stands in the row of its accept record; NULL elsewhere.
ALTER TABLE records ADD COLUMN round INTEGER;
ALTER TABLE records ADD COLUMN case_no TEXT; -- of this round; frozen at the first delivery of any round to any receiver
ALTER TABLE records ADD COLUMN flow_no TEXT;
ALTER TABLE records ADD COLUMN item_code TEXT;
ALTER TABLE records ADD COLUMN accepted_at INTEGER; -- Unix seconds, 0 = unknown
CREATE INDEX cases_rec ON cases (rec);
UPDATE records SET round=c.round, case_no=c.case_no, flow_no=c.flow_no, item_code=c.item_code, accepted_at=c.accepted_at
  FROM cases c WHERE c.rec=records.rec AND records.stream IN (SELECT id FROM streams WHERE subject='case/accept');
DROP TABLE cases;
