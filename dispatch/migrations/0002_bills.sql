-- Price, bill and money: tariffs that are never edited, one bill an order, who else pays of it, changes
-- of price on site, payments with what was said of them, and a ledger in double entry.

CREATE TYPE bill_state AS ENUM ('estimated', 'secured', 'due', 'overdue', 'paid', 'void');

INSERT INTO lifecycle_moves (subject, move, from_state, to_state) VALUES
    ('bill', 'secure',  'estimated', 'secured'),
    ('bill', 'free',    'secured',   'estimated'),
    ('bill', 'fix',     'estimated', 'due'),
    ('bill', 'fix',     'secured',   'due'),
    ('bill', 'pay',     'due',       'paid'),
    ('bill', 'pay',     'overdue',   'paid'),
    ('bill', 'lapse',   'due',       'overdue'),
    ('bill', 'reopen',  'paid',      'due'),
    ('bill', 'credit',  'due',       'due'),
    ('bill', 'credit',  'overdue',   'overdue'),
    ('bill', 'credit',  'paid',      'paid'),
    ('bill', 'void',    'estimated', 'void'),
    ('bill', 'void',    'secured',   'void');

-- What things cost from a time on. What was declared is never edited: another one follows it.
CREATE TABLE tariffs (
    id             uuid PRIMARY KEY,
    institution_id uuid REFERENCES institutions,        -- null: the platform's, by which patients are told
    valid_from     timestamptz NOT NULL,
    rules          jsonb NOT NULL,
    created_by     uuid,
    created_at     timestamptz NOT NULL DEFAULT app_now(),
    CONSTRAINT tariffs_one_from_a_time UNIQUE NULLS NOT DISTINCT (institution_id, valid_from),
    CONSTRAINT tariffs_are_declared_before CHECK (valid_from >= created_at)
);
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON tariffs FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER never_emptied BEFORE TRUNCATE ON tariffs FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- Who pays for a patient besides herself, by which plan of config/payers.toml.
CREATE TABLE coverages (
    id               uuid PRIMARY KEY,
    patient_id       uuid NOT NULL REFERENCES patients,
    plan             text NOT NULL,
    payer            text NOT NULL,
    valid_from       date NOT NULL,
    valid_until      date,
    daily_fen        int CHECK (daily_fen >= 0),        -- of an allowance, where it is not the plan's
    reference_sealed bytea,                             -- the payer's number of it
    created_by       uuid,
    created_at       timestamptz NOT NULL DEFAULT app_now(),
    CHECK (valid_until >= valid_from)
);
CREATE INDEX coverages_by_patient ON coverages (patient_id, payer, valid_from);

CREATE FUNCTION lines_fen(lines jsonb) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$ SELECT coalesce(sum((line->>'amount_fen')::bigint), 0)::bigint FROM jsonb_array_elements(lines) AS line $$;

-- What is owed for an order. Until it is fixed it is an estimate; the price was told when ordering.
CREATE TABLE bills (
    id             uuid PRIMARY KEY,
    order_id       uuid NOT NULL UNIQUE REFERENCES orders,
    account_id     uuid NOT NULL REFERENCES accounts,   -- who pays
    patient_id     uuid NOT NULL REFERENCES patients,
    institution_id uuid REFERENCES institutions,        -- who is paid, once it is known
    state          bill_state NOT NULL,
    mode           text NOT NULL CHECK (mode IN ('prepay', 'postpay')),
    tariff_id      uuid REFERENCES tariffs,             -- null: the catalogue's own
    distance_m     int CHECK (distance_m >= 0),         -- from the nearest institution; null: no tier asks
    cause          text CHECK (cause IN ('visit', 'cancellation', 'nothing')),
    lines          jsonb NOT NULL,
    total_fen      int NOT NULL CHECK (total_fen >= 0),
    payers_fen     int NOT NULL DEFAULT 0 CHECK (payers_fen >= 0),
    credit_fen     int NOT NULL DEFAULT 0 CHECK (credit_fen >= 0),
    own_fen        int NOT NULL GENERATED ALWAYS AS (total_fen - payers_fen - credit_fen) STORED,
    paid_fen       int NOT NULL DEFAULT 0 CHECK (paid_fen >= 0),    -- captured less refunded
    serviced_on    date NOT NULL,                       -- the day of the visit, as people there say
    fixed_at       timestamptz,
    overdue_at     timestamptz,                         -- deadline: remind, and no new orders
    report_at      timestamptz,                         -- deadline: tell the operators
    reported_at    timestamptz,
    created_at     timestamptz NOT NULL DEFAULT app_now(),
    updated_at     timestamptz NOT NULL DEFAULT app_now(),
    version        int NOT NULL DEFAULT 1,
    CONSTRAINT bills_lines_add_up CHECK (total_fen = lines_fen(lines)),
    CONSTRAINT bills_own_share_is_no_gift CHECK (payers_fen + credit_fen <= total_fen),
    CHECK ((state IN ('estimated', 'secured')) = (fixed_at IS NULL)),
    CHECK ((fixed_at IS NULL) = (cause IS NULL)),
    CHECK (overdue_at IS NULL OR state = 'due'),
    CHECK (report_at IS NULL OR state IN ('due', 'overdue'))
);
CREATE INDEX bills_by_account ON bills (account_id, id DESC);
CREATE INDEX bills_by_patient ON bills (patient_id, serviced_on);
CREATE INDEX bills_by_state ON bills (state, id DESC);
CREATE INDEX bills_in_arrears ON bills (account_id) WHERE state = 'overdue';
CREATE INDEX bills_overdue_due ON bills (overdue_at) WHERE state = 'due';
CREATE INDEX bills_report_due ON bills (report_at) WHERE state IN ('due', 'overdue') AND report_at IS NOT NULL;
CREATE TRIGGER lifecycle BEFORE UPDATE ON bills FOR EACH ROW EXECUTE FUNCTION guard_lifecycle('bill');
CREATE CONSTRAINT TRIGGER told AFTER INSERT OR UPDATE ON bills DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION check_history('bill');

-- What somebody else pays of a bill. One who says no leaves a balance to the patient.
CREATE TABLE payer_lines (
    id          uuid PRIMARY KEY,
    bill_id     uuid NOT NULL REFERENCES bills,
    account_id  uuid NOT NULL REFERENCES accounts,      -- of the bill, repeated for row-level security
    position    smallint NOT NULL CHECK (position >= 1),
    coverage_id uuid NOT NULL REFERENCES coverages,
    payer       text NOT NULL,
    plan        text NOT NULL,
    state       text NOT NULL CHECK (state IN ('estimated', 'confirmed', 'rejected')),
    amount_fen  int NOT NULL CHECK (amount_fen >= 0),
    parts       jsonb NOT NULL,                         -- of each line of the bill, in order
    reason      text,                                   -- a code
    reference   text,                                   -- of the payer's settlement
    ask_at      timestamptz,                            -- deadline: ask the payer; null: not yet, or decided
    attempts    int NOT NULL DEFAULT 0,
    decided_at  timestamptz,
    CONSTRAINT payer_lines_one_a_coverage UNIQUE (bill_id, coverage_id),
    CONSTRAINT payer_lines_in_order UNIQUE (bill_id, position),
    CHECK ((state = 'estimated') = (decided_at IS NULL)),
    CHECK (state <> 'rejected' OR amount_fen = 0),
    CHECK (ask_at IS NULL OR state = 'estimated')
);
CREATE INDEX payer_lines_by_coverage ON payer_lines (coverage_id);
CREATE INDEX payer_lines_ask_due ON payer_lines (ask_at) WHERE ask_at IS NOT NULL;

-- At commit: what payers pay of a bill is what stands in their lines.
CREATE FUNCTION check_payers() RETURNS trigger LANGUAGE plpgsql SET app.role = 'clock' AS $$
DECLARE
    b bills;
    n bigint;
BEGIN
    IF TG_TABLE_NAME = 'bills' THEN
        SELECT * INTO b FROM bills WHERE id = NEW.id;
    ELSE
        SELECT * INTO b FROM bills WHERE id = NEW.bill_id;
    END IF;
    SELECT coalesce(sum(amount_fen), 0) INTO n FROM payer_lines WHERE bill_id = b.id;
    IF n <> b.payers_fen THEN
        RAISE EXCEPTION 'bill % has % fen of payers, and lines of % fen', b.id, b.payers_fen, n
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER payers AFTER UPDATE ON bills DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION check_payers();
CREATE CONSTRAINT TRIGGER payers_of_new AFTER INSERT ON bills DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (NEW.payers_fen > 0) EXECUTE FUNCTION check_payers();
CREATE CONSTRAINT TRIGGER payers AFTER INSERT OR UPDATE ON payer_lines DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION check_payers();

-- A change of price on site: proposed by the nurse, priced by the tariff, accepted by who pays.
CREATE TABLE change_orders (
    id          uuid PRIMARY KEY,
    order_id    uuid NOT NULL REFERENCES orders,
    visit_id    uuid NOT NULL REFERENCES visits,
    account_id  uuid NOT NULL REFERENCES accounts,
    state       text NOT NULL CHECK (state IN ('proposed', 'accepted', 'refused', 'withdrawn')),
    asked       jsonb NOT NULL,                         -- what of the tariff, and how much of it
    lines       jsonb NOT NULL,
    amount_fen  int NOT NULL CHECK (amount_fen > 0),
    proposed_by uuid,
    created_at  timestamptz NOT NULL DEFAULT app_now(),
    answered_by uuid,
    answered_at timestamptz,
    version     int NOT NULL DEFAULT 1,
    CONSTRAINT change_orders_lines_add_up CHECK (amount_fen = lines_fen(lines)),
    CHECK ((state = 'proposed') = (answered_at IS NULL))
);
CREATE INDEX change_orders_by_order ON change_orders (order_id, id);
CREATE UNIQUE INDEX change_orders_one_waits ON change_orders (order_id) WHERE state = 'proposed';

-- Payments: what a patient began, what we asked of the provider, what the provider said.
CREATE TABLE payments (
    id           uuid PRIMARY KEY,
    bill_id      uuid NOT NULL REFERENCES bills,
    account_id   uuid NOT NULL REFERENCES accounts,
    provider     text NOT NULL,
    kind         text NOT NULL CHECK (kind IN ('hold', 'charge')),
    state        text NOT NULL DEFAULT 'started'
                      CHECK (state IN ('started', 'held', 'captured', 'released', 'failed')),
    amount_fen   int NOT NULL CHECK (amount_fen > 0),
    captured_fen int NOT NULL DEFAULT 0 CHECK (captured_fen >= 0),
    refunded_fen int NOT NULL DEFAULT 0 CHECK (refunded_fen >= 0),
    created_at   timestamptz NOT NULL DEFAULT app_now(),
    updated_at   timestamptz NOT NULL DEFAULT app_now(),
    version      int NOT NULL DEFAULT 1,
    CHECK (refunded_fen <= captured_fen)
);
CREATE INDEX payments_by_bill ON payments (bill_id, id);

CREATE TABLE payment_commands (
    id          uuid PRIMARY KEY,                       -- the provider carries an id out once
    payment_id  uuid NOT NULL REFERENCES payments,
    kind        text NOT NULL CHECK (kind IN ('capture', 'release', 'refund')),
    amount_fen  int NOT NULL CHECK (amount_fen >= 0),
    created_at  timestamptz NOT NULL DEFAULT app_now(),
    next_try_at timestamptz DEFAULT app_now(),          -- deadline; null: taken by the provider, or given up
    attempts    int NOT NULL DEFAULT 0,
    taken_at    timestamptz,
    done_at     timestamptz,                            -- the provider has said so
    failed_at   timestamptz
);
CREATE INDEX payment_commands_by_payment ON payment_commands (payment_id, id);
CREATE INDEX payment_commands_due ON payment_commands (next_try_at) WHERE next_try_at IS NOT NULL;

CREATE TABLE payment_events (
    provider    text NOT NULL,
    event_id    text NOT NULL CHECK (length(event_id) BETWEEN 1 AND 100),
    payment_id  uuid NOT NULL REFERENCES payments,
    command_id  uuid REFERENCES payment_commands,
    kind        text NOT NULL CHECK (kind IN ('authorised', 'captured', 'released', 'failed', 'refunded')),
    amount_fen  int NOT NULL CHECK (amount_fen >= 0),
    provider_at timestamptz NOT NULL,
    heard       text NOT NULL CHECK (heard IN ('callback', 'statement')),
    received_at timestamptz NOT NULL DEFAULT app_now(),
    PRIMARY KEY (provider, event_id)
);
CREATE INDEX payment_events_by_payment ON payment_events (payment_id);
CREATE INDEX payment_events_by_day ON payment_events (provider, provider_at);
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON payment_events FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER never_emptied BEFORE TRUNCATE ON payment_events FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- A day of the provider's compared with ours, and what did not agree.
CREATE TABLE reconciliations (
    provider  text NOT NULL,
    day       date NOT NULL,                            -- by the real calendar, like the provider's
    matched   int NOT NULL CHECK (matched >= 0),
    differing int NOT NULL CHECK (differing >= 0),
    done_at   timestamptz NOT NULL DEFAULT app_now(),
    PRIMARY KEY (provider, day)
);
CREATE TABLE payment_differences (
    id          uuid PRIMARY KEY,
    provider    text NOT NULL,
    day         date NOT NULL,
    kind        text NOT NULL CHECK (kind IN ('lost_callback', 'unknown_to_us', 'unknown_to_them', 'amount')),
    event_id    text NOT NULL,
    payment_id  uuid REFERENCES payments,
    ours_fen    int,
    theirs_fen  int,
    created_at  timestamptz NOT NULL DEFAULT app_now(),
    resolved_at timestamptz,
    resolved_by uuid,
    UNIQUE (provider, event_id, kind)
);
CREATE INDEX payment_differences_open ON payment_differences (id DESC) WHERE resolved_at IS NULL;

-- The ledger: debit is positive, credit negative, and every entry is nought in sum.
CREATE TABLE ledger_entries (
    id      uuid PRIMARY KEY,
    bill_id uuid REFERENCES bills,
    kind    text NOT NULL,
    at      timestamptz NOT NULL DEFAULT app_now()
);
CREATE INDEX ledger_entries_by_bill ON ledger_entries (bill_id);
CREATE TABLE ledger_lines (
    entry_id   uuid NOT NULL REFERENCES ledger_entries,
    account    text NOT NULL CHECK (account IN ('patient', 'payer', 'revenue', 'provider', 'held', 'holds',
                                                'fund', 'nurse')),
    party      text NOT NULL,                           -- whose: an id, a payer, a provider
    amount_fen bigint NOT NULL CHECK (amount_fen <> 0),
    PRIMARY KEY (entry_id, account, party)
);
CREATE INDEX ledger_lines_by_account ON ledger_lines (account, party);
CREATE FUNCTION check_balance() RETURNS trigger LANGUAGE plpgsql SET app.role = 'clock' AS $$
DECLARE
    entry uuid;
    n     int;
    total bigint;
BEGIN
    IF TG_TABLE_NAME = 'ledger_entries' THEN entry := NEW.id; ELSE entry := NEW.entry_id; END IF;
    SELECT count(*), coalesce(sum(amount_fen), 0) INTO n, total FROM ledger_lines WHERE entry_id = entry;
    IF n < 2 OR total <> 0 THEN
        RAISE EXCEPTION 'ledger entry % has % lines and is out by % fen', entry, n, total
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER balance AFTER INSERT ON ledger_entries DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION check_balance();
CREATE CONSTRAINT TRIGGER balance AFTER INSERT ON ledger_lines DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION check_balance();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON ledger_entries FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON ledger_lines FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER never_emptied BEFORE TRUNCATE ON ledger_entries FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER never_emptied BEFORE TRUNCATE ON ledger_lines FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- What nurses are paid more for an order that nobody takes: out of a fund, never out of the price.
CREATE TABLE incentive_grants (
    id         uuid PRIMARY KEY,
    order_id   uuid NOT NULL REFERENCES orders,
    round      int NOT NULL,
    wave       int NOT NULL,
    fund       text NOT NULL,
    reason     text NOT NULL,
    amount_fen int NOT NULL CHECK (amount_fen > 0),     -- to each nurse of the wave who accepts
    seats      smallint NOT NULL CHECK (seats >= 1),
    granted_on date NOT NULL,
    created_at timestamptz NOT NULL DEFAULT app_now(),
    CONSTRAINT incentive_grants_once_a_wave UNIQUE (order_id, round, wave)
);
CREATE INDEX incentive_grants_by_day ON incentive_grants (fund, granted_on);
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON incentive_grants FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER never_emptied BEFORE TRUNCATE ON incentive_grants FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

GRANT SELECT ON tariffs, coverages, bills, payer_lines, change_orders, payments, payment_commands,
    payment_events, reconciliations, payment_differences, ledger_entries, ledger_lines,
    incentive_grants TO shangmen_app;
GRANT INSERT ON tariffs, coverages, bills, payer_lines, change_orders, payments, payment_commands,
    payment_events, reconciliations, payment_differences, ledger_entries, ledger_lines,
    incentive_grants TO shangmen_app;
GRANT UPDATE ON coverages, bills, payer_lines, change_orders, payments, payment_commands,
    payment_differences TO shangmen_app;

ALTER TABLE tariffs ENABLE ROW LEVEL SECURITY;
ALTER TABLE tariffs FORCE ROW LEVEL SECURITY;
CREATE POLICY read ON tariffs FOR SELECT USING (app_role() IS NOT NULL);
CREATE POLICY declare ON tariffs FOR INSERT WITH CHECK (
    app_sees_all() OR (app_role() IN ('operator', 'admin') AND institution_id = app_institution()));

ALTER TABLE coverages ENABLE ROW LEVEL SECURITY;
ALTER TABLE coverages FORCE ROW LEVEL SECURITY;
CREATE POLICY own ON coverages USING (
    app_staff() OR EXISTS (SELECT FROM patients p WHERE p.id = coverages.patient_id AND p.account_id = app_account()));

ALTER TABLE bills ENABLE ROW LEVEL SECURITY;
ALTER TABLE bills FORCE ROW LEVEL SECURITY;
CREATE POLICY own ON bills USING (
    app_sees_all() OR account_id = app_account()
    OR (app_staff() AND EXISTS (SELECT FROM orders o WHERE o.id = bills.order_id)));

ALTER TABLE payer_lines ENABLE ROW LEVEL SECURITY;
ALTER TABLE payer_lines FORCE ROW LEVEL SECURITY;
CREATE POLICY own ON payer_lines USING (EXISTS (SELECT FROM bills b WHERE b.id = payer_lines.bill_id));

ALTER TABLE change_orders ENABLE ROW LEVEL SECURITY;
ALTER TABLE change_orders FORCE ROW LEVEL SECURITY;
CREATE POLICY own ON change_orders USING (
    app_staff() OR account_id = app_account()
    OR EXISTS (SELECT FROM visits v WHERE v.id = change_orders.visit_id AND v.nurse_id = app_nurse()));

ALTER TABLE payments ENABLE ROW LEVEL SECURITY;
ALTER TABLE payments FORCE ROW LEVEL SECURITY;
CREATE POLICY own ON payments USING (EXISTS (SELECT FROM bills b WHERE b.id = payments.bill_id));

ALTER TABLE payment_commands ENABLE ROW LEVEL SECURITY;
ALTER TABLE payment_commands FORCE ROW LEVEL SECURITY;
CREATE POLICY own ON payment_commands USING (EXISTS (SELECT FROM payments p WHERE p.id = payment_commands.payment_id));

ALTER TABLE payment_events ENABLE ROW LEVEL SECURITY;
ALTER TABLE payment_events FORCE ROW LEVEL SECURITY;
CREATE POLICY staff ON payment_events USING (app_staff());

ALTER TABLE payment_differences ENABLE ROW LEVEL SECURITY;
ALTER TABLE payment_differences FORCE ROW LEVEL SECURITY;
CREATE POLICY staff ON payment_differences USING (app_staff());

ALTER TABLE ledger_entries ENABLE ROW LEVEL SECURITY;
ALTER TABLE ledger_entries FORCE ROW LEVEL SECURITY;
CREATE POLICY staff ON ledger_entries USING (app_staff());

ALTER TABLE ledger_lines ENABLE ROW LEVEL SECURITY;
ALTER TABLE ledger_lines FORCE ROW LEVEL SECURITY;
CREATE POLICY staff ON ledger_lines USING (app_staff());

ALTER TABLE incentive_grants ENABLE ROW LEVEL SECURITY;
ALTER TABLE incentive_grants FORCE ROW LEVEL SECURITY;
CREATE POLICY staff ON incentive_grants USING (app_staff());
