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
