-- The address at which a nurse's own calendar program reads her visits. Whoever knows the token reads it, so only its
-- digest is kept, and a new one ends the old one.

CREATE TABLE calendar_links (
    nurse_id     uuid PRIMARY KEY REFERENCES nurses ON DELETE CASCADE,
    account_id   uuid NOT NULL REFERENCES accounts,
    token_sha256 bytea NOT NULL UNIQUE CHECK (length(token_sha256) = 32),
    created_at   timestamptz NOT NULL DEFAULT app_now()
);

GRANT SELECT, INSERT, UPDATE, DELETE ON calendar_links TO shangmen_app;

ALTER TABLE calendar_links ENABLE ROW LEVEL SECURITY;
ALTER TABLE calendar_links FORCE ROW LEVEL SECURITY;
CREATE POLICY own ON calendar_links USING (app_sees_all() OR account_id = app_account());
