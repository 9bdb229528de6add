-- What an institution and a nurse must hold, in force on the day of the visit. Only added to, so that
-- processes of the version before go on: what they do not know has a default.

ALTER TABLE institutions
    ADD COLUMN licence_no          text CHECK (length(licence_no) BETWEEN 1 AND 64),
    ADD COLUMN licence_valid_until date,
    ADD COLUMN min_years           smallint CHECK (min_years BETWEEN 5 AND 50),
    ADD COLUMN min_title           title CHECK (min_title <> 'hushi'),
    ADD COLUMN min_tiers           jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(min_tiers) = 'object');

ALTER TABLE nurses
    ADD COLUMN insurances           jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(insurances) = 'object'),
    ADD COLUMN registration_state   text NOT NULL DEFAULT 'registered'
        CHECK (registration_state IN ('registered', 'to_verify')),
    ADD COLUMN register_state       text NOT NULL DEFAULT 'unchecked'
        CHECK (register_state IN ('unchecked', 'verified', 'not_found', 'unavailable', 'confirmed')),
    ADD COLUMN register_checked_at  timestamptz,
    ADD COLUMN register_valid_until timestamptz,
    ADD COLUMN register_due_at      timestamptz DEFAULT app_now();
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

-- Statistics of a time go through its offers; they lie in it by the order of sending.
CREATE INDEX offers_by_sending ON offers USING brin (sent_at) WITH (pages_per_range = 32);

GRANT SELECT, INSERT ON register_checks TO shangmen_app;
