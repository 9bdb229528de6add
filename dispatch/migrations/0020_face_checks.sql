-- Whether it is she who sets out: asked of a face service, confirmed by a supervisor where that does not answer.

CREATE TABLE face_checks (
    id           uuid PRIMARY KEY,
    nurse_id     uuid NOT NULL REFERENCES nurses,
    result       text NOT NULL CHECK (result IN ('asked', 'matched', 'not_matched', 'unavailable', 'confirmed')),
    token_sealed bytea,
    attempts     int NOT NULL DEFAULT 0,
    due_at       timestamptz,
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

GRANT SELECT, INSERT, UPDATE ON face_checks TO shangmen_app;

ALTER TABLE face_checks ENABLE ROW LEVEL SECURITY;
ALTER TABLE face_checks FORCE ROW LEVEL SECURITY;
CREATE POLICY own ON face_checks USING (
    app_sees_all() OR nurse_id = app_nurse()
    OR (app_staff() AND EXISTS (SELECT FROM nurses n WHERE n.id = face_checks.nurse_id
                                                       AND n.institution_id = app_institution())));
