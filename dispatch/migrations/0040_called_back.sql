-- A patient who moves an order whose nurse has set out owes her way if he cancels afterwards.

ALTER TABLE orders ADD COLUMN called_back int NOT NULL DEFAULT 0 CHECK (called_back >= 0);
