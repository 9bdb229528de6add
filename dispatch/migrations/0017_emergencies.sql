-- First aid in a home: who was called, and a record that is locked until a person has reviewed it.

CREATE TABLE emergencies (
    id             uuid PRIMARY KEY,
    visit_id       uuid NOT NULL REFERENCES visits,
    order_id       uuid NOT NULL REFERENCES orders,
    patient_id     uuid NOT NULL REFERENCES patients,
    nurse_id       uuid NOT NULL REFERENCES nurses,
    declared_by    uuid NOT NULL,
    declared_at    timestamptz NOT NULL,
    received_at    timestamptz NOT NULL DEFAULT app_now(),
    first_aid_at   timestamptz,
    ambulance_at   timestamptz,
    doctor_at      timestamptz,
    words_sealed   bytea,
    released_by    uuid,
    released_at    timestamptz,
    release_sealed bytea,
    version        int NOT NULL DEFAULT 1,
    CHECK ((released_at IS NULL) = (released_by IS NULL)),
    CHECK ((released_at IS NULL) = (release_sealed IS NULL))
);
CREATE UNIQUE INDEX emergencies_one_open ON emergencies (visit_id) WHERE released_at IS NULL;
CREATE INDEX emergencies_by_visit ON emergencies (visit_id, id DESC);
CREATE INDEX emergencies_open_of_nurse ON emergencies (nurse_id) WHERE released_at IS NULL;

GRANT SELECT, INSERT, UPDATE ON emergencies TO shangmen_app;

ALTER TABLE emergencies ENABLE ROW LEVEL SECURITY;
ALTER TABLE emergencies FORCE ROW LEVEL SECURITY;
CREATE POLICY own ON emergencies USING (
    EXISTS (SELECT FROM visits v WHERE v.id = emergencies.visit_id
                                   AND (app_staff() OR v.nurse_id = app_nurse())));
