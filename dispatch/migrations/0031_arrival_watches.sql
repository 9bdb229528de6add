-- Whether a nurse on her way comes nearer; who does not is asked, told of, and another one looked for.

CREATE TABLE arrival_watches (
    visit_id   uuid PRIMARY KEY REFERENCES visits,
    left_m     double precision,                    -- the way that was left when her phone spoke last
    nearest_m  double precision,
    gained_at  timestamptz NOT NULL,                -- when she last came nearer
    away_since timestamptz,
    heard_at   timestamptz NOT NULL,
    stage      smallint NOT NULL DEFAULT 0 CHECK (stage BETWEEN 0 AND 2),   -- asked, told of
    due_at     timestamptz                          -- deadline: look at her
);
CREATE INDEX arrival_watches_due ON arrival_watches (due_at) WHERE due_at IS NOT NULL;

GRANT SELECT, INSERT, UPDATE ON arrival_watches TO shangmen_app;

ALTER TABLE arrival_watches ENABLE ROW LEVEL SECURITY;
ALTER TABLE arrival_watches FORCE ROW LEVEL SECURITY;
CREATE POLICY own ON arrival_watches USING (
    EXISTS (SELECT FROM visits v WHERE v.id = arrival_watches.visit_id
                                   AND (app_staff() OR v.nurse_id = app_nurse())));

ALTER TABLE alarms DROP CONSTRAINT alarms_kind_check;
ALTER TABLE alarms ADD CONSTRAINT alarms_kind_check CHECK (
    kind IN ('sos', 'duress', 'emergency', 'check_in', 'dark', 'overdue', 'not_departed', 'not_coming', 'late_step', 'watch'));
