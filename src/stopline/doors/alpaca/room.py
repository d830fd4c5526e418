"""What every route stands on: the desk, the bot that asks, what the door remembers, and the market's calendar."""

import re
from collections.abc import Awaitable, Callable
from typing import Final, TypeAlias, TypeVar
from uuid import UUID

from msgspec import Struct

from stopline.config.settings import DoorBot
from stopline.dialects.alpaca.errors import Refused
from stopline.dialects.alpaca.refusals import not_found
from stopline.dialects.alpaca.serving.wire import Answer, Request
from stopline.doors.alpaca.book import Book
from stopline.doors.alpaca.denials import refused
from stopline.doors.alpaca.ids import asset_uuid
from stopline.messages.inputs import Input
from stopline.messages.replies import Refused as EngineRefused
from stopline.messages.replies import Reply
from stopline.model.instrument import Instrument
from stopline.model.numbers import Nanos
from stopline.ports.desk import Desk, DeskUnavailable
from stopline.runtime.calendars.market import MarketCalendar
from stopline.state.account import AccountState
from stopline.state.orders import OrderRecord
from stopline.state.view import StateView

T = TypeVar("T")
Look: TypeAlias = Callable[[AccountState, StateView, Nanos], T]
_UUID: Final = re.compile(r"[0-9a-fA-F-]{36}", re.ASCII)


class Room(Struct, frozen=True):
    """One request's surroundings."""

    desk: Desk
    book: Book
    calendar: MarketCalendar
    bot: DoorBot

    async def ask(self, message: Input) -> Reply:
        """Hand in an input; raises Refused where the engine would not do it, and DeskUnavailable."""
        reply = await self.desk.ask(message)
        if isinstance(reply, EngineRefused):
            raise Refused(refused(reply))
        return reply

    async def see(self, view: Look[T]) -> T:
        """Look at the bot's account, behind all that was asked before; while the store fails, as it is."""

        def looked(state: StateView, at: Nanos) -> T:
            return view(state.accounts[self.bot.account], state, at)

        try:
            return await self.desk.look(looked)
        except DeskUnavailable:
            return self.desk.peek(looked)

    def peek(self, view: Look[T]) -> T:
        """Look at the bot's account as it is now."""
        return self.desk.peek(lambda state, at: view(state.accounts[self.bot.account], state, at))

    def order(self, account: AccountState, order_id: str) -> OrderRecord:
        """Return an order by Alpaca's id. Raises Refused."""
        name = self.book.find(self.bot.account, order_id)
        order = None if name is None else account.order(name)
        if order is None:
            raise Refused(not_found(f"order not found for {order_id[:80]}"))
        return order


Endpoint: TypeAlias = Callable[[Room, Request], Awaitable[Answer]]
Routes: TypeAlias = dict[tuple[str, str], Endpoint]
"""(method, path) to function; `{name}` in a path is one part of it."""


def instrument_of(state: StateView, named: str) -> Instrument | None:
    """Return the instrument of a symbol or of an asset's id."""
    found = state.symbols.get(named) or state.symbols.get(named.upper())
    if found is None and _UUID.fullmatch(named):
        wanted = str(UUID(named)) if _is_uuid(named) else ""
        found = next((each for each in state.instruments if asset_uuid(each) == wanted), None)
    return None if found is None else state.instruments.get(found)


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
