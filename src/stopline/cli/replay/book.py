"""Fills through the engine, day by day: `step` books them as it books a broker's reports.

No order passes the gate here: these are executions that somebody's broker reported. Each
day is marked at its end, and the next one opens on these marks.
"""

from collections.abc import Iterable, Iterator
from typing import Final

from msgspec import Struct

import stopline
from stopline.cli.replay.days import Days
from stopline.cli.replay.fills import FillRow
from stopline.cli.replay.instruments import instrument_of
from stopline.cli.replay.marks import Marks
from stopline.cli.replay.shadow import Watch
from stopline.engine.replay import go_live
from stopline.engine.step import step
from stopline.messages import inputs as i
from stopline.model.account import AccountTerms
from stopline.model.calendar import Session
from stopline.model.fill import Fill
from stopline.model.numbers import Money, Multiplier, Nanos, Price, Qty
from stopline.model.quote import Quote
from stopline.state.account import AccountState
from stopline.state.market import PositionValue
from stopline.state.state import State

BROKER: Final = "file"


class Held(Struct, frozen=True):
    """One position at the end of a day. What needs a mark is None without one."""

    symbol: str
    qty: Qty
    cost: Money
    multiplier: Multiplier
    mark: Price | None
    market_value: Money | None
    open_pnl: Money | None


class Day(Struct, frozen=True):
    """One trading day at its end. None is unknown: a position without a mark is never worth zero.

    `realized_pnl` + `unrealized_pnl` = `day_pnl`, on the marks at which the day opened.
    `realized_pnl_entry` (net of fees) and `open_pnl` are the figures against entry cost.
    """

    date: str
    fills: int
    cash: Money
    fees: Money
    realized_pnl: Money | None
    unrealized_pnl: Money | None
    day_pnl: Money | None
    realized_pnl_entry: Money
    open_pnl: Money | None
    equity: Money | None
    baseline: Money | None
    baseline_source: str
    positions: tuple[Held, ...]
    unpriced: tuple[str, ...]


class NoSuchDay(ValueError):
    """A mark for a date that is no trading day."""


class Book:
    """One account that takes fills and marks and is read at the end of each day; `watch` looks at each step."""

    def __init__(
        self,
        terms: AccountTerms,
        days: Days,
        multipliers: dict[str, Multiplier] | None = None,
        watch: Watch | None = None,
    ) -> None:
        self._terms = terms
        self._days = days
        self._multipliers = multipliers or {}
        self._watch = watch
        self._state = State()
        self._symbols: dict[str, str] = {}
        self._last_prices: dict[str, Price] = {}
        go_live(self._state)

    def days(self, fills: Iterable[FillRow], marks: Marks, *, mark_last_fill: bool = False) -> Iterator[Day]:
        """Yield every day that has fills or marks, from the first fill on; raises NoSuchDay."""
        plan = self._plan(fills, marks)
        if not plan:
            return
        self._open(plan[0][0].opens_at)
        for session, todays_fills, todays_marks in plan:
            self._say(i.SessionScheduled(account=self._terms.account, session=session), session.opens_at, session)
            for row in todays_fills:
                self._book(row, session)
            self._close(session, todays_marks, mark_last_fill=mark_last_fill)
            yield self._read(session, len(todays_fills))

    def _plan(self, fills: Iterable[FillRow], marks: Marks) -> list[tuple[Session, list[FillRow], dict[str, Price]]]:
        """Return the days in order, each with its fills and marks."""
        by_day: dict[str, tuple[Session, list[FillRow], dict[str, Price]]] = {}
        for row in fills:
            session = self._days.of_instant(row.when.at)
            by_day.setdefault(session.session_id, (session, [], {}))[1].append(row)
        first = min(by_day, default="")
        for day, of_day in marks.items():
            if day.isoformat() < first:
                continue
            named = self._days.named(day)
            if named is None:
                raise NoSuchDay(f"the marks of {day} belong to no trading day of {self._terms.reset_zone}")
            by_day.setdefault(named.session_id, (named, [], {}))[2].update(of_day)
        return [by_day[name] for name in sorted(by_day)]

    def _say(self, message: i.Input, at: Nanos, session: Session | None = None) -> None:
        """Take one input; within a day, the rules look at what it led to."""
        outcome = step(self._state, message, at)
        if self._watch is not None and session is not None:
            self._watch.look(self._state, outcome.events, at, session)

    def _open(self, at: Nanos) -> None:
        start = i.StartEngine(code_version=stopline.__version__, config_version="replay", clock="recorded:fills")
        self._say(start, at)
        self._say(i.OpenAccount(terms=self._terms), at)

    def _book(self, row: FillRow, session: Session) -> None:
        at = max(row.when.at, session.opens_at)
        instrument_id = self._symbols.get(row.symbol) or self._list(row.symbol, at)
        fill = Fill(
            account=self._terms.account,
            exec_id=row.exec_id,
            instrument_id=instrument_id,
            side=row.side,
            qty=row.qty,
            price=row.price,
            fee=row.fee,
            executed_at=at,
            rounded=row.rounded,
        )
        self._say(i.FillReported(broker=BROKER, fill=fill), at, session)
        self._last_prices[row.symbol] = row.price

    def _list(self, symbol: str, at: Nanos) -> str:
        instrument = instrument_of(symbol, at, self._terms.currency, self._multipliers)
        instrument_id = instrument.instrument_id
        self._symbols[symbol] = instrument_id
        self._say(i.ListInstrument(instrument=instrument), at)
        return instrument_id

    def _close(self, session: Session, marks: dict[str, Price], *, mark_last_fill: bool) -> None:
        """Mark what is held, at the day's last instant."""
        at = session.resets_at - 1
        for symbol, instrument_id in self._symbols.items():
            price = marks.get(symbol)
            if price is None and mark_last_fill:
                price = self._last_prices[symbol]
            if price is not None:
                quote = Quote(instrument_id=instrument_id, source_at=at, last_price=price)
                self._say(i.QuoteReceived(quote=quote), at)
        self._say(i.MarkPnl(), at, session)

    def _read(self, session: Session, fills: int) -> Day:
        account = self._state.accounts[self._terms.account]
        valuation, priced = account.valuation, account.valuation.unmarked == 0
        positions = account.positions.values()
        fees = sum(position.fees for position in positions)
        held = tuple(self._held(account))
        return Day(
            date=session.session_id,
            fills=fills,
            cash=account.cash,
            fees=fees,
            realized_pnl=account.realized_pnl(),
            unrealized_pnl=valuation.unrealized if priced else None,
            day_pnl=account.total_pnl(),
            realized_pnl_entry=sum(position.realized_entry for position in positions) - fees,
            open_pnl=valuation.open_pnl if priced else None,
            equity=account.equity(),
            baseline=account.day.baseline,
            baseline_source=account.day.baseline_source,
            positions=held,
            unpriced=tuple(each.symbol for each in held if each.mark is None),
        )

    def _held(self, account: AccountState) -> Iterator[Held]:
        for symbol, instrument_id in sorted(self._symbols.items()):
            position = account.positions.get(instrument_id)
            if position is None or position.qty == 0:
                continue
            value = account.valuation.by_instrument.get(instrument_id, PositionValue())
            priced = value.mark is not None
            yield Held(
                symbol,
                position.qty,
                position.cost,
                self._state.instruments[instrument_id].multiplier,
                value.mark,
                value.value if priced else None,
                value.open_pnl if priced else None,
            )
