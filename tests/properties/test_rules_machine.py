"""A Hypothesis machine against the enforcement of account rules (reliability.md I09, I11, I12).

Rules of every kind are armed and changed, people lock, kill and release, somebody trades
elsewhere, the broker rejects, loses, refuses and goes away, the process dies: no order of
ours turns a position round, what is owed is owed once, no lock ends early, nothing is bought
while one stands; and once the trouble is over, all that is owed gets done.
"""

from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from stopline.messages import events as e
from stopline.messages import inputs as i
from stopline.messages.upcast import decode_events
from stopline.model.breach import RuleScope
from stopline.model.limits import RateWindow
from stopline.model.numbers import SECOND
from stopline.model.order import OrderState, Side
from stopline.model.rules import TERMS, DrawdownKind, LossTier, Rules
from stopline.state.orders import OrderRecord
from tests.build import DAYS, World, money, qty, ratio
from tests.invariants import assert_bounded
from tests.properties.dying import settle

SYMBOLS = ("AAPL", "ES2026-12", "MES2026-12")
PRICES = {"AAPL": "100", "ES2026-12": "4000", "MES2026-12": "4000"}
MIN = 60 * SECOND
CHOICES: dict[str, dict[str, Any]] = {
    "max_contracts": {"limit": ratio("1")},
    "max_contracts_per_instrument": {"limit": qty("4")},
    "daily_realized_loss": {"loss_limit": money("60")},
    "daily_unrealized_loss": {"loss_limit": money("40"), "scope": RuleScope.ACCOUNT},
    "max_unrealized_profit": {"target": money("40")},
    "trade_frequency": {"windows": (RateWindow(3, MIN),), "cooldown": 2 * MIN},
    "cooldown_after_loss": {"tiers": (LossTier(money("5"), MIN), LossTier(money("30"), 10 * MIN))},
    "stop_loss_grace": {"grace": 30 * SECOND},
    "connection_guard": {},
    "symbol_block": {"blocked": ("MES2026-12",)},
    "bracket": {"stop_ticks": 40, "target_ticks": 80},
    "daily_realized_profit": {"target": money("60")},
    "daily_total_loss": {"loss_limit": money("80")},
    "max_drawdown": {"loss_limit": money("300"), "kind": DrawdownKind.INTRADAY},
    "consecutive_losses": {"count": 2},
    "reject_burst": {"window": RateWindow(3, MIN), "cooldown": MIN},
    "error_burst": {"window": RateWindow(5, MIN)},
    "profit_giveback": {"arm_at": money("30"), "share": ratio("0.5")},
    "trailing_stop": {"ticks": 100},
    "breakeven": {"trigger_ticks": 100, "offset_ticks": 5},
    "time_exit": {"max_hold": 10 * MIN},
    "position_mismatch": {},
    "margin_call": {},
    "stale_feed": {"max_age": 30 * SECOND},
    "loss_velocity": {"loss_limit": money("50"), "window": MIN, "cooldown": 5 * MIN},
    "volatility_breaker": {"move": ratio("0.04"), "window": MIN, "cooldown": MIN},
}
NEVER = 2**63
LOCKS = ("lock:", "cooldown:", "kill")

symbols = st.sampled_from(SYMBOLS)
sides = st.sampled_from(list(Side))
sizes = st.integers(1, 6)
steps = st.integers(-6, 6)
picks = st.integers(0, 30)


def has_live(machine: "RulesMachine") -> bool:
    return any(order.is_at_broker for order in machine.world.account().live.values())


def is_there(machine: "RulesMachine") -> bool:
    return not machine.is_away


class RulesMachine(RuleBasedStateMachine):
    @initialize(armed=st.lists(st.sampled_from(sorted(CHOICES)), min_size=1, max_size=6, unique=True))
    def open(self, armed: list[str]) -> None:
        self.world = World(cash="100000")
        self.read, self.is_away = 0, False
        self.floors: dict[str, int] = {}
        """Locks, and the instant that none of them may end before."""
        self.stubborn: set[str] = set()
        self.arm(armed)

    @rule(armed=st.lists(st.sampled_from(sorted(CHOICES)), max_size=6, unique=True))
    def arm(self, armed: list[str]) -> None:
        rules = Rules(**{name: TERMS[name](**CHOICES[name]) for name in armed})
        self.world.step(i.ChangeRules(account="A1", rules=rules))

    def price(self, symbol: str, away: int) -> int:
        return money(PRICES[symbol]) + away * money("1")

    def order(self, pick: int) -> OrderRecord:
        live = [one for one in self.world.account().live.values() if one.is_at_broker]
        return live[pick % len(live)]

    # --- people ------------------------------------------------------------------------------

    @precondition(is_there)
    @rule(side=sides, symbol=symbols, size=sizes, away=steps, filled=sizes)
    def trade(self, side: Side, symbol: str, size: int, away: int, filled: int) -> None:
        cid = f"T{self.world.orders_made}"
        self.world.step(self.world.asking(side, str(size), symbol, limit=self.price(symbol, away), id=cid))
        order = self.world.account().order(cid)
        if order is not None and order.is_at_broker and order.is_live:
            self.world.fill(cid, str(min(filled, size)), self.price(symbol, away), fee="0.35")

    @rule(
        what=st.sampled_from(["flatten", "kill", "keep", "release", "lock", "lock flat", "unlock", "close"]), pick=picks
    )
    def ask(self, what: str, pick: int) -> None:
        world = self.world
        match what:
            case "flatten":
                world.flatten()
            case "kill" | "keep":
                world.kill(keep_positions=what == "keep", actor="ann")
            case "release":
                world.step(i.ReleaseKill(account="A1", reason="over", actor="bob"))
            case "lock" | "lock flat":
                until = world.at + (pick + 1) * MIN
                world.step(i.LockOut(account="A1", until=until, flatten=what == "lock flat"))
            case "unlock":
                keys = [key for key in world.account().restrictions if key.startswith(("lock:", "cooldown:"))]
                if keys:
                    key = keys[pick % len(keys)]
                    world.step(i.ReleaseLock(account="A1", key=key, reason="fine", actor="bob"))
            case _:
                world.close(SYMBOLS[pick % len(SYMBOLS)])

    # --- the broker -----------------------------------------------------------------------------

    @rule(side=sides, symbol=symbols, size=sizes, away=steps)
    def trade_elsewhere(self, side: Side, symbol: str, size: int, away: int) -> None:
        self.world.report(side, str(size), symbol, self.price(symbol, away))

    @precondition(has_live)
    @rule(pick=picks, part=st.integers(1, 2), away=steps)
    def fill(self, pick: int, part: int, away: int) -> None:
        order = self.order(pick)
        if order.leaves_qty:
            size = max(order.leaves_qty // part // qty("1") * qty("1"), qty("1"))
            symbol = self.world.state.instruments[order.request.instrument_id].symbol
            self.world.fill(order.client_order_id, min(size, order.leaves_qty), self.price(symbol, away), fee="0.35")

    @precondition(has_live)
    @rule(pick=picks, answer=st.sampled_from(["accept", "reject", "reject", "gone", "lose", "refuse cancel"]))
    def answer(self, pick: int, answer: str) -> None:
        order = self.order(pick)
        cid, world = order.client_order_id, self.world
        match answer:
            case "accept":
                world.accept(cid)
            case "reject":
                world.reject(cid)
            case "gone":
                world.gone(cid)
            case "lose":
                world.lose(cid)
            case _ if order.state is OrderState.PENDING_CANCEL:
                self.stubborn.add(cid)
                world.refuse_cancel(cid)

    @rule(what=st.sampled_from(["away", "back", "back", "restart", "picture", "wrong picture"]))
    def line(self, what: str) -> None:
        world = self.world
        match what:
            case "away":
                world.disconnect()
                self.is_away = True
            case "wrong picture":
                world.reconcile(positions=(("eq:US:MSFT", qty("1"), 0),))
            case _:
                if what == "restart":
                    world.restart()
                if what != "picture" or not self.is_away:
                    world.connect()
                    self.is_away = False
                world.reconcile()

    # --- time and prices ----------------------------------------------------------------------------

    @rule(symbol=symbols, away=steps, times=st.integers(1, 2))
    def quote(self, symbol: str, away: int, times: int) -> None:
        for _ in range(times):
            self.world.quote(symbol, bid=self.price(symbol, away))

    @rule(seconds=st.sampled_from(["1", "2", "31", "61"]))
    def wait(self, seconds: str) -> None:
        self.world.wait(seconds)
        self.world.step(i.MarkPnl())

    @rule(by=st.sampled_from([-SECOND, SECOND, -3600 * SECOND, 3600 * SECOND, 10**10 * SECOND // 32]))
    def step_the_clock(self, by: int) -> None:
        self.world.step(i.ClockStepped(by=by))

    @precondition(lambda machine: machine.world.session_index < len(DAYS) - 1)
    @rule()
    def next_session(self) -> None:
        world = self.world
        world.next_session()
        if world.account().day.baseline is None:
            world.step(i.StateBaseline(account="A1", equity=world.account().cash))

    # --- what must hold --------------------------------------------------------------------------------

    @invariant()
    def no_lock_ends_early_and_nothing_is_bought_under_one(self) -> None:
        for record in self.world.records[self.read :]:
            for event in decode_events(record.body):
                self._hear(event, record.at)
        self.read = len(self.world.records)
        for key, until in self.floors.items():
            assert until <= self.world.at or key in self.world.account().restrictions, f"{key} is gone before its end"

    def _hear(self, event: e.Event, at: int) -> None:
        match event:
            case e.RestrictionPlaced(key=key, until=until) if key.startswith(LOCKS):
                assert (until or NEVER) >= self.floors.get(key, 0), f"{key} was shortened"
                self.floors[key] = until or NEVER
            case e.RestrictionLifted(key=key, actor=actor) if key in self.floors:
                assert actor != "engine" or self.floors[key] <= at, f"{key} ended {self.floors[key] - at} ns early"
                del self.floors[key]
            case e.OrderApproved(reducing=False, request=request):
                locked = [key for key, until in self.floors.items() if until > at]
                assert not locked, f"{request.client_order_id} was let go under {locked}"

    @invariant()
    def what_is_owed_is_owed_once(self) -> None:
        owed = list(self.world.account().obligations.values())
        assert len({(each.kind, each.instrument_id, each.key) for each in owed}) == len(owed), owed
        if any(each.kind == "flatten" for each in owed):
            assert len(owed) == 1, "a flatten takes over all that is owed"

    @invariant()
    def our_orders_never_turn_a_position_round(self) -> None:
        for instrument_id, position in self.world.account().positions.items():
            for side, held in ((Side.SELL, position.qty), (Side.BUY, -position.qty)):
                out = [
                    order
                    for order in self.world.account().live.values()
                    if order.is_at_broker
                    and order.reducing
                    and order.state not in (OrderState.PENDING_CANCEL, OrderState.UNKNOWN)
                    and order.client_order_id not in self.stubborn
                    and (order.request.instrument_id, order.request.side) == (instrument_id, side)
                ]
                assert sum(order.reserved_qty for order in out) <= max(held, 0), [o.client_order_id for o in out]

    def teardown(self) -> None:
        """The trouble is over: within bounded time nothing is owed, and the journal tells the same."""
        if not hasattr(self, "world"):
            return
        world = self.world
        world.connect()
        if world.state.clock_drift:
            world.step(i.TrustClock(reason="over"))
        for order in list(world.account().live.values()):
            if order.state is OrderState.UNKNOWN and order.is_at_broker:
                world.accept(order.client_order_id)
        world.reconcile()
        rounds = settle(world, within=60)
        assert rounds < 60, f"still owed: {world.account().obligations}"
        keeps_flat = any(held.keeps_flat for held in world.account().restrictions.values())
        assert not keeps_flat or not any(each.qty for each in world.account().positions.values())
        self.no_lock_ends_early_and_nothing_is_bought_under_one()
        world.assert_replays()
        assert_bounded(world.state)


RulesMachine.TestCase.settings = settings(max_examples=50, stateful_step_count=40, deadline=None)
TestRulesMachine = RulesMachine.TestCase
TestRulesMachine.pytestmark = [pytest.mark.timeout(600)]  # type: ignore[attr-defined]
