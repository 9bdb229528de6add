-- What would have had to be otherwise for a nurse to be asked, and decisions by time, for those who ask.

ALTER TABLE decisions ADD COLUMN nearest jsonb NOT NULL DEFAULT '{}';
CREATE INDEX decisions_by_time ON decisions (at DESC) WHERE asked;
