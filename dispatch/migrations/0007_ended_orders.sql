-- How many orders ended within a day is asked every few seconds, and must not grow with the years.

CREATE INDEX orders_by_end ON orders (updated_at)
    WHERE state IN ('fulfilled', 'failed', 'rejected', 'cancelled', 'lapsed');
