-- What each nurse was given for the hours that she has opened, older weeks counting less.

CREATE TABLE nurse_shares (
    nurse_id uuid PRIMARY KEY REFERENCES nurses ON DELETE CASCADE,
    hours    float8 NOT NULL,                       -- of shifts that are over
    offers   float8 NOT NULL,
    paid_min float8 NOT NULL,
    ahead    float8 NOT NULL,                       -- of the mean of all, for her hours: 0.2 is a fifth more
    until    timestamptz NOT NULL
) WITH (fillfactor = 70);

GRANT SELECT, INSERT, UPDATE ON nurse_shares TO shangmen_app;

ALTER TABLE nurse_shares ENABLE ROW LEVEL SECURITY;
ALTER TABLE nurse_shares FORCE ROW LEVEL SECURITY;
CREATE POLICY own ON nurse_shares USING (app_staff() OR nurse_id = app_nurse());
