-- Whose keys were destroyed at their wish, as CSV: belongs to every backup, and is played back after a restore.
--   psql -X -q -f list-destroyed-keys.sql > destroyed-keys.csv
COPY (SELECT person_id, destroyed_at FROM person_keys WHERE wrapped IS NULL ORDER BY person_id)
  TO STDOUT (FORMAT csv);
