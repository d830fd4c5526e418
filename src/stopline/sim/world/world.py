"""All of it: one process at a time on one disk, one broker behind one wire, traders, and what goes wrong.

A run has two phases. In the first everything that the plan holds happens, and what must
never happen is asserted after every event. In the second nothing is wrong any more, and
everything that is due must come: the book agrees with the broker's, whoever is asked
answers, every position can be closed, and the journal says what the process believes.
"""

from collections.abc import Callable, Sequence
from typing import Final

from stopline.config.settings import Settings
from stopline.messages import inputs as i
from stopline.messages.events import Event
from stopline.messages.inputs import Input
from stopline.messages.replies import Reply
from stopline.model.ids import AccountId
from stopline.model.instrument import AssetClass
from stopline.model.limits import Limits
from stopline.model.numbers import PRICE_ONE, QTY_ONE, SECOND, Money, Nanos
from stopline.model.rules import Rules
from stopline.ports.desk import DeskUnavailable
from stopline.ports.journal import Record
from stopline.runtime.sessions import find_session
from stopline.sim.world.chance import Chance
from stopline.sim.world.disk import Disk
from stopline.sim.world.ledger import SCALE
from stopline.sim.world.liveness import come_to_rest
from stopline.sim.world.lives import Lives
from stopline.sim.world.market import Prices
from stopline.sim.world.mischief import begin
from stopline.sim.world.people import going_on
from stopline.sim.world.plan import BEGINS_AT, DAY, HOUR, MINUTE, Act, make_plan, trading_days
from stopline.sim.world.process import Process
from stopline.sim.world.reach import Reach
from stopline.sim.world.sides import open_side
from stopline.sim.world.terms import CASH, LIMITS, RULES, Scale, account_terms, listed, make_settings
from stopline.sim.world.timeline import Timeline
from stopline.sim.world.traders import Traders
from stopline.sim.world.violation import Violated, demand
from stopline.sim.world.watch import Watch

MOST_STEPS_A_DAY: Final = 2_000_000
"""Callbacks beyond which a day counts as one that never ends."""
MOST_RECORDS_A_DAY: Final = 3_000
"""Of one account, beyond which something writes that nobody asked for."""
ANSWERED_WITHIN: Final[Nanos] = 30 * SECOND


class World(Lives):
    """One world. `run` raises Violated where something does not hold."""

    def __init__(
        self,
        seed: int,
        scale: Scale = Scale(),  # noqa: B008  (frozen)
        only: Sequence[int] | None = None,
        *,
        limits: Limits = LIMITS,
        rules: Rules = RULES,
        cash: Money = CASH,
    ) -> None:
        super().__init__(Timeline(BEGINS_AT - MINUTE), Chance(seed), Reach())
        self.seed, self.scale = seed, scale
        self._limits, self._rules, self._cash = limits, rules, cash
        self.accounts = scale.names
        self.terms = account_terms(scale, cash)
        self.watch = Watch(self.reach)
        self.disk = Disk(self.chance.stream("disk"), self._on_durable)
        traded = listed(scale)
        self.instruments = tuple(each for each, _ in traded)
        self.prices = Prices(seed, traded, self.timeline.now)
        self.side = open_side(self, cash)
        self.wire, self.house, self.counter = self.side.wire, self.side.house, self.side.counter
        self.watch.house = self.house
        self.traders = Traders(self.accounts, self.prices, lambda: self.timeline.now, self._heard)
        self.plan = make_plan(
            seed, scale.days, scale.mix, accounts=scale.accounts, instruments=len(self.instruments),
            acts_a_day=scale.acts_a_day, troubles_a_day=scale.troubles_a_day, possible=self.side.troubles,
        )  # fmt: skip
        if only is not None:
            self.plan = [act for act in self.plan if act.no in set(only)]
        self.is_calm = False
        self._asked: dict[int, tuple[Nanos, Input, Process]] = {}

    # --- what it is made of --------------------------------------------------------------------------

    @property
    def settings(self) -> Settings:  # type: ignore[override]  # read anew by every process
        """Return what every process of this world is given."""
        return make_settings(self.terms, self._limits, self._rules)

    def day_end(self, account: AccountId, at: Nanos) -> Nanos:
        """Return when an account's day ends."""
        return find_session(self.terms[self.accounts.index(account)], at).resets_at

    def since(self, account: AccountId) -> Nanos:
        """Return since when fills are reported again: the trading day before this one."""
        terms = self.terms[self.accounts.index(account)]
        today = find_session(terms, self.timeline.now)
        return find_session(terms, today.opens_at - 1).opens_at

    def on_ended(self) -> None:
        """Forget who waits for a process that has ended."""
        self._asked.clear()

    def _on_durable(self, record: Record, events: tuple[Event, ...]) -> None:
        """Let the watch judge what is durable; the process must not notice it."""
        try:
            self.watch.on_durable(record, events)
            most = MOST_RECORDS_A_DAY * self.scale.days * self.scale.accounts
            demand(record.seq <= most, f"I20 more than {most} records: something writes that nobody asked for")
        except AssertionError as violation:
            self._fault = self._fault or violation

    # --- market and people ---------------------------------------------------------------------------

    def quote(self, instrument_id: str) -> None:
        """Let one instrument be quoted now: at the broker, and a moment later to the process."""
        now = self.timeline.now
        quote = self.prices.quote(instrument_id, now)
        if quote is None:
            return
        self.house.quote(quote, now)
        process = self.process
        if process is not None and process.is_alive and process.system is not None:
            feed = process.system.feed
            process.call(lambda: feed.push(quote))

    def quote_all(self) -> None:
        """Let all instruments be quoted."""
        for each in self.instruments:
            self.quote(each.instrument_id)

    def _play(self, act: Act) -> None:
        if act.trouble is not None:
            self.tell(f"[{act.no}] {act.trouble}" + (f", for {act.lasts // SECOND} s" if act.lasts else ""))
            self.reach.note(f"fault {act.trouble}")
            begin(self, act)
            return
        self.quote(self.instruments[act.instrument].instrument_id)
        self.timeline.call_after(50 * 10**6, lambda: self._do(act))
        for after in (1, 5, 20, 40):
            self.timeline.call_after(after * SECOND, lambda: self.quote(self.instruments[act.instrument].instrument_id))

    def _do(self, act: Act) -> None:
        process = self.process
        if process is None or not process.is_open:
            self.reach.note("asked while nobody answers")
            return
        asked = self.traders.act(act, process)
        self.reach.note(f"deed {act.deed} while {self._trading_state(act)}")
        for message in asked:
            self.tell(f"[{act.no}] {act.deed}: {_short(message)}")
            self._asked[id(message)] = (self.timeline.now, message, process)
        if act.deed in ("kill", "trip", "own release"):
            self.timeline.call_after(2 * MINUTE + act.numbers[3] % 20 * MINUTE, self.let_go_on)

    def _trading_state(self, act: Act) -> str:
        account = self.watch.shadow.accounts.get(self.accounts[act.account])
        return "unopened" if account is None else str(account.trading_state)

    def let_go_on(self) -> None:
        """Let a second person release what people have latched."""
        process = self.process
        if process is None or not process.is_open or process.system is None:
            return
        state = process.system.loop.state
        for account in state.accounts.values():
            for message in going_on(account, state.breakers.values(), self._equity(account.terms.account)):
                self.traders.ask(process, message)

    def _equity(self, account: AccountId) -> Money:
        """Return what an account is worth at the broker."""
        equity = self.house.cash(account)
        for each in self.instruments:
            held, mid = (
                self.house.holding(account, each.instrument_id),
                self.prices.mid(each.instrument_id, self.timeline.now),
            )
            value = held.qty * mid * each.multiplier // SCALE
            equity += value - (held.cost if each.asset_class is AssetClass.FUTURE else 0)
        return equity

    def _heard(self, message: Input, reply: Reply | DeskUnavailable) -> None:
        self._asked.pop(id(message), None)
        self.reach.note(
            f"reply {type(reply).__name__}" + (f" {reply.reason}" if isinstance(reply, DeskUnavailable) else "")
        )
        self.watch.on_reply(message, reply)

    # --- running -------------------------------------------------------------------------------------

    def run(self, progress: Callable[[int], None] = lambda day: None) -> None:
        """Live through all of it. Raises Violated."""
        for act in self.plan:
            self.timeline.call_at(act.at, lambda act=act: self._play(act))  # type: ignore[misc]
        self.start_process()
        for day, opens_at in enumerate(trading_days(self.scale.days)):
            self.timeline.call_at(opens_at, lambda day=day: progress(day))  # type: ignore[misc]
        for opens_at in trading_days(self.scale.days):
            self.timeline.call_at(opens_at, lambda: self.house.settle(min(self.since(name) for name in self.accounts)))
        ends_at = trading_days(self.scale.days)[-1] + 22 * HOUR
        self.run_until(ends_at)
        come_to_rest(self)

    def close(self) -> None:
        """Throw away what still runs."""
        if self.process is not None and self.process.is_alive:
            self.process.kill()
        self.side.close()

    def run_until(self, until: Nanos) -> None:
        """Run all events up to an instant, looking at everything after each."""
        timeline, steps = self.timeline, self.timeline.steps
        most = steps + MOST_STEPS_A_DAY * max((until - timeline.now) // DAY + 1, 1)
        while timeline.step(until):
            self._look()
            if timeline.steps > most:
                raise Violated(f"I20 more than {most - steps} events, and no end: something goes round in circles")

    def _look(self) -> None:
        if self._fault is not None:
            fault, self._fault = self._fault, None
            if isinstance(fault, AssertionError):
                raise fault
            raise Violated(f"S15 {type(fault).__name__}: {fault}") from fault
        self._kill_if_due()
        process = self.process
        if process is None or not process.is_alive or process.system is None or not process.is_open:
            return
        loop = process.system.loop
        if not loop.is_rebuilding:
            self.watch.look(loop.state)
            if loop.step_failures:
                raise Violated("S15 the engine raised inside a step")

    def demand_answers(self) -> None:
        """Demand that nobody has waited for too long (I20)."""
        for asked_at, message, process in self._asked.values():
            late = self.timeline.now - asked_at > ANSWERED_WITHIN
            demand(not late or process is not self.process, f"I20 nobody answered {_short(message)}")


def _short(message: Input) -> str:
    """Return a message as a person would say it."""
    if isinstance(message, i.SubmitOrder):
        price = message.limit_price or message.stop_price
        at = f" @ {price / PRICE_ONE:.2f}" if price is not None else ""
        return (
            f"{message.account} {message.side} {message.symbol} {message.order_qty // QTY_ONE}{at} "
            f"{message.order_type} {message.time_in_force} {message.order_class} ({message.client_order_id})"
        )
    parts = [type(message).__name__, *(str(getattr(message, n, "")) for n in ("account", "client_order_id", "symbol"))]
    return " ".join(part for part in parts if part)
