-- What confirmed flags ask of every visit to a patient or an address, beside what its assessment asks.

ALTER TABLE patients ADD COLUMN flag_conditions text[] NOT NULL DEFAULT '{}';
ALTER TABLE addresses ADD COLUMN flag_conditions text[] NOT NULL DEFAULT '{}';
