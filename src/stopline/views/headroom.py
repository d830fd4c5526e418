"""Headroom: how far an account is from each of its limits, the nearest first.

One row per limit (and per instrument, window or name where the limit is one of many). A
limit that is not armed is shown too, as the defect that it is; what cannot be known is
unknown, and counts as used up, as the gate would count it.

Source     ux.md (headroom bars); semantics.md sections 5 and 10.
"""

from collections.abc import Iterator
from typing import Final, cast

from msgspec import Struct, structs

from stopline.engine.distance import RuleRow, rule_rows
from stopline.engine.strictest import NOT_ON_SCOPES, resolve
from stopline.measures.exposure import worst_qty
from stopline.measures.ratio import share
from stopline.model.breach import Mode
from stopline.model.ids import InstrumentId
from stopline.model.instrument import AssetClass, Instrument
from stopline.model.limits import Limits, RateWindow
from stopline.model.numbers import Money, Nanos, render_scaled
from stopline.model.verdict import Unit
from stopline.state.account import AccountState
from stopline.state.market import PositionValue
from stopline.state.rates import RateLog
from stopline.state.state import State
from stopline.state.view import StateView
from stopline.views.limits import symbol_limit_of
from stopline.views.wire import DecimalText, figure, symbol_of

ARMED: Final = "armed"
WARN: Final = "warn"
NOT_ARMED: Final = "not_armed"
UNKNOWN: Final = "unknown"
_NOTHING: Final = PositionValue()


class HeadroomBody(Struct):
    """One limit: what is used and what is left; null where nobody knows, or nothing is armed."""

    check: str
    scope: str
    status: str
    unit: str
    used: str | None
    limit: str | None
    left: str | None
    used_pct: DecimalText | None
    defect: str | None
    kind: str = "limit"
    """`limit`: the gate denies; `rule`: the account is watched, and the rule acts."""
    acts_at: str | None = None
    """Where a rule acts: before its limit, if it has a buffer."""
    projected: str | None = None
    """Where a trailing floor would stand tomorrow, if the day ended as it is now."""


class _Row(Struct, gc=False):
    """A row before it is text."""

    check: str
    unit: Unit
    used: int | None
    limit: int | None
    scope: str = "account"
    left: int | None = None
    """Where it is not limit - used."""
    per_mille: int | None = None
    """Where it is not used / limit."""
    why: str = ""
    """Why `used` is unknown."""


def headroom(account: AccountState, state: StateView, at: Nanos) -> list[HeadroomBody]:
    """Return a row per limit: the unknown first, then by share used, the unarmed last."""
    limits = limits_in_force(account, state)
    rows = [_body(row, enabled=limits.enabled) for row in _rows(account, state, limits, at)]
    rows += [_rule_body(row) for row in rule_rows(account, cast("State", state), at)]
    return [body for _, body in sorted(rows, key=lambda row: row[0])]


def limits_in_force(account: AccountState, state: StateView) -> Limits:
    """Return the strictest of the account's own limits and those of its group and firm."""
    layers = [account.limits.own()]
    for kind, name in (("firm", account.terms.firm), ("group", account.terms.group)):
        scope = state.scopes.get(f"{kind}:{name}") if name else None
        if scope is not None and scope.limits.scopes:
            layers.append(structs.replace(scope.limits.own(), **NOT_ON_SCOPES))
    return resolve(tuple(layers))


def _rows(account: AccountState, state: StateView, limits: Limits, at: Nanos) -> Iterator[_Row]:
    yield from _loss_rows(account, limits)
    yield _Row("max_order_qty", Unit.QTY, 0, limits.max_order_qty, scope="each order")
    yield _Row("max_order_notional", Unit.MONEY, 0, limits.max_order_notional, scope="each order")
    yield from _instrument_rows(account, state, limits)
    yield from _exposure_rows(account, limits)
    yield from _rate_rows(account, limits, at)


def _loss_rows(account: AccountState, limits: Limits) -> Iterator[_Row]:
    total, equity = account.total_pnl(), account.equity()
    loss, floor = limits.daily_loss, limits.drawdown_floor
    yield _Row(
        "daily_loss",
        Unit.MONEY,
        None if total is None else max(0, -total),
        loss,
        left=None if total is None or loss is None else loss + total,
        why="the day's P&L is unknown",
    )
    used = None if equity is None or floor is None else max(0, floor)
    yield _Row(
        "drawdown",
        Unit.MONEY,
        equity,
        floor,
        left=None if equity is None or floor is None else equity - floor,
        per_mille=_per_mille(used, equity),
        why="equity is unknown",
    )


def _instrument_rows(account: AccountState, state: StateView, limits: Limits) -> Iterator[_Row]:
    equity = account.equity()
    open_values = {name: value for name, value in account.valuation.by_instrument.items() if value.is_open}
    if not open_values:
        yield _Row("max_position", Unit.MONEY, 0, limits.max_position)
        yield _Row("concentration", Unit.RATIO, 0, limits.concentration)
    for instrument_id, value in open_values.items():
        instrument = state.instruments.get(instrument_id)
        if instrument is not None:
            yield from _one_instrument(account, instrument, value, limits, equity, state)


def _one_instrument(
    account: AccountState,
    instrument: Instrument,
    value: PositionValue,
    limits: Limits,
    equity: Money | None,
    state: StateView,
) -> Iterator[_Row]:
    own, scope = symbol_limit_of(account.limits, instrument), symbol_of(instrument.instrument_id)
    in_money = instrument.asset_class in limits.money_classes
    worst = None if value.is_unpriced else value.worst_money
    unpriced = f"{scope} is not priced"
    money = _least(own.max_position, limits.max_position if in_money else None)
    together = _counted_together(account, instrument, state)
    if money is not None or in_money:
        values = [account.valuation.by_instrument.get(each, _NOTHING) for each in together]
        known = not any(each.is_unpriced for each in values)
        held = sum(each.worst_money for each in values) if known else None
        yield _Row("max_position", Unit.MONEY, held, money, scope, why=unpriced)
    contracts = _least(own.max_position_qty, limits.max_position_qty)
    if contracts is not None:
        reach = sum(worst_qty(each.highest, each.lowest) for name in together if (each := account.positions.get(name)))
        yield _Row("max_position", Unit.QTY, reach, contracts, scope)
    concentration = _least(own.concentration, limits.concentration if in_money else None)
    if concentration is not None or in_money:
        yield _Row("concentration", Unit.RATIO, share(worst, equity), concentration, scope, why=unpriced)


def _counted_together(account: AccountState, instrument: Instrument, state: StateView) -> list[InstrumentId]:
    """Return what counts in one position limit: the instrument, or for futures every expiry of its product."""
    if instrument.asset_class is not AssetClass.FUTURE:
        return [instrument.instrument_id]
    known = state.instruments
    return [each for each in account.positions if each in known and known[each].product == instrument.product]


def _exposure_rows(account: AccountState, limits: Limits) -> Iterator[_Row]:
    valuation, equity = account.valuation, account.equity()
    priced = valuation.unpriced == 0
    gross = valuation.gross_worst if priced else None
    net = max(abs(valuation.net_high), abs(valuation.net_low)) if priced else None
    why = "equity or a price is unknown"
    yield _Row("max_contracts", Unit.RATIO, valuation.contracts, limits.max_contracts)
    yield _Row("max_open_positions", Unit.COUNT, valuation.open_instruments, limits.max_open_positions)
    yield _Row("gross_exposure", Unit.RATIO, share(gross, equity), limits.gross_exposure, why=why)
    yield _Row("net_exposure", Unit.RATIO, share(net, equity), limits.net_exposure, why=why)
    yield _Row("leverage", Unit.RATIO, share(gross, equity), limits.leverage, why=why)
    margin = valuation.margin if priced and not valuation.unmargined else None
    yield _Row("buying_power", Unit.MONEY, margin, _capacity(limits, equity), why="margin is unknown")


def _capacity(limits: Limits, equity: Money | None) -> Money | None:
    if not limits.buying_power:
        return None
    return 0 if equity is None else max(0, equity)


def _rate_rows(account: AccountState, limits: Limits, at: Nanos) -> Iterator[_Row]:
    yield from _windows("order_rate", account.entry_times, limits.order_rate, "account", at)
    for kind in ("user", "client", "strategy", "symbol"):
        windows = getattr(limits, f"order_rate_per_{kind}")
        for key, log in account.client_times.items():
            if windows and key.startswith(f"{kind}:"):
                yield from _windows("order_rate", log, windows, key, at)
    # A working entry takes a place, as at the gate.
    waiting, trades = account.unfilled_entries, limits.trades_per_session
    yield from _windows("trade_frequency", account.trade_times, limits.trade_frequency, "account", at, waiting)
    if trades is not None:
        yield _Row("trade_frequency", Unit.COUNT, account.day.trades + waiting, trades, "account, per session")
    burst = () if limits.reject_burst is None else (limits.reject_burst,)
    yield from _windows("reject_burst", account.reject_times, burst, "account", at)


def _windows(
    check: str, log: RateLog, windows: tuple[RateWindow, ...], scope: str, at: Nanos, waiting: int = 0
) -> Iterator[_Row]:
    if not windows:
        yield _Row(check, Unit.COUNT, None, None, scope)
    for each in windows:
        per = f"{scope}, per {render_scaled(each.window, 9)} s"
        yield _Row(check, Unit.COUNT, log.count_since(at - each.window) + waiting, each.count, per)


def _body(row: _Row, *, enabled: bool) -> tuple[tuple[int, int, str], HeadroomBody]:
    """Return the row as people see it, with what it is sorted by."""
    per_mille = _per_mille(row.used, row.limit) if row.per_mille is None else row.per_mille
    left = row.left
    if left is None and row.used is not None and row.limit is not None:
        left = row.limit - row.used
    if row.limit is None:
        status, rank, defect = NOT_ARMED, 2, f"{row.check} is not armed: it protects nothing"
    elif row.used is None:
        status, rank, defect = UNKNOWN, 0, f"{row.why}: new risk is denied"
    elif not enabled:
        status, rank, defect = WARN, 1, f"{row.check} only warns: limits are not enabled"
    else:
        status, rank, defect = ARMED, 1, None
    body = HeadroomBody(
        row.check,
        row.scope,
        status,
        row.unit.value,
        None if row.limit is None else figure(row.used, row.unit),
        figure(row.limit, row.unit),
        figure(left, row.unit),
        None if per_mille is None or row.used is None else render_scaled(per_mille, 1, 1),
        defect,
    )
    return (rank, -(per_mille or 0), f"{row.check} {row.scope}"), body


def _rule_body(row: RuleRow) -> tuple[tuple[int, int, str], HeadroomBody]:
    """Return a rule's row as people see it, with what it is sorted by."""
    status, rank, defect = ARMED, 1, None
    if row.used is None:
        status, rank, defect = UNKNOWN, 0, f"{row.rule} cannot be judged now: a price or an opening equity is unknown"
    elif row.mode is not Mode.ENFORCE:
        status, defect = row.mode.value, f"{row.rule} only watches ({row.mode}): it acts on nothing"
    body = HeadroomBody(
        row.rule,
        row.scope,
        status,
        row.unit.value,
        figure(row.used, row.unit),
        figure(row.limit, row.unit),
        figure(row.left, row.unit),
        None if row.per_mille is None else render_scaled(row.per_mille, 1, 1),
        defect,
        "rule",
        figure(row.acts_at, row.unit),
        figure(row.projected, row.unit),
    )
    return (rank, -(row.per_mille or 0), f"{row.rule} {row.scope}"), body


def _per_mille(used: int | None, limit: int | None) -> int | None:
    """Return used / limit in tenths of a percent, rounded up; a limit of nothing is used up."""
    if used is None or limit is None:
        return None
    if limit <= 0:
        return 1000
    return -(-used * 1000 // limit)


def _least(one: int | None, other: int | None) -> int | None:
    if one is None or other is None:
        return other if one is None else one
    return min(one, other)
