-- Who looked at whose data, and when, is asked of the log itself.

CREATE INDEX audit_by_person ON audit (person_id, id DESC) WHERE person_id IS NOT NULL;
CREATE INDEX audit_by_time ON audit USING brin (at);
