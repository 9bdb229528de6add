-- What planning a booked day anew proposes, until it is done or planned again.

CREATE TABLE day_proposals (
    county     text NOT NULL,
    day        date NOT NULL,
    planned_at timestamptz NOT NULL,                -- when it was last looked at
    seen       text NOT NULL,                       -- digest of the bookings that were
    pressing   boolean NOT NULL,                    -- a nurse is held up where she is
    proposal   jsonb NOT NULL,                      -- changes by part, who is late, who has nobody
    PRIMARY KEY (county, day)
) WITH (fillfactor = 70);

GRANT SELECT, INSERT, UPDATE, DELETE ON day_proposals TO shangmen_app;

ALTER TABLE day_proposals ENABLE ROW LEVEL SECURITY;
ALTER TABLE day_proposals FORCE ROW LEVEL SECURITY;
CREATE POLICY staff ON day_proposals USING (app_staff());
