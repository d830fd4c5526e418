-- The tables that people query. All of them are made from the journal and can be made again.
-- Money, prices and quantities are exact decimal text, instants ISO 8601 in UTC, booleans 0 and 1.
-- `id` is seq * 65536 + the index of the event in its record: the same in every rebuild.

-- How far the tables are, and of which journal: the last record's `at` and SHA-256 of its body.
CREATE TABLE checkpoint (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    seq INTEGER NOT NULL,
    at INTEGER NOT NULL,
    body_hash BLOB NOT NULL,
    tables_version INTEGER NOT NULL
) STRICT;

-- `reducing` is what the gate said; an exit that grew later counts as an entry all the same.
CREATE TABLE orders (
    id INTEGER PRIMARY KEY,
    time TEXT NOT NULL,
    account TEXT NOT NULL,
    client_order_id TEXT NOT NULL,
    routed_order_id TEXT NOT NULL,
    broker_order_id TEXT NOT NULL,
    decision_id TEXT NOT NULL,
    instrument_id TEXT NOT NULL,
    symbol TEXT NOT NULL,
    side TEXT NOT NULL,
    order_type TEXT NOT NULL,
    state TEXT NOT NULL,
    order_qty TEXT NOT NULL,
    cum_qty TEXT NOT NULL,
    leaves_qty TEXT NOT NULL,
    limit_price TEXT,
    stop_price TEXT,
    avg_price TEXT,
    fees TEXT NOT NULL,
    time_in_force TEXT NOT NULL,
    expire_at TEXT,
    extended_hours INTEGER NOT NULL,
    reduce_only INTEGER NOT NULL,
    reducing INTEGER NOT NULL,
    external INTEGER NOT NULL,
    strategy TEXT NOT NULL,
    tags TEXT NOT NULL,
    currency TEXT NOT NULL,
    order_class TEXT NOT NULL,
    notional TEXT,
    trail_amount TEXT,
    trail_percent TEXT,
    take_profit TEXT,
    stop_loss TEXT,
    stop_loss_limit TEXT,
    oca_group TEXT NOT NULL,
    denied_by TEXT NOT NULL,
    reason TEXT NOT NULL,
    actor TEXT NOT NULL,
    client TEXT NOT NULL,
    approved_at TEXT,
    updated_at TEXT NOT NULL,
    filled_money TEXT NOT NULL,
    pending_qty TEXT
) STRICT;
CREATE INDEX orders_by_time ON orders (time);
CREATE INDEX orders_by_symbol ON orders (symbol, id);
CREATE INDEX orders_by_state ON orders (state, id);
CREATE INDEX orders_by_account ON orders (account, client_order_id, id);

CREATE TABLE order_history (
    id INTEGER PRIMARY KEY,
    time TEXT NOT NULL,
    account TEXT NOT NULL,
    client_order_id TEXT NOT NULL,
    symbol TEXT NOT NULL,
    event TEXT NOT NULL,
    state TEXT NOT NULL,
    order_qty TEXT NOT NULL,
    cum_qty TEXT NOT NULL,
    limit_price TEXT,
    stop_price TEXT,
    reason TEXT NOT NULL,
    actor TEXT NOT NULL
) STRICT;
CREATE INDEX order_history_by_order ON order_history (account, client_order_id, id);
CREATE INDEX order_history_by_time ON order_history (time);

CREATE TABLE fills (
    id INTEGER PRIMARY KEY,
    time TEXT NOT NULL,
    account TEXT NOT NULL,
    exec_id TEXT NOT NULL,
    client_order_id TEXT NOT NULL,
    routed_order_id TEXT NOT NULL,
    instrument_id TEXT NOT NULL,
    symbol TEXT NOT NULL,
    side TEXT NOT NULL,
    qty TEXT NOT NULL,
    price TEXT NOT NULL,
    fee TEXT NOT NULL,
    mark TEXT,
    executed_at TEXT NOT NULL,
    external INTEGER NOT NULL,
    replaces TEXT NOT NULL,
    rounded INTEGER NOT NULL,
    voided INTEGER NOT NULL,
    voided_by TEXT NOT NULL
) STRICT;
CREATE INDEX fills_by_time ON fills (time);
CREATE INDEX fills_by_symbol ON fills (symbol, id);
CREATE INDEX fills_by_exec ON fills (account, exec_id, id);
CREATE INDEX fills_by_instrument ON fills (account, instrument_id, id);

CREATE TABLE positions (
    account TEXT NOT NULL,
    instrument_id TEXT NOT NULL,
    symbol TEXT NOT NULL,
    side TEXT NOT NULL,
    qty TEXT NOT NULL,
    avg_entry_price TEXT,
    cost TEXT NOT NULL,
    opened_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    lots TEXT NOT NULL,
    PRIMARY KEY (account, instrument_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE daily_pnl_tracking (
    account TEXT NOT NULL,
    date TEXT NOT NULL,
    opening_equity TEXT,
    baseline_source TEXT NOT NULL,
    equity TEXT,
    realized_pnl TEXT,
    unrealized_pnl TEXT,
    total_pnl TEXT,
    transfers TEXT NOT NULL,
    fills INTEGER NOT NULL,
    fees TEXT NOT NULL,
    circuit_breaker_triggered INTEGER NOT NULL,
    opened_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    PRIMARY KEY (account, date)
) STRICT, WITHOUT ROWID;

CREATE TABLE risk_limits (
    account TEXT NOT NULL,
    scope TEXT NOT NULL,
    scope_id TEXT NOT NULL,
    enabled INTEGER NOT NULL,
    daily_loss TEXT,
    drawdown_floor TEXT,
    max_order_qty TEXT,
    max_order_notional TEXT,
    max_position TEXT,
    max_position_qty TEXT,
    max_contracts TEXT,
    max_open_positions TEXT,
    gross_exposure TEXT,
    net_exposure TEXT,
    concentration TEXT,
    sector_concentration TEXT,
    tag_concentration TEXT,
    leverage TEXT,
    buying_power INTEGER NOT NULL,
    open_risk INTEGER NOT NULL,
    stop_required INTEGER NOT NULL,
    short_sale INTEGER,
    allow TEXT NOT NULL,
    deny TEXT NOT NULL,
    session_hours INTEGER NOT NULL,
    quote_max_age TEXT,
    quote_max_spread TEXT,
    quote_min_size TEXT,
    price_collar TEXT,
    self_match INTEGER NOT NULL,
    duplicate_window TEXT,
    trade_frequency TEXT NOT NULL,
    order_rate TEXT NOT NULL,
    order_rate_per_user TEXT NOT NULL,
    order_rate_per_client TEXT NOT NULL,
    order_rate_per_strategy TEXT NOT NULL,
    order_rate_per_symbol TEXT NOT NULL,
    trades_per_session TEXT,
    breaker_expiry TEXT,
    breakers_reset_with_session INTEGER NOT NULL,
    reject_burst TEXT,
    money_classes TEXT NOT NULL,
    version INTEGER NOT NULL,
    changed_at TEXT NOT NULL,
    changed_by TEXT NOT NULL,
    reason TEXT NOT NULL,
    PRIMARY KEY (account, scope, scope_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE position_limits (
    account TEXT NOT NULL,
    symbol TEXT NOT NULL,
    max_position TEXT,
    concentration TEXT,
    max_position_qty TEXT,
    version INTEGER NOT NULL,
    changed_at TEXT NOT NULL,
    changed_by TEXT NOT NULL,
    reason TEXT NOT NULL,
    PRIMARY KEY (account, symbol)
) STRICT, WITHOUT ROWID;

CREATE TABLE config_changes (
    id INTEGER PRIMARY KEY,
    time TEXT NOT NULL,
    account TEXT NOT NULL,
    change TEXT NOT NULL,
    scope TEXT NOT NULL,
    scope_id TEXT NOT NULL,
    symbol TEXT NOT NULL,
    old TEXT,
    new TEXT,
    version INTEGER,
    actor TEXT NOT NULL,
    reason TEXT NOT NULL
) STRICT;
CREATE INDEX config_changes_by_time ON config_changes (time);

CREATE TABLE risk_alerts (
    id INTEGER PRIMARY KEY,
    time TEXT NOT NULL,
    alert_id INTEGER NOT NULL,
    account TEXT NOT NULL,
    alert_type TEXT NOT NULL,
    severity TEXT NOT NULL,
    symbol TEXT NOT NULL,
    message TEXT NOT NULL
) STRICT;
CREATE INDEX risk_alerts_by_time ON risk_alerts (time);
CREATE INDEX risk_alerts_by_account ON risk_alerts (account, id);
CREATE TRIGGER risk_alerts_are_not_changed BEFORE UPDATE ON risk_alerts
BEGIN
    SELECT raise(ABORT, 'risk_alerts is append-only');
END;
CREATE TRIGGER risk_alerts_are_not_deleted BEFORE DELETE ON risk_alerts
BEGIN
    SELECT raise(ABORT, 'risk_alerts is append-only');
END;

CREATE TABLE circuit_breaker_events (
    breaker_id INTEGER PRIMARY KEY,
    time TEXT NOT NULL,
    account TEXT NOT NULL,
    status TEXT NOT NULL,
    trigger_type TEXT NOT NULL,
    trigger_value TEXT NOT NULL,
    threshold TEXT NOT NULL,
    reason TEXT NOT NULL,
    actor TEXT NOT NULL,
    expires_at TEXT,
    reset_at TEXT,
    reset_by TEXT,
    reset_reason TEXT
) STRICT;

CREATE TABLE lockouts (
    id INTEGER PRIMARY KEY,
    time TEXT NOT NULL,
    status TEXT NOT NULL,
    scope TEXT NOT NULL,
    scope_id TEXT NOT NULL,
    account TEXT NOT NULL,
    key TEXT NOT NULL,
    state TEXT NOT NULL,
    reason TEXT NOT NULL,
    actor TEXT NOT NULL,
    until TEXT,
    lifted_at TEXT,
    lifted_by TEXT,
    lift_reason TEXT
) STRICT;
CREATE INDEX lockouts_by_key ON lockouts (scope, scope_id, key, id);
CREATE INDEX lockouts_by_status ON lockouts (status, id);

CREATE TABLE timers (
    timer_id TEXT PRIMARY KEY,
    due_at TEXT NOT NULL,
    account TEXT NOT NULL,
    set_at TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE reset_log (
    id INTEGER PRIMARY KEY,
    time TEXT NOT NULL,
    account TEXT NOT NULL,
    date TEXT NOT NULL,
    what TEXT NOT NULL,
    opens_at TEXT,
    resets_at TEXT,
    tzdata TEXT NOT NULL,
    opening_equity TEXT,
    baseline_source TEXT NOT NULL,
    actor TEXT NOT NULL,
    reason TEXT NOT NULL
) STRICT;
CREATE INDEX reset_log_by_account ON reset_log (account, id);

CREATE TABLE accounts (
    account TEXT PRIMARY KEY,
    broker TEXT NOT NULL,
    currency TEXT NOT NULL,
    opening_cash TEXT NOT NULL,
    margin_account INTEGER NOT NULL,
    initial_margin TEXT NOT NULL,
    maintenance_margin TEXT NOT NULL,
    lot_method TEXT NOT NULL,
    reset_zone TEXT NOT NULL,
    reset_time TEXT NOT NULL,
    "group" TEXT NOT NULL,
    firm TEXT NOT NULL,
    armed INTEGER NOT NULL,
    paper INTEGER NOT NULL,
    date TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE instruments (
    instrument_id TEXT PRIMARY KEY,
    symbol TEXT NOT NULL,
    product TEXT NOT NULL,
    asset_class TEXT NOT NULL,
    currency TEXT NOT NULL,
    tick_size TEXT NOT NULL,
    lot_size TEXT NOT NULL,
    multiplier TEXT NOT NULL,
    status TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE users (
    user_id TEXT PRIMARY KEY,
    role TEXT NOT NULL,
    status TEXT NOT NULL,
    created_at TEXT NOT NULL,
    created_by TEXT NOT NULL
) STRICT, WITHOUT ROWID;
