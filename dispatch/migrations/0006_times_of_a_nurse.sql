-- The shifts and duties of some nurses, without walking through everybody's of that day: the index of
-- the exclusion constraint finds a time quickly, but a nurse only slowly.

CREATE INDEX shifts_by_nurse ON shifts (nurse_id, upper(during));
CREATE INDEX ward_duties_by_nurse ON ward_duties (nurse_id, upper(during));
