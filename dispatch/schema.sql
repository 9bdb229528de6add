-- The whole schema as it is now, for readers; a test holds it equal to the sum of the migrations, which
-- alone are applied. The rules live here; the code above may be wrong, the rows may not.

CREATE EXTENSION IF NOT EXISTS btree_gist;
CREATE EXTENSION IF NOT EXISTS intarray;

-- Time -----------------------------------------------------------------------------------------------
-- app_now() is the one clock of every deadline. In production origin and scale are neutral; demo and
-- tests move it, speed it up or (scale 0) stop it.

CREATE TABLE app_clock (
    one         boolean PRIMARY KEY DEFAULT true CHECK (one),
    origin_real timestamptz NOT NULL,
    origin_app  timestamptz NOT NULL,
    scale       double precision NOT NULL CHECK (scale >= 0)
);
INSERT INTO app_clock (origin_real, origin_app, scale) SELECT t, t, 1 FROM clock_timestamp() AS t;

CREATE FUNCTION app_now() RETURNS timestamptz LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
DECLARE
    c app_clock;
BEGIN
    SELECT * INTO STRICT c FROM app_clock;
    RETURN c.origin_app + (clock_timestamp() - c.origin_real) * c.scale;
END $$;

CREATE FUNCTION app_clock_never_back() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.origin_app + (clock_timestamp() - NEW.origin_real) * NEW.scale
       < OLD.origin_app + (clock_timestamp() - OLD.origin_real) * OLD.scale THEN
        RAISE EXCEPTION 'the clock never steps back';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER never_back BEFORE UPDATE ON app_clock
    FOR EACH ROW EXECUTE FUNCTION app_clock_never_back();

-- Who is calling: set for one transaction at the one place that opens transactions --------------------

CREATE FUNCTION app_role() RETURNS text LANGUAGE sql STABLE PARALLEL SAFE
    AS $$ SELECT nullif(current_setting('app.role', true), '') $$;
CREATE FUNCTION app_account() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE
    AS $$ SELECT nullif(current_setting('app.account', true), '')::uuid $$;
CREATE FUNCTION app_nurse() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE
    AS $$ SELECT nullif(current_setting('app.nurse', true), '')::uuid $$;
CREATE FUNCTION app_institution() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE
    AS $$ SELECT nullif(current_setting('app.institution', true), '')::uuid $$;
-- The clock, and staff who are not bound to one institution.
CREATE FUNCTION app_sees_all() RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE
    AS $$ SELECT app_role() = 'clock'
              OR (app_role() IN ('operator', 'admin', 'auditor') AND app_institution() IS NULL) $$;
CREATE FUNCTION app_staff() RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE
    AS $$ SELECT app_role() IN ('clock', 'operator', 'admin', 'auditor') $$;

-- Lifecycles -------------------------------------------------------------------------------------------

CREATE TYPE actor_role  AS ENUM ('patient', 'nurse', 'operator', 'admin', 'auditor', 'clock');
CREATE TYPE order_state AS ENUM ('submitted', 'open', 'held', 'assigned', 'fulfilled', 'failed',
                                 'rejected', 'cancelled', 'lapsed');
CREATE TYPE offer_state AS ENUM ('sent', 'accepted', 'declined', 'expired', 'withdrawn');
CREATE TYPE visit_state AS ENUM ('scheduled', 'en_route', 'arrived', 'in_service', 'completed',
                                 'aborted', 'missed', 'cancelled', 'released');
CREATE TYPE alarm_state AS ENUM ('raised', 'acknowledged', 'resolved');
CREATE TYPE bill_state  AS ENUM ('estimated', 'secured', 'due', 'overdue', 'paid', 'void');
CREATE TYPE case_state  AS ENUM ('waiting', 'in_hand', 'settled');
CREATE TYPE flag_state  AS ENUM ('proposed', 'confirmed', 'appealed', 'rejected', 'expired');
CREATE TYPE gender      AS ENUM ('female', 'male');
CREATE TYPE title       AS ENUM ('hushi', 'hushi_shi', 'zhuguan', 'fuzhuren', 'zhuren');
CREATE TYPE urgency     AS ENUM ('routine', 'soon', 'urgent');

-- The arrows of dispatch/lifecycles.py; a test holds the two equal.
CREATE TABLE lifecycle_moves (
    subject    text NOT NULL,
    move       text NOT NULL,
    from_state text NOT NULL,
    to_state   text NOT NULL,
    PRIMARY KEY (subject, from_state, to_state, move)
);
INSERT INTO lifecycle_moves (subject, move, from_state, to_state) VALUES
    ('order', 'approve',     'submitted',    'open'),
    ('order', 'reject',      'submitted',    'rejected'),
    ('order', 'need_info',   'submitted',    'submitted'),
    ('order', 'answer',      'submitted',    'submitted'),
    ('order', 'assign',      'open',         'assigned'),
    ('order', 'assign',      'held',         'assigned'),
    ('order', 'fail',        'assigned',     'failed'),
    ('order', 'release',     'assigned',     'open'),
    ('order', 'hold',        'open',         'held'),
    ('order', 'reopen',      'held',         'open'),
    ('order', 'fulfil',      'assigned',     'fulfilled'),
    ('order', 'cancel',      'submitted',    'cancelled'),
    ('order', 'cancel',      'open',         'cancelled'),
    ('order', 'cancel',      'held',         'cancelled'),
    ('order', 'cancel',      'assigned',     'cancelled'),
    ('order', 'reschedule',  'submitted',    'submitted'),
    ('order', 'reschedule',  'open',         'open'),
    ('order', 'reschedule',  'held',         'open'),
    ('order', 'reschedule',  'assigned',     'open'),
    ('order', 'redispatch',  'open',         'open'),
    ('order', 'redispatch',  'held',         'open'),
    ('order', 'redispatch',  'assigned',     'open'),
    ('order', 'replan',      'assigned',     'assigned'),
    ('order', 'lapse',       'submitted',    'lapsed'),
    ('order', 'lapse',       'open',         'lapsed'),
    ('order', 'lapse',       'held',         'lapsed'),
    ('offer', 'accept',      'sent',         'accepted'),
    ('offer', 'decline',     'sent',         'declined'),
    ('offer', 'expire',      'sent',         'expired'),
    ('offer', 'withdraw',    'sent',         'withdrawn'),
    ('visit', 'depart',      'scheduled',    'en_route'),
    ('visit', 'arrive',      'scheduled',    'arrived'),
    ('visit', 'arrive',      'en_route',     'arrived'),
    ('visit', 'start',       'arrived',      'in_service'),
    ('visit', 'complete',    'in_service',   'completed'),
    ('visit', 'abort',       'en_route',     'aborted'),
    ('visit', 'abort',       'arrived',      'aborted'),
    ('visit', 'abort',       'in_service',   'aborted'),
    ('visit', 'miss',        'scheduled',    'missed'),
    ('visit', 'miss',        'en_route',     'missed'),
    ('visit', 'cancel',      'scheduled',    'cancelled'),
    ('visit', 'cancel',      'en_route',     'cancelled'),
    ('visit', 'release',     'scheduled',    'released'),
    ('visit', 'retime',      'scheduled',    'scheduled'),
    ('alarm', 'acknowledge', 'raised',       'acknowledged'),
    ('alarm', 'press_again', 'raised',       'raised'),
    ('alarm', 'press_again', 'acknowledged', 'raised'),
    ('alarm', 'fall_back',   'acknowledged', 'raised'),
    ('alarm', 'resolve',     'raised',       'resolved'),
    ('alarm', 'resolve',     'acknowledged', 'resolved'),
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
    ('bill', 'void',    'secured',   'void'),
    ('case', 'take_up',  'waiting', 'in_hand'),
    ('case', 'tell',     'in_hand', 'in_hand'),
    ('case', 'alert',    'waiting', 'waiting'),
    ('case', 'alert',    'in_hand', 'in_hand'),
    ('case', 'escalate', 'waiting', 'waiting'),
    ('case', 'escalate', 'in_hand', 'in_hand'),
    ('case', 'settle',   'waiting', 'settled'),
    ('case', 'settle',   'in_hand', 'settled'),
    ('case', 'dispute',  'settled', 'waiting'),
    ('flag', 'confirm', 'proposed',  'confirmed'),
    ('flag', 'confirm', 'appealed',  'confirmed'),
    ('flag', 'reject',  'proposed',  'rejected'),
    ('flag', 'reject',  'confirmed', 'rejected'),
    ('flag', 'reject',  'appealed',  'rejected'),
    ('flag', 'appeal',  'confirmed', 'appealed'),
    ('flag', 'expire',  'confirmed', 'expired'),
    ('flag', 'expire',  'appealed',  'expired');

-- A state changes only along an arrow, and each change is a new version. TG_ARGV[0] is the subject.
CREATE FUNCTION guard_lifecycle() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.state <> OLD.state THEN
        IF NOT EXISTS (SELECT FROM lifecycle_moves
                        WHERE subject = TG_ARGV[0]
                          AND from_state = OLD.state::text
                          AND to_state = NEW.state::text) THEN
            RAISE EXCEPTION '% may not go from % to %', TG_ARGV[0], OLD.state, NEW.state
                USING ERRCODE = 'check_violation';
        END IF;
        IF NEW.version <> OLD.version + 1 THEN
            RAISE EXCEPTION '% changed its state without a new version', TG_ARGV[0]
                USING ERRCODE = 'check_violation';
        END IF;
    END IF;
    RETURN NEW;
END $$;

-- At commit: no state without the line of history that tells it.
CREATE FUNCTION check_history() RETURNS trigger LANGUAGE plpgsql SET app.role = 'clock' AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND NEW.state = OLD.state THEN
        RETURN NULL;
    END IF;
    IF NOT EXISTS (SELECT FROM history
                    WHERE subject_id = NEW.id
                      AND version = NEW.version
                      AND to_state = NEW.state::text) THEN
        RAISE EXCEPTION '% % is % without history', TG_ARGV[0], NEW.id, NEW.state
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END $$;

-- Institutions, accounts, keys ---------------------------------------------------------------------------

CREATE TABLE institutions (
    id         uuid PRIMARY KEY,
    code       text NOT NULL UNIQUE CHECK (length(code) BETWEEN 1 AND 40),
    name       text NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
    parent_id  uuid REFERENCES institutions,
    county     text NOT NULL,
    counties   text[] NOT NULL,                 -- the counties it serves
    services   text[] NOT NULL,                 -- the service codes it offers
    phone      text,
    location   point NOT NULL,                  -- (lng, lat), WGS-84
    approved   boolean NOT NULL DEFAULT true,
    created_at timestamptz NOT NULL DEFAULT app_now(),
    version    int NOT NULL DEFAULT 1,
    -- its licence, and what it asks of nurses above the national floor; tiers by category of services
    licence_no          text CHECK (length(licence_no) BETWEEN 1 AND 64),
    licence_valid_until date,
    min_years           smallint CHECK (min_years BETWEEN 5 AND 50),
    min_title           title CHECK (min_title <> 'hushi'),
    min_tiers           jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(min_tiers) = 'object')
);

-- One data key a person, wrapped by a master key that never lies in the database. Erasure destroys it.
CREATE TABLE person_keys (
    person_id      uuid PRIMARY KEY,
    wrapped        bytea,
    master_version int NOT NULL,
    created_at     timestamptz NOT NULL DEFAULT app_now(),
    destroyed_at   timestamptz,
    CHECK ((wrapped IS NULL) = (destroyed_at IS NOT NULL))
);
CREATE INDEX person_keys_by_master ON person_keys (master_version) WHERE wrapped IS NOT NULL;

CREATE TABLE nurses (
    id                      uuid PRIMARY KEY,
    staff_no                int NOT NULL UNIQUE CHECK (staff_no > 0),
    institution_id          uuid NOT NULL REFERENCES institutions,
    name                    text NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
    gender                  gender NOT NULL,
    title                   title NOT NULL,
    tier                    smallint NOT NULL CHECK (tier BETWEEN 1 AND 3),
    first_practised_on      date NOT NULL,
    specialties             text[] NOT NULL,
    languages               text[] NOT NULL DEFAULT '{zh}',
    registration_no         text,
    certificate_valid_until date NOT NULL,
    insurance_valid_until   date NOT NULL,          -- of her three insurances the earliest
    admitted                boolean NOT NULL DEFAULT false,
    suspended_at            timestamptz,
    suspension_reason       text,
    available               boolean NOT NULL DEFAULT false,
    radius_m                int NOT NULL CHECK (radius_m BETWEEN 100 AND 200000),
    quiet_from              time,
    quiet_until             time,
    rating                  numeric(9, 8) CHECK (rating BETWEEN 1 AND 5),   -- finer than shown: each rating counts
    ratings                 int NOT NULL DEFAULT 0,
    photo_url               text,
    created_at              timestamptz NOT NULL DEFAULT app_now(),
    version                 int NOT NULL DEFAULT 1,
    -- kind -> policy_no, valid_until; one that is not there runs as long as insurance_valid_until
    insurances              jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(insurances) = 'object'),
    registration_state      text NOT NULL DEFAULT 'registered'      -- at her institution
        CHECK (registration_state IN ('registered', 'to_verify')),
    register_state          text NOT NULL DEFAULT 'unchecked'       -- what the national register said last
        CHECK (register_state IN ('unchecked', 'verified', 'not_found', 'unavailable', 'confirmed')),
    register_checked_at     timestamptz,
    register_valid_until    timestamptz,                            -- as long she may go by it
    register_due_at         timestamptz DEFAULT app_now(),          -- deadline: ask (again)
    CHECK ((quiet_from IS NULL) = (quiet_until IS NULL))
);
CREATE INDEX nurses_by_institution ON nurses (institution_id, id);
CREATE INDEX nurses_register_due ON nurses (register_due_at)
    WHERE register_due_at IS NOT NULL AND suspended_at IS NULL;

-- Every question to the national register with its answer, and what a supervisor confirmed instead.
CREATE TABLE register_checks (
    id              uuid PRIMARY KEY,
    nurse_id        uuid NOT NULL REFERENCES nurses,
    institution_id  uuid NOT NULL REFERENCES institutions,
    registration_no text,
    result          text NOT NULL CHECK (result IN ('verified', 'not_found', 'unavailable', 'confirmed')),
    author_id       uuid,                       -- who confirmed
    note            text CHECK (length(note) BETWEEN 1 AND 4000),
    checked_at      timestamptz NOT NULL DEFAULT app_now(),
    CHECK ((result = 'confirmed') = (author_id IS NOT NULL)),
    CHECK ((result = 'confirmed') = (note IS NOT NULL))
);
CREATE INDEX register_checks_by_nurse ON register_checks (nurse_id, id DESC);
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON register_checks
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER never_emptied BEFORE TRUNCATE ON register_checks
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- Whether it is she who sets out: asked of a face service, confirmed by a supervisor where that does not answer.
CREATE TABLE face_checks (
    id           uuid PRIMARY KEY,
    nurse_id     uuid NOT NULL REFERENCES nurses,
    result       text NOT NULL CHECK (result IN ('asked', 'matched', 'not_matched', 'unavailable', 'confirmed')),
    token_sealed bytea,                             -- gone with the answer
    attempts     int NOT NULL DEFAULT 0,
    due_at       timestamptz,                       -- deadline: ask the service (again)
    author_id    uuid,
    note         text CHECK (length(note) BETWEEN 1 AND 4000),
    created_at   timestamptz NOT NULL DEFAULT app_now(),
    answered_at  timestamptz,
    valid_until  timestamptz,
    CHECK ((result = 'asked') = (due_at IS NOT NULL)),
    CHECK ((result = 'asked') = (token_sealed IS NOT NULL)),
    CHECK ((result = 'confirmed') = (author_id IS NOT NULL)),
    CHECK ((result = 'confirmed') = (note IS NOT NULL)),
    CHECK ((result IN ('matched', 'confirmed')) = (valid_until IS NOT NULL))
);
CREATE INDEX face_checks_by_nurse ON face_checks (nurse_id, id DESC);
CREATE INDEX face_checks_due ON face_checks (due_at) WHERE due_at IS NOT NULL;

-- Where a nurse can be sent from, rounded to 100 m, and what she may be sent for: narrow, so that the
-- index stays small while positions move. `skills` holds the numbers of the services that she may do
-- for her institution and the codes of the counties it covers; `pos` is metres on the local plane.
CREATE TABLE nurse_points (
    nurse_id   uuid PRIMARY KEY REFERENCES nurses ON DELETE CASCADE,
    pos        point NOT NULL,
    skills     int[] NOT NULL,
    on_call    boolean NOT NULL,                -- active, admitted and available
    located_at timestamptz NOT NULL DEFAULT app_now()
) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02);
CREATE INDEX nurse_points_knn ON nurse_points USING gist (pos, skills gist__intbig_ops) WHERE on_call;
CREATE INDEX nurse_points_near ON nurse_points USING gist (pos);

CREATE TABLE shifts (
    id        uuid PRIMARY KEY,
    nurse_id  uuid NOT NULL REFERENCES nurses ON DELETE CASCADE,
    during    tstzrange NOT NULL CHECK (NOT isempty(during) AND NOT lower_inf(during) AND NOT upper_inf(during)),
    CONSTRAINT shifts_do_not_overlap EXCLUDE USING gist (nurse_id WITH =, during WITH &&)
);
CREATE INDEX shifts_by_nurse ON shifts (nurse_id, upper(during));
CREATE TABLE ward_duties (
    nurse_id  uuid NOT NULL REFERENCES nurses ON DELETE CASCADE,
    during    tstzrange NOT NULL CHECK (NOT isempty(during) AND NOT lower_inf(during) AND NOT upper_inf(during)),
    CONSTRAINT ward_duties_do_not_overlap EXCLUDE USING gist (nurse_id WITH =, during WITH &&)
);
CREATE INDEX ward_duties_by_nurse ON ward_duties (nurse_id, upper(during));

CREATE TABLE accounts (
    id             uuid PRIMARY KEY,
    role           actor_role NOT NULL CHECK (role <> 'clock'),
    phone_index    bytea NOT NULL UNIQUE,       -- keyed hash of the normalised number
    phone_sealed   bytea NOT NULL,
    nurse_id       uuid UNIQUE REFERENCES nurses,
    institution_id uuid REFERENCES institutions,
    permissions    text[] NOT NULL DEFAULT '{}',
    language       text NOT NULL DEFAULT 'zh-CN' CHECK (language IN ('zh-CN', 'en')),
    suspended_at   timestamptz,
    created_at     timestamptz NOT NULL DEFAULT app_now(),
    CHECK ((role = 'nurse') = (nurse_id IS NOT NULL))
);

-- Signing in goes by real time: a demo whose clock runs fast must not wear out codes and tokens.
CREATE TABLE otp_codes (
    id          uuid PRIMARY KEY,
    phone_index bytea NOT NULL,
    code_hash   bytea NOT NULL,
    created_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    expires_at  timestamptz NOT NULL,
    tries       smallint NOT NULL DEFAULT 0,
    used_at     timestamptz
);
CREATE INDEX otp_codes_by_phone ON otp_codes (phone_index, created_at DESC);

CREATE TABLE sessions (
    id         uuid PRIMARY KEY,
    account_id uuid NOT NULL REFERENCES accounts,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    ended_at   timestamptz,
    end_reason text
);
CREATE INDEX sessions_by_account ON sessions (account_id) WHERE ended_at IS NULL;

CREATE TABLE refresh_tokens (
    hash         bytea PRIMARY KEY,
    session_id   uuid NOT NULL REFERENCES sessions ON DELETE CASCADE,
    issued_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
    expires_at   timestamptz NOT NULL,
    rotated_at   timestamptz
);
CREATE INDEX refresh_tokens_by_session ON refresh_tokens (session_id);

-- The browser of a sign-in, where it may be woken; gone with the sign-in. The push service's address is a secret.
CREATE TABLE push_subscriptions (
    session_id      uuid PRIMARY KEY REFERENCES sessions ON DELETE CASCADE,
    account_id      uuid NOT NULL REFERENCES accounts,
    endpoint_sha256 bytea NOT NULL UNIQUE CHECK (length(endpoint_sha256) = 32),
    client_sealed   bytea NOT NULL,                 -- endpoint and the browser's keys
    created_at      timestamptz NOT NULL DEFAULT app_now()
);
CREATE INDEX push_subscriptions_by_account ON push_subscriptions (account_id);

-- The address at which a nurse's own calendar program reads her visits. Whoever knows the token reads it, so only its
-- digest is kept, and a new one ends the old one.
CREATE TABLE calendar_links (
    nurse_id     uuid PRIMARY KEY REFERENCES nurses ON DELETE CASCADE,
    account_id   uuid NOT NULL REFERENCES accounts,
    token_sha256 bytea NOT NULL UNIQUE CHECK (length(token_sha256) = 32),
    created_at   timestamptz NOT NULL DEFAULT app_now()
);

-- Patients: sealed but for what the matcher needs -----------------------------------------------------------

CREATE TABLE patients (
    id              uuid PRIMARY KEY,
    account_id      uuid NOT NULL REFERENCES accounts,
    gender          gender NOT NULL,
    profile_sealed  bytea NOT NULL,             -- name, id number, phone, birth date, conditions, …
    id_number_index bytea,
    relation        text NOT NULL,
    created_at      timestamptz NOT NULL DEFAULT app_now(),
    deleted_at      timestamptz,
    version         int NOT NULL DEFAULT 1,
    flag_conditions text[] NOT NULL DEFAULT '{}',   -- what confirmed flags ask of every visit
    withdrawn       text[] NOT NULL DEFAULT '{}',   -- purposes that were agreed to and are so no longer
    lacks_capacity  boolean NOT NULL DEFAULT false  -- cannot consent for himself, as an assessor found
);
CREATE INDEX patients_by_account ON patients (account_id, id DESC) WHERE deleted_at IS NULL;
CREATE INDEX patients_by_id_number ON patients (id_number_index) WHERE id_number_index IS NOT NULL;

CREATE TABLE addresses (
    id           uuid PRIMARY KEY,
    patient_id   uuid NOT NULL REFERENCES patients,
    place_sealed bytea NOT NULL,                -- label, text, exact location, access notes
    county       text,                          -- null: outside every served county
    created_at   timestamptz NOT NULL DEFAULT app_now(),
    deleted_at   timestamptz,
    flag_conditions text[] NOT NULL DEFAULT '{}'    -- what confirmed flags ask of every visit here
);
CREATE INDEX addresses_by_patient ON addresses (patient_id, id DESC) WHERE deleted_at IS NULL;

CREATE TABLE prescriptions (
    id            uuid PRIMARY KEY,
    patient_id    uuid NOT NULL REFERENCES patients,
    service_codes text[] NOT NULL CHECK (cardinality(service_codes) > 0),
    content_sealed bytea NOT NULL,              -- prescriber, institution, items
    issued_on     date NOT NULL,
    valid_until   date NOT NULL,
    created_at    timestamptz NOT NULL DEFAULT app_now(),
    CHECK (valid_until >= issued_on)
);
CREATE INDEX prescriptions_by_patient ON prescriptions (patient_id, id DESC);

-- A pair that must not meet again, by either side's wish or the operator's.
CREATE TABLE blocked_pairs (
    patient_id uuid NOT NULL REFERENCES patients,
    nurse_id   uuid NOT NULL REFERENCES nurses,
    created_at timestamptz NOT NULL DEFAULT app_now(),
    PRIMARY KEY (patient_id, nurse_id)
);

-- Orders -------------------------------------------------------------------------------------------------------

CREATE TABLE orders (
    id                   uuid PRIMARY KEY,
    account_id           uuid NOT NULL REFERENCES accounts,       -- who ordered
    patient_id           uuid NOT NULL REFERENCES patients,
    address_id           uuid NOT NULL REFERENCES addresses,
    institution_id       uuid REFERENCES institutions,            -- who serves it, once a nurse has accepted
    county               text NOT NULL,
    service_codes        text[] NOT NULL CHECK (cardinality(service_codes) BETWEEN 1 AND 10),
    seats                smallint NOT NULL CHECK (seats BETWEEN 1 AND 2),
    earliest             timestamptz NOT NULL,                    -- the window bounds the visit's start
    latest               timestamptz NOT NULL,
    duration_min         int NOT NULL CHECK (duration_min > 0),
    urgency              urgency NOT NULL,
    state                order_state NOT NULL,
    round                int NOT NULL DEFAULT 1 CHECK (round >= 1),
    wave                 int NOT NULL DEFAULT 0 CHECK (wave >= 0),
    next_wave_at         timestamptz,                             -- deadline: the next wave goes out
    promise_at           timestamptz NOT NULL,                    -- by when the patient will know
    at_risk              boolean NOT NULL DEFAULT false,
    price_fen            int NOT NULL CHECK (price_fen >= 0),
    price_lines          jsonb NOT NULL,
    pay_fen              int NOT NULL CHECK (pay_fen >= 0),       -- to each nurse
    preferences          jsonb NOT NULL DEFAULT '{}',
    preconditions        text[] NOT NULL DEFAULT '{}',
    prescription_id      uuid REFERENCES prescriptions,
    consent              jsonb NOT NULL,
    channel              text NOT NULL DEFAULT 'app',
    notes_sealed         bytea,                                   -- notes, basis of eligibility, who signed the consent
    assessment           jsonb,                                   -- decision, by, at, risk, outcome, conditions
    assessment_sealed    bytea,                                   -- its note
    closing              jsonb,                                   -- why it ended: rule counts and alternatives
    cancellation_fee_fen int CHECK (cancellation_fee_fen >= 0),
    signature_sealed     bytea,
    signed_at            timestamptz,
    created_at           timestamptz NOT NULL DEFAULT app_now(),
    updated_at           timestamptz NOT NULL DEFAULT app_now(),
    version              int NOT NULL DEFAULT 1,
    -- on what ground the patient is served at home (config/assessment.yaml), and whether the order says
    -- that the patient's condition has changed since the last one
    eligibility_basis    text NOT NULL DEFAULT 'unspecified'
                              CHECK (length(eligibility_basis) BETWEEN 1 AND 40),
    condition_changed    boolean NOT NULL DEFAULT false,
    -- while submitted: who has it before him; nobody has looked yet, the clock (an earlier assessment
    -- will do), a person, the patient (who was asked something)
    review               text NOT NULL DEFAULT 'new'
                              CHECK (review IN ('new', 'clock', 'person', 'patient')),
    review_at            timestamptz DEFAULT app_now(),           -- deadline: look, approve, or say that it is late
    reassess_since       timestamptz,                             -- what it was approved by holds no longer
    called_back          int NOT NULL DEFAULT 0 CHECK (called_back >= 0), -- nurses who had set out when the patient moved it
    CHECK (latest > earliest),
    CHECK (next_wave_at IS NULL OR state = 'open')
);
CREATE INDEX orders_by_account ON orders (account_id, id DESC);
CREATE INDEX orders_by_patient ON orders (patient_id, id DESC);
CREATE INDEX orders_by_state ON orders (state, id DESC);
CREATE INDEX orders_by_end ON orders (updated_at)
    WHERE state IN ('fulfilled', 'failed', 'rejected', 'cancelled', 'lapsed');
CREATE INDEX orders_by_prescription ON orders (prescription_id) WHERE prescription_id IS NOT NULL;
CREATE INDEX orders_wave_due ON orders (next_wave_at) WHERE state = 'open' AND next_wave_at IS NOT NULL;
CREATE INDEX orders_review_due ON orders (review_at) WHERE state = 'submitted' AND review_at IS NOT NULL;
CREATE INDEX orders_review_queue ON orders (promise_at, id) WHERE state = 'submitted';
CREATE INDEX orders_reassess_queue ON orders (promise_at, id) WHERE reassess_since IS NOT NULL;
CREATE INDEX orders_lapse_due ON orders (latest) WHERE state IN ('submitted', 'open', 'held');
CREATE TRIGGER lifecycle BEFORE UPDATE ON orders FOR EACH ROW EXECUTE FUNCTION guard_lifecycle('order');
CREATE CONSTRAINT TRIGGER told AFTER INSERT OR UPDATE ON orders DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION check_history('order');

-- Assessments: may it be done at home, and until when is that known ------------------------------------------------

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

-- Offers: who was asked ----------------------------------------------------------------------------------------

CREATE TABLE offers (
    id          uuid PRIMARY KEY,
    order_id    uuid NOT NULL REFERENCES orders,
    round       int NOT NULL,
    wave        int NOT NULL,
    seat        smallint NOT NULL CHECK (seat BETWEEN 1 AND 2),
    nurse_id    uuid NOT NULL REFERENCES nurses,
    state       offer_state NOT NULL,
    sent_at     timestamptz NOT NULL DEFAULT app_now(),
    expires_at  timestamptz NOT NULL,
    ended_at    timestamptz,
    pay_fen     int NOT NULL CHECK (pay_fen >= 0),
    distance_m  int NOT NULL CHECK (distance_m >= 0),
    travel_s    int NOT NULL CHECK (travel_s >= 0),
    rank        int,
    cost        double precision,
    why         jsonb NOT NULL DEFAULT '[]',        -- typed reasons; texts are made when read
    decline_reason text,
    version     int NOT NULL DEFAULT 1,
    CHECK (expires_at > sent_at),
    CHECK ((state = 'sent') = (ended_at IS NULL)),
    CONSTRAINT offers_once_a_round UNIQUE (order_id, round, seat, nurse_id)
);
CREATE UNIQUE INDEX offers_one_winner_a_seat ON offers (order_id, round, seat) WHERE state = 'accepted';
CREATE UNIQUE INDEX offers_one_open_a_nurse ON offers (order_id, nurse_id) WHERE state = 'sent';
CREATE INDEX offers_open_of_nurse ON offers (nurse_id, expires_at) WHERE state = 'sent';
CREATE INDEX offers_of_nurse ON offers (nurse_id, order_id);
CREATE INDEX offers_by_sending ON offers USING brin (sent_at) WITH (pages_per_range = 32);
CREATE INDEX offers_expiry_due ON offers (expires_at) WHERE state = 'sent';
CREATE TRIGGER lifecycle BEFORE UPDATE ON offers FOR EACH ROW EXECUTE FUNCTION guard_lifecycle('offer');
CREATE CONSTRAINT TRIGGER told AFTER INSERT OR UPDATE ON offers DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION check_history('offer');

-- Visits: one seat, one nurse, one time ----------------------------------------------------------------------------

CREATE TABLE visits (
    id             uuid PRIMARY KEY,
    order_id       uuid NOT NULL REFERENCES orders,
    round          int NOT NULL,
    seat           smallint NOT NULL CHECK (seat BETWEEN 1 AND 2),
    nurse_id       uuid NOT NULL REFERENCES nurses,
    offer_id       uuid REFERENCES offers,
    -- of its order, repeated so that row-level security needs no join
    account_id     uuid NOT NULL REFERENCES accounts,
    patient_id     uuid NOT NULL REFERENCES patients,
    institution_id uuid NOT NULL REFERENCES institutions,
    state          visit_state NOT NULL,
    planned_start  timestamptz NOT NULL,
    planned_end    timestamptz NOT NULL,
    busy           tstzrange NOT NULL,              -- the slot with its travel buffer
    pay_fen        int NOT NULL CHECK (pay_fen >= 0),
    distance_m     int NOT NULL CHECK (distance_m >= 0),
    travel_s       int NOT NULL CHECK (travel_s >= 0),
    departed_at    timestamptz,                     -- the phone's time; the server's stands in visit_facts
    arrived_at     timestamptz,
    started_at     timestamptz,
    ended_at       timestamptz,
    eta            timestamptz,
    flags          text[] NOT NULL DEFAULT '{}',
    end_reason     text,                            -- a code; words are sealed
    summary_sealed bytea,
    nudge_stage    smallint NOT NULL DEFAULT 0,
    nudge_at       timestamptz,                     -- deadline: remind her, then tell the operator
    miss_at        timestamptz NOT NULL,            -- deadline: given up if not arrived
    overdue_at     timestamptz NOT NULL,            -- deadline: alarm if not ended
    created_at     timestamptz NOT NULL DEFAULT app_now(),
    version        int NOT NULL DEFAULT 1,
    CHECK (planned_end > planned_start),
    CHECK (busy @> tstzrange(planned_start, planned_end)),
    CONSTRAINT visits_nurse_in_one_place EXCLUDE USING gist (nurse_id WITH =, busy WITH &&)
        WHERE (state IN ('scheduled', 'en_route', 'arrived', 'in_service'))
        DEFERRABLE                                  -- at the end of the statement: two may change places
);
CREATE UNIQUE INDEX visits_one_a_seat ON visits (order_id, round, seat)
    WHERE state NOT IN ('released', 'cancelled');
CREATE UNIQUE INDEX visits_one_a_nurse ON visits (order_id, round, nurse_id)
    WHERE state NOT IN ('released', 'cancelled');
CREATE INDEX visits_by_order ON visits (order_id, round, seat);
CREATE INDEX visits_by_end ON visits (ended_at, id) WHERE ended_at IS NOT NULL;
CREATE INDEX visits_by_nurse ON visits (nurse_id, planned_start DESC);
CREATE INDEX visits_by_patient ON visits (patient_id, nurse_id) WHERE state = 'completed';
CREATE INDEX visits_by_state ON visits (state) WHERE state IN ('scheduled', 'en_route', 'arrived', 'in_service');
CREATE INDEX visits_nudge_due ON visits (nudge_at) WHERE state = 'scheduled' AND nudge_at IS NOT NULL;
CREATE INDEX visits_miss_due ON visits (miss_at) WHERE state IN ('scheduled', 'en_route');
CREATE INDEX visits_overdue_due ON visits (overdue_at) WHERE state IN ('arrived', 'in_service');
CREATE TRIGGER lifecycle BEFORE UPDATE ON visits FOR EACH ROW EXECUTE FUNCTION guard_lifecycle('visit');
CREATE CONSTRAINT TRIGGER told AFTER INSERT OR UPDATE ON visits DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION check_history('visit');

-- At commit: an assigned order has exactly its seats filled, an ended or waiting one has no open visit
-- too many. This refuses the order that is taken by nobody, which no race test for double winners sees.
CREATE FUNCTION check_seats() RETURNS trigger LANGUAGE plpgsql SET app.role = 'clock' AS $$
DECLARE
    o      orders;
    filled int;
    going  int;
BEGIN
    IF TG_TABLE_NAME = 'orders' THEN
        IF TG_OP = 'UPDATE' AND NEW.state = OLD.state AND NEW.round = OLD.round THEN
            RETURN NULL;
        END IF;
        SELECT * INTO o FROM orders WHERE id = NEW.id;
    ELSE
        IF TG_OP = 'UPDATE' AND NEW.state = OLD.state THEN
            RETURN NULL;
        END IF;
        SELECT * INTO o FROM orders WHERE id = NEW.order_id;
    END IF;
    SELECT count(*) FILTER (WHERE round = o.round AND state NOT IN ('released', 'cancelled')),
           count(*) FILTER (WHERE state IN ('scheduled', 'en_route', 'arrived', 'in_service'))
      INTO filled, going
      FROM visits WHERE order_id = o.id;
    IF o.state IN ('assigned', 'fulfilled') AND filled <> o.seats THEN
        RAISE EXCEPTION 'order % is % with % of % seats filled', o.id, o.state, filled, o.seats
            USING ERRCODE = 'check_violation';
    ELSIF o.state IN ('open', 'held') AND filled >= o.seats THEN
        RAISE EXCEPTION 'order % is % with every seat filled', o.id, o.state
            USING ERRCODE = 'check_violation';
    ELSIF o.state NOT IN ('open', 'held', 'assigned') AND going > 0 THEN
        RAISE EXCEPTION 'order % is % with % visits going on', o.id, o.state, going
            USING ERRCODE = 'check_violation';
    ELSIF o.state = 'fulfilled'
          AND EXISTS (SELECT FROM visits
                       WHERE order_id = o.id AND round = o.round
                         AND state NOT IN ('completed', 'released', 'cancelled')) THEN
        RAISE EXCEPTION 'order % is fulfilled with an unfinished visit', o.id
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER seats AFTER INSERT OR UPDATE ON orders DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION check_seats();
CREATE CONSTRAINT TRIGGER seats AFTER INSERT OR UPDATE ON visits DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION check_seats();

-- What the phone said, with both times: never edited. A step that came too late is a fact, too.
CREATE TABLE visit_facts (
    id          uuid PRIMARY KEY,
    visit_id    uuid NOT NULL REFERENCES visits,
    step        text NOT NULL,
    at          timestamptz NOT NULL,               -- the phone's time
    received_at timestamptz NOT NULL DEFAULT app_now(),
    taken       boolean NOT NULL,                   -- false: refused by the lifecycle, kept as a fact
    body_sealed bytea,                              -- location, accuracy, reasons in words
    actor_id    uuid,
    supersedes  uuid REFERENCES visit_facts         -- the fact whose place it takes, for a reason
);
CREATE INDEX visit_facts_by_visit ON visit_facts (visit_id, received_at);
CREATE UNIQUE INDEX visit_facts_superseded_once ON visit_facts (supersedes) WHERE supersedes IS NOT NULL;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON visit_facts
    FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE TABLE visit_records (
    id          uuid PRIMARY KEY,
    visit_id    uuid NOT NULL REFERENCES visits,
    patient_id  uuid NOT NULL REFERENCES patients,
    client_id   uuid NOT NULL,                      -- made on the phone: re-sending is safe
    kind        text NOT NULL CHECK (kind IN ('vitals', 'procedure', 'education', 'photo', 'material',
                                              'waste', 'note')),
    data_sealed bytea NOT NULL,
    recorded_at timestamptz NOT NULL,
    received_at timestamptz NOT NULL DEFAULT app_now(),
    author_id   uuid NOT NULL,
    CONSTRAINT visit_records_once UNIQUE (visit_id, client_id)
);
CREATE INDEX visit_records_by_patient ON visit_records (patient_id, id DESC);

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

-- Live positions, for as long as the visit is on its way; sealed, since their end is somebody's door.
CREATE TABLE positions (
    visit_id        uuid NOT NULL REFERENCES visits,
    nurse_id        uuid NOT NULL,
    recorded_at     timestamptz NOT NULL,
    received_at     timestamptz NOT NULL DEFAULT app_now(),
    accuracy_m      real,
    location_sealed bytea NOT NULL,
    PRIMARY KEY (visit_id, recorded_at)
);

CREATE TABLE ratings (
    order_id       uuid PRIMARY KEY REFERENCES orders,
    account_id     uuid NOT NULL,
    stars          smallint NOT NULL CHECK (stars BETWEEN 1 AND 5),
    tags           text[] NOT NULL DEFAULT '{}',
    comment_sealed bytea,
    created_at     timestamptz NOT NULL DEFAULT app_now()
);

-- What the matcher considered for a wave, as it was: the top, and a typed summary of the rest. A look
-- that led to no offer is overwritten by the next one; what led to offers stays.
CREATE TABLE decisions (
    order_id   uuid NOT NULL REFERENCES orders,
    round      int NOT NULL,
    wave       int NOT NULL,
    asked      boolean NOT NULL,
    at         timestamptz NOT NULL DEFAULT app_now(),
    considered jsonb NOT NULL,
    summary    jsonb NOT NULL,                  -- counts by rule, alternatives, alert
    batch_id   uuid,                            -- the batch may have been thrown away since
    travel     jsonb,                           -- by what ways were measured, and how old that was
    nearest    jsonb NOT NULL DEFAULT '{}',     -- by nurse: what would have had to be otherwise
    PRIMARY KEY (order_id, round, wave, asked)
);
CREATE INDEX decisions_by_fallback ON decisions (at) WHERE travel ? 'instead_of';
CREATE INDEX decisions_by_time ON decisions (at DESC) WHERE asked;

-- Alarms -------------------------------------------------------------------------------------------------------------

CREATE TABLE alarms (
    id              uuid PRIMARY KEY,
    kind            text NOT NULL CHECK (kind IN ('sos', 'duress', 'emergency', 'check_in', 'dark', 'overdue',
                                                   'not_departed', 'not_coming', 'late_step', 'watch')),
    level           smallint NOT NULL DEFAULT 1 CHECK (level >= 1),
    state           alarm_state NOT NULL,
    visit_id        uuid REFERENCES visits,
    order_id        uuid REFERENCES orders,
    person_id       uuid,                           -- whose key seals the payload
    raised_by       uuid,
    payload_sealed  bytea,                          -- location and whatever the phone sent
    raised_at       timestamptz NOT NULL DEFAULT app_now(),
    step            int NOT NULL DEFAULT 0,
    next_step_at    timestamptz,                    -- deadline: escalate; of one taken up: ring again
    acknowledged_at timestamptz,
    resolved_at     timestamptz,
    version         int NOT NULL DEFAULT 1,
    CHECK ((state = 'resolved') = (resolved_at IS NOT NULL)),
    CHECK (next_step_at IS NULL OR state <> 'resolved')
);
CREATE UNIQUE INDEX alarms_one_open ON alarms (visit_id, kind) WHERE state <> 'resolved';
CREATE INDEX alarms_by_state ON alarms (state, id DESC);
CREATE INDEX alarms_step_due ON alarms (next_step_at) WHERE state <> 'resolved' AND next_step_at IS NOT NULL;
CREATE TRIGGER lifecycle BEFORE UPDATE ON alarms FOR EACH ROW EXECUTE FUNCTION guard_lifecycle('alarm');
CREATE CONSTRAINT TRIGGER told AFTER INSERT OR UPDATE ON alarms DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION check_history('alarm');

-- Whether a nurse who is out is well. What is heard moves no index; the sweep moves `due_at`.
CREATE TABLE safety_checks (
    visit_id    uuid PRIMARY KEY REFERENCES visits,
    every_min   smallint CHECK (every_min > 0),     -- in the home she is to check in so often; null: never
    tells       boolean NOT NULL DEFAULT false,     -- her phone tells by itself that it is there
    heard_at    timestamptz NOT NULL,               -- her phone, by our clock
    answered_at timestamptz NOT NULL,               -- she herself, by the phone's clock if that is earlier
    asked_at    timestamptz,                        -- when she was asked whether she is well
    due_at      timestamptz                         -- deadline: look at her
) WITH (fillfactor = 70);
CREATE INDEX safety_checks_due ON safety_checks (due_at) WHERE due_at IS NOT NULL;

-- The code by which a nurse says that she is well, and the one that only seems to.
CREATE TABLE safety_codes (
    account_id   uuid PRIMARY KEY REFERENCES accounts,
    codes_sealed bytea NOT NULL,
    set_at       timestamptz NOT NULL DEFAULT app_now()
);

-- How long a nurse waits at a door that nobody opens.
CREATE TABLE door_waits (
    visit_id uuid PRIMARY KEY REFERENCES visits,
    until    timestamptz NOT NULL,
    due_at   timestamptz                            -- deadline: tell her that she may go
);
CREATE INDEX door_waits_due ON door_waits (due_at) WHERE due_at IS NOT NULL;

-- First aid in a home: who was called, and a record that is locked until a person has reviewed it.
CREATE TABLE emergencies (
    id             uuid PRIMARY KEY,
    visit_id       uuid NOT NULL REFERENCES visits,
    order_id       uuid NOT NULL REFERENCES orders,
    patient_id     uuid NOT NULL REFERENCES patients,
    nurse_id       uuid NOT NULL REFERENCES nurses,
    declared_by    uuid NOT NULL,
    declared_at    timestamptz NOT NULL,             -- the phone's time, like the next three
    received_at    timestamptz NOT NULL DEFAULT app_now(),
    first_aid_at   timestamptz,
    ambulance_at   timestamptz,
    doctor_at      timestamptz,
    words_sealed   bytea,                            -- what was said with each measure
    released_by    uuid,                             -- who has reviewed it
    released_at    timestamptz,
    release_sealed bytea,
    version        int NOT NULL DEFAULT 1,
    CHECK ((released_at IS NULL) = (released_by IS NULL)),
    CHECK ((released_at IS NULL) = (release_sealed IS NULL))
);
CREATE UNIQUE INDEX emergencies_one_open ON emergencies (visit_id) WHERE released_at IS NULL;
CREATE INDEX emergencies_by_visit ON emergencies (visit_id, id DESC);
CREATE INDEX emergencies_open_of_nurse ON emergencies (nurse_id) WHERE released_at IS NULL;
CREATE INDEX emergencies_open_of_order ON emergencies (order_id) WHERE released_at IS NULL;

-- What endangers nurses at a patient or an address: proposed, decided by another person, open to appeal. What
-- stands is repeated in flag_conditions of patient or address, where it is read with the place.
CREATE TABLE safety_flags (
    id            uuid PRIMARY KEY,
    patient_id    uuid NOT NULL REFERENCES patients,
    address_id    uuid REFERENCES addresses,          -- null: of the patient, wherever
    visit_id      uuid REFERENCES visits,             -- where it was seen
    state         flag_state NOT NULL,
    kind          text NOT NULL CHECK (kind IN ('violence', 'threat', 'harassment', 'weapon', 'animal',
                                                'unsafe_place', 'other')),
    conditions    text[] NOT NULL CHECK (cardinality(conditions) > 0
                                         AND conditions <@ ARRAY['two_nurses', 'same_gender', 'daytime_only',
                                                                 'family_present', 'higher_tier', 'specialist',
                                                                 'escort', 'no_visits']),
    evidence      uuid[] NOT NULL DEFAULT '{}',       -- attachments of that visit
    words_sealed  bytea NOT NULL,
    proposed_by   uuid NOT NULL,
    decided_by    uuid,
    appeal_sealed bytea,
    due_at        timestamptz,                        -- deadline: decide, or end
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

-- History: every move, in the statement that makes it ---------------------------------------------------------------------

CREATE TABLE history (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    subject     text NOT NULL,
    subject_id  uuid NOT NULL,
    order_id    uuid REFERENCES orders,
    version     int NOT NULL,
    move        text NOT NULL,
    from_state  text,
    to_state    text NOT NULL,
    at          timestamptz NOT NULL DEFAULT app_now(),
    recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    actor_role  actor_role NOT NULL,
    actor_id    uuid,
    request_id  text NOT NULL DEFAULT '',
    detail      jsonb NOT NULL DEFAULT '{}',        -- ids, codes and numbers; words are sealed
    note_sealed bytea,
    CONSTRAINT history_once_a_version UNIQUE (subject_id, version)
);
CREATE INDEX history_by_order ON history (order_id, id);
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON history FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER never_emptied BEFORE TRUNCATE ON history FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- Retries: the answer of an act, kept with it ------------------------------------------------------------------------------

CREATE TABLE retry_keys (
    account_id  uuid NOT NULL,
    method      text NOT NULL,
    path        text NOT NULL,
    key         text NOT NULL CHECK (length(key) BETWEEN 1 AND 255),
    fingerprint bytea NOT NULL,
    status      smallint,
    answer_sealed bytea,
    created_at  timestamptz NOT NULL DEFAULT app_now(),
    PRIMARY KEY (account_id, method, path, key)
);
CREATE INDEX retry_keys_by_age ON retry_keys (created_at);

-- Events: ids and states, in the transaction of what they tell ----------------------------------------------------------------
-- `seq` is given by one relay at a time, so that a reader who has seen n has seen all below n; reading
-- by id would skip what commits late.

CREATE TABLE outbox (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    seq         bigint UNIQUE,
    event       text NOT NULL,
    order_id    uuid,
    account_ids uuid[] NOT NULL DEFAULT '{}',       -- the patients and nurses who may see it
    staff       boolean NOT NULL DEFAULT true,      -- operators see it
    institution_id uuid,
    data        jsonb NOT NULL,
    wake        text,                               -- the notice that wakes a phone; null: none
    created_at  timestamptz NOT NULL DEFAULT app_now()
);
CREATE INDEX outbox_unnumbered ON outbox (id) WHERE seq IS NULL;
CREATE INDEX outbox_by_age ON outbox (created_at);
CREATE SEQUENCE outbox_seq;

CREATE TABLE notices (
    id          uuid PRIMARY KEY,
    dedupe      text NOT NULL UNIQUE,
    account_id  uuid NOT NULL,
    template    text NOT NULL,
    order_id    uuid,
    created_at  timestamptz NOT NULL DEFAULT app_now(),
    next_try_at timestamptz DEFAULT app_now(),      -- deadline; null: done with
    attempts    int NOT NULL DEFAULT 0,
    sent_at     timestamptz,
    failed_at   timestamptz,
    patient_id  uuid,                               -- wake the second contact of this patient; null: the account
    way         text NOT NULL DEFAULT 'sms' CHECK (way IN ('sms', 'push')),  -- each with its own tries
    CHECK (next_try_at IS NULL OR (sent_at IS NULL AND failed_at IS NULL))
);
CREATE INDEX notices_due ON notices (next_try_at) WHERE next_try_at IS NOT NULL;

CREATE TABLE heartbeats (
    process text PRIMARY KEY,
    role    text NOT NULL,
    at      timestamptz NOT NULL DEFAULT clock_timestamp(),
    detail  jsonb NOT NULL DEFAULT '{}'             -- what its sweeps have done: numbers only
);
CREATE INDEX heartbeats_by_role ON heartbeats (role, at DESC);

-- Evidence: appended in the transaction of the act, chained and sealed by the clock ---------------------------------------------

CREATE TABLE audit (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at           timestamptz NOT NULL DEFAULT app_now(),
    recorded_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    actor_id     uuid,
    actor_role   text NOT NULL,
    action       text NOT NULL,
    subject_kind text NOT NULL,
    subject_id   uuid,
    person_id    uuid,
    purpose      text,
    request_id   text NOT NULL DEFAULT '',
    detail       jsonb NOT NULL DEFAULT '{}'
);
CREATE INDEX audit_by_subject ON audit (subject_id, id DESC);
CREATE INDEX audit_by_person ON audit (person_id, id DESC) WHERE person_id IS NOT NULL;
CREATE INDEX audit_by_time ON audit USING brin (at);
CREATE TABLE audit_chain (
    seq       bigint PRIMARY KEY CHECK (seq > 0),
    audit_id  bigint NOT NULL UNIQUE,
    prev_hash bytea NOT NULL UNIQUE,
    hash      bytea NOT NULL
);
CREATE TABLE audit_checkpoints (
    seq       bigint PRIMARY KEY,
    head      bytea NOT NULL,
    at        timestamptz NOT NULL,
    signature bytea NOT NULL
);
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON audit FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON audit_chain FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON audit_checkpoints FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER never_emptied BEFORE TRUNCATE ON audit FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER never_emptied BEFORE TRUNCATE ON audit_chain FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER never_emptied BEFORE TRUNCATE ON audit_checkpoints FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- The application's role: owns nothing, passes no policy --------------------------------------------------------------------------

DO $$
BEGIN
    CREATE ROLE shangmen_app NOLOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS;
EXCEPTION WHEN duplicate_object OR unique_violation THEN
    NULL;                                           -- roles are the server's: another database has it
END $$;
DO $$
BEGIN
    IF NOT (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) THEN
        EXECUTE format('GRANT shangmen_app TO %I', current_user);
    END IF;
END $$;

GRANT USAGE ON SCHEMA public TO shangmen_app;
GRANT SELECT ON ALL TABLES IN SCHEMA public TO shangmen_app;
GRANT INSERT ON institutions, person_keys, nurses, nurse_points, shifts, ward_duties, accounts, otp_codes,
    sessions, refresh_tokens, patients, addresses, prescriptions, blocked_pairs, orders, offers, visits,
    visit_facts, visit_records, attachments, register_checks, positions, ratings, decisions, alarms,
    safety_checks, safety_codes, safety_flags, emergencies, door_waits, face_checks, history,
    retry_keys, outbox, notices, heartbeats, audit, audit_chain, audit_checkpoints,
    push_subscriptions, calendar_links TO shangmen_app;
GRANT UPDATE ON institutions, person_keys, nurses, nurse_points, shifts, accounts, otp_codes, sessions,
    refresh_tokens, patients, addresses, orders, offers, visits, decisions, alarms, safety_checks,
    safety_codes, safety_flags, emergencies, door_waits, face_checks, retry_keys,
    outbox,
    notices, heartbeats, calendar_links TO shangmen_app;
GRANT DELETE ON shifts, ward_duties, otp_codes, refresh_tokens, sessions, positions, retry_keys, outbox,
    notices, heartbeats, blocked_pairs, push_subscriptions, calendar_links TO shangmen_app;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO shangmen_app;

-- Row-level security: the backstop under the application's own WHERE ---------------------------------------------------------------
-- No context, no rows.

ALTER TABLE accounts ENABLE ROW LEVEL SECURITY;
ALTER TABLE accounts FORCE ROW LEVEL SECURITY;
CREATE POLICY own ON accounts USING (app_staff() OR id = app_account());

ALTER TABLE sessions ENABLE ROW LEVEL SECURITY;
ALTER TABLE sessions FORCE ROW LEVEL SECURITY;
CREATE POLICY own ON sessions USING (app_staff() OR account_id = app_account());

ALTER TABLE push_subscriptions ENABLE ROW LEVEL SECURITY;
ALTER TABLE push_subscriptions FORCE ROW LEVEL SECURITY;
CREATE POLICY own ON push_subscriptions USING (app_sees_all() OR account_id = app_account());

ALTER TABLE calendar_links ENABLE ROW LEVEL SECURITY;
ALTER TABLE calendar_links FORCE ROW LEVEL SECURITY;
CREATE POLICY own ON calendar_links USING (app_sees_all() OR account_id = app_account());

ALTER TABLE patients ENABLE ROW LEVEL SECURITY;
ALTER TABLE patients FORCE ROW LEVEL SECURITY;
CREATE POLICY own ON patients USING (
    app_staff() OR account_id = app_account()
    OR EXISTS (SELECT FROM visits v WHERE v.patient_id = patients.id AND v.nurse_id = app_nurse()));

ALTER TABLE addresses ENABLE ROW LEVEL SECURITY;
ALTER TABLE addresses FORCE ROW LEVEL SECURITY;
CREATE POLICY own ON addresses USING (
    app_staff() OR EXISTS (SELECT FROM patients p WHERE p.id = addresses.patient_id));

ALTER TABLE prescriptions ENABLE ROW LEVEL SECURITY;
ALTER TABLE prescriptions FORCE ROW LEVEL SECURITY;
CREATE POLICY own ON prescriptions USING (
    app_staff() OR EXISTS (SELECT FROM patients p WHERE p.id = prescriptions.patient_id));

ALTER TABLE blocked_pairs ENABLE ROW LEVEL SECURITY;
ALTER TABLE blocked_pairs FORCE ROW LEVEL SECURITY;
CREATE POLICY own ON blocked_pairs USING (app_staff() OR nurse_id = app_nurse()
    OR EXISTS (SELECT FROM patients p WHERE p.id = blocked_pairs.patient_id AND p.account_id = app_account()));

ALTER TABLE offers ENABLE ROW LEVEL SECURITY;
ALTER TABLE offers FORCE ROW LEVEL SECURITY;
CREATE POLICY own ON offers USING (app_staff() OR nurse_id = app_nurse());

ALTER TABLE visits ENABLE ROW LEVEL SECURITY;
ALTER TABLE visits FORCE ROW LEVEL SECURITY;
CREATE POLICY own ON visits USING (
    app_sees_all() OR (app_staff() AND institution_id = app_institution())
    OR nurse_id = app_nurse() OR account_id = app_account());

ALTER TABLE orders ENABLE ROW LEVEL SECURITY;
ALTER TABLE orders FORCE ROW LEVEL SECURITY;
CREATE POLICY own ON orders USING (
    app_sees_all() OR account_id = app_account()
    OR (app_staff() AND (institution_id IS NULL OR institution_id = app_institution()))
    OR EXISTS (SELECT FROM offers f WHERE f.order_id = orders.id AND f.nurse_id = app_nurse())
    OR EXISTS (SELECT FROM visits v WHERE v.order_id = orders.id AND v.nurse_id = app_nurse()));

GRANT SELECT, INSERT ON assessments, clearances TO shangmen_app;
GRANT UPDATE ON clearances TO shangmen_app;

ALTER TABLE assessments ENABLE ROW LEVEL SECURITY;
ALTER TABLE assessments FORCE ROW LEVEL SECURITY;
CREATE POLICY own ON assessments USING (EXISTS (SELECT FROM orders o WHERE o.id = assessments.order_id));

ALTER TABLE clearances ENABLE ROW LEVEL SECURITY;
ALTER TABLE clearances FORCE ROW LEVEL SECURITY;
CREATE POLICY own ON clearances USING (
    app_staff() OR EXISTS (SELECT FROM patients p WHERE p.id = clearances.patient_id AND p.account_id = app_account()));

ALTER TABLE visit_facts ENABLE ROW LEVEL SECURITY;
ALTER TABLE visit_facts FORCE ROW LEVEL SECURITY;
CREATE POLICY own ON visit_facts USING (EXISTS (SELECT FROM visits v WHERE v.id = visit_facts.visit_id));

ALTER TABLE visit_records ENABLE ROW LEVEL SECURITY;
ALTER TABLE visit_records FORCE ROW LEVEL SECURITY;
CREATE POLICY own ON visit_records USING (EXISTS (SELECT FROM visits v WHERE v.id = visit_records.visit_id));

ALTER TABLE attachments ENABLE ROW LEVEL SECURITY;
ALTER TABLE attachments FORCE ROW LEVEL SECURITY;
CREATE POLICY own ON attachments USING (
    EXISTS (SELECT FROM visits v WHERE v.id = attachments.visit_id)
    OR EXISTS (SELECT FROM prescriptions p WHERE p.id = attachments.prescription_id));

ALTER TABLE positions ENABLE ROW LEVEL SECURITY;
ALTER TABLE positions FORCE ROW LEVEL SECURITY;
CREATE POLICY own ON positions USING (EXISTS (SELECT FROM visits v WHERE v.id = positions.visit_id));

ALTER TABLE ratings ENABLE ROW LEVEL SECURITY;
ALTER TABLE ratings FORCE ROW LEVEL SECURITY;
CREATE POLICY own ON ratings USING (app_staff() OR account_id = app_account());

ALTER TABLE decisions ENABLE ROW LEVEL SECURITY;
ALTER TABLE decisions FORCE ROW LEVEL SECURITY;
CREATE POLICY staff ON decisions USING (app_staff());

ALTER TABLE alarms ENABLE ROW LEVEL SECURITY;
ALTER TABLE alarms FORCE ROW LEVEL SECURITY;
CREATE POLICY own ON alarms USING (
    app_sees_all()
    OR ((kind <> 'duress' OR app_staff())
        AND (raised_by = app_account()
             OR EXISTS (SELECT FROM visits v WHERE v.id = alarms.visit_id))));

ALTER TABLE safety_checks ENABLE ROW LEVEL SECURITY;
ALTER TABLE safety_checks FORCE ROW LEVEL SECURITY;
CREATE POLICY own ON safety_checks USING (
    EXISTS (SELECT FROM visits v WHERE v.id = safety_checks.visit_id
                                   AND (app_staff() OR v.nurse_id = app_nurse())));

ALTER TABLE safety_codes ENABLE ROW LEVEL SECURITY;
ALTER TABLE safety_codes FORCE ROW LEVEL SECURITY;
CREATE POLICY own ON safety_codes USING (account_id = app_account());

ALTER TABLE face_checks ENABLE ROW LEVEL SECURITY;
ALTER TABLE face_checks FORCE ROW LEVEL SECURITY;
CREATE POLICY own ON face_checks USING (
    app_sees_all() OR nurse_id = app_nurse()
    OR (app_staff() AND EXISTS (SELECT FROM nurses n WHERE n.id = face_checks.nurse_id
                                                       AND n.institution_id = app_institution())));

ALTER TABLE door_waits ENABLE ROW LEVEL SECURITY;
ALTER TABLE door_waits FORCE ROW LEVEL SECURITY;
CREATE POLICY own ON door_waits USING (
    EXISTS (SELECT FROM visits v WHERE v.id = door_waits.visit_id
                                   AND (app_staff() OR v.nurse_id = app_nurse())));

ALTER TABLE emergencies ENABLE ROW LEVEL SECURITY;
ALTER TABLE emergencies FORCE ROW LEVEL SECURITY;
CREATE POLICY own ON emergencies USING (
    EXISTS (SELECT FROM visits v WHERE v.id = emergencies.visit_id
                                   AND (app_staff() OR v.nurse_id = app_nurse())));

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

ALTER TABLE history ENABLE ROW LEVEL SECURITY;
ALTER TABLE history FORCE ROW LEVEL SECURITY;
CREATE POLICY own ON history USING (
    app_staff() OR actor_id = app_account() OR EXISTS (SELECT FROM orders o WHERE o.id = history.order_id));

ALTER TABLE retry_keys ENABLE ROW LEVEL SECURITY;
ALTER TABLE retry_keys FORCE ROW LEVEL SECURITY;
CREATE POLICY own ON retry_keys USING (app_role() = 'clock' OR account_id = app_account());

ALTER TABLE outbox ENABLE ROW LEVEL SECURITY;
ALTER TABLE outbox FORCE ROW LEVEL SECURITY;
CREATE POLICY write ON outbox FOR INSERT WITH CHECK (app_role() IS NOT NULL);
CREATE POLICY own ON outbox USING (app_staff() OR account_ids @> ARRAY[app_account()]);

ALTER TABLE notices ENABLE ROW LEVEL SECURITY;
ALTER TABLE notices FORCE ROW LEVEL SECURITY;
CREATE POLICY staff ON notices USING (app_staff());

ALTER TABLE audit ENABLE ROW LEVEL SECURITY;
ALTER TABLE audit FORCE ROW LEVEL SECURITY;
CREATE POLICY write ON audit FOR INSERT WITH CHECK (app_role() IS NOT NULL);
CREATE POLICY read ON audit FOR SELECT USING (app_role() IN ('clock', 'auditor', 'admin'));

-- Consent: with its grants and policy ---------------------------------------------------------------------------------------------

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

-- Price, bill and money: with their grants and policies --------------------------------------------------------------------------

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

-- After a visit: with their grants and policies ------------------------------------------------------------

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

-- What a person must see to after a visit: an adverse event, a complaint, a call.
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

-- What the patient's side shows to the assessor of an order, each a stored file; nurses do not see it.
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

-- What follows from her silence: the second contact is asked, then nurse and operators know.
CREATE TABLE confirmation_waits (
    visit_id uuid PRIMARY KEY REFERENCES visits,
    second   boolean NOT NULL DEFAULT false,        -- the second contact has been asked
    due_at   timestamptz                            -- deadline; null: answered, or nothing more to do
);
CREATE INDEX confirmation_waits_due ON confirmation_waits (due_at) WHERE due_at IS NOT NULL;

GRANT SELECT, INSERT ON visit_messages, documents TO shangmen_app;
GRANT SELECT, INSERT, UPDATE ON relay_numbers TO shangmen_app;
-- Forgotten when the visit is at another time.
GRANT SELECT, INSERT, UPDATE, DELETE ON confirmations, confirmation_waits TO shangmen_app;

ALTER TABLE visit_messages ENABLE ROW LEVEL SECURITY;
ALTER TABLE visit_messages FORCE ROW LEVEL SECURITY;
CREATE POLICY own ON visit_messages USING (EXISTS (SELECT FROM visits v WHERE v.id = visit_messages.visit_id));

ALTER TABLE documents ENABLE ROW LEVEL SECURITY;
ALTER TABLE documents FORCE ROW LEVEL SECURITY;
CREATE POLICY own ON documents USING (
    EXISTS (SELECT FROM orders o WHERE o.id = documents.order_id
                                   AND (app_staff() OR o.account_id = app_account())));

ALTER TABLE relay_numbers ENABLE ROW LEVEL SECURITY;
ALTER TABLE relay_numbers FORCE ROW LEVEL SECURITY;
CREATE POLICY own ON relay_numbers USING (EXISTS (SELECT FROM visits v WHERE v.id = relay_numbers.visit_id));

ALTER TABLE confirmations ENABLE ROW LEVEL SECURITY;
ALTER TABLE confirmations FORCE ROW LEVEL SECURITY;
CREATE POLICY own ON confirmations USING (EXISTS (SELECT FROM visits v WHERE v.id = confirmations.visit_id));

ALTER TABLE confirmation_waits ENABLE ROW LEVEL SECURITY;
ALTER TABLE confirmation_waits FORCE ROW LEVEL SECURITY;
CREATE POLICY own ON confirmation_waits USING (
    EXISTS (SELECT FROM visits v WHERE v.id = confirmation_waits.visit_id));

-- Which document a nurse has read, in which version (R49).

CREATE TABLE acknowledgements (
    nurse_id        uuid NOT NULL REFERENCES nurses,
    slug            text NOT NULL,
    version         text NOT NULL,
    sha256          text NOT NULL,                      -- of the text as it was
    acknowledged_at timestamptz NOT NULL DEFAULT app_now(),
    PRIMARY KEY (nurse_id, slug, version)
);
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON acknowledgements
    FOR EACH ROW EXECUTE FUNCTION refuse_change();

GRANT SELECT, INSERT ON acknowledgements TO shangmen_app;

ALTER TABLE acknowledgements ENABLE ROW LEVEL SECURITY;
ALTER TABLE acknowledgements FORCE ROW LEVEL SECURITY;
CREATE POLICY own ON acknowledgements USING (app_staff() OR nurse_id = app_nurse());

-- Each batch of orders that was decided together, with the proof that nothing is better.
CREATE TABLE batches (
    id            uuid PRIMARY KEY,
    at            timestamptz NOT NULL DEFAULT app_now(),
    orders        int NOT NULL,
    seats         int NOT NULL,
    orders_served int NOT NULL,
    seats_filled  int NOT NULL,
    cost          bigint NOT NULL,                 -- thousandths of a minute of travel, like all below
    penalty       bigint NOT NULL,
    bound         bigint NOT NULL,                 -- nothing has less; equal to the penalty: the best there is
    unit          bigint,                          -- what an order of weight 1 that is left out counts; none: refuted
    refuted       text,                            -- what the check found wrong
    greedy_served int NOT NULL,
    greedy_cost   bigint NOT NULL,
    competences   jsonb NOT NULL,                  -- the price of those that are scarce
    problem       jsonb NOT NULL,                  -- orders, nurses, costs, who was named
    proof         jsonb NOT NULL,                  -- prices, case by case
    digest        text,                            -- of all the rest as it was kept
    CHECK ((unit IS NULL) = (refuted IS NOT NULL))
);
CREATE INDEX batches_by_time ON batches (at);

GRANT SELECT, INSERT, DELETE ON batches TO shangmen_app;

ALTER TABLE batches ENABLE ROW LEVEL SECURITY;
ALTER TABLE batches FORCE ROW LEVEL SECURITY;
CREATE POLICY staff ON batches USING (app_staff());

-- Orders that cannot all be served, hours ahead, with the certificate of it.

CREATE TABLE shortages (
    id          uuid PRIMARY KEY,
    county      text NOT NULL,
    order_ids   uuid[] NOT NULL,                    -- in order
    starts_at   timestamptz NOT NULL,               -- all of their visits lie between
    ends_at     timestamptz NOT NULL,
    seats       int NOT NULL,
    visits_max  int NOT NULL,
    certificate jsonb NOT NULL,                     -- orders, who qualifies, their free hours
    found_at    timestamptz NOT NULL DEFAULT app_now(),
    held_at     timestamptz NOT NULL DEFAULT app_now(),
    ended_at    timestamptz,
    digest      text,                               -- of all but its id and these three times
    CHECK (visits_max < seats)
);
CREATE UNIQUE INDEX shortages_open ON shortages (order_ids) WHERE ended_at IS NULL;
CREATE INDEX shortages_by_end ON shortages (ended_at) WHERE ended_at IS NOT NULL;

GRANT SELECT, INSERT, UPDATE, DELETE ON shortages TO shangmen_app;

ALTER TABLE shortages ENABLE ROW LEVEL SECURITY;
ALTER TABLE shortages FORCE ROW LEVEL SECURITY;
CREATE POLICY staff ON shortages USING (app_staff());

-- What is learned of finished work (how fast people travel, who says yes).

CREATE TABLE learned_models (
    kind       text NOT NULL CHECK (kind IN ('pace', 'acceptance')),
    learned_at timestamptz NOT NULL DEFAULT app_now(),
    sample     int NOT NULL CHECK (sample >= 0),    -- how much it was learned from
    model      jsonb NOT NULL,                      -- numbers only, nothing about anybody
    PRIMARY KEY (kind, learned_at)
);

GRANT SELECT, INSERT, DELETE ON learned_models TO shangmen_app;

ALTER TABLE learned_models ENABLE ROW LEVEL SECURITY;
ALTER TABLE learned_models FORCE ROW LEVEL SECURITY;
CREATE POLICY read ON learned_models FOR SELECT USING (app_role() IS NOT NULL);
CREATE POLICY learn ON learned_models USING (app_role() = 'clock');

-- How much more readily than others each nurse says yes, learned once a day.

CREATE TABLE acceptance_leanings (
    nurse_id uuid PRIMARY KEY REFERENCES nurses,
    leaning  real NOT NULL                          -- in log-odds, drawn towards nothing
);

GRANT SELECT, INSERT, DELETE ON acceptance_leanings TO shangmen_app;

ALTER TABLE acceptance_leanings ENABLE ROW LEVEL SECURITY;
ALTER TABLE acceptance_leanings FORCE ROW LEVEL SECURITY;
CREATE POLICY clock ON acceptance_leanings USING (app_role() = 'clock');

-- Whether a nurse on her way comes nearer; who does not is asked, told of, and another one looked for.

CREATE TABLE arrival_watches (
    visit_id   uuid PRIMARY KEY REFERENCES visits,
    left_m     double precision,                    -- the way that was left when her phone spoke last
    nearest_m  double precision,
    gained_at  timestamptz NOT NULL,                -- when she last came nearer
    away_since timestamptz,
    heard_at   timestamptz NOT NULL,
    stage      smallint NOT NULL DEFAULT 0 CHECK (stage BETWEEN 0 AND 2),   -- asked, told of
    due_at     timestamptz                          -- deadline: look at her
);
CREATE INDEX arrival_watches_due ON arrival_watches (due_at) WHERE due_at IS NOT NULL;

GRANT SELECT, INSERT, UPDATE ON arrival_watches TO shangmen_app;

ALTER TABLE arrival_watches ENABLE ROW LEVEL SECURITY;
ALTER TABLE arrival_watches FORCE ROW LEVEL SECURITY;
CREATE POLICY own ON arrival_watches USING (
    EXISTS (SELECT FROM visits v WHERE v.id = arrival_watches.visit_id
                                   AND (app_staff() OR v.nurse_id = app_nurse())));

-- What planning a booked day anew proposes, until it is done or planned again.

CREATE TABLE day_proposals (
    county     text NOT NULL,
    day        date NOT NULL,
    claimed_at timestamptz,                         -- somebody plans it, or died of it
    planned_at timestamptz,
    seen       text,                                -- digest of the bookings that it was made of
    held_up    boolean NOT NULL DEFAULT false,      -- a nurse was over time at what she was at
    proposal   jsonb,                               -- changes by part, who is late, who has nobody
    PRIMARY KEY (county, day),
    CHECK ((planned_at IS NULL) = (proposal IS NULL) AND (planned_at IS NULL) = (seen IS NULL))
) WITH (fillfactor = 70);

GRANT SELECT, INSERT, UPDATE, DELETE ON day_proposals TO shangmen_app;

-- A plan goes across institutions: who is bound to one plans for himself.
ALTER TABLE day_proposals ENABLE ROW LEVEL SECURITY;
ALTER TABLE day_proposals FORCE ROW LEVEL SECURITY;
CREATE POLICY staff ON day_proposals USING (app_sees_all());

-- What each nurse was given for the hours that she has opened, older weeks counting less.

CREATE TABLE nurse_shares (
    nurse_id uuid PRIMARY KEY REFERENCES nurses ON DELETE CASCADE,
    hours    float8 NOT NULL,                       -- of shifts that are over
    offers   float8 NOT NULL,
    paid_min float8 NOT NULL,
    ahead    float8 NOT NULL,                       -- of the mean of all, for her hours: 0.2 is a fifth more
    until    timestamptz NOT NULL
) WITH (fillfactor = 70);

GRANT SELECT, INSERT, UPDATE ON nurse_shares TO shangmen_app;

ALTER TABLE nurse_shares ENABLE ROW LEVEL SECURITY;
ALTER TABLE nurse_shares FORCE ROW LEVEL SECURITY;
CREATE POLICY own ON nurse_shares USING (app_staff() OR nurse_id = app_nurse());
