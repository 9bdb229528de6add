-- Orders that cannot all be served, hours ahead, with the certificate of it.

CREATE TABLE shortages (
    id          uuid PRIMARY KEY,
    county      text NOT NULL,
    order_ids   uuid[] NOT NULL,                    -- in order
    starts_at   timestamptz NOT NULL,               -- all of their visits lie between
    ends_at     timestamptz NOT NULL,
    seats       int NOT NULL,
    visits_max  int NOT NULL,
    certificate jsonb NOT NULL,                     -- orders, who qualifies, their free hours
    found_at    timestamptz NOT NULL DEFAULT app_now(),
    held_at     timestamptz NOT NULL DEFAULT app_now(),
    ended_at    timestamptz,
    CHECK (visits_max < seats)
);
CREATE UNIQUE INDEX shortages_open ON shortages (order_ids) WHERE ended_at IS NULL;
CREATE INDEX shortages_by_end ON shortages (ended_at) WHERE ended_at IS NOT NULL;

GRANT SELECT, INSERT, UPDATE, DELETE ON shortages TO shangmen_app;

ALTER TABLE shortages ENABLE ROW LEVEL SECURITY;
ALTER TABLE shortages FORCE ROW LEVEL SECURITY;
CREATE POLICY staff ON shortages USING (app_staff());
