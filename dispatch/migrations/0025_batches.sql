-- Each batch of orders that was decided together, with the proof that nothing is better.

CREATE TABLE batches (
    id            uuid PRIMARY KEY,
    at            timestamptz NOT NULL DEFAULT app_now(),
    orders        int NOT NULL,
    seats         int NOT NULL,
    orders_served int NOT NULL,
    seats_filled  int NOT NULL,
    cost          bigint NOT NULL,                 -- thousandths of a minute of travel, like all below
    penalty       bigint NOT NULL,
    bound         bigint NOT NULL,                 -- nothing has less; equal to the penalty: the best there is
    unit          bigint,                          -- what an order of weight 1 that is left out counts; none: refuted
    refuted       text,                            -- what the check found wrong
    greedy_served int NOT NULL,
    greedy_cost   bigint NOT NULL,
    competences   jsonb NOT NULL,                  -- the price of those that are scarce
    problem       jsonb NOT NULL,                  -- orders, nurses, costs, who was named
    proof         jsonb NOT NULL,                  -- prices, case by case
    CHECK ((unit IS NULL) = (refuted IS NOT NULL))
);
CREATE INDEX batches_by_time ON batches (at);

ALTER TABLE decisions ADD COLUMN batch_id uuid;    -- the batch may have been thrown away since

GRANT SELECT, INSERT, DELETE ON batches TO shangmen_app;

ALTER TABLE batches ENABLE ROW LEVEL SECURITY;
ALTER TABLE batches FORCE ROW LEVEL SECURITY;
CREATE POLICY staff ON batches USING (app_staff());
