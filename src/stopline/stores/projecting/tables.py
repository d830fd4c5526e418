"""The tables: what finds a row, how rows are ordered and filtered. The columns stand in each store's SQL files."""

from typing import Final

from msgspec import Struct

from stopline.model.order import LIVE, OrderState

TABLES_VERSION: Final = 4
"""Change it whenever the same events make other rows: older tables are then dropped and built again."""

Value = int | str | None
Row = dict[str, Value]


class Table(Struct, frozen=True):
    """One table. Rows are ordered by `order` (its primary key, unless given), newest first where time has a say."""

    name: str
    primary: tuple[str, ...]
    key: tuple[str, ...]
    """What a row is looked up by while projecting: the newest with this key."""
    filters: tuple[tuple[str, str], ...] = ()
    """(filter, column) beside `since`, which is always on `time`."""
    order: tuple[str, ...] = ()
    newest_first: bool = False
    booleans: frozenset[str] = frozenset()
    hidden: frozenset[str] = frozenset()
    """Columns that only the projection needs."""
    nested: frozenset[str] = frozenset()
    """Columns that hold JSON: shown as the object or the list that it is."""


def _table(
    name: str,
    primary: str,
    filters: str = "",
    *,
    key: str = "",
    order: str = "",
    newest_first: bool = False,
    booleans: str = "",
    hidden: str = "",
    nested: str = "",
) -> Table:
    pairs = [each.partition("=") for each in filters.split()]
    return Table(
        name,
        tuple(primary.split()),
        tuple((key or primary).split()),
        tuple((wanted, column or wanted) for wanted, _, column in pairs),
        tuple((order or primary).split()),
        newest_first,
        frozenset(booleans.split()),
        frozenset(hidden.split()),
        frozenset(nested.split()),
    )


_LISTED: Final = (
    _table(
        "orders",
        "id",
        "account symbol status=state client_order_id since=time",
        key="account client_order_id",
        newest_first=True,
        booleans="extended_hours reduce_only reducing external",
        hidden="filled_money pending_qty hold sent_type wanted_qty is_resting is_recalled",
        nested="condition legs",
    ),
    _table("order_history", "id", "account symbol client_order_id routed_order_id since=time", newest_first=True),
    _table(
        "fills",
        "id",
        "account symbol client_order_id since=time",
        key="account exec_id",
        newest_first=True,
        booleans="external rounded voided",
    ),
    _table("positions", "account instrument_id", "account symbol", hidden="lots"),
    _table(
        "daily_pnl_tracking",
        "account date",
        "account since=opened_at",
        order="date account",
        newest_first=True,
        booleans="circuit_breaker_triggered",
    ),
    _table(
        "risk_limits",
        "account scope scope_id",
        "account",
        booleans="enabled buying_power open_risk stop_required short_sale session_hours self_match "
        "breakers_reset_with_session",
    ),
    _table("position_limits", "account symbol", "account symbol"),
    _table("config_changes", "id", "account symbol since=time", newest_first=True),
    _table("risk_alerts", "id", "account symbol severity since=time", newest_first=True),
    _table("circuit_breaker_events", "breaker_id", "account status since=time", newest_first=True),
    _table(
        "lockouts",
        "id",
        "account status since=time",
        key="scope scope_id key",
        newest_first=True,
        booleans="keeps_flat",
    ),
    _table(
        "rule_breaches",
        "id",
        "account status since=time",
        key="account rule key",
        newest_first=True,
        nested="asks_for evidence",
    ),
    _table(
        "obligations",
        "obligation_id",
        "account symbol status=outcome since=opened_at",
        newest_first=True,
    ),
    _table("account_rules", "account", "account", nested="rules"),
    _table("timers", "timer_id", "account"),
    _table("reset_log", "id", "account since=time", newest_first=True),
    _table("accounts", "account", "account", booleans="margin_account armed paper"),
    _table("instruments", "instrument_id", "symbol status"),
    _table("users", "user_id", "status"),
)
TABLES: Final = {table.name: table for table in _LISTED}

STATUS_GROUPS: Final = {
    "live": tuple(sorted(state.value for state in LIVE)),
    "ended": (*sorted(state.value for state in set(OrderState) - LIVE), "denied"),
}
"""Words that `status` takes for orders beside the states themselves."""
