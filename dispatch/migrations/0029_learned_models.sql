-- What is learned of finished work (how fast people travel, who says yes), and by what ways were measured.

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

ALTER TABLE decisions ADD COLUMN travel jsonb;      -- by what ways were measured, and how old that was
CREATE INDEX decisions_by_fallback ON decisions (at) WHERE travel ? 'instead_of';
