-- An assessor's question to the patient is a step of the order, too: it stays submitted, and tells so.

INSERT INTO lifecycle_moves (subject, move, from_state, to_state) VALUES
    ('order', 'need_info', 'submitted', 'submitted');
