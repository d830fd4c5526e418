"""`/v2/positions`: what the engine knows is held, and the ways out of it."""

from typing import Final

from stopline.dialects.alpaca.close import parse_close
from stopline.dialects.alpaca.errors import ApiError, Refused
from stopline.dialects.alpaca.orders import render_order
from stopline.dialects.alpaca.positions import POSITION, Position
from stopline.dialects.alpaca.query import flag
from stopline.dialects.alpaca.refusals import forbidden, not_found
from stopline.dialects.alpaca.results import CloseResult, render_close_results
from stopline.dialects.alpaca.serving.wire import Answer, Request
from stopline.doors.alpaca.denials import unavailable
from stopline.doors.alpaca.figures import is_spoken_of, show_position, show_positions
from stopline.doors.alpaca.room import Room, Routes, instrument_of
from stopline.doors.alpaca.routes.orders import decided
from stopline.doors.alpaca.show import show_order
from stopline.messages.inputs import ClosePosition, Flatten
from stopline.messages.replies import Done
from stopline.model.numbers import Nanos
from stopline.ports.desk import DeskUnavailable
from stopline.state.account import AccountState
from stopline.state.positions import Position as Held
from stopline.state.view import StateView
from stopline.views.wire import symbol_of


async def find_all(room: Room, request: Request) -> Answer:
    """Return what is held."""
    held = await room.see(lambda account, state, at: show_positions(account, state))
    return Answer(200, [POSITION.render(position) for position in held])


async def find(room: Room, request: Request) -> Answer:
    """Return one position."""

    def view(account: AccountState, state: StateView, at: Nanos) -> Position:
        instrument = instrument_of(state, request.parts["symbol"])
        held = None if instrument is None else account.positions.get(instrument.instrument_id)
        if instrument is None or held is None or not held.qty or not is_spoken_of(instrument):
            raise Refused(not_found("position does not exist"))
        return show_position(account, held, instrument)

    return Answer(200, POSITION.render(await room.see(view)))


async def close(room: Room, request: Request) -> Answer:
    """Close a position or a part of it; the answer is the order that does."""
    amount = parse_close(request.query)
    named = request.parts["symbol"]
    found = room.peek(lambda account, state, at: instrument_of(state, named))
    asked = ClosePosition(
        account=room.bot.account,
        symbol=named if found is None else found.instrument_id,
        qty=amount.qty,
        percent=amount.percentage,
        actor=room.bot.name,
    )
    return Answer(200, render_order(decided(room, await room.ask(asked), "")))


async def close_all(room: Room, request: Request) -> Answer:
    """Close every position; with `cancel_orders` all orders are canceled too."""
    if flag(request.query, "cancel_orders"):
        results = await _flatten(room)
    else:
        held = room.peek(lambda account, state, at: [each.instrument_id for each in _held(account)])
        results = [await _close_one(room, instrument_id) for instrument_id in held]
    return Answer(207, render_close_results(tuple(results)))


def _held(account: AccountState) -> list[Held]:
    return [each for each in account.positions.values() if each.qty]


async def _close_one(room: Room, instrument_id: str) -> CloseResult:
    symbol = symbol_of(instrument_id)
    asked = ClosePosition(account=room.bot.account, symbol=instrument_id, actor=room.bot.name)
    try:
        return CloseResult(symbol, 200, decided(room, await room.ask(asked), ""))
    except Refused as fault:
        return _not_closed(symbol, fault.error)
    except DeskUnavailable as fault:
        return _not_closed(symbol, unavailable(fault))


async def _flatten(room: Room) -> list[CloseResult]:
    """Cancel and close everything in one decision."""
    reason = f"close all positions, by {room.bot.name}"
    reply = await room.ask(Flatten(account=room.bot.account, reason=reason, actor=room.bot.name))
    assert isinstance(reply, Done)
    told = {name: [each for each in text.split(",") if each] for name, text in reply.detail}

    def view(account: AccountState, state: StateView, at: Nanos) -> list[CloseResult]:
        orders = [account.order(name) for name in told["closing"]]
        shown = [show_order(order, account, state, with_legs=False) for order in orders if order is not None]
        return [CloseResult(order.symbol, 200, order) for order in shown]

    closing = await room.see(view)
    text = "it is not being closed: `stopline alerts` says why"
    return closing + [_not_closed(symbol, forbidden(f"{symbol}: {text}")) for symbol in told["not_closed"]]


def _not_closed(symbol: str, error: ApiError) -> CloseResult:
    return CloseResult(symbol, error.status, None, error)


ROUTES: Final[Routes] = {
    ("GET", "/v2/positions"): find_all,
    ("DELETE", "/v2/positions"): close_all,
    ("GET", "/v2/positions/{symbol}"): find,
    ("DELETE", "/v2/positions/{symbol}"): close,
}
