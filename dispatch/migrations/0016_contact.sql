-- How the two sides of a visit reach each other: messages, relayed calls, the question beforehand.

CREATE TABLE visit_messages (
    id          uuid PRIMARY KEY,
    visit_id    uuid NOT NULL REFERENCES visits,
    patient_id  uuid NOT NULL REFERENCES patients,
    author_id   uuid NOT NULL,
    author_role actor_role NOT NULL CHECK (author_role IN ('patient', 'nurse')),
    client_id   uuid NOT NULL,                      -- made on the phone: re-sending is safe
    text_sealed bytea NOT NULL,
    sent_at     timestamptz NOT NULL DEFAULT app_now(),
    CONSTRAINT visit_messages_once UNIQUE (visit_id, client_id)
);
CREATE INDEX visit_messages_by_visit ON visit_messages (visit_id, id DESC);
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON visit_messages
    FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- Which number stands for the two sides of which visit; nobody's own number is in it.
CREATE TABLE relay_numbers (
    id          uuid PRIMARY KEY,
    visit_id    uuid NOT NULL REFERENCES visits,
    provider    text NOT NULL,
    slot        int NOT NULL CHECK (slot >= 0),
    number      text NOT NULL,
    bound_at    timestamptz NOT NULL DEFAULT app_now(),
    expires_at  timestamptz NOT NULL,               -- deadline: it leads nowhere any more
    released_at timestamptz
);
CREATE UNIQUE INDEX relay_numbers_one_visit_a_slot ON relay_numbers (provider, slot) WHERE released_at IS NULL;
CREATE UNIQUE INDEX relay_numbers_one_a_visit ON relay_numbers (visit_id) WHERE released_at IS NULL;

-- Whether the patient is ready for a visit: asked by the clock, answered by her side.
CREATE TABLE confirmations (
    visit_id    uuid PRIMARY KEY REFERENCES visits,
    order_id    uuid NOT NULL REFERENCES orders,
    account_id  uuid NOT NULL REFERENCES accounts,
    asked_at    timestamptz NOT NULL DEFAULT app_now(),
    answer      text CHECK (answer IN ('yes', 'later', 'no')),
    note_sealed bytea,
    answered_at timestamptz,
    answered_by uuid,
    CHECK ((answer IS NULL) = (answered_at IS NULL))
);
CREATE INDEX visits_confirm_due ON visits (planned_start) WHERE state = 'scheduled';

GRANT SELECT, INSERT ON visit_messages TO shangmen_app;
GRANT SELECT, INSERT, UPDATE ON relay_numbers, confirmations TO shangmen_app;

ALTER TABLE visit_messages ENABLE ROW LEVEL SECURITY;
ALTER TABLE visit_messages FORCE ROW LEVEL SECURITY;
CREATE POLICY own ON visit_messages USING (EXISTS (SELECT FROM visits v WHERE v.id = visit_messages.visit_id));

ALTER TABLE relay_numbers ENABLE ROW LEVEL SECURITY;
ALTER TABLE relay_numbers FORCE ROW LEVEL SECURITY;
CREATE POLICY own ON relay_numbers USING (EXISTS (SELECT FROM visits v WHERE v.id = relay_numbers.visit_id));

ALTER TABLE confirmations ENABLE ROW LEVEL SECURITY;
ALTER TABLE confirmations FORCE ROW LEVEL SECURITY;
CREATE POLICY own ON confirmations USING (EXISTS (SELECT FROM visits v WHERE v.id = confirmations.visit_id));
