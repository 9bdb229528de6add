-- How long a nurse waits at a door that nobody opens.

CREATE TABLE door_waits (
    visit_id uuid PRIMARY KEY REFERENCES visits,
    until    timestamptz NOT NULL,
    due_at   timestamptz
);
CREATE INDEX door_waits_due ON door_waits (due_at) WHERE due_at IS NOT NULL;

GRANT SELECT, INSERT, UPDATE ON door_waits TO shangmen_app;

ALTER TABLE door_waits ENABLE ROW LEVEL SECURITY;
ALTER TABLE door_waits FORCE ROW LEVEL SECURITY;
CREATE POLICY own ON door_waits USING (
    EXISTS (SELECT FROM visits v WHERE v.id = door_waits.visit_id
                                   AND (app_staff() OR v.nurse_id = app_nurse())));
