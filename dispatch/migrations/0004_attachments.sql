-- Photos and recordings of visits and the pictures of prescriptions: a row each, the file by its id.

CREATE TABLE attachments (
    id              uuid PRIMARY KEY,               -- also the name of the stored file
    visit_id        uuid REFERENCES visits,
    prescription_id uuid REFERENCES prescriptions,
    patient_id      uuid NOT NULL REFERENCES patients,
    client_id       uuid,                           -- made on the phone: re-sending is safe
    kind            text NOT NULL CHECK (kind IN ('photo', 'audio', 'prescription')),
    media_type      text NOT NULL,                  -- by its content
    size_bytes      int NOT NULL CHECK (size_bytes > 0),
    sha256          bytea NOT NULL CHECK (length(sha256) = 32),          -- of what is kept
    received_sha256 bytea NOT NULL CHECK (length(received_sha256) = 32), -- of what was sent
    started_at      timestamptz,                    -- the phone's times
    ended_at        timestamptz,
    consent_by      text CHECK (consent_by IN ('patient', 'relative', 'guardian')),
    consent_at      timestamptz,
    received_at     timestamptz NOT NULL DEFAULT app_now(),
    author_id       uuid NOT NULL,
    CHECK ((visit_id IS NULL) <> (prescription_id IS NULL)),
    CHECK ((kind = 'prescription') = (prescription_id IS NOT NULL)),
    CHECK (kind = 'prescription' OR (client_id IS NOT NULL AND started_at IS NOT NULL)),
    CHECK (ended_at >= started_at),
    CHECK (kind <> 'audio' OR (ended_at IS NOT NULL AND consent_by IS NOT NULL
                               AND consent_at IS NOT NULL)),
    CONSTRAINT attachments_once UNIQUE (visit_id, client_id)
);
CREATE INDEX attachments_by_prescription ON attachments (prescription_id, id DESC)
    WHERE prescription_id IS NOT NULL;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON attachments
    FOR EACH ROW EXECUTE FUNCTION refuse_change();

GRANT SELECT, INSERT ON attachments TO shangmen_app;

ALTER TABLE attachments ENABLE ROW LEVEL SECURITY;
ALTER TABLE attachments FORCE ROW LEVEL SECURITY;
CREATE POLICY own ON attachments USING (
    EXISTS (SELECT FROM visits v WHERE v.id = attachments.visit_id)
    OR EXISTS (SELECT FROM prescriptions p WHERE p.id = attachments.prescription_id));

CREATE INDEX orders_by_prescription ON orders (prescription_id) WHERE prescription_id IS NOT NULL;

-- What a phone said is never edited; a later fact may take an earlier one's place, for a reason.
ALTER TABLE visit_facts ADD COLUMN supersedes uuid REFERENCES visit_facts;
CREATE UNIQUE INDEX visit_facts_superseded_once ON visit_facts (supersedes) WHERE supersedes IS NOT NULL;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON visit_facts
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
-- The report of verified visits, oldest first, and where a nurse was last.
CREATE INDEX visits_by_end ON visits (ended_at, id) WHERE ended_at IS NOT NULL;
