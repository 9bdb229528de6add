-- No bill of a visit with an emergency before a person has reviewed it.

CREATE INDEX emergencies_open_of_order ON emergencies (order_id) WHERE released_at IS NULL;
