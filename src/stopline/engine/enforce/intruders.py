"""Fills that open or increase a position while the account is locked: what they brought is closed again.

Where nothing may be held at all, the lock itself sees to it (`keeps_flat`). A cooldown lets a
fill stand that was under way when it began; one of an order that we did not send is closed.

Source     semantics.md section 6 (a fill during a lockout is closed); reliability.md F26.
"""

from stopline.engine.enforce.duties import owe_reduce
from stopline.engine.enforce.locks import cools_down, is_locked
from stopline.engine.severity import keeps_flat
from stopline.engine.turn import Turn
from stopline.measures.round_trip import take_apart
from stopline.messages import events as e
from stopline.model.order import Side
from stopline.state.account import AccountState


def close_intruder(turn: Turn, account: AccountState, event: e.OrderFilled | e.ExternalFilled) -> None:
    """Owe away what a fill opened, if it should not have."""
    if account.severity == 0 or keeps_flat(turn.state, account):
        return
    if not is_locked(turn.state, account) and not (cools_down(account) and _is_from_outside(account, event)):
        return
    fill = event.fill
    after = account.positions[fill.instrument_id].qty
    signed = fill.qty if fill.side is Side.BUY else -fill.qty
    opened = take_apart(after - signed, signed, 0).opened
    if opened:
        reason = "a fill that opened a position while the account was locked"
        owe_reduce(turn, account, fill.instrument_id, abs(after) - opened, "lockout", reason)


def _is_from_outside(account: AccountState, event: e.OrderFilled | e.ExternalFilled) -> bool:
    """Return whether we did not send what traded: nobody knows the order, or its broker showed it to us."""
    if isinstance(event, e.ExternalFilled):
        return True
    order = account.order(event.client_order_id)
    return order is not None and order.external
