"""A stage for an incident: one world without a plan, and what a script may do and demand on it.

Every promise is looked at after every event, as in a seeded run; and the play ends as one
does: nothing is wrong any more, and everything must come to rest.
"""

from collections.abc import Callable
from typing import Any

from msgspec import structs

from stopline.messages import inputs as i
from stopline.messages.events import Event, OrderApproved, OrderDenied
from stopline.messages.inputs import Input
from stopline.messages.replies import Decided, Reply
from stopline.messages.upcast import decode_events
from stopline.model.limits import Limits
from stopline.model.numbers import PRICE_ONE, QTY_ONE, SECOND, Money, Nanos, Price, parse_price
from stopline.model.order import OrderType, Side, TimeInForce
from stopline.model.quote import Quote
from stopline.model.rules import Rules
from stopline.ports.desk import DeskUnavailable
from stopline.sim.world.house import House
from stopline.sim.world.liveness import come_to_rest
from stopline.sim.world.mischief import calm
from stopline.sim.world.terms import CASH, LIMITS, Scale
from stopline.sim.world.violation import demand
from stopline.sim.world.world import World
from stopline.state.account import AccountState

ACCOUNT = "A1"
AAPL, OIL = "eq:US:AAPL", "fut:MCL:2026-12"
LONGEST_ANSWER: Nanos = 60 * SECOND


class Stage:
    """One account, A1; AAPL at 175 and a micro oil future at 60 that may fall below zero."""

    def __init__(self, *, limits: dict[str, Any] | None = None, rules: Rules = Rules(), cash: Money = CASH) -> None:  # noqa: B008  (frozen)
        all_limits: Limits = structs.replace(LIMITS, **(limits or {}))
        scale = Scale(days=1, mix="none", accounts=1, acts_a_day=0)
        self.world = World(1, scale, limits=all_limits, rules=rules, cash=cash)
        self._orders = 0
        self.world.start_process()
        self.wait(90)
        self.quote(AAPL, "175.00")
        self.quote(OIL, "60.00")

    @property
    def house(self) -> House:
        """The broker."""
        house = self.world.house
        assert isinstance(house, House)
        return house

    # --- what happens --------------------------------------------------------------------------------

    def tell(self, text: str) -> None:
        """Tell the audience."""
        self.world.tell(text)

    def wait(self, seconds: int) -> None:
        """Let time pass."""
        self.world.run_until(self.world.timeline.now + seconds * SECOND)

    def quote(self, instrument_id: str, price: str, *, bid: str = "", ask: str = "", size: int = 100) -> None:
        """Let the market be at a price, a tick to either side of it, at the broker and for Stopline."""
        mark = self.world.prices.marks[instrument_id]
        middle, tick = parse_price(price), mark.instrument.tick_size
        mark.shift += middle - self.world.prices.mid(instrument_id, self.world.timeline.now)
        low = parse_price(bid) if bid else middle - tick
        high = parse_price(ask) if ask else middle + tick
        last = None if bid or ask else middle
        qty = size * QTY_ONE
        self._show(Quote(instrument_id, self.world.timeline.now, low, high, qty, qty, last, QTY_ONE))
        self.wait(1)

    def _show(self, quote: Quote) -> None:
        self.world.house.quote(quote, self.world.timeline.now)
        process = self.world.process
        if process is not None and process.is_open and process.system is not None:
            feed = process.system.feed
            process.call(lambda: feed.push(quote))

    def ask(self, *messages: Input, waits: bool = True) -> list[Reply | DeskUnavailable]:
        """Ask the desk, all at once, and return what it answers."""
        heard: dict[int, Reply | DeskUnavailable] = {}
        before = self.world.traders.heard
        numbers = {id(message): number for number, message in enumerate(messages)}

        def hear(message: Input, reply: Reply | DeskUnavailable) -> None:
            if id(message) in numbers:
                heard.setdefault(len(heard), reply)
            before(message, reply)

        self.world.traders.heard = hear
        assert self.world.process is not None
        for message in messages:
            self.world.traders.ask(self.world.process, message)
        until = self.world.timeline.now + LONGEST_ANSWER
        while waits and len(heard) < len(messages) and self.world.timeline.now < until:
            self.wait(1)
        self.world.traders.heard = before
        demand(not waits or len(heard) == len(messages), "I20 nobody answered")
        return list(heard.values())

    def order(self, side: str, size: int, price: str | None = None, **terms: Any) -> i.SubmitOrder:
        """Return an order as a bot would send it; `stop` makes it a stop."""
        self._orders += 1
        stop = terms.pop("stop", None)
        kind = OrderType.STOP if stop else OrderType.LIMIT if price else OrderType.MARKET
        return i.SubmitOrder(
            account=ACCOUNT,
            client_order_id=terms.pop("id", f"o{self._orders}"),
            symbol=terms.pop("symbol", AAPL),
            side=Side(side),
            order_qty=size * QTY_ONE,
            order_type=kind,
            limit_price=parse_price(price) if price else None,
            stop_price=parse_price(stop) if stop else None,
            time_in_force=TimeInForce.GTC if price or stop else TimeInForce.DAY,
            **terms,
        )

    def send(self, side: str, size: int, price: str | None = None, **terms: Any) -> str:
        """Send an order; return `approved`, the check that denied it, or why nobody decided."""
        return verdict(self.ask(self.order(side, size, price, **terms))[0])

    def end(self) -> None:
        """Let nothing be wrong any more, and demand that everything comes to rest."""
        come_to_rest(self.world)

    def calm(self) -> None:
        """Let nothing be wrong any more."""
        calm(self.world)

    # --- what there is to see --------------------------------------------------------------------------

    @property
    def account(self) -> AccountState:
        """The account as Stopline sees it."""
        process = self.world.process
        assert process is not None and process.system is not None
        return process.system.loop.state.accounts[ACCOUNT]

    def held(self, instrument_id: str = AAPL) -> int:
        """Return how many units Stopline says are held; the broker must say the same."""
        position = self.account.positions.get(instrument_id)
        ours = 0 if position is None else position.qty
        theirs = self.world.house.qty(ACCOUNT, instrument_id)
        demand(ours == theirs, f"we hold {ours}, the broker {theirs}")
        return ours // QTY_ONE

    def at_broker(self) -> list[str]:
        """Return the client_order_ids of all orders that ever came to the broker, in order."""
        return [order.client_order_id for order in self.world.house.books[ACCOUNT].orders.values()]

    def working(self) -> list[str]:
        """Return those that work there."""
        return [order.client_order_id for order in self.world.house.working(ACCOUNT)]

    def events(self, kind: type[Event]) -> list[Any]:
        """Return all durable events of a kind."""
        records = self.world.disk.records
        return [event for record in records for event in decode_events(record.body) if isinstance(event, kind)]

    def demand(self, holds: bool, text: str) -> None:
        """Demand something of this incident."""
        demand(holds, text)


def verdict(reply: Reply | DeskUnavailable) -> str:
    """Return a reply in a word."""
    if isinstance(reply, Decided):
        if isinstance(reply.decision, OrderApproved):
            return "approved"
        if isinstance(reply.decision, OrderDenied):
            return reply.decision.check
        return type(reply.decision).__name__
    if isinstance(reply, DeskUnavailable):
        return reply.reason
    return getattr(reply, "code", type(reply).__name__)


Play = Callable[[], Stage]


def usd(amount: Price) -> str:
    """Return money as text."""
    return f"{amount / PRICE_ONE:.2f}"
