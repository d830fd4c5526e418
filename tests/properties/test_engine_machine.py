"""A Hypothesis machine drives the engine beside a naive one (reliability.md I02, I05, I08, I10, I12, I22).

Whatever people, brokers and time do, in whatever order: P&L equals a recomputation from
all fills, exactly; what is reserved is what the live orders may still fill; no accepted
order can pass its limit, whichever of the live orders fill; every position has a way out,
once the account's own orders have made room for it, and no way out can flip it.
"""

from collections.abc import Iterator
from itertools import combinations
from typing import Any

import pytest
from hypothesis import assume, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from stopline.engine.outcome import Outcome
from stopline.engine.replay import decode_state, encode_state, go_live
from stopline.engine.step import step
from stopline.messages import events as e
from stopline.messages import inputs as i
from stopline.messages import replies as r
from stopline.messages.upcast import decode_events
from stopline.model.limits import Limits
from stopline.model.numbers import SECOND
from stopline.model.order import Condition, OrderClass, OrderState, OrderType, Relation, Side
from stopline.state.orders import OrderRecord
from stopline.state.positions import BookedFill, Position
from stopline.state.state import State
from tests.build import DAYS, World, money, qty
from tests.invariants import assert_bounded, assert_valued_from_scratch, go_live_with_quotes, held_by
from tests.properties.naive import Fill, NaiveAccount

SYMBOLS = ("AAPL", "TSLA", "ES2026-12")
PRICES = {"AAPL": "100", "TSLA": "200", "ES2026-12": "4000"}
MOST = qty("30")
"""The limit on each instrument's worst case, in units."""
UNIT = qty("1")

symbols = st.sampled_from(SYMBOLS)
sides = st.sampled_from(list(Side))
sizes = st.integers(1, 12)
steps = st.integers(-8, 8)
picks = st.integers(0, 30)
kinds = st.sampled_from(["limit", "limit", "market", "stop"])
troubles = st.sampled_from(["flatten", "kill", "kill keeping positions", "trip", "line", "restart"])
ends = st.sampled_from(["canceled", "expired", "rejected", "unknown", "short of fills"])


def has_live(machine: "EngineMachine") -> bool:
    return bool(machine.world.account().live)


def has_at_broker(machine: "EngineMachine") -> bool:
    return any(order.is_at_broker for order in machine.world.account().live.values())


def has_dead(machine: "EngineMachine") -> bool:
    return bool(machine.world.account().ended or machine.world.account().ended_before)


def has_fills(machine: "EngineMachine") -> bool:
    return bool(machine.recent())


def holds(machine: "EngineMachine") -> bool:
    return bool(machine.held())


def has_another_day(machine: "EngineMachine") -> bool:
    return machine.world.session_index < len(DAYS) - 1


class EngineMachine(RuleBasedStateMachine):
    """The engine on one side, lists on the other."""

    @initialize(fifo=st.booleans(), self_match=st.booleans())
    def open(self, fifo: bool, self_match: bool) -> None:
        self.world = World(limits=Limits(max_position_qty=MOST, self_match=self_match), fifo=fifo, cash="1000000")
        self.naive = NaiveAccount(money("1000000"), fifo=fifo)
        self.read = 0
        self.fills: dict[str, int] = {}
        """Executions that stand, and the session they came in."""
        self.excused: set[str] = set()
        """Instruments whose worst case something else than an order moved."""
        self.reopened: set[str] = set()
        """Families of which a fill was taken back: an order that had ended may live again."""
        self.stubborn: set[str] = set()
        """Orders of which the broker would not let go."""

    # --- what there is ------------------------------------------------------------------------

    def held(self) -> list[Position]:
        return [position for position in self.world.account().positions.values() if position.qty]

    def recent(self) -> list[str]:
        """Return the executions that can still be taken back."""
        return sorted(name for name, day in self.fills.items() if day >= self.world.session_index - 1)

    def booked(self, pick: int) -> BookedFill:
        recent, account = self.recent(), self.world.account()
        exec_id = recent[pick % len(recent)]
        return account.fills.get(exec_id) or account.fills_before[exec_id]

    def live(self, pick: int, states: str = "") -> OrderRecord:
        wanted = states.split()
        live = [one for one in self.world.account().live.values() if not wanted or str(one.state) in wanted]
        assume(live)
        return live[pick % len(live)]

    def at_broker(self, pick: int) -> OrderRecord:
        live = [one for one in self.world.account().live.values() if one.is_at_broker]
        assume(live)
        return live[pick % len(live)]

    def price(self, symbol: str, away: int) -> int:
        return money(PRICES[symbol]) + away * money("1")

    def symbol_of(self, instrument_id: str) -> str:
        return self.world.state.instruments[instrument_id].symbol

    # --- people ---------------------------------------------------------------------------------

    def ask(self, side: Side, symbol: str, size: str | int, **terms: Any) -> str:
        """Send an order; return its id if it was let go."""
        reply = self.world.step(self.world.asking(side, size, symbol, **terms))
        if isinstance(reply, r.Refused):
            self.own_exits_are_named(reply, side, symbol)
            return ""
        assert isinstance(reply, r.Decided)
        if not isinstance(reply.decision, e.OrderApproved):
            return ""
        self.no_subset_passes_the_limit(symbol, reducing=reply.decision.reducing)
        return reply.decision.request.client_order_id

    def own_exits_are_named(self, reply: r.Refused, side: Side, symbol: str) -> None:
        """An exit that only own exits stand in the way of is refused, and names them."""
        assert reply.code == "protective_order_working", reply
        live = self.world.account().live
        named = [live[cid] for cid in reply.orders]
        assert named
        for one in named:
            assert (one.reducing, one.request.side, self.symbol_of(one.request.instrument_id)) == (True, side, symbol)

    @rule(side=sides, symbol=symbols, size=sizes, away=steps, kind=kinds)
    def submit(self, side: Side, symbol: str, size: int, away: int, kind: str) -> None:
        self.ask(side, symbol, str(size), **({} if kind == "market" else {kind: self.price(symbol, away)}))

    @rule(side=sides, symbol=symbols, size=sizes, away=steps, filled=sizes)
    def trade(self, side: Side, symbol: str, size: int, away: int, filled: int) -> None:
        """An order that is acknowledged, and fills at once for a part or whole."""
        cid = self.ask(side, symbol, str(size), limit=self.price(symbol, away))
        if cid:
            self.world.accept(cid)
            self.world.fill(cid, str(min(filled, size)), self.price(symbol, away), fee="0.35")

    @precondition(holds)
    @rule(pick=picks, part=st.integers(1, 3), away=steps, kind=st.sampled_from(["limit", "stop"]))
    def protect(self, pick: int, part: int, away: int, kind: str) -> None:
        """An exit for the position or a part of it, at work."""
        position = self.held()[pick % len(self.held())]
        symbol, size = self.symbol_of(position.instrument_id), max(abs(position.qty) // UNIT // part, 1)
        side = Side.SELL if position.qty > 0 else Side.BUY
        cid = self.ask(side, symbol, str(size), **{kind: self.price(symbol, away)})
        if cid:
            self.world.accept(cid)

    @rule(side=sides, symbol=symbols, size=sizes, away=st.integers(-4, 4), reach=st.integers(1, 6), filled=sizes)
    def bracket(self, side: Side, symbol: str, size: int, away: int, reach: int, filled: int) -> None:
        """An entry that brings its way out, filled for a part or whole."""
        sign = 1 if side is Side.BUY else -1
        cid = self.ask(
            side, symbol, str(size), limit=self.price(symbol, away), order_class=OrderClass.BRACKET,
            take_profit=self.price(symbol, away + sign * reach), stop_loss=self.price(symbol, away - sign * reach),
        )  # fmt: skip
        if cid:
            self.world.accept(cid)
            self.world.fill(cid, str(min(filled, size)), self.price(symbol, away), fee="0.35")

    @precondition(holds)
    @rule(pick=picks, part=st.integers(1, 3), kind=st.sampled_from(["oco", "trail", "when", "group"]), away=steps)
    def protect_here(self, pick: int, part: int, kind: str, away: int) -> None:
        """An exit that Stopline holds, or of which it holds a part."""
        position = self.held()[pick % len(self.held())]
        symbol, size = self.symbol_of(position.instrument_id), max(abs(position.qty) // UNIT // part, 1)
        side, sign = (Side.SELL, 1) if position.qty > 0 else (Side.BUY, -1)
        limit, stop = self.price(symbol, sign * (abs(away) + 1)), self.price(symbol, -sign * (abs(away) + 1))
        terms: dict[str, Any] = {
            "oco": {"limit": limit, "stop_loss": stop, "order_class": OrderClass.OCO},
            "trail": {"trail_amount": money("2"), "order_type": OrderType.TRAILING_STOP},
            "when": {
                "stop": stop,
                "condition": Condition("eq:US:AAPL", Relation.AT_OR_ABOVE, self.price("AAPL", away)),
            },
            "group": {"limit": limit, "oca_group": "out"},
        }[kind]
        self.ask(side, symbol, str(size), **terms)

    @rule(side=sides, symbol=symbols, size=sizes, away=steps, kind=st.sampled_from(["group", "when", "trail"]))
    def wait_to_enter(self, side: Side, symbol: str, size: int, away: int, kind: str) -> None:
        price = self.price(symbol, away)
        terms: dict[str, Any] = {
            "group": {"stop": price, "oca_group": f"in {symbol}"},
            "when": {
                "limit": price,
                "condition": Condition("eq:US:TSLA", Relation.AT_OR_BELOW, self.price("TSLA", away)),
            },
            "trail": {"trail_percent": 20_000, "order_type": OrderType.TRAILING_STOP},
        }[kind]
        self.ask(side, symbol, str(size), **terms)

    @rule(side=sides, symbol=symbols, size=sizes, away=steps, kind=st.sampled_from(["time", "part", "grace", "legs"]))
    def order_with_an_end(self, side: Side, symbol: str, size: int, away: int, kind: str) -> None:
        """An order, of a bracket or alone, that ends by a term of its own; filled for a part."""
        sign = 1 if side is Side.BUY else -1
        terms: dict[str, Any] = {
            "time": {"cancel_after": SECOND},
            "part": {"cancels_rest": True},
            "grace": {"cancels_rest": True, "partial_timeout": SECOND, "cancel_after": 60 * SECOND},
            "legs": {
                "cancels_rest": True,
                "order_class": OrderClass.BRACKET,
                "take_profit": self.price(symbol, away + sign * 3),
                "stop_loss": self.price(symbol, away - sign * 3),
            },
        }[kind]
        cid = self.ask(side, symbol, str(size), limit=self.price(symbol, away), **terms)
        if cid and self.world.order(cid).is_at_broker:
            self.world.accept(cid)
            self.world.fill(cid, str(max(size // 2, 1)), self.price(symbol, away), fee="0.35")

    @rule(kinds=st.sampled_from(["all", "plain", "limit"]))
    def reconnect(self, kinds: str) -> None:
        """The broker takes all order types, or few."""
        types = {
            "all": tuple(OrderType),
            "plain": (OrderType.MARKET, OrderType.LIMIT, OrderType.STOP),
            "limit": (OrderType.MARKET, OrderType.LIMIT),
        }[kinds]
        self.world.connect(order_types=types)

    @precondition(has_live)
    @rule(pick=picks)
    def cancel(self, pick: int) -> None:
        self.world.cancel(self.live(pick).client_order_id)

    @precondition(has_live)
    @rule(pick=picks, size=st.none() | sizes, away=steps)
    def replace(self, pick: int, size: int | None, away: int) -> None:
        order = self.live(pick, "held approved sent working partially_filled")
        cid, symbol = order.client_order_id, self.symbol_of(order.request.instrument_id)
        if order.is_at_broker:
            self.world.accept(cid)
        terms = {}
        if order.limit_price is not None:
            terms["limit"] = self.price(symbol, away)
        if order.stop_price is not None:
            terms["stop"] = self.price(symbol, away)
        reply = self.world.replace(cid, None if size is None else str(size), **terms)
        if isinstance(reply, r.Decided) and isinstance(reply.decision, e.ReplaceApproved):
            position = self.world.position(symbol)
            # Old and new together do not reach beyond flat: an exit, which no limit holds.
            buys, sells = position.qty + position.live_buys, position.qty - position.live_sells
            only_reduces = buys <= 0 if order.request.side is Side.BUY else sells >= 0
            self.no_subset_passes_the_limit(symbol, reducing=order.reducing or only_reduces)

    @precondition(holds)
    @rule(pick=picks, percent=st.sampled_from(["100", "50"]))
    def close(self, pick: int, percent: str) -> None:
        position = self.held()[pick % len(self.held())]
        self.world.close(position.instrument_id, percent=percent)

    @rule(what=troubles)
    def trouble(self, what: str) -> None:
        """Something that an account gets over; a breaker stays open until the next trouble."""
        world = self.world
        for breaker in list(world.state.breakers.values()):
            world.step(i.ResetBreaker(breaker_id=breaker.breaker_id))
        match what:
            case "flatten":
                world.flatten()
            case "trip":
                world.step(i.TripBreaker(account="A1"))
            case "line":
                world.disconnect()
                world.connect()
                world.reconcile()
            case "restart":
                world.restart()
                world.connect()
                world.reconcile()
            case _:
                world.kill(keep_positions="keeping" in what, actor="ann")
                world.step(i.ReleaseKill(account="A1", reason="over", actor="bob"))

    # --- brokers ----------------------------------------------------------------------------------

    @precondition(has_at_broker)
    @rule(pick=picks, part=st.integers(1, 3), away=steps)
    def fill(self, pick: int, part: int, away: int) -> None:
        order = self.at_broker(pick)
        left = order.leaves_qty
        assume(left > 0)
        symbol = self.symbol_of(order.request.instrument_id)
        size = min(max(left // UNIT // part, 1) * UNIT, left)
        self.world.fill(order.client_order_id, size, self.price(symbol, away), fee="0.35")

    @precondition(has_dead)
    @rule(pick=picks, size=sizes)
    def late_fill(self, pick: int, size: int) -> None:
        dead = [*self.world.account().ended.values(), *self.world.account().ended_before.values()]
        order = dead[pick % len(dead)]
        self.excused.add(order.request.instrument_id)
        self.world.fill(order.client_order_id, str(size), "101")

    @rule(side=sides, symbol=symbols, size=sizes, away=steps)
    def external_fill(self, side: Side, symbol: str, size: int, away: int) -> None:
        self.excused.add(self.world.state.symbols[symbol])
        self.world.report(side, str(size), symbol, self.price(symbol, away))

    @precondition(has_fills)
    @rule(pick=picks, what=st.sampled_from(["bust", "correct", "again"]), size=sizes)
    def take_back(self, pick: int, what: str, size: int) -> None:
        booked = self.booked(pick)
        exec_id = booked.fill.exec_id
        if what != "again":
            self.reopened.add(booked.client_order_id.partition("/")[0])
        match what:
            case "again":
                self.world.step(i.FillReported(broker="paper", fill=booked.fill))
                assert self.world.said == ()
            case "bust":
                self.world.bust(exec_id)
            case _:
                self.world.correct(exec_id, str(size), "99", by=f"{exec_id}c")

    @precondition(has_at_broker)
    @rule(pick=picks, outcome=ends)
    def end(self, pick: int, outcome: str) -> None:
        order = self.at_broker(pick)
        cid, routed = order.client_order_id, order.routed_order_id
        match outcome:
            case "rejected":
                self.world.reject(cid)
            case "unknown":
                self.world.lose(cid)
            case "short of fills":
                cum = order.cum_qty - order.base_qty + UNIT
                self.world.step(i.OrderGone(account="A1", routed_order_id=routed, outcome="canceled", cum_qty=cum))
            case _:
                self.world.gone(cid, outcome)

    @precondition(has_live)
    @rule(pick=picks, answer=st.sampled_from(["amended", "refused", "cancel refused", "accepted"]))
    def answer(self, pick: int, answer: str) -> None:
        order = self.live(pick, "pending_replace pending_cancel unknown approved")
        match answer:
            case "cancel refused":
                self.stubborn.add(order.client_order_id)
                self.world.refuse_cancel(order.client_order_id)
            case "accepted":
                self.world.accept(order.client_order_id)
            case "amended" if order.pending is not None:
                self.world.amend(order.client_order_id)
            case _:
                self.world.refuse_replace(order.client_order_id)

    @rule(amount=st.integers(-5_000, 5_000), is_transfer=st.booleans())
    def move_cash(self, amount: int, is_transfer: bool) -> None:
        world = self.world
        if is_transfer:
            transfer_id, paid = f"T{world.state.seq}", money(str(amount))
            world.step(i.CashTransferred(broker="paper", account="A1", transfer_id=transfer_id, amount=paid))
        else:
            world.step(i.AccountReported(broker="paper", account="A1", cash=world.account().cash + amount))

    # --- time ----------------------------------------------------------------------------------------

    @rule(symbol=symbols, away=steps, kind=st.sampled_from(["good", "good", "stub", "last", "crossed"]))
    def quote(self, symbol: str, away: int, kind: str) -> None:
        price, half = self.price(symbol, away), money("0.25")
        match kind:
            case "good":
                self.world.quote(symbol, price - half, price + half)
            case "stub":
                self.world.quote(symbol, half, price * 2)
            case "last":
                self.world.quote(symbol, last=price)
            case _:
                self.world.quote(symbol, price + half, price)

    @rule(seconds=st.sampled_from(["1", "61"]))
    def wait(self, seconds: str) -> None:
        self.world.wait(seconds)
        self.world.step(i.MarkPnl())

    @precondition(has_another_day)
    @rule(late_s=st.sampled_from([0, 0, 120]), stated=st.booleans())
    def next_session(self, late_s: int, stated: bool) -> None:
        self.world.next_session(late_s=late_s)
        if stated and self.world.account().day.baseline is None:
            self.world.step(i.StateBaseline(account="A1", equity=self.world.account().cash))

    # --- what must hold ----------------------------------------------------------------------------------

    @invariant()
    def pnl_is_what_the_fills_say(self) -> None:
        """I02, from the first fill on, in whole numbers."""
        for record in self.world.records[self.read :]:
            for event in decode_events(record.body):
                self._hear(event)
        self.read = len(self.world.records)
        account = self.world.account()
        for instrument_id, naive in self.naive.instruments.items():
            expected, position = naive.now(), account.positions[instrument_id]
            found = (position.qty, position.cost, position.session_cost, position.realized_entry)
            assert found == (expected.qty, expected.cost, expected.session_cost, expected.realized_entry)
            assert (position.realized_session, position.fees) == (expected.realized_session, expected.fees)
        assert account.cash == self.naive.cash()
        self.world.pnl()

    def _hear(self, event: e.Event) -> None:
        if isinstance(event, e.OrderFilled | e.ExternalFilled):
            fill = event.fill
            signed = fill.qty if fill.side is Side.BUY else -fill.qty
            instrument = self.world.state.instruments[fill.instrument_id]
            self.naive.fill(instrument, Fill(fill.exec_id, signed, fill.price, fill.fee))
            self.fills[fill.exec_id] = self.world.session_index
        elif isinstance(event, e.FillVoided):
            self.naive.void(event.exec_id)
            del self.fills[event.exec_id]
            account = self.world.account()
            booked = account.fills.get(event.exec_id) or account.fills_before[event.exec_id]
            self.excused.add(booked.fill.instrument_id)
        elif isinstance(event, e.SessionOpened):
            self.naive.open_session(dict(event.marks))
        elif isinstance(event, e.CashMoved):
            self.naive.paid_in += event.amount
        elif isinstance(event, e.CashReported):
            self.naive.paid_in += event.difference

    @invariant()
    def the_worst_case_grows_only_by_orders_that_were_let_go(self) -> None:
        """I05: what was within the limit stays within it, whichever orders fill, in whatever order."""
        for instrument_id, position in self.world.account().positions.items():
            if instrument_id not in self.excused:
                assert max(abs(position.highest), abs(position.lowest)) <= MOST

    @invariant()
    def sums_are_those_of_a_state_valued_at_once(self) -> None:
        assert_valued_from_scratch(self.world.state)

    @invariant()
    def every_position_has_a_way_out_that_cannot_flip_it(self) -> None:
        if self.world.account().severity != 2:
            for position in self.held():
                assert_way_out(self.world, position.instrument_id)

    @invariant()
    def ways_out_never_flip_together(self) -> None:
        """What was let go as an exit, and is neither unknown nor on its way back, covers no more than there is."""
        for instrument_id, position in self.world.account().positions.items():
            for side, held in ((Side.SELL, position.qty), (Side.BUY, -position.qty)):
                out = sum(
                    order.reserved_qty
                    for order in self.world.account().live.values()
                    if order.reducing
                    and order.is_at_broker
                    and order.state not in (OrderState.PENDING_CANCEL, OrderState.UNKNOWN)
                    and order.client_order_id not in self.stubborn
                    and (order.request.instrument_id, order.request.side) == (instrument_id, side)
                )
                assert out <= max(held, 0), f"{instrument_id}: {out} may be left of {held}"

    @invariant()
    def one_of_a_family_is_at_the_broker(self) -> None:
        """Of a parent's legs, and of the two of an oco, no two can fill at once."""
        out: dict[str, list[str]] = {}
        for order in self.world.account().live.values():
            if (
                order is not out
                and order.is_at_broker
                and (order.parent or order.request.order_class is OrderClass.OCO)
            ):
                out.setdefault(order.parent or order.client_order_id, []).append(order.client_order_id)
        assert all(len(names) == 1 for family, names in out.items() if family not in self.reopened), out

    @invariant()
    def nothing_works_past_its_own_end(self) -> None:
        """Its cancel is under way, or asked for again soon; or nobody knows what became of it."""
        working = (OrderState.APPROVED, OrderState.SENT, OrderState.WORKING, OrderState.PARTIALLY_FILLED)
        timers = self.world.state.timers
        for order in self.world.account().live.values():
            request, cid = order.request, order.client_order_id
            is_timed, is_part = f"timeout:A1:{cid}" in timers, f"partial:A1:{cid}" in timers
            if order.state not in working or order.hold is None or (cid in self.stubborn and (is_timed or is_part)):
                continue
            assert is_timed or request.cancel_after is None, f"{cid} works past its time"
            is_over = request.cancels_rest and 0 < order.cum_qty < order.order_qty
            assert is_part or not is_over, f"{cid} works on in part"

    def no_subset_passes_the_limit(self, symbol: str, *, reducing: bool) -> None:
        """Whichever of the live orders fill, the position stays within the limit in force."""
        if reducing:
            return
        for filled in self._subsets(symbol):
            assert abs(self.world.position(symbol).qty + filled) <= MOST
        self.excused.discard(self.world.state.symbols[symbol])

    def _subsets(self, symbol: str) -> Iterator[int]:
        instrument_id = self.world.state.symbols[symbol]
        instrument = self.world.state.instruments[instrument_id]
        signed = [
            held_by(order, instrument)[0] * (1 if order.request.side is Side.BUY else -1)
            for order in self.world.account().live.values()
            if order.request.instrument_id == instrument_id
        ]
        for count in range(len(signed) + 1):
            for filled in combinations(signed, count):
                yield sum(filled)

    def teardown(self) -> None:
        if hasattr(self, "world"):
            self.world.assert_replays()
            assert_bounded(self.world.state)


def assert_way_out(world: World, instrument_id: str) -> None:
    """A close is approved; it goes at once, or once the broker has confirmed that the orders in its way are gone."""
    state = decode_state(encode_state(world.state), world.state.at)
    go_live(state)
    go_live_with_quotes(state, world.state.market.quotes)
    account = state.accounts["A1"]
    held = account.positions[instrument_id].qty
    reply = close(state, world.at, instrument_id).reply
    if isinstance(reply, r.Refused):
        assert reply.code == "protective_order_working"
        assert sum(account.live[cid].leaves_qty for cid in reply.orders) >= abs(held), "closes that take all of it"
        return
    assert isinstance(reply, r.Decided)
    assert isinstance(reply.decision, e.OrderApproved), reply.decision
    out = account.live[reply.decision.request.client_order_id]
    at = world.at + 2 * SECOND
    for _ in range(len(account.live) + 1):
        if out.is_at_broker:
            break
        for order in list(account.live.values()):
            # What was called back, and exits at market that would trade now: here they end unfilled.
            if (
                order is not out
                and order.is_at_broker
                and (order.state is OrderState.PENDING_CANCEL or order.broker_type is OrderType.MARKET)
            ):
                step(state, gone(order), at)
        at += 2 * SECOND
        step(state, i.AccountReported(broker="paper", account="A1", cash=account.cash + 1), at)
    assert out.is_at_broker, (
        f"{out.client_order_id} never went: {[(o.client_order_id, o.state) for o in account.live.values()]}"
    )
    assert out.broker_type is OrderType.MARKET
    position = account.positions[instrument_id]
    assert position.qty - position.live_sells >= 0 if held > 0 else position.qty + position.live_buys <= 0


def gone(order: OrderRecord) -> i.OrderGone:
    cum = order.cum_qty - order.base_qty
    return i.OrderGone(account="A1", routed_order_id=order.routed_order_id, outcome="canceled", cum_qty=cum)


def close(state: State, at: int, instrument_id: str) -> Outcome:
    return step(state, i.ClosePosition(account="A1", symbol=instrument_id), at)


EngineMachine.TestCase.settings = settings(max_examples=50, stateful_step_count=40, deadline=None)
TestEngineMachine = EngineMachine.TestCase
TestEngineMachine.pytestmark = [pytest.mark.timeout(600)]  # type: ignore[attr-defined]
