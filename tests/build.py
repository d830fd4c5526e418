"""A whole engine in a line: instruments, an account, a broker, a session, a journal.

`World` takes inputs, keeps the journal that a store would keep, and looks after each step
whether the state is sound (tests/invariants.py). Numbers are texts as people write them,
or ints that are scaled already.

    world = World(limits=Limits(max_order_qty=qty("10")))
    assert denied_by(world.buy("11", limit="175")) == "max_order_qty"
    world.buy("10", limit="175", id="B1")
    world.fill("B1", "10", "175")
    assert world.position("AAPL").qty == qty("10")
"""

from collections.abc import Iterable
from typing import Any, TypeVar

from msgspec import Struct, structs

from stopline.engine.outcome import Outcome
from stopline.engine.replay import decode_state, encode_state, fold, go_live, state_hash
from stopline.engine.step import step
from stopline.messages import events as e
from stopline.messages import inputs as i
from stopline.messages import replies as r
from stopline.messages.upcast import decode_events, encode_events
from stopline.model.account import AccountTerms, LotMethod
from stopline.model.calendar import Session
from stopline.model.fill import Fill
from stopline.model.instrument import Instrument
from stopline.model.limits import Limits, ScopeKind, SymbolLimit
from stopline.model.numbers import SECOND, parse_ratio, render_money
from stopline.model.order import OrderType, Side
from stopline.model.quote import Quote
from stopline.runtime.own_hours import own_hours
from stopline.runtime.weeks import week_of
from stopline.state.account import AccountState
from stopline.state.orders import OrderRecord
from stopline.state.positions import Position
from stopline.state.state import State
from tests.invariants import assert_sound
from tests.unit.checks.build import (
    AAPL,
    BTC,
    CALL,
    CL_MAY,
    ES_DEC,
    ES_MAR,
    EURUSD,
    MES_DEC,
    MSFT,
    SPY,
    TAKES_ALL,
    TSLA,
    money,
    qty,
    ratio,
)

DAY = 86_400 * SECOND
START = 1_767_711_600 * SECOND
"""2026-01-06T15:00:00Z, a Tuesday: ten in the morning in New York."""
OPENS = 1_767_650_400 * SECOND
"""2026-01-05T22:00:00Z: 17:00 in New York, where the trading day 2026-01-06 begins."""
DAYS = (
    "2026-01-06", "2026-01-07", "2026-01-08", "2026-01-09", "2026-01-12", "2026-01-13", "2026-01-14", "2026-01-15",
    "2026-01-16",
)  # fmt: skip
INSTRUMENTS = (AAPL, MSFT, TSLA, SPY, ES_DEC, ES_MAR, MES_DEC, CL_MAY, BTC, EURUSD, CALL)

_Event = TypeVar("_Event")
_PRICES = ("limit_price", "stop_price", "take_profit", "stop_loss", "stop_loss_limit", "trail_amount", "notional")

__all__ = ["DAY", "INSTRUMENTS", "START", "Record", "World", "denied_by", "money", "qty", "ratio", "usd"]


class Record(Struct, frozen=True):
    """What a journal keeps of one step that said something."""

    seq: int
    at: int
    body: bytes


def usd(amount: int | None) -> str | None:
    """Return money as people read it."""
    return None if amount is None else render_money(amount)


def percent(text: str) -> int:
    return parse_ratio(text) // 100


def denied_by(reply: object) -> str:
    """Return which check denied (or which code refused), or nothing for an approval."""
    if isinstance(reply, r.Decided):
        decision = reply.decision
        return decision.check if isinstance(decision, e.OrderDenied | e.ReplaceDenied) else ""
    if isinstance(reply, r.Checked):
        return reply.check
    if isinstance(reply, r.Refused):
        return reply.code
    return "" if isinstance(reply, r.Done | r.Proposed) else repr(reply)


SEVERITIES = frozenset({"INFO", "WARNING", "ERROR", "CRITICAL"})
"""Of alerts: notifiers and the page go by these words."""


class World:
    """One engine with one account `A1` at broker `paper`, unless more are opened."""

    def __init__(
        self,
        *,
        limits: Limits | None = None,
        cash: str | int = "100000",
        instruments: Iterable[Instrument] = INSTRUMENTS,
        strict: bool = True,
        has_weeks: bool = False,
        **terms: Any,
    ) -> None:
        self.has_weeks = has_weeks
        self.state, self.at, self.strict = State(), START, strict
        self.records: list[Record] = []
        self.outcome = Outcome(0)
        self.effects: list[Any] = []
        self.orders_made = self.fills_made = 0
        self.session_index = 0
        self.who = "A1"
        """The account that is meant where none is named."""
        go_live(self.state)
        self.step(i.StartEngine(code_version="test", config_version="test"))
        for instrument in instruments:
            self.step(i.ListInstrument(instrument=instrument))
        self.open_account("A1", cash=cash, **terms)
        self.connect()
        self.schedule()
        self.reconcile()
        if limits is not None:
            self.change_limits(limits)

    # --- the machinery -----------------------------------------------------------------------

    def step(self, message: i.Input) -> r.Reply | None:
        """Take an input, keep the record, look at the state; return the reply."""
        self.outcome = outcome = step(self.state, message, self.at)
        if outcome.events:
            self.records.append(Record(outcome.seq, self.at, encode_events(outcome.events)))
            self.effects += outcome.effects
        assert all(each.severity in SEVERITIES for each in outcome.events if isinstance(each, e.AlertRaised))
        if self.strict:
            assert_sound(self.state)
        return outcome.reply

    @property
    def said(self) -> tuple[e.Event, ...]:
        """Return the events of the last step."""
        return self.outcome.events

    def of(self, kind: type[_Event]) -> list[_Event]:
        """Return the last step's events of one kind."""
        return [event for event in self.said if isinstance(event, kind)]

    def journal(self, kind: type[_Event]) -> list[_Event]:
        """Return all events of one kind, oldest first."""
        return [event for record in self.records for event in decode_events(record.body) if isinstance(event, kind)]

    def asked(self, kind: type[_Event]) -> list[_Event]:
        """Return the last step's effects of one kind."""
        return [effect for effect in self.outcome.effects if isinstance(effect, kind)]

    def wait(self, seconds: str | int) -> None:
        """Let time pass, and fire the timers that come due."""
        until = self.at + qty(seconds if isinstance(seconds, str) else str(seconds))
        looked: set[tuple[str, int]] = set()
        while due := self._due(until, looked):
            at, kind, name = due
            self.at = max(self.at, at)
            if kind == "timer":
                self.step(i.TimerDue(timer_id=name))
            else:
                looked.add((name, at))
                self.step(i.LookAgain(account=name))
        self.at = until

    def _due(self, until: int, looked: set[tuple[str, int]]) -> tuple[int, str, str] | None:
        """Return what comes due next, as the runtime would have it: a timer of the state, or an account's next look."""
        timers = [(timer.due_at, "timer", timer.timer_id) for timer in self.state.timers.values()]
        looks = [(at, "look", name) for name, at in self.state.market.wake.items() if (name, at) not in looked]
        return min((each for each in (*timers, *looks) if each[0] <= until), default=None)

    def folded(self, count: int | None = None) -> State:
        """Return what the first `count` records of the journal fold into."""
        state = State()
        for record in self.records[:count]:
            fold(state, record.seq, record.at, decode_events(record.body))
        return state

    def assert_replays(self) -> None:
        """The journal, in one go, by a snapshot at every tenth record, and the snapshot itself: one hash."""
        expected = state_hash(self.state)
        assert state_hash(self.folded()) == expected
        assert state_hash(decode_state(encode_state(self.state), self.state.at)) == expected
        for cut in range(0, len(self.records), max(1, len(self.records) // 5)):
            state = decode_state(encode_state(self.folded(cut)))
            for record in self.records[cut:]:
                fold(state, record.seq, record.at, decode_events(record.body))
            assert state_hash(state) == expected

    def restart(self) -> None:
        """Kill the process: what is left is what the journal folds into. Nothing is proven or priced yet."""
        expected = state_hash(self.state)
        self.state = self.folded()
        assert state_hash(self.state) == expected
        go_live(self.state)
        self.step(i.StartEngine(code_version="test", config_version="test"))

    # --- what it looks like ----------------------------------------------------------------------

    def account(self, name: str = "") -> AccountState:
        return self.state.accounts[name or self.who]

    def position(self, symbol: str = "AAPL", account: str = "") -> Position:
        instrument_id = self.state.symbols[symbol]
        return self.account(account).positions.get(instrument_id, Position(instrument_id))

    def order(self, client_order_id: str, account: str = "") -> OrderRecord:
        order = self.account(account).order(client_order_id)
        assert order is not None, f"no order {client_order_id}"
        return order

    def routed(self, client_order_id: str, account: str = "") -> str:
        return self.order(client_order_id, account).routed_order_id

    @property
    def trading(self) -> str:
        return str(self.account().trading_state)

    def pnl(self, account: str = "") -> tuple[str | None, str | None, str | None]:
        """Return (realized, unrealized, total) of the day; they add up or are unknown."""
        found = self.account(account)
        realized, total = found.realized_pnl(), found.total_pnl()
        unrealized = None if found.valuation.unmarked else found.valuation.unrealized
        if None not in (realized, unrealized, total):
            assert (realized or 0) + (unrealized or 0) == total
        return usd(realized), usd(unrealized), usd(total)

    # --- accounts, sessions, brokers -----------------------------------------------------------

    def open_account(self, name: str, *, cash: str | int = "100000", fifo: bool = False, **terms: Any) -> None:
        method = LotMethod.FIFO if fifo else LotMethod.AVERAGE
        broker = terms.pop("broker", "paper")
        self.step(i.OpenAccount(terms=AccountTerms(name, broker, opening_cash=money(cash), lot_method=method, **terms)))

    def connect(self, broker: str = "paper", **capabilities: Any) -> None:
        offer = structs.replace(TAKES_ALL, **capabilities)
        self.step(i.BrokerConnected(broker=broker, capabilities=offer))

    def disconnect(self, broker: str = "paper", reason: str = "cable") -> None:
        self.step(i.BrokerDisconnected(broker=broker, reason=reason))

    def schedule(self, account: str = "") -> None:
        """Say which trading day it is."""
        opens = OPENS + self.session_index * DAY
        session = Session(DAYS[self.session_index], opens, opens + DAY, "2026a")
        found = self.account(account)
        week = week_of(found.terms, session) if self.has_weeks else None
        hours = own_hours(found.terms, found.rules.session_block, self.at)
        self.step(i.SessionScheduled(account=found.terms.account, session=session, week=week, hours=hours))

    def next_session(self, *, late_s: int = 0) -> None:
        """Go to the reset of the trading day (or some seconds later), and open the next for every account."""
        self.session_index += 1
        self.at = max(self.at, OPENS + self.session_index * DAY + late_s * SECOND)
        for name in self.state.accounts:
            self.schedule(name)

    def reconcile(self, account: str = "", **differs: Any) -> None:
        """Report the broker's picture: ours, unless something is said to differ."""
        found = self.account(account)
        positions = tuple((p.instrument_id, p.qty, p.cost) for p in found.positions.values() if p.qty)
        working = tuple(order.routed_order_id for order in found.live.values() if order.is_at_broker)
        told = {"cash": found.cash, "positions": positions, "working": working} | differs
        self.step(i.AccountReconciled(broker=found.terms.broker, account=found.terms.account, **told))

    # --- limits ------------------------------------------------------------------------------------

    def change_limits(
        self,
        limits: Limits | None = None,
        *,
        account: str = "",
        scope: ScopeKind = ScopeKind.ACCOUNT,
        scope_id: str = "",
        actor: str = "local",
        base_version: int = 0,
        **fields: Any,
    ) -> r.Reply | None:
        """Set limits, or some fields of the account's own."""
        if limits is None:
            limits = self.account(account).limits.own() if scope is ScopeKind.ACCOUNT else Limits()
        return self.step(
            i.ChangeLimits(
                account=account or self.who, limits=structs.replace(limits, **fields), scope=scope, scope_id=scope_id,
                actor=actor, base_version=base_version, reason="test",
            )
        )  # fmt: skip

    def symbol_limit(self, symbol: str, *, actor: str = "local", **fields: Any) -> r.Reply | None:
        limit = SymbolLimit(**fields)
        return self.step(i.ChangeSymbolLimit(account=self.who, symbol=symbol, limit=limit, actor=actor))

    # --- orders --------------------------------------------------------------------------------------

    def buy(self, size: str | int, symbol: str = "AAPL", **terms: Any) -> r.Reply | None:
        return self.step(self.asking(Side.BUY, size, symbol, **terms))

    def sell(self, size: str | int, symbol: str = "AAPL", **terms: Any) -> r.Reply | None:
        return self.step(self.asking(Side.SELL, size, symbol, **terms))

    def check(self, side: str, size: str | int, symbol: str = "AAPL", **terms: Any) -> r.Checked:
        """Ask what the gate would say."""
        reply = self.step(i.CheckOrder(order=self.asking(Side(side), size, symbol, **terms)))
        assert isinstance(reply, r.Checked)
        return reply

    def asking(self, side: Side, size: str | int, symbol: str = "AAPL", **terms: Any) -> i.SubmitOrder:
        """Return the order as a door would bring it; `limit` and `stop` make its type."""
        for short, name in (("limit", "limit_price"), ("stop", "stop_price"), ("id", "client_order_id")):
            if short in terms:
                terms[name] = terms.pop(short)
        for name in _PRICES:
            if terms.get(name) is not None:
                terms[name] = money(terms[name])
        if "order_type" not in terms:
            has_limit, has_stop = "limit_price" in terms, "stop_price" in terms
            with_stop = OrderType.STOP_LIMIT if has_limit else OrderType.STOP
            terms["order_type"] = with_stop if has_stop else OrderType.LIMIT if has_limit else OrderType.MARKET
        self.orders_made += 1
        terms.setdefault("client_order_id", f"O{self.orders_made}")
        account = terms.pop("account", self.who)
        return i.SubmitOrder(account=account, symbol=symbol, side=side, order_qty=qty(size), **terms)

    def cancel(self, client_order_id: str) -> r.Reply | None:
        return self.step(i.CancelOrder(account=self.who, client_order_id=client_order_id))

    def replace(self, client_order_id: str, size: str | None = None, **terms: Any) -> r.Reply | None:
        limit, stop = terms.get("limit"), terms.get("stop")
        return self.step(
            i.ReplaceOrder(
                account=self.who, client_order_id=client_order_id, order_qty=None if size is None else qty(size),
                limit_price=None if limit is None else money(limit), stop_price=None if stop is None else money(stop),
            )
        )  # fmt: skip

    def close(self, symbol: str = "AAPL", size: str | None = None, **terms: Any) -> r.Reply | None:
        share = terms.pop("percent", None)
        return self.step(
            i.ClosePosition(
                account=self.who, symbol=symbol, qty=None if size is None else qty(size),
                percent=None if share is None else percent(share), client_order_id=terms.pop("id", ""), **terms,
            )
        )  # fmt: skip

    def flatten(self, symbol: str = "", **terms: Any) -> r.Reply | None:
        return self.step(i.Flatten(account=self.who, symbol=symbol, **terms))

    def kill(self, **terms: Any) -> r.Reply | None:
        return self.step(i.Kill(account=terms.pop("account", self.who), **terms))

    # --- what brokers report ---------------------------------------------------------------------------

    def sent(self, client_order_id: str) -> None:
        self.step(i.OrderSent(account=self.who, routed_order_id=self.routed(client_order_id)))

    def accept(self, client_order_id: str, broker_order_id: str = "") -> None:
        routed = self.routed(client_order_id)
        self.step(i.OrderAccepted(account=self.who, routed_order_id=routed, broker_order_id=broker_order_id))

    def reject(self, client_order_id: str, reason: str = "no") -> None:
        self.step(i.OrderRefused(account=self.who, routed_order_id=self.routed(client_order_id), reason=reason))

    def gone(self, client_order_id: str, outcome: str = "canceled", cum: str | None = None) -> None:
        """The broker says that it is dead, with as much filled as we know of since it went, unless said otherwise."""
        order = self.order(client_order_id)
        cum_qty = order.cum_qty - order.base_qty if cum is None else qty(cum)
        routed = order.routed_order_id
        self.step(i.OrderGone(account=self.who, routed_order_id=routed, outcome=outcome, cum_qty=cum_qty))

    def lose(self, client_order_id: str, reason: str = "timeout") -> None:
        self.step(i.OutcomeUnknown(account=self.who, routed_order_id=self.routed(client_order_id), reason=reason))

    def refuse_cancel(self, client_order_id: str) -> None:
        self.step(i.CancelRefused(account=self.who, routed_order_id=self.routed(client_order_id), reason="too late"))

    def refuse_replace(self, client_order_id: str) -> None:
        self.step(i.ReplaceRefused(account=self.who, routed_order_id=self.routed(client_order_id), reason="too late"))

    def amend(self, client_order_id: str, size: str | None = None, **terms: Any) -> None:
        """The broker carried out a replace: the pending terms, unless others are said."""
        order = self.order(client_order_id)
        now: Any = order.pending or order
        self.step(
            i.OrderAmended(
                account=self.who, routed_order_id=order.routed_order_id,
                order_qty=now.order_qty - order.base_qty if size is None else qty(size),
                limit_price=money(terms["limit"]) if "limit" in terms else now.limit_price,
                stop_price=money(terms["stop"]) if "stop" in terms else now.stop_price,
            )
        )  # fmt: skip

    def fill(self, client_order_id: str, size: str | int, price: str | int, **terms: Any) -> str:
        """Fill an order; return the execution's id."""
        order = self.order(client_order_id)
        return self.report(
            order.request.side, size, order.request.instrument_id, price, routed_order_id=order.routed_order_id, **terms
        )

    def hold(self, size: str | int, symbol: str = "AAPL", price: str | int = "100", **terms: Any) -> str:
        """Bring the account a position by a fill that we did not send; a minus sign sells."""
        amount = qty(size)
        return self.report(Side.BUY if amount > 0 else Side.SELL, abs(amount), symbol, price, **terms)

    def report(self, side: Side, size: str | int, symbol: str, price: str | int, **terms: Any) -> str:
        self.fills_made += 1
        exec_id = terms.pop("exec_id", f"E{self.fills_made}")
        account = terms.pop("account", self.who)
        fee = money(terms.pop("fee", 0))
        instrument_id = self.state.symbols.get(symbol, symbol)
        fill = Fill(account, exec_id, instrument_id, side, qty(size), money(price), fee, self.at, **terms)
        self.step(i.FillReported(broker="paper", fill=fill))
        return exec_id

    def bust(self, exec_id: str, by: str | None = None) -> None:
        """The broker takes an execution back."""
        account = self.account()
        booked = account.fills.get(exec_id) or account.fills_before.get(exec_id)
        old = booked.fill if booked else Fill(self.who, exec_id, AAPL.instrument_id, Side.BUY, 0, 0, 0, self.at)
        fill = structs.replace(old, exec_id=by or f"{exec_id}-bust", qty=0, replaces=exec_id, executed_at=self.at)
        self.step(i.FillReported(broker="paper", fill=fill))

    def correct(self, exec_id: str, size: str, price: str, by: str | None = None) -> str:
        """The broker corrects an execution; return the new execution's id."""
        account = self.account()
        old = (account.fills.get(exec_id) or account.fills_before[exec_id]).fill
        new = by or f"{exec_id}-corrected"
        fill = structs.replace(old, exec_id=new, qty=qty(size), price=money(price), replaces=exec_id)
        self.step(i.FillReported(broker="paper", fill=fill))
        return new

    def quote(self, symbol: str, bid: Any = None, ask: Any = None, last: Any = None, **terms: Any) -> None:
        """Bring a quote; one price alone is a quote of exactly that bid and ask."""
        if ask is None and last is None and bid is not None and not terms.pop("one_sided", False):
            ask = bid
        terms.pop("one_sided", None)
        prices = {name: money(value) for name, value in (("bid", bid), ("ask", ask)) if value is not None}
        if last is not None:
            prices["last_price"] = money(last)
        sizes = {"bid_size": qty(terms.pop("bid_size", "1000")), "ask_size": qty(terms.pop("ask_size", "1000"))}
        instrument_id = self.state.symbols[symbol]
        self.step(i.QuoteReceived(quote=Quote(instrument_id, self.at, **prices, **sizes, **terms)))
