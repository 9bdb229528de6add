-- The assessment as rows of its own, and where each submitted order stands on its way to one.

ALTER TABLE orders
    ADD COLUMN eligibility_basis text NOT NULL DEFAULT 'unspecified'
        CHECK (length(eligibility_basis) BETWEEN 1 AND 40),
    ADD COLUMN condition_changed boolean NOT NULL DEFAULT false,
    ADD COLUMN review            text NOT NULL DEFAULT 'new'
        CHECK (review IN ('new', 'clock', 'person', 'patient')),
    ADD COLUMN review_at         timestamptz DEFAULT app_now();
CREATE INDEX orders_review_due ON orders (review_at) WHERE state = 'submitted' AND review_at IS NOT NULL;
CREATE INDEX orders_review_queue ON orders (promise_at, id) WHERE state = 'submitted';

INSERT INTO lifecycle_moves (subject, move, from_state, to_state) VALUES
    ('order', 'answer', 'submitted', 'submitted');

-- What was found, by whom, in words that are sealed. Never edited: another one follows it.
CREATE TABLE assessments (
    id            uuid PRIMARY KEY,
    order_id      uuid NOT NULL REFERENCES orders,
    version       int NOT NULL CHECK (version >= 1),     -- the order's first, second, …
    patient_id    uuid NOT NULL REFERENCES patients,
    service_codes text[] NOT NULL CHECK (cardinality(service_codes) > 0),
    decision      text NOT NULL CHECK (decision IN ('approve', 'reject', 'need_info')),
    outcome       text NOT NULL CHECK (outcome IN ('pass', 'pass_with_conditions', 'online_advice', 'refer',
                                                   'reject', 'need_info')),
    conditions    text[] NOT NULL DEFAULT '{}',
    risk          text CHECK (risk IN ('low', 'medium', 'high')),
    has_capacity  boolean,                               -- null: not asked
    form_version  text NOT NULL,
    form_sealed   bytea,                                 -- note, findings, checklist
    author_id     uuid,                                  -- null: the clock, by earlier ones
    earlier_ids   uuid[] NOT NULL DEFAULT '{}',
    assessed_at   timestamptz NOT NULL DEFAULT app_now(),
    CONSTRAINT assessments_in_order UNIQUE (order_id, version),
    CHECK ((author_id IS NULL) = (cardinality(earlier_ids) > 0))
);
CREATE INDEX assessments_by_patient ON assessments (patient_id, id DESC);
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON assessments
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER never_emptied BEFORE TRUNCATE ON assessments
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- For which services a patient needs no new assessment, until when; void once the patient's condition has
-- changed or a later one found otherwise.
CREATE TABLE clearances (
    assessment_id uuid NOT NULL REFERENCES assessments,
    service_code  text NOT NULL,
    patient_id    uuid NOT NULL REFERENCES patients,
    conditions    text[] NOT NULL DEFAULT '{}',
    valid_until   timestamptz NOT NULL,
    voided_at     timestamptz,
    void_reason   text CHECK (void_reason IN ('condition_changed', 'clinical', 'adverse_sign', 'replaced')),
    PRIMARY KEY (assessment_id, service_code),
    CHECK ((voided_at IS NULL) = (void_reason IS NULL))
);
CREATE UNIQUE INDEX clearances_one_in_force ON clearances (patient_id, service_code) WHERE voided_at IS NULL;

GRANT SELECT, INSERT ON assessments, clearances TO shangmen_app;
GRANT UPDATE ON clearances TO shangmen_app;

ALTER TABLE assessments ENABLE ROW LEVEL SECURITY;
ALTER TABLE assessments FORCE ROW LEVEL SECURITY;
CREATE POLICY own ON assessments USING (EXISTS (SELECT FROM orders o WHERE o.id = assessments.order_id));

ALTER TABLE clearances ENABLE ROW LEVEL SECURITY;
ALTER TABLE clearances FORCE ROW LEVEL SECURITY;
CREATE POLICY own ON clearances USING (
    app_staff() OR EXISTS (SELECT FROM patients p WHERE p.id = clearances.patient_id AND p.account_id = app_account()));
