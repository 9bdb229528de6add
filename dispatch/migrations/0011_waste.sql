-- What medical waste a visit made, and who has received it (R45). A visit that made some is closed with it.

CREATE TABLE waste_returns (
    visit_id       uuid PRIMARY KEY REFERENCES visits,
    order_id       uuid NOT NULL REFERENCES orders,
    nurse_id       uuid NOT NULL REFERENCES nurses,
    institution_id uuid NOT NULL REFERENCES institutions,
    categories     text[] NOT NULL CHECK (cardinality(categories) > 0),  -- what its services make
    due_at         timestamptz NOT NULL,
    remind_at      timestamptz,                     -- deadline: tell nurse and operators
    returned       jsonb,                           -- category -> containers
    received_by    text CHECK (length(received_by) BETWEEN 1 AND 200),
    excuse         text,                            -- a code; its words are sealed
    note_sealed    bytea,
    settled_at     timestamptz,
    settled_by     uuid,
    created_at     timestamptz NOT NULL DEFAULT app_now(),
    version        int NOT NULL DEFAULT 1,
    CHECK (remind_at IS NULL OR settled_at IS NULL),
    CHECK ((received_by IS NULL) = (returned IS NULL)),
    CONSTRAINT waste_is_received_or_excused CHECK (
        num_nonnulls(received_by, excuse) = num_nonnulls(settled_at)
        AND (returned IS NULL OR returned ?& categories))
);
CREATE INDEX waste_returns_by_order ON waste_returns (order_id);
CREATE INDEX waste_returns_out ON waste_returns (due_at, visit_id) WHERE settled_at IS NULL;
CREATE INDEX waste_returns_remind_due ON waste_returns (remind_at) WHERE remind_at IS NOT NULL;

GRANT SELECT, INSERT, UPDATE ON waste_returns TO shangmen_app;

ALTER TABLE waste_returns ENABLE ROW LEVEL SECURITY;
ALTER TABLE waste_returns FORCE ROW LEVEL SECURITY;
CREATE POLICY own ON waste_returns USING (
    EXISTS (SELECT FROM visits v WHERE v.id = waste_returns.visit_id));
