-- After a restore and before the processes start: destroy the keys that were destroyed since the backup.
--   psql -X -f destroy-keys-again.sql < destroyed-keys.csv
\set ON_ERROR_STOP on
BEGIN;
CREATE TEMPORARY TABLE destroyed (person_id uuid PRIMARY KEY, destroyed_at timestamptz NOT NULL) ON COMMIT DROP;
\copy destroyed FROM pstdin (FORMAT csv)
UPDATE person_keys k
   SET wrapped = NULL, destroyed_at = d.destroyed_at
  FROM destroyed d
 WHERE d.person_id = k.person_id AND k.wrapped IS NOT NULL;
COMMIT;
