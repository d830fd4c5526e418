"""The stage: the running system, what the story does on it, and the proof that it came out as told.

Every verb asks the real desk, or moves the staged market, and then looks: what is told is what was
seen. What was not seen in time, or came out otherwise, raises NotAsTold.
"""

import asyncio
from collections.abc import Callable
from typing import Final

from msgspec import structs

from stopline.bootstrap import System
from stopline.cli.demo.teller import Teller
from stopline.cli.demo.wording import ACCOUNT, cash, describe, price, qty
from stopline.cli.verdict import in_unit
from stopline.measures.average import average_price
from stopline.messages import events as e
from stopline.messages import inputs as i
from stopline.messages import replies as r
from stopline.model.account import TradingState
from stopline.model.limits import Limits
from stopline.model.numbers import PRICE_ONE, parse_price, parse_qty
from stopline.model.order import Hold, OrderState, OrderType, Side
from stopline.state.account import AccountState
from stopline.state.orders import OrderRecord
from stopline.venue.staged import Scene, StagedFeed
from stopline.views.account import AccountBody, account_body
from stopline.views.decisions import denied
from stopline.views.orders import AcceptedBody, accepted, order_body

PATIENCE_S: Final = 30.0
LOOK_EVERY_S: Final = 0.003


class NotAsTold(Exception):
    """A step came out otherwise than the story says; the message says how."""


class Stage:
    """Verbs for the steps of the story."""

    def __init__(self, system: System, feed: StagedFeed, teller: Teller, beat_s: float = 0) -> None:
        self.system, self.teller = system, teller
        self._feed, self._beat_s = feed, beat_s
        self._last_approval: e.OrderApproved | None = None
        """The newest order to buy at market."""

    # --- looking ---------------------------------------------------------------------------

    @property
    def account(self) -> AccountState:
        """The account as it is now."""
        return self.system.loop.state.accounts[ACCOUNT]

    def order(self, name: str) -> OrderRecord:
        """Return one order."""
        found = self.account.order(name)
        if found is None:
            raise NotAsTold(f"there is no order {name}")
        return found

    def held(self, symbol: str) -> int:
        """Return what is held, signed."""
        position = self.account.positions.get(f"eq:US:{symbol}")
        return 0 if position is None else position.qty

    async def body(self) -> AccountBody:
        """Return the account as people see it, once everything before is on disk."""
        return await self.system.desk.look(lambda state, at: account_body(state.accounts[ACCOUNT], state, at))

    async def until(self, condition: Callable[[], bool], what: str) -> None:
        """Return once it is so; raises NotAsTold."""
        try:
            async with asyncio.timeout(PATIENCE_S):
                while not condition():  # noqa: ASYNC110 - it looks at many things, none of which tells
                    await asyncio.sleep(LOOK_EVERY_S)
        except TimeoutError:
            raise NotAsTold(f"not seen within {PATIENCE_S:.0f} s: {what}") from None

    def expect(self, seen: object, told: object, what: str) -> None:
        """Raise NotAsTold unless it is as told."""
        if seen != told:
            raise NotAsTold(f"{what}: the story says {told}, but it was {seen}")

    # --- the market ------------------------------------------------------------------------

    def place(self, symbol: str, bid: str, ask: str) -> Scene:
        """Move a price, and do not wait until it is seen."""
        scene = Scene(f"eq:US:{symbol}", parse_price(bid), parse_price(ask))
        self._feed.show(scene)
        return scene

    async def move(self, symbol: str, bid: str, ask: str, text: str = "") -> None:
        """Move a price; returns once the gate has seen it."""
        scene = self.place(symbol, bid, ask)
        quotes = self.system.loop.state.market.quotes
        await self.until(
            lambda: (
                (seen := quotes.get(scene.instrument_id)) is not None and (seen.bid, seen.ask) == (scene.bid, scene.ask)
            ),
            f"{symbol} quoted at {bid} to {ask}",
        )
        if text:
            self.teller.note(text)
            await asyncio.sleep(self._beat_s)

    def leave_market(self) -> None:
        """End the script: prices move by themselves from here."""
        self._feed.release()

    # --- asking ----------------------------------------------------------------------------

    async def approved(self, order: i.SubmitOrder, *, reducing: bool = False) -> e.OrderApproved:
        """Send an order that the gate must let go."""
        reply = await self.system.desk.ask(order)
        decision = reply.decision if isinstance(reply, r.Decided) else reply
        if not isinstance(decision, e.OrderApproved):
            self._tell_answer(order, decision)
            raise NotAsTold(f"{describe(order)}: the story says approved, but it was {_name(decision)}")
        if order.order_type is OrderType.MARKET and order.side is Side.BUY:
            self._last_approval = decision
        self._tell_approval(describe(order), self._begun(reply, decision))
        self.expect(decision.reducing, reducing, f"{describe(order)} reduces the position")
        return decision

    async def closing(self, message: i.ClosePosition, did: str) -> str:
        """Close a position past its own protective orders; returns the id of the close."""
        reply = await self.system.desk.ask(message)
        decision = reply.decision if isinstance(reply, r.Decided) else reply
        if not isinstance(decision, e.OrderApproved):
            raise NotAsTold(f"{did}: the story says approved, but it was {_name(decision)}")
        begun = self._begun(reply, decision)
        self._tell_approval(did, begun)
        self.expect(begun.state, "pending_release", f"the state in which {did} begins")
        return decision.request.client_order_id

    def _begun(self, reply: r.Reply, decision: e.OrderApproved) -> AcceptedBody:
        """Return the approval as a door tells it."""
        seq = reply.seq if isinstance(reply, r.Decided) else 0
        return accepted(decision, self.system.desk.recorded(seq)[1])

    def _tell_approval(self, did: str, body: AcceptedBody) -> None:
        as_exit = "  as an exit" if body.reducing else ""
        self.teller.act(
            did,
            f"APPROVED{as_exit}",
            client_order_id=body.client_order_id,
            reducing=body.reducing,
            decision_id=body.decision_id,
            state=body.state,
            handling=body.handling,
        )
        if body.held_for == Hold.RELEASE.value:
            self.teller.detail(f"{body.state}: waits for {body.waits_for}")

    async def buy_elsewhere(self, size: str, symbol: str) -> None:
        """Buy at the broker itself, as its own app would: the gate hears of the fill alone."""
        broker = self.system.paper
        if broker is None or self._last_approval is None:
            raise NotAsTold("the story is told on the paper broker, after an order")
        # The broker takes approvals only; this one is of another order, under an id that the engine never made.
        like = self._last_approval
        request = structs.replace(like.request, instrument_id=f"eq:US:{symbol}", order_qty=parse_qty(size))
        await broker.place(structs.replace(like, request=request, routed_order_id="elsewhere-1"))

    async def denied(self, order: i.SubmitOrder, check: str) -> e.OrderDenied:
        """Send an order that this check must deny."""
        reply = await self.system.desk.ask(order)
        decision = reply.decision if isinstance(reply, r.Decided) else reply
        self._tell_answer(order, decision)
        if not isinstance(decision, e.OrderDenied):
            raise NotAsTold(f"{describe(order)}: the story says denied by {check}, but it was {_name(decision)}")
        self.expect(decision.check, check, f"{describe(order)}: the check that denies")
        return decision

    async def refused(self, message: i.Input, did: str, code: str) -> r.Refused:
        """Ask for what must be refused."""
        reply = await self.system.desk.ask(message)
        if not isinstance(reply, r.Refused):
            self.teller.act(did, "DONE")
            raise NotAsTold(f"{did}: the story says refused, but it was {_name(reply)}")
        self.teller.act(did, f"REFUSED  {reply.code}", code=reply.code, message=reply.message, fix=reply.fix)
        self.teller.detail(reply.message)
        self.expect(reply.code, code, f"{did}: why it is refused")
        return reply

    async def done(self, message: i.Input, did: str) -> None:
        """Ask for what must be done."""
        reply = await self.system.desk.ask(message)
        if isinstance(reply, r.Refused):
            self.teller.act(did, "REFUSED", code=reply.code, message=reply.message)
            raise NotAsTold(f"{did}: the story says done, but it was refused: {reply.message}")
        self.teller.act(did, "DONE")

    async def set_limits(self, did: str, limits: Limits) -> None:
        """Set the account's limits."""
        await self.done(i.ChangeLimits(account=ACCOUNT, limits=limits, reason="the demo", actor="demo"), did)

    def _tell_answer(self, order: i.SubmitOrder, decision: object) -> None:
        if not isinstance(decision, e.OrderDenied):
            word = "APPROVED" if isinstance(decision, e.OrderApproved) else "REFUSED"
            return self.teller.act(describe(order), word, client_order_id=order.client_order_id)
        body = denied(decision)
        deciding = next(each for each in body.checks if each.check == body.check)
        self.teller.act(
            describe(order),
            f"DENIED  {body.check}",
            client_order_id=order.client_order_id,
            check=body.check,
            message=body.message,
            observed=body.observed,
            limit=body.limit,
            headroom=body.headroom,
            max_passing_qty=body.max_passing_qty,
        )
        self.teller.detail(body.message)
        figures = [(name, getattr(body, name)) for name in ("observed", "limit", "headroom")]
        shown = [f"{name} {in_unit(value, deciding.unit, body.check)}" for name, value in figures if value is not None]
        if shown:
            self.teller.detail(", ".join(shown))
        if body.max_passing_qty not in (None, "0"):
            self.teller.detail(f"would pass: up to {body.max_passing_qty} {body.symbol}")
        return None

    # --- what came of it ---------------------------------------------------------------------

    async def filled(self, name: str, at: str) -> None:
        """Wait until an order is filled, at this average price."""
        await self.until(lambda: self.order(name).state is OrderState.FILLED, f"order {name} is filled")
        order = self.order(name)
        paid = average_price(order.filled_money, order.cum_qty, PRICE_ONE)
        shown = "-" if paid is None else price(paid)
        self.teller.detail(f"filled {qty(order.cum_qty)} @ {shown}", filled_qty=qty(order.cum_qty), price=shown)
        self.expect(shown, at, f"the price of {name}")

    async def working(self, name: str, text: str) -> None:
        """Wait until the broker works an order."""
        await self.until(lambda: self.order(name).state is OrderState.WORKING, f"order {name} works at the broker")
        self.teller.detail(text)

    async def waits(self, name: str, hold: Hold) -> None:
        """Tell what an order waits for here, which must be this."""
        await self.until(
            lambda: (order := self.order(name)).state is OrderState.HELD and order.hold is hold,
            f"order {name} is held for its {hold.value}",
        )
        body = order_body(self.order(name), self.system.loop.state)
        self.expect(body.handling, "synthetic", f"who looks after {name}")
        self.teller.detail(f"{name} waits for {body.waits_for}", waits_for=body.waits_for, handling=body.handling)

    async def rests(self, name: str, text: str) -> None:
        """Wait until an order that Stopline held rests at the broker as what it is."""
        await self.working(name, text)
        self.expect(order_body(self.order(name), self.system.loop.state).handling, "native", f"who looks after {name}")

    async def stop_is(self, name: str, told: str) -> None:
        """Wait until a stop has followed the market to this price."""
        await self.until(lambda: self.order(name).stop_price == parse_price(told), f"the stop of {name} at {told}")
        self.teller.detail(f"the stop of {name} has followed to {told}", stop_price=told)

    async def canceled(self, name: str, text: str) -> None:
        """Wait until an order is cancelled."""
        await self.until(lambda: self.order(name).state is OrderState.CANCELED, f"order {name} is cancelled")
        self.teller.detail(text)

    async def position(self, symbol: str, told: str) -> None:
        """Tell what is held, and how the day stands; it must be as told."""
        self.expect(self.held(symbol), _signed(told), f"the position in {symbol}")
        body = await self.body()
        held = "flat" if told == "0" else f"{'long' if told[0] != '-' else 'short'} {told.lstrip('-')}"
        self.teller.detail(
            f"{symbol} {held}   day P&L {cash(self.account.total_pnl(), signed=True)}",
            symbol=symbol,
            position=told,
            total_pnl=body.total_pnl,
        )

    async def state_is(self, state: TradingState) -> None:
        """Wait for the account's trading state."""
        await self.until(lambda: self.account.trading_state is state, f"the account is {state.value}")


def _name(decision: object) -> str:
    return {"OrderApproved": "approved", "OrderDenied": "denied"}.get(type(decision).__name__, repr(decision))


def _signed(text: str) -> int:
    return -parse_qty(text[1:]) if text.startswith("-") else parse_qty(text)
