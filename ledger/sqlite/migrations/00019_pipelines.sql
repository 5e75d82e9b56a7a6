-- +goose Up
UPDATE exceptions SET pipeline=(SELECT pipeline FROM log WHERE log.seq=exceptions.seq) -- of the version put aside, not of the first one that was
  WHERE EXISTS (SELECT 1 FROM log WHERE log.seq=exceptions.seq AND log.pipeline<>exceptions.pipeline);
