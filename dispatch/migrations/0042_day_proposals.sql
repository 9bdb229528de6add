-- What planning a booked day anew proposes, until it is done or planned again.

CREATE TABLE day_proposals (
    county     text NOT NULL,
    day        date NOT NULL,
    claimed_at timestamptz,                         -- somebody plans it, or died of it
    planned_at timestamptz,
    seen       text,                                -- digest of the bookings that it was made of
    held_up    boolean NOT NULL DEFAULT false,      -- a nurse was over time at what she was at
    proposal   jsonb,                               -- changes by part, who is late, who has nobody
    PRIMARY KEY (county, day),
    CHECK ((planned_at IS NULL) = (proposal IS NULL) AND (planned_at IS NULL) = (seen IS NULL))
) WITH (fillfactor = 70);

GRANT SELECT, INSERT, UPDATE, DELETE ON day_proposals TO shangmen_app;

-- A plan goes across institutions: who is bound to one plans for himself.
ALTER TABLE day_proposals ENABLE ROW LEVEL SECURITY;
ALTER TABLE day_proposals FORCE ROW LEVEL SECURITY;
CREATE POLICY staff ON day_proposals USING (app_sees_all());
