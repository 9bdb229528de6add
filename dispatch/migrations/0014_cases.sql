-- What a person must see to after a visit (R47, R48, follow-up): an adverse event, a complaint, a call.

CREATE TYPE case_state AS ENUM ('waiting', 'in_hand', 'settled');
INSERT INTO lifecycle_moves (subject, move, from_state, to_state) VALUES
    ('case', 'take_up',  'waiting', 'in_hand'),
    ('case', 'tell',     'in_hand', 'in_hand'),
    ('case', 'alert',    'waiting', 'waiting'),
    ('case', 'alert',    'in_hand', 'in_hand'),
    ('case', 'escalate', 'waiting', 'waiting'),
    ('case', 'escalate', 'in_hand', 'in_hand'),
    ('case', 'settle',   'waiting', 'settled'),
    ('case', 'settle',   'in_hand', 'settled'),
    ('case', 'dispute',  'settled', 'waiting');

CREATE TABLE cases (
    id             uuid PRIMARY KEY,
    kind           text NOT NULL CHECK (kind IN ('adverse_event', 'complaint', 'follow_up')),
    topic          text NOT NULL,                   -- a code of config/cases.toml
    severity       text CHECK (severity IN ('near_miss', 'mild', 'moderate', 'severe')),
    state          case_state NOT NULL,
    order_id       uuid NOT NULL REFERENCES orders,
    visit_id       uuid REFERENCES visits,
    account_id     uuid NOT NULL REFERENCES accounts,   -- the patient's
    patient_id     uuid NOT NULL REFERENCES patients,
    nurse_id       uuid REFERENCES nurses,
    institution_id uuid REFERENCES institutions,
    opened_by      uuid,
    content_sealed bytea,
    held_services  text[] NOT NULL DEFAULT '{}',    -- its nurse is sent for none of them until lifted
    hold_lifted_at timestamptz,
    ask_at         timestamptz,                     -- deadline: ask the patient how she is
    due_at         timestamptz NOT NULL,            -- by when a person must have taken the next step
    escalate_at    timestamptz,                     -- deadline: nobody has
    level          smallint NOT NULL DEFAULT 1 CHECK (level >= 1),
    outcome        text,
    opened_at      timestamptz NOT NULL DEFAULT app_now(),
    settled_at     timestamptz,
    version        int NOT NULL DEFAULT 1,
    CHECK ((kind = 'adverse_event') = (severity IS NOT NULL)),
    CHECK ((state = 'settled') = (settled_at IS NOT NULL)),
    CHECK (state <> 'settled' OR (escalate_at IS NULL AND ask_at IS NULL AND outcome IS NOT NULL)),
    CHECK (ask_at IS NULL OR kind = 'follow_up'),
    CHECK (held_services = '{}' OR (severity = 'severe' AND nurse_id IS NOT NULL)),
    CHECK (hold_lifted_at IS NULL OR held_services <> '{}')
);
CREATE UNIQUE INDEX cases_one_follow_up ON cases (order_id) WHERE kind = 'follow_up';
CREATE INDEX cases_by_order ON cases (order_id);
CREATE INDEX cases_by_account ON cases (account_id, id DESC);
CREATE INDEX cases_by_opener ON cases (opened_by, id DESC) WHERE opened_by IS NOT NULL;
CREATE INDEX cases_queue ON cases (due_at, id) WHERE state <> 'settled';
CREATE INDEX cases_settled ON cases (id DESC) WHERE state = 'settled';
CREATE INDEX cases_escalate_due ON cases (escalate_at) WHERE escalate_at IS NOT NULL;
CREATE INDEX cases_ask_due ON cases (ask_at) WHERE ask_at IS NOT NULL;
CREATE INDEX cases_holding ON cases (nurse_id) WHERE held_services <> '{}' AND hold_lifted_at IS NULL;
CREATE TRIGGER lifecycle BEFORE UPDATE ON cases FOR EACH ROW EXECUTE FUNCTION guard_lifecycle('case');
CREATE CONSTRAINT TRIGGER told AFTER INSERT OR UPDATE ON cases DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION check_history('case');

GRANT SELECT, INSERT, UPDATE ON cases TO shangmen_app;

-- A nurse sees what she has reported, never what others say of her.
ALTER TABLE cases ENABLE ROW LEVEL SECURITY;
ALTER TABLE cases FORCE ROW LEVEL SECURITY;
CREATE POLICY own ON cases USING (
    app_sees_all() OR opened_by = app_account() OR account_id = app_account()
    OR (app_staff() AND (institution_id IS NULL OR institution_id = app_institution())));
