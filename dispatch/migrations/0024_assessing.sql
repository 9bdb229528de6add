-- What the patient's side shows to the assessor of an order: identity, medical record, contract. And which
-- orders he is to look at again.

CREATE TABLE documents (
    id              uuid PRIMARY KEY,               -- also the name of the stored file
    order_id        uuid NOT NULL REFERENCES orders,
    patient_id      uuid NOT NULL REFERENCES patients,
    kind            text NOT NULL CHECK (kind IN ('identity', 'medical_record', 'contract')),
    media_type      text NOT NULL,                  -- by its content
    size_bytes      int NOT NULL CHECK (size_bytes > 0),
    sha256          bytea NOT NULL CHECK (length(sha256) = 32),          -- of what is kept
    received_sha256 bytea NOT NULL CHECK (length(received_sha256) = 32), -- of what was sent
    received_at     timestamptz NOT NULL DEFAULT app_now(),
    author_id       uuid NOT NULL,
    CONSTRAINT documents_once UNIQUE (order_id, kind, received_sha256)
);
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON documents
    FOR EACH ROW EXECUTE FUNCTION refuse_change();

GRANT SELECT, INSERT ON documents TO shangmen_app;

ALTER TABLE documents ENABLE ROW LEVEL SECURITY;
ALTER TABLE documents FORCE ROW LEVEL SECURITY;
CREATE POLICY own ON documents USING (
    EXISTS (SELECT FROM orders o WHERE o.id = documents.order_id
                                   AND (app_staff() OR o.account_id = app_account())));

ALTER TABLE orders ADD COLUMN reassess_since timestamptz;
CREATE INDEX orders_reassess_queue ON orders (promise_at, id) WHERE reassess_since IS NOT NULL;
