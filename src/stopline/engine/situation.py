"""An account as its rules see it, made from the state: nothing is left to ask.

A mark is trusted when two usable quotes in a row stand behind it, and it is still a mark.
Equity and P&L are known to rules only while every position has a trusted one.

Source     semantics.md sections 6 (two consecutive usable quotes) and 9 (marks).
"""

from collections.abc import Iterator
from typing import Final

from stopline.engine.decide.reconcile import CONNECTION, MISMATCH, NOT_YET
from stopline.engine.history import opening_profit
from stopline.engine.quotes import TRUSTED_STREAK, is_trusted
from stopline.measures.margin import maintenance_margin
from stopline.measures.window import Sample
from stopline.model.ids import InstrumentId
from stopline.model.instrument import InstrumentStatus
from stopline.model.numbers import Money, Nanos, Price, Qty
from stopline.state.account import AccountState
from stopline.state.coverage import coverage
from stopline.state.history import History, Increase, Recent
from stopline.state.market import PositionValue, QuoteRecord
from stopline.state.positions import Position
from stopline.state.situation import BrokerSeen, HeldPosition, Situation, Surroundings
from stopline.state.state import State

_SHUT: Final = frozenset({InstrumentStatus.CLOSED, InstrumentStatus.OFF_HOURS, InstrumentStatus.HALTED})


def live_situation(state: State, account: AccountState, at: Nanos) -> Situation:
    """Return what the rules in force see of an account at this instant."""
    expiries = {
        name: instrument.expires_at
        for name, position in account.positions.items()
        if position.qty and (instrument := state.instruments[name]).expires_at is not None
    }
    around = Surroundings(week=account.history.week, trading_hours=account.hours, expiries=expiries)
    return situation_of(state, account, account.history, account.recent, at, around)


def situation_of(
    state: State, account: AccountState, history: History, recent: Recent, at: Nanos, around: Surroundings
) -> Situation:
    """Return what rules see of an account at this instant."""
    positions = tuple(_held(state, account, history, each, around, at) for each in _sorted(state, account))
    is_trusted = all(each.is_trusted for each in positions)
    equity = account.equity() if is_trusted else None
    total = account.total_pnl() if is_trusted else None
    moved, day = history.transfers, account.day
    return Situation(
        account=account.terms.account,
        at=at,
        session=day.session,
        positions=positions,
        increases=tuple(_increases(history, positions)),
        realized_pnl=sum(each.realized_entry - each.fees for each in account.positions.values()),
        session_trades=history.session_trades,
        trade_times=history.trade_times,
        trips=tuple(trip for trip in history.trips if trip.closed_at >= history.session_since),
        equity=equity,
        total_pnl=total,
        peak_pnl=None if day.baseline is None else history.peak_pnl,
        week_pnl=None if equity is None or history.week_baseline is None else equity - moved - history.week_baseline,
        week_resets_at=0 if history.week is None else history.week.resets_at,
        start_equity=_moved(history.start_equity, moved),
        peak_close=_moved(history.peak_close, moved),
        peak_equity=_moved(history.peak_equity, moved),
        transfers=moved,
        opening_profit=opening_profit(account, history),
        best_day=history.best_day,
        maintenance_margin=_maintenance(account, positions),
        pnl_marks=_pnl_marks(history, recent),
        prices={name: tuple(samples) for name, samples in recent.prices.items()},
        reject_times=account.reject_times,
        error_times=history.error_times,
        broker=_broker(state, account),
        trading_hours=around.trading_hours,
        group=account.terms.group,
        group_pnl=group_pnl(state, account) if account.rules.group_loss is not None else None,
    )


def group_pnl(state: State, account: AccountState) -> Money | None:
    """Return the P&L of the day of all accounts of the group; None while that of one is unknown, or without a group."""
    total, group = 0, account.terms.group
    if not group:
        return None
    for other in state.accounts.values():
        if other.terms.group != group:
            continue
        pnl = other.total_pnl()
        if pnl is None or not all(is_trusted(state, name) for name, each in other.positions.items() if each.qty):
            return None
        total += pnl
    return total


def worked_marks(state: State, account: AccountState) -> dict[InstrumentId, Price]:
    """Return the trusted marks of what an account has live orders in."""
    names = dict.fromkeys(order.request.instrument_id for order in account.live.values())
    quotes = state.market.quotes
    return {name: mark for name in names if is_trusted(state, name) and (mark := quotes[name].mark) is not None}


def _pnl_marks(history: History, recent: Recent) -> tuple[Sample, ...]:
    """Return what was seen; before the first of it, after a restart, what was written down."""
    first = recent.pnl_marks[0].at if recent.pnl_marks else None
    before = (mark for mark in history.marked if first is None or mark.at < first)
    return (*before, *recent.pnl_marks)


def _sorted(state: State, account: AccountState) -> list[Position]:
    """Return what is held. Dust is not: nothing could close it, and a rule would ask for that for ever."""
    held = (position for position in account.positions.values() if held_qty(state, position))
    return sorted(held, key=lambda position: position.instrument_id)


def held_qty(state: State, position: Position) -> Qty:
    """Return the size and side of a position; dust below the lot counts as flat (semantics.md section 1)."""
    if not position.qty:
        return 0
    return position.qty if abs(position.qty) >= state.instruments[position.instrument_id].lot_size else 0


def _held(
    state: State, account: AccountState, history: History, position: Position, around: Surroundings, at: Nanos
) -> HeldPosition:
    name = position.instrument_id
    instrument, quote = state.instruments[name], state.market.quotes.get(name)
    value = account.valuation.by_instrument.get(name, PositionValue())
    is_priced = value.mark is not None
    trip = history.open_trips.get(name)
    covered = coverage(account.live.values(), name, position.qty)
    return HeldPosition(
        instrument=instrument,
        qty=position.qty,
        cost=position.cost,
        mark=value.mark,
        is_trusted=is_priced and _is_trusted(quote, around, at),
        value=value.value if is_priced else None,
        unrealized_pnl=value.unrealized if is_priced else None,
        open_pnl=value.open_pnl if is_priced else None,
        opened_at=at if trip is None else trip.opened_at,
        best_mark=None if trip is None else trip.best_mark,
        stop_qty=covered.stop_qty,
        target_qty=covered.target_qty,
        stops_coming=covered.stops_coming,
        targets_coming=covered.targets_coming,
        unprotected_since=None if trip is None else trip.unprotected_since,
        quoted_at=quote.mark_at if quote is not None and quote.mark_at else None,
        quotes_since=max(state.market.started_at, state.market.status_since.get(name, 0)),
        is_market_open=instrument.status not in _SHUT,
        expires_at=around.expiries.get(name),
    )


def _is_trusted(quote: QuoteRecord | None, around: Surroundings, at: Nanos) -> bool:
    if quote is None:
        return False
    return quote.usable_streak >= TRUSTED_STREAK or (around.vouches_for == at and quote.mark_at == at)


def _increases(history: History, positions: tuple[HeldPosition, ...]) -> Iterator[Increase]:
    """Yield what the positions are made of; what nobody saw being added is the oldest."""
    known: dict[InstrumentId, Qty] = {}
    for each in history.increases:
        known[each.instrument_id] = known.get(each.instrument_id, 0) + each.qty
    for held in positions:
        name = held.instrument.instrument_id
        unknown = abs(held.qty) - known.get(name, 0)
        if unknown > 0:
            yield Increase(name, unknown)
    yield from history.increases


def _moved(net: Money | None, transfers: Money) -> Money | None:
    return None if net is None else net + transfers


def _maintenance(account: AccountState, positions: tuple[HeldPosition, ...]) -> Money | None:
    total = 0
    for each in positions:
        kept = None
        if each.value is not None:
            kept = maintenance_margin(account.terms, each.instrument, each.qty, each.value)
        if kept is None:
            return None
        total += kept
    return total


def _is_starting(account: AccountState) -> bool:
    held = account.restrictions.get(CONNECTION)
    return held is not None and held.reason == NOT_YET


def _broker(state: State, account: AccountState) -> BrokerSeen:
    status = state.brokers.get(account.terms.broker)
    held = account.restrictions.get(MISMATCH)
    return BrokerSeen(
        is_connected=status is not None and status.connected,
        is_starting=_is_starting(account),
        since=0 if status is None else status.since,
        reason="" if status is None else status.reason,
        auth_failed=status is not None and status.reason.startswith("auth"),
        is_reconciled=CONNECTION not in account.restrictions,
        mismatch="" if held is None else held.reason,
        mismatch_since=0 if held is None else held.since,
    )
