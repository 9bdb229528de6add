-- How much more readily than others each nurse says yes, learned once a day.

CREATE TABLE acceptance_leanings (
    nurse_id uuid PRIMARY KEY REFERENCES nurses,
    leaning  real NOT NULL                          -- in log-odds, drawn towards nothing
);

GRANT SELECT, INSERT, DELETE ON acceptance_leanings TO shangmen_app;

ALTER TABLE acceptance_leanings ENABLE ROW LEVEL SECURITY;
ALTER TABLE acceptance_leanings FORCE ROW LEVEL SECURITY;
CREATE POLICY clock ON acceptance_leanings USING (app_role() = 'clock');
