-- What patients agree to besides each order's services, and who may agree for whom.

ALTER TABLE patients
    ADD COLUMN withdrawn      text[] NOT NULL DEFAULT '{}',
    ADD COLUMN lacks_capacity boolean NOT NULL DEFAULT false;

-- Given and withdrawn: a ledger, never edited. An order's own consent stands with the order.
CREATE TABLE consents (
    id             uuid PRIMARY KEY,
    patient_id     uuid NOT NULL REFERENCES patients,
    account_id     uuid,                            -- who did it, for himself or for the patient
    act            text NOT NULL CHECK (act IN ('given', 'withdrawn')),
    purpose        text NOT NULL CHECK (length(purpose) BETWEEN 1 AND 40),
    version        text,                            -- of the text, and which one it was
    language       text,
    text_sha256    text CHECK (length(text_sha256) = 64),
    relation       text NOT NULL,                   -- of the signer to the patient
    authority      text,
    channel        text,
    words_sealed   bytea,                           -- signer, reason
    accepted_at    timestamptz NOT NULL,
    recorded_at    timestamptz NOT NULL DEFAULT app_now(),
    CHECK ((act = 'given') = (version IS NOT NULL)),
    CHECK ((act = 'given') = (text_sha256 IS NOT NULL))
);
CREATE INDEX consents_by_patient ON consents (patient_id, id DESC);
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON consents FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER never_emptied BEFORE TRUNCATE ON consents FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

GRANT SELECT, INSERT ON consents TO shangmen_app;

ALTER TABLE consents ENABLE ROW LEVEL SECURITY;
ALTER TABLE consents FORCE ROW LEVEL SECURITY;
CREATE POLICY own ON consents USING (
    app_staff() OR EXISTS (SELECT FROM patients p WHERE p.id = consents.patient_id AND p.account_id = app_account()));
