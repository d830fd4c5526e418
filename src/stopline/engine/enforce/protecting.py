"""Attaching protection: a stop, and a target, for what is bare of a position, through the same gate as any order.

What is attached is an ordinary reducing order: it is held or sent as one of its owner would
be, ends with the position, and can never flip it. A position that cannot be given its stop
is closed.

Source     semantics.md sections 3 and 6 (012); reliability.md F29.
"""

from typing import Final

from msgspec import structs

from stopline.engine.assemble import capabilities_of
from stopline.engine.decide.blocked import exits_in_the_way
from stopline.engine.enforce.duties import change, end, owe_close
from stopline.engine.enforce.escalation import backoff, escalated
from stopline.engine.gate import Ticket, decide_order
from stopline.engine.held.holding import hold_for
from stopline.engine.severity import is_unproven
from stopline.engine.situation import held_qty
from stopline.engine.turn import Turn
from stopline.messages import events as e
from stopline.model.ids import ATTACH_ID
from stopline.model.numbers import Qty
from stopline.model.obligation import Obligation, ObligationKind, ObligationState
from stopline.model.order import STOPS, Hold, OrderRequest, OrderType, Side
from stopline.model.routing import standing_time
from stopline.state.account import AccountState
from stopline.state.coverage import bare_of, coverage, whole_lots
from stopline.state.positions import Position

TRIES: Final = 3
"""After so many failures a position that has no stop is closed."""


def fulfil_attach(turn: Turn, account: AccountState, each: Obligation) -> None:
    """A stop or a target for what is bare; done once it is proven to work."""
    position = account.positions.get(each.instrument_id)
    if position is None or not held_qty(turn.state, position):
        end(turn, account, each, ObligationState.SUPERSEDED, "the position is closed")
        return
    covered = coverage(account.live.values(), each.instrument_id, position.qty)
    is_stop = each.target_price is None
    proven = covered.stop_qty if is_stop else covered.target_qty
    coming = covered.stops_coming if is_stop else covered.targets_coming
    lot = turn.state.instruments[each.instrument_id].lot_size
    missing = bare_of(position.qty, proven + coming, lot)
    if not bare_of(position.qty, proven, lot):
        end(turn, account, each, ObligationState.DONE, "it is covered")
    elif is_stop and each.attempts >= TRIES:
        end(turn, account, each, ObligationState.SUPERSEDED, "no stop could be attached: the position is closed")
        owe_close(turn, account, each.instrument_id, each.cause, f"no stop could be attached: {each.text}")
    elif missing and turn.at >= each.next_at and not is_unproven(turn.state, account):
        _attach(turn, account, each, position, whole_lots(missing, position.qty, lot))
    else:
        change(turn, account, each, escalated(turn, account, each))


def _attach(turn: Turn, account: AccountState, each: Obligation, position: Position, qty: Qty) -> None:
    request = _request(turn, account, each, position, qty)
    in_the_way = exits_in_the_way(account, request)
    holding = hold_for(turn.state, account, request, turn.at, is_behind_exits=bool(in_the_way))
    instrument = turn.state.instruments[each.instrument_id]
    ticket = Ticket(account, request, instrument.symbol, instrument, turn.at, turn.seq, "engine", index=_index(turn))
    if holding is not None:
        # A target beside a stop waits for its price, whatever is known of the market: it never takes the stop's place.
        # A stop behind what is on its way out rests at the broker as soon as there is room.
        hold = Hold.PRICE if holding.is_behind_exits and holding.hold is Hold.RELEASE else holding.hold
        rests = holding.is_resting or request.order_type in STOPS
        ticket = structs.replace(ticket, hold=hold, is_resting=rests, behind_exits=holding.is_behind_exits)
    decision = decide_order(turn.state, ticket)
    if isinstance(decision, e.OrderApproved) and decision.reducing:
        turn.say(decision)
        change(turn, account, each, structs.replace(each, state=ObligationState.IN_PROGRESS))
        return
    why = f"{decision.check}: {decision.message}" if isinstance(decision, e.OrderDenied) else "it would not reduce"
    note_failed_attach(turn, account, each, why)


def _index(turn: Turn) -> int:
    return turn.take_index()


def _request(turn: Turn, account: AccountState, each: Obligation, position: Position, qty: Qty) -> OrderRequest:
    if each.target_price is not None:
        kind = OrderType.LIMIT
    else:
        kind = OrderType.STOP if each.trail is None else OrderType.TRAILING_STOP
    return OrderRequest(
        account=account.terms.account,
        client_order_id=f"{ATTACH_ID}{turn.state.epoch}-{turn.seq}.{turn.orders}",
        instrument_id=each.instrument_id,
        side=Side.SELL if position.qty > 0 else Side.BUY,
        order_qty=qty,
        order_type=kind,
        limit_price=each.target_price,
        stop_price=each.stop_price if kind is OrderType.STOP else None,
        trail_amount=each.trail if kind is OrderType.TRAILING_STOP else None,
        time_in_force=standing_time(capabilities_of(turn.state, account.terms)),
        reduce_only=True,
    )


def note_failed_attach(turn: Turn, account: AccountState, each: Obligation, reason: str) -> None:
    """It is tried again, later each time."""
    tries = each.attempts + 1
    after = structs.replace(each, attempts=tries, next_at=turn.at + backoff(tries), text=reason)
    change(turn, account, each, escalated(turn, account, after))


def note_rejected(turn: Turn, account: AccountState, client_order_id: str, reason: str) -> None:
    """The broker would not take what was attached."""
    order = account.order(client_order_id)
    if order is None or not client_order_id.startswith(ATTACH_ID):
        return
    is_target = order.request.order_type is OrderType.LIMIT
    for each in account.obligations.values():
        if each.kind is not ObligationKind.ATTACH or each.instrument_id != order.request.instrument_id:
            continue
        if is_target is (each.target_price is not None):
            note_failed_attach(turn, account, each, reason)
