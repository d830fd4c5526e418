-- What the account rules found, what that led to, and what Stopline owes an account until it is done.
-- `observed` and `limit` are text in `unit`; `evidence` is JSON: what the rule saw.
CREATE TABLE rule_breaches (
    id INTEGER PRIMARY KEY,
    time TEXT NOT NULL,
    account TEXT NOT NULL,
    rule TEXT NOT NULL,
    mode TEXT NOT NULL,
    scope TEXT NOT NULL,
    key TEXT NOT NULL,
    unit TEXT NOT NULL,
    observed TEXT,
    "limit" TEXT,
    reason TEXT NOT NULL,
    asks_for TEXT NOT NULL,
    evidence TEXT NOT NULL,
    status TEXT NOT NULL,
    ended_at TEXT,
    end_reason TEXT
) STRICT;
CREATE INDEX rule_breaches_by_key ON rule_breaches (account, rule, key, id);
CREATE INDEX rule_breaches_by_status ON rule_breaches (status, id);

CREATE TABLE obligations (
    obligation_id INTEGER PRIMARY KEY,
    account TEXT NOT NULL,
    kind TEXT NOT NULL,
    instrument_id TEXT NOT NULL,
    symbol TEXT NOT NULL,
    qty TEXT,
    stop_price TEXT,
    target_price TEXT,
    trail TEXT,
    cause TEXT NOT NULL,
    reason TEXT NOT NULL,
    actor TEXT NOT NULL,
    opened_at TEXT NOT NULL,
    state TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    escalations INTEGER NOT NULL,
    next_at TEXT,
    text TEXT NOT NULL,
    closed_at TEXT,
    outcome TEXT NOT NULL,
    end_reason TEXT
) STRICT;
CREATE INDEX obligations_by_outcome ON obligations (outcome, obligation_id);

-- The rules in force, as JSON in their human units; what is not named is not armed.
CREATE TABLE account_rules (
    account TEXT PRIMARY KEY,
    rules TEXT NOT NULL,
    changed_at TEXT NOT NULL,
    changed_by TEXT NOT NULL,
    reason TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Whether nothing may be held while it stands, and where its end was computed.
ALTER TABLE lockouts ADD COLUMN keeps_flat INTEGER NOT NULL DEFAULT 0;
ALTER TABLE lockouts ADD COLUMN zone TEXT NOT NULL DEFAULT '';
ALTER TABLE lockouts ADD COLUMN tzdata TEXT NOT NULL DEFAULT '';
