-- What follows from a patient's silence before a visit.

CREATE TABLE confirmation_waits (
    visit_id uuid PRIMARY KEY REFERENCES visits,
    second   boolean NOT NULL DEFAULT false,
    due_at   timestamptz
);
CREATE INDEX confirmation_waits_due ON confirmation_waits (due_at) WHERE due_at IS NOT NULL;

-- Whose second contact is woken; null: the account.
ALTER TABLE notices ADD COLUMN patient_id uuid;

GRANT SELECT, INSERT, UPDATE ON confirmation_waits TO shangmen_app;

ALTER TABLE confirmation_waits ENABLE ROW LEVEL SECURITY;
ALTER TABLE confirmation_waits FORCE ROW LEVEL SECURITY;
CREATE POLICY own ON confirmation_waits USING (
    EXISTS (SELECT FROM visits v WHERE v.id = confirmation_waits.visit_id));
