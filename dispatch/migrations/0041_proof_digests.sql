-- Not every number of a proof is bound by the arithmetic: a digest tells whether a row is as it was
-- kept. Rows of before have none.

ALTER TABLE batches ADD COLUMN digest text;
ALTER TABLE shortages ADD COLUMN digest text;
