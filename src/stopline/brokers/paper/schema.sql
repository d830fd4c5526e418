-- The paper broker's own book. Prices and money are scaled 1e-8, quantities 1e-9, instants are nanoseconds.

CREATE TABLE book (
    book_id TEXT NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE accounts (
    account TEXT PRIMARY KEY,
    cash INTEGER NOT NULL,
    since INTEGER NOT NULL,
    day_opens_at INTEGER NOT NULL,
    day_resets_at INTEGER NOT NULL
) STRICT;

CREATE TABLE instruments (
    instrument_id TEXT PRIMARY KEY,
    terms BLOB NOT NULL
) STRICT;

CREATE TABLE holdings (
    account TEXT NOT NULL,
    instrument_id TEXT NOT NULL,
    qty INTEGER NOT NULL,
    cost INTEGER NOT NULL,
    lots BLOB NOT NULL,
    PRIMARY KEY (account, instrument_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE orders (
    order_id TEXT PRIMARY KEY,
    number INTEGER NOT NULL UNIQUE,
    account TEXT NOT NULL,
    instrument_id TEXT NOT NULL,
    side TEXT NOT NULL,
    order_type TEXT NOT NULL,
    time_in_force TEXT NOT NULL,
    order_qty INTEGER NOT NULL,
    cum_qty INTEGER NOT NULL,
    limit_price INTEGER,
    stop_price INTEGER,
    reserve_price INTEGER,
    expires_at INTEGER NOT NULL,
    rank INTEGER NOT NULL,
    is_triggered INTEGER NOT NULL,
    state TEXT NOT NULL,
    entered_at INTEGER NOT NULL,
    ended_at INTEGER NOT NULL,
    code TEXT NOT NULL,
    reason TEXT NOT NULL
) STRICT;

CREATE INDEX working_orders ON orders (number) WHERE state = 'working';
CREATE INDEX ended_orders ON orders (account, ended_at) WHERE state <> 'working';

CREATE TABLE fills (
    exec_no INTEGER PRIMARY KEY,
    account TEXT NOT NULL,
    order_id TEXT NOT NULL,
    instrument_id TEXT NOT NULL,
    side TEXT NOT NULL,
    qty INTEGER NOT NULL,
    price INTEGER NOT NULL,
    fee INTEGER NOT NULL,
    executed_at INTEGER NOT NULL
) STRICT;

CREATE INDEX fills_of_order ON fills (order_id);
CREATE INDEX fills_by_time ON fills (account, executed_at);
