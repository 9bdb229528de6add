-- What is known of a patient or an address that endangers nurses: proposed with evidence, decided by a person,
-- open to appeal, and in force for a time.

CREATE TYPE flag_state AS ENUM ('proposed', 'confirmed', 'appealed', 'rejected', 'expired');
INSERT INTO lifecycle_moves (subject, move, from_state, to_state) VALUES
    ('flag', 'confirm', 'proposed',  'confirmed'),
    ('flag', 'confirm', 'appealed',  'confirmed'),
    ('flag', 'reject',  'proposed',  'rejected'),
    ('flag', 'reject',  'confirmed', 'rejected'),
    ('flag', 'reject',  'appealed',  'rejected'),
    ('flag', 'appeal',  'confirmed', 'appealed'),
    ('flag', 'expire',  'confirmed', 'expired'),
    ('flag', 'expire',  'appealed',  'expired');

CREATE TABLE safety_flags (
    id            uuid PRIMARY KEY,
    patient_id    uuid NOT NULL REFERENCES patients,
    address_id    uuid REFERENCES addresses,
    visit_id      uuid REFERENCES visits,
    state         flag_state NOT NULL,
    kind          text NOT NULL CHECK (kind IN ('violence', 'threat', 'harassment', 'weapon', 'animal',
                                                'unsafe_place', 'other')),
    conditions    text[] NOT NULL CHECK (cardinality(conditions) > 0
                                         AND conditions <@ ARRAY['two_nurses', 'same_gender', 'daytime_only',
                                                                 'family_present', 'escort', 'no_visits']),
    evidence      uuid[] NOT NULL DEFAULT '{}',
    words_sealed  bytea NOT NULL,
    proposed_by   uuid NOT NULL,
    decided_by    uuid,
    appeal_sealed bytea,
    due_at        timestamptz,
    valid_until   timestamptz,
    created_at    timestamptz NOT NULL DEFAULT app_now(),
    version       int NOT NULL DEFAULT 1,
    CHECK (state = 'proposed' OR decided_by IS NOT NULL OR state = 'expired'),
    CHECK (state NOT IN ('confirmed', 'appealed') OR valid_until IS NOT NULL),
    CHECK ((due_at IS NULL) = (state IN ('rejected', 'expired')))
);
CREATE INDEX safety_flags_by_patient ON safety_flags (patient_id, id DESC);
CREATE INDEX safety_flags_by_state ON safety_flags (state, id DESC);
CREATE INDEX safety_flags_due ON safety_flags (due_at) WHERE due_at IS NOT NULL;
CREATE TRIGGER lifecycle BEFORE UPDATE ON safety_flags FOR EACH ROW EXECUTE FUNCTION guard_lifecycle('flag');
CREATE CONSTRAINT TRIGGER told AFTER INSERT OR UPDATE ON safety_flags DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION check_history('flag');

GRANT SELECT, INSERT, UPDATE ON safety_flags TO shangmen_app;

-- Staff of one institution see those of its patients; a nurse what she has proposed, and what binds a visit
-- that she has ahead or is at; the patient's account what was confirmed once.
ALTER TABLE safety_flags ENABLE ROW LEVEL SECURITY;
ALTER TABLE safety_flags FORCE ROW LEVEL SECURITY;
CREATE POLICY own ON safety_flags USING (
    app_sees_all()
    OR (app_staff() AND EXISTS (SELECT FROM visits v WHERE v.patient_id = safety_flags.patient_id
                                                       AND v.institution_id = app_institution()))
    OR (app_role() = 'nurse' AND proposed_by = app_account())
    OR (app_role() = 'patient' AND valid_until IS NOT NULL
        AND EXISTS (SELECT FROM patients p
                     WHERE p.id = safety_flags.patient_id AND p.account_id = app_account()))
    OR (state IN ('confirmed', 'appealed')
        AND EXISTS (SELECT FROM visits v JOIN orders o ON o.id = v.order_id
                     WHERE v.patient_id = safety_flags.patient_id AND v.nurse_id = app_nurse()
                       AND v.state IN ('scheduled', 'en_route', 'arrived', 'in_service')
                       AND (safety_flags.address_id IS NULL OR safety_flags.address_id = o.address_id))));
