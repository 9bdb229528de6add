-- Whether a nurse who is out is well; the codes by which she says so; alarms that fall back to everybody.

CREATE TABLE safety_checks (
    visit_id    uuid PRIMARY KEY REFERENCES visits,
    every_min   smallint CHECK (every_min > 0),
    tells       boolean NOT NULL DEFAULT false,
    heard_at    timestamptz NOT NULL,
    answered_at timestamptz NOT NULL,
    asked_at    timestamptz,
    due_at      timestamptz
) WITH (fillfactor = 70);
CREATE INDEX safety_checks_due ON safety_checks (due_at) WHERE due_at IS NOT NULL;

CREATE TABLE safety_codes (
    account_id   uuid PRIMARY KEY REFERENCES accounts,
    codes_sealed bytea NOT NULL,
    set_at       timestamptz NOT NULL DEFAULT app_now()
);

ALTER TABLE alarms DROP CONSTRAINT alarms_kind_check;
ALTER TABLE alarms ADD CONSTRAINT alarms_kind_check CHECK (
    kind IN ('sos', 'duress', 'emergency', 'check_in', 'dark', 'overdue', 'not_departed', 'late_step', 'watch'));
ALTER TABLE alarms DROP CONSTRAINT alarms_check1;
ALTER TABLE alarms ADD CONSTRAINT alarms_check1 CHECK (next_step_at IS NULL OR state <> 'resolved');
DROP INDEX alarms_step_due;
CREATE INDEX alarms_step_due ON alarms (next_step_at) WHERE state <> 'resolved' AND next_step_at IS NOT NULL;
INSERT INTO lifecycle_moves (subject, move, from_state, to_state) VALUES
    ('alarm', 'fall_back', 'acknowledged', 'raised');

-- What was raised in silence only those see who take alarms up.
DROP POLICY own ON alarms;
CREATE POLICY own ON alarms USING (
    app_sees_all()
    OR ((kind <> 'duress' OR app_staff())
        AND (raised_by = app_account()
             OR EXISTS (SELECT FROM visits v WHERE v.id = alarms.visit_id))));

GRANT SELECT, INSERT, UPDATE ON safety_checks, safety_codes TO shangmen_app;

ALTER TABLE safety_checks ENABLE ROW LEVEL SECURITY;
ALTER TABLE safety_checks FORCE ROW LEVEL SECURITY;
CREATE POLICY own ON safety_checks USING (
    EXISTS (SELECT FROM visits v WHERE v.id = safety_checks.visit_id
                                   AND (app_staff() OR v.nurse_id = app_nurse())));

ALTER TABLE safety_codes ENABLE ROW LEVEL SECURITY;
ALTER TABLE safety_codes FORCE ROW LEVEL SECURITY;
CREATE POLICY own ON safety_codes USING (account_id = app_account());
