-- Waking a phone by Web Push, beside text messages.

-- The browser of a sign-in, where it may be woken; gone with the sign-in. The push service's address is a secret.
CREATE TABLE push_subscriptions (
    session_id      uuid PRIMARY KEY REFERENCES sessions ON DELETE CASCADE,
    account_id      uuid NOT NULL REFERENCES accounts,
    endpoint_sha256 bytea NOT NULL UNIQUE CHECK (length(endpoint_sha256) = 32),
    client_sealed   bytea NOT NULL,                 -- endpoint and the browser's keys
    created_at      timestamptz NOT NULL DEFAULT app_now()
);
CREATE INDEX push_subscriptions_by_account ON push_subscriptions (account_id);

GRANT SELECT, INSERT, DELETE ON push_subscriptions TO shangmen_app;

ALTER TABLE push_subscriptions ENABLE ROW LEVEL SECURITY;
ALTER TABLE push_subscriptions FORCE ROW LEVEL SECURITY;
CREATE POLICY own ON push_subscriptions USING (app_sees_all() OR account_id = app_account());

-- Each way of waking has its own tries and its own end.
ALTER TABLE notices ADD COLUMN way text NOT NULL DEFAULT 'sms' CHECK (way IN ('sms', 'push'));
