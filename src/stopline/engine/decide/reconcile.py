"""Our book against the broker's: what agrees is proven, a difference is named and nothing new is risked.

Source     semantics.md section 4 (`cancel_only`); reliability.md F20, F28, I06.
"""

from typing import Final

from stopline.engine.tables import Deciders
from stopline.engine.turn import Turn
from stopline.messages import events as e
from stopline.messages import inputs as i
from stopline.model.account import TradingState
from stopline.model.limits import ScopeKind
from stopline.model.numbers import render_money, render_qty
from stopline.model.order import OrderState
from stopline.state.account import AccountState
from stopline.state.orders import OrderRecord

CONNECTION: Final = "connection"
MISMATCH: Final = "mismatch"
NOT_YET: Final = "not reconciled since the start"
_IN_FLIGHT = (OrderState.APPROVED, OrderState.SENT, OrderState.UNKNOWN)


def restrict(turn: Turn, account: AccountState, key: str, reason: str) -> None:
    """Make the account `cancel_only` under `key`, unless it already is for that reason."""
    held = account.restrictions.get(key)
    if held is not None and held.reason == reason:
        return
    name = account.terms.account
    turn.say(
        e.RestrictionPlaced(ScopeKind.ACCOUNT, name, key, TradingState.CANCEL_ONLY, reason, account.terms.broker, 0)
    )


def _connected(turn: Turn, message: i.BrokerConnected) -> None:
    status = turn.state.brokers.get(message.broker)
    if status is None or not status.connected or status.capabilities != message.capabilities:
        turn.say(e.BrokerStatusChanged(message.broker, True, "", message.capabilities))


def _disconnected(turn: Turn, message: i.BrokerDisconnected) -> None:
    status = turn.state.brokers.get(message.broker)
    if status is not None and not status.connected:
        return
    turn.say(e.BrokerStatusChanged(message.broker, False, message.reason))
    for account in turn.state.accounts.values():
        if account.terms.broker == message.broker:
            restrict(turn, account, CONNECTION, f"{message.broker} is down: {message.reason or 'no session'}")
            text = f"connection to {message.broker} lost: {message.reason}; only cancels pass until it is reconciled"
            turn.alert(account.terms.account, "connection_lost", "WARNING", text)


def _reconciled(turn: Turn, message: i.AccountReconciled) -> None:
    account = turn.state.accounts.get(message.account)
    if account is None:
        turn.alert(message.account, "UNKNOWN_ACCOUNT", "ERROR", f"{message.broker} reports an account nobody knows")
        return
    status = turn.state.brokers.get(message.broker)
    if status is None or not status.connected:
        # A picture from before the line was cut: what happened since, nobody saw.
        return
    differences = [*_position_differences(turn, account, message), *_order_differences(account, message)]
    if differences:
        reason = "; ".join(differences)
        held = account.restrictions.get(MISMATCH)
        if held is None or held.reason != reason:
            turn.say(e.MismatchFound(message.broker, message.account, tuple(differences)))
            turn.alert(message.account, "MISMATCH", "ERROR", f"our book differs from the broker's: {reason}")
            restrict(turn, account, MISMATCH, reason)
        return
    turn.pictured = message.account
    if message.cash != account.cash:
        _take_cash(turn, account, message.broker, message.cash)
    held_keys = [key for key in (CONNECTION, MISMATCH) if key in account.restrictions]
    if held_keys:
        turn.say(e.AccountProven(message.broker, message.account))
    for key in held_keys:
        turn.say(e.RestrictionLifted(ScopeKind.ACCOUNT, message.account, key, "reconciled", message.broker))


def _position_differences(turn: Turn, account: AccountState, message: i.AccountReconciled) -> list[str]:
    theirs = {instrument_id: qty for instrument_id, qty, _ in message.positions if qty}
    ours = {instrument_id: p.qty for instrument_id, p in account.positions.items() if p.qty}
    return [
        f"{instrument_id}: we hold {render_qty(ours.get(instrument_id, 0))}, "
        f"the broker {render_qty(theirs.get(instrument_id, 0))}"
        for instrument_id in sorted(ours.keys() | theirs.keys())
        if abs(ours.get(instrument_id, 0) - theirs.get(instrument_id, 0)) >= _lot(turn, instrument_id)
    ]


def _lot(turn: Turn, instrument_id: str) -> int:
    """Dust below the lot counts as flat (semantics.md section 1)."""
    instrument = turn.state.instruments.get(instrument_id)
    return 1 if instrument is None else instrument.lot_size


def _order_differences(account: AccountState, message: i.AccountReconciled) -> list[str]:
    theirs = set(message.working)
    absent = [o for o in account.live.values() if o.is_at_broker and o.routed_order_id not in theirs]
    missing = [
        f"order {order.client_order_id} works here and not at the broker"
        for order in absent
        if order.state not in _IN_FLIGHT and _was_acknowledged(order)
    ]
    unproven = [
        f"order {order.client_order_id} has an unknown outcome"
        for order in absent
        if order.state is OrderState.UNKNOWN or (order.state not in _IN_FLIGHT and not _was_acknowledged(order))
    ]
    foreign = [
        f"order {routed} works at the broker and not here"
        for routed in sorted(theirs)
        if (known := account.order_routed(routed)) is None or not known.is_at_broker or known.routed_order_id != routed
    ]
    return missing + unproven + foreign


def _was_acknowledged(order: OrderRecord) -> bool:
    """Whether the broker ever had it: a cancel may be under way for an order that never left."""
    return bool(order.broker_order_id) or order.external or order.cum_qty > 0


def _take_cash(turn: Turn, account: AccountState, broker: str, cash: int) -> None:
    name, difference = account.terms.account, cash - account.cash
    turn.say(e.CashReported(broker, name, cash, difference))
    text = f"{broker} reports cash {render_money(cash)}, {render_money(difference)} away from ours: booked as P&L"
    turn.alert(name, "CASH_DIFFERENCE", "WARNING", text)


def _cash(turn: Turn, message: i.AccountReported) -> None:
    account = turn.state.accounts.get(message.account)
    if account is not None and message.cash != account.cash:
        _take_cash(turn, account, message.broker, message.cash)


def _transfer(turn: Turn, message: i.CashTransferred) -> None:
    account = turn.state.accounts.get(message.account)
    if account is None or message.transfer_id in account.transfers:
        return
    turn.say(e.CashMoved(message.broker, message.account, message.transfer_id, message.amount))


DECIDE_RECONCILE: Deciders = {
    i.BrokerConnected: _connected,
    i.BrokerDisconnected: _disconnected,
    i.AccountReconciled: _reconciled,
    i.AccountReported: _cash,
    i.CashTransferred: _transfer,
}
