-- The records. What they hold is chained: hash = SHA-256(hash of seq - 1, seq, at, body).
CREATE TABLE records (
    seq INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    body BLOB NOT NULL,
    hash BLOB NOT NULL
) STRICT;

-- Every client_order_id ever decided, and the record that decided it.
CREATE TABLE decided (
    account TEXT NOT NULL,
    client_order_id TEXT NOT NULL,
    seq INTEGER NOT NULL,
    PRIMARY KEY (account, client_order_id)
) STRICT, WITHOUT ROWID;

-- Every process that took the journal: the events EngineStarted, as an index.
CREATE TABLE epochs (
    epoch INTEGER PRIMARY KEY,
    seq INTEGER NOT NULL,
    schema_version INTEGER NOT NULL,
    code_version TEXT NOT NULL,
    config_version TEXT NOT NULL
) STRICT;
