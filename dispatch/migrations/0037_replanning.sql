-- An operator plans a day anew: an order keeps its seats filled while a nurse or the start changes, and a visit whose
-- start changes stays hers. Visits that change places are looked at together, when all of them have moved.

INSERT INTO lifecycle_moves (subject, move, from_state, to_state) VALUES
    ('order', 'replan', 'assigned', 'assigned'),
    ('visit', 'retime', 'scheduled', 'scheduled');

ALTER TABLE visits DROP CONSTRAINT visits_nurse_in_one_place;
ALTER TABLE visits ADD CONSTRAINT visits_nurse_in_one_place EXCLUDE USING gist (nurse_id WITH =, busy WITH &&)
    WHERE (state IN ('scheduled', 'en_route', 'arrived', 'in_service')) DEFERRABLE;

-- What was said of another start does not count.
GRANT DELETE ON confirmations, confirmation_waits TO shangmen_app;
