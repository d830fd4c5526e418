"""The invariants of reliability.md section 3, asserted after every event.

What the journal says is folded beside the process (`shadow`), record by record, at the
instant at which each is durable; so what is durable, what the process believes, and what
the broker knows can be held against one another at any time.
"""

from collections import deque
from typing import Final

from stopline.engine.replay import fold, state_hash
from stopline.messages import events as e
from stopline.messages import inputs as i
from stopline.messages.events import Event, OrderApproved, ReplaceApproved
from stopline.messages.replies import Decided, Repeated, Reply
from stopline.model.ids import AccountId, RoutedOrderId
from stopline.model.numbers import Nanos
from stopline.model.order import OrderClass, Side
from stopline.ports.desk import DeskUnavailable
from stopline.ports.journal import Record
from stopline.sim.world.authority import PEOPLE, judge_authority
from stopline.sim.world.books import Books
from stopline.sim.world.counter import Judge
from stopline.sim.world.reach import Reach
from stopline.sim.world.side import Truth
from stopline.sim.world.sound import (
    assert_bounded,
    assert_orders_are_filed,
    assert_reservations,
    assert_scopes,
    assert_severity,
)
from stopline.sim.world.told_apart import first_difference, named
from stopline.sim.world.violation import Violated, demand
from stopline.state.account import AccountState
from stopline.state.state import State

BOUNDED_EVERY: Final = 400
"""What looks at the whole state is asserted at every so many records."""


class Watch(Judge):
    """Everything that must hold. Raises Violated."""

    def __init__(self, reach: Reach) -> None:
        self.house: Truth
        self.reach = reach
        self.shadow = State()
        self.books = Books()
        self.approved: dict[RoutedOrderId, OrderApproved] = {}
        self.intents: dict[str, int] = {}
        """By account and client_order_id: how many decisions there were."""
        self._decisions: dict[str, Event] = {}
        self._answers: dict[str, Event] = {}
        self._changes: set[str] = set()
        self._cancels: set[tuple[AccountId, str]] = set()
        self._amended: set[tuple[AccountId, str]] = set()
        self._entries: dict[AccountId, deque[Nanos]] = {}
        self._last_at: Nanos = 0
        self.checks = 0
        self._checked = (0, 0)

    # --- what becomes durable ------------------------------------------------------------------------

    def on_durable(self, record: Record, events: tuple[Event, ...]) -> None:
        """Hold a record against those before it, then take it into the shadow."""
        demand(record.seq == self.shadow.seq + 1, f"I18 record {record.seq} follows {self.shadow.seq}")
        demand(record.at >= self._last_at, f"I15 record {record.seq} is earlier than the one before it")
        self._last_at = record.at
        for event in events:
            self._judge(event, events, record.at)
            judge_authority(self.shadow, event, events, record.at)
        self.reach.before(self.shadow, events)
        fold(self.shadow, record.seq, record.at, events)
        self.reach.after(self.shadow, events)
        for event in events:
            self.books.hear(event, self.shadow)
            if isinstance(event, OrderApproved):
                self._judge_exposure(event)
        self.books.compare(self.shadow)
        if record.seq % BOUNDED_EVERY == 0:
            named("I22", lambda: assert_bounded(self.shadow))

    def _judge(self, event: Event, events: tuple[Event, ...], at: Nanos) -> None:
        if isinstance(event, e.EngineStarted):
            demand(event.epoch > self.shadow.epoch, f"I07 epoch {event.epoch} after {self.shadow.epoch}")
        elif isinstance(event, OrderApproved):
            self._note_decision(event, event.request.account, event.request.client_order_id, event.decision_id)
            self.approved[event.routed_order_id] = event
            if not event.reducing and not event.parent:
                self._judge_entry(event, at)
            if event.request.order_class is OrderClass.BRACKET and not event.parent:
                legs = [x for x in events if isinstance(x, OrderApproved) and x.parent == event.request.client_order_id]
                demand(len(legs) == 2, f"I28 bracket {event.request.client_order_id} was decided with {len(legs)} legs")
        elif isinstance(event, e.OrderDenied):
            self._note_decision(event, event.request.account, event.request.client_order_id, event.decision_id)
        elif isinstance(event, e.OrderReleased):
            self.approved[event.order.routed_order_id] = event.order
            if not event.order.reducing:
                self._judge_state(event.order)
        elif isinstance(event, ReplaceApproved):
            self._changes.add(event.decision_id)
            self._amended.add((event.account, event.client_order_id))
        elif isinstance(event, e.RestrictionLifted):
            self._judge_lift(event, at)
        elif isinstance(event, e.CancelRequested):
            self._cancels.add((event.account, event.client_order_id))

    def _note_decision(self, event: Event, account: AccountId, client_order_id: str, decision_id: str) -> None:
        key = f"{account} {client_order_id}"
        demand(key not in self._answers, f"I03 {key} was decided twice")
        self._answers[key] = event
        self._decisions[f"{decision_id} {client_order_id}"] = event

    def _judge_entry(self, event: OrderApproved, at: Nanos) -> None:
        self._judge_state(event)
        account = self.shadow.accounts[event.request.account]
        times = self._entries.setdefault(event.request.account, deque(maxlen=64))
        times.append(at)
        for window in account.limits.own().order_rate:
            inside = sum(1 for each in times if each > at - window.window)
            demand(
                inside <= window.count, f"I16 {inside} entries within {window.window} ns, the limit is {window.count}"
            )

    def _judge_state(self, event: OrderApproved) -> None:
        account = self.shadow.accounts[event.request.account]
        demand(
            account.severity == 0,
            f"I09 I23 entry {event.request.client_order_id} was let go while {account.terms.account} is "
            f"{account.trading_state}: {', '.join(account.restrictions)}",
        )

    def _judge_lift(self, event: e.RestrictionLifted, at: Nanos) -> None:
        """Demand that a lock with an end lasts until then, unless a person released it (I09)."""
        account = self.shadow.accounts.get(event.scope_id)
        held = None if account is None else account.restrictions.get(event.key)
        if held is not None and held.until:
            demand(at >= held.until or event.actor in PEOPLE, f"I09 {event.key} ends {held.until - at} ns too early")

    def _judge_exposure(self, event: OrderApproved) -> None:
        """Demand that whichever of the live orders fill, the position stays within its limit (I05)."""
        if event.reducing or event.parent:
            return
        account = self.shadow.accounts[event.request.account]
        limit = account.limits.own().max_position_qty
        position = account.positions[event.request.instrument_id]
        worst = position.highest if event.request.side is Side.BUY else -position.lowest
        demand(
            limit is None or worst <= limit,
            f"I05 {event.request.client_order_id} takes {event.request.instrument_id} to {worst}, the limit is {limit}",
        )

    # --- what reaches the broker -----------------------------------------------------------------------

    def on_place(self, order: OrderApproved) -> None:
        """I01 and I03 of an order on its way."""
        decided = self.approved.get(order.routed_order_id)
        demand(decided is not None, f"I01 {order.routed_order_id} leaves without a durable decision")
        assert decided is not None
        demand(
            (decided.request, decided.reducing) == (order.request, order.reducing),
            f"I01 {order.routed_order_id} leaves other than it was decided",
        )
        self.judge_single(order.request.account, order.routed_order_id, order.request.client_order_id)

    def judge_single(self, account: AccountId, routed: RoutedOrderId, client_order_id: str) -> None:
        """I03: demand that a client's order does not work at the broker under another id."""
        others = [
            known
            for known, each in self.house.books[account].orders.items()
            if each.is_working and each.client_order_id == client_order_id and known != routed
        ]
        demand(not others, f"I03 {client_order_id} works as {others} already")

    def on_cancel(self, account: AccountId, routed: RoutedOrderId) -> None:
        """I01 of a cancel."""
        order = self.shadow.accounts[account].order_routed(routed)
        demand(order is not None, f"I01 {routed} is canceled, which nobody decided")
        assert order is not None
        is_decided = (account, order.client_order_id) in self._cancels
        demand(is_decided, f"I01 {order.client_order_id} is canceled at the broker without a durable decision")

    def on_replace(self, routed: RoutedOrderId, change: ReplaceApproved) -> None:
        """I01 of a change."""
        demand(change.decision_id in self._changes, f"I01 {routed} is changed without a durable decision")

    def on_withdraw(self, account: AccountId, routed: RoutedOrderId) -> None:
        """I01 of a cancel at a broker that knows no change to what has filled: a cancel stands for that too."""
        order = self.shadow.accounts[account].order_routed(routed)
        name = "" if order is None else order.client_order_id
        demand(
            (account, name) in self._cancels or (account, name) in self._amended,
            f"I01 {routed} is canceled at the broker without a durable decision",
        )

    def on_amend(self, account: AccountId, routed: RoutedOrderId) -> None:
        """I01 of a change that names no decision."""
        order = self.shadow.accounts[account].order_routed(routed)
        is_decided = order is not None and (account, order.client_order_id) in self._amended
        demand(is_decided, f"I01 {routed} is changed at the broker without a durable decision")

    def on_unanswered(self, account: AccountId, routed: RoutedOrderId) -> None:
        """Count a change of whose fate nothing is known."""
        self.reach.unanswered(self.shadow, account, routed)

    # --- what clients hear -----------------------------------------------------------------------------

    def on_reply(self, message: i.Input, reply: Reply | DeskUnavailable) -> None:
        """I17 and I03 of an answer."""
        if isinstance(reply, Decided):
            decision = reply.decision
            if isinstance(decision, OrderApproved | e.OrderDenied):
                durable = self._decisions.get(f"{decision.decision_id} {decision.request.client_order_id}")
                demand(durable == decision, f"I17 decision {decision.decision_id} was told before it was durable")
            elif isinstance(decision, ReplaceApproved):
                demand(decision.decision_id in self._changes, f"I17 change {decision.decision_id} was told too early")
        elif isinstance(reply, Repeated):
            key = f"{reply.account} {reply.client_order_id}"
            demand(key in self._answers, f"I03 {key} is said to be a repetition, and nobody decided it")

    # --- what the process believes ---------------------------------------------------------------------

    def look(self, state: State) -> None:
        """Hold the live state against what it is made of, and against the broker's truth."""
        if (state.seq, state.epoch) == self._checked:
            return
        self._checked = (state.seq, state.epoch)
        self.checks += 1
        _demand_sound(state)
        for account in state.accounts.values():
            self._look_at(account)

    def _look_at(self, account: AccountState) -> None:
        """Demand that nothing the broker may still do is outside of what is reserved (I04, I05)."""
        name = account.terms.account
        book = self.house.books[name]
        for instrument_id in self.house.instruments:
            position = account.positions.get(instrument_id)
            highest, lowest = (position.highest, position.lowest) if position else (0, 0)
            up, down = self._unheard(account, instrument_id)
            held = self.house.qty(name, instrument_id)
            buys = sells = 0
            for order in book.orders.values():
                terms = order.terms
                if order.is_working and terms.instrument_id == instrument_id:
                    is_seen = not order.is_external or account.order_routed(terms.order_id) is not None
                    buys += terms.leaves_qty if terms.side is Side.BUY and is_seen else 0
                    sells += terms.leaves_qty if terms.side is Side.SELL and is_seen else 0
            demand(
                held + buys - up <= highest and held - sells + down >= lowest,
                f"I04 {name} {instrument_id}: the broker may come to {held - sells}..{held + buys}, reserved is "
                f"{lowest}..{highest} (and {down}, {up} that nobody could know of)",
            )

    def _unheard(self, account: AccountState, instrument_id: str) -> tuple[int, int]:
        """Return by how much the broker's position moved up and down by what no report has brought here yet."""
        up = down = 0
        for exec_id, (moved, buys, sells, replaced) in self.house.books[account.terms.account].unasked.items():
            if moved != instrument_id:
                continue
            known = account.fill(replaced or exec_id)
            if known is None or (replaced and not known.voided):
                up, down = up + buys, down + sells
        return up, down

    def compare(self, state: State) -> None:
        """Demand that the live state is what its journal says, byte for byte (I12)."""
        if state.seq != self.shadow.seq or state_hash(state) != state_hash(self.shadow):
            where = first_difference(state, self.shadow)
            raise Violated(f"I12 the state at {state.seq} is not what its journal says ({self.shadow.seq}): {where}")


def _demand_sound(state: State) -> None:
    """Hold each running figure of a state against what it is made of."""
    for account in state.accounts.values():
        named("I10", lambda: assert_orders_are_filed(account))  # noqa: B023  (called at once)
        named("I08", lambda: assert_reservations(state, account))  # noqa: B023
        named("I09", lambda: assert_severity(state, account))  # noqa: B023
    named("I08", lambda: assert_scopes(state))
