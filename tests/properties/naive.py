"""A naive engine: it keeps lists, and works everything out from the first day on at each question.

Its arithmetic is written down from semantics.md sections 9 and 12 once more: money rounds
half-even once per fill; cost released is cost * closed // held; the last close takes the rest.
"""

from fractions import Fraction
from typing import NamedTuple

from stopline.model.instrument import AssetClass, Instrument


class Fill(NamedTuple):
    """One execution, buys positive."""

    exec_id: str
    qty: int
    price: int
    fee: int


class Session(NamedTuple):
    """A trading day began; the position counts from this mark, if there was one."""

    mark: int | None


class Holding(NamedTuple):
    """What an instrument's fills came to."""

    qty: int
    cost: int
    session_cost: int
    realized_entry: int
    realized_session: int
    fees: int
    cash: int


class Lot:
    """What one fill brought and nobody closed yet; average cost keeps a single one."""

    def __init__(self, qty: int, cost: int, session_cost: int) -> None:
        self.qty, self.cost, self.session_cost = qty, cost, session_cost


class NaiveInstrument:
    """All that ever happened to one instrument of one account."""

    def __init__(self, instrument: Instrument, *, fifo: bool) -> None:
        self.instrument, self.fifo = instrument, fifo
        self.story: list[Fill | Session] = []
        self.voided: set[str] = set()

    def money(self, qty: int, price: int) -> int:
        """Return |qty * price * multiplier| in money, half-even."""
        return round(Fraction(abs(qty) * price * self.instrument.multiplier, 10**17))

    def now(self) -> Holding:
        """Tell the story from its beginning, without what was taken back."""
        lots: list[Lot] = []
        realized_entry = realized_session = fees = cash = 0
        for part in self.story:
            if isinstance(part, Session):
                realized_entry = realized_session = fees = 0
                self._rebase(lots, part.mark)
            elif part.exec_id not in self.voided:
                entry, session = self._book(lots, part)
                realized_entry, realized_session, fees = (
                    realized_entry + entry,
                    realized_session + session,
                    fees + part.fee,
                )
                paid = self.money(part.qty, part.price) * (1 if part.qty > 0 else -1)
                is_future = self.instrument.asset_class is AssetClass.FUTURE
                cash += (entry if is_future else -paid) - part.fee
        held = [sum(getattr(lot, name) for lot in lots) for name in ("qty", "cost", "session_cost")]
        return Holding(*held, realized_entry, realized_session, fees, cash)

    def _rebase(self, lots: list[Lot], mark: int | None) -> None:
        if mark is None or not lots:
            return
        total = self.money(sum(lot.qty for lot in lots), mark) * (1 if lots[0].qty > 0 else -1)
        for lot in lots[:-1]:
            lot.session_cost = self.money(lot.qty, mark) * (1 if lot.qty > 0 else -1)
        lots[-1].session_cost = total - sum(lot.session_cost for lot in lots[:-1])

    def _book(self, lots: list[Lot], fill: Fill) -> tuple[int, int]:
        """Book a fill; return what it realized against entry and on the session's basis."""
        money, left, entry, session = self.money(fill.qty, fill.price), abs(fill.qty), 0, 0
        sign = 1 if fill.qty > 0 else -1
        closing = min(left, abs(sum(lot.qty for lot in lots))) if lots and lots[0].qty * sign < 0 else 0
        if closing:
            part = money if closing == left else money * closing // left
            cost, session_cost = self._release(lots, closing)
            entry, session = -sign * part - cost, -sign * part - session_cost
            money, left = money - part, left - closing
        if left:
            if lots and not self.fifo:
                lots[0].qty += sign * left
                lots[0].cost += sign * money
                lots[0].session_cost += sign * money
            else:
                lots.append(Lot(sign * left, sign * money, sign * money))
        return entry, session

    def _release(self, lots: list[Lot], closing: int) -> tuple[int, int]:
        cost = session_cost = 0
        while closing:
            lot = lots[0]
            size = abs(lot.qty)
            if size <= closing:
                cost, session_cost, closing = cost + lot.cost, session_cost + lot.session_cost, closing - size
                lots.pop(0)
                continue
            part, session_part = lot.cost * closing // size, lot.session_cost * closing // size
            lot.cost, lot.session_cost = lot.cost - part, lot.session_cost - session_part
            lot.qty -= closing if lot.qty > 0 else -closing
            cost, session_cost, closing = cost + part, session_cost + session_part, 0
        return cost, session_cost


class NaiveAccount:
    """One account: what was paid in, and what its instruments came to."""

    def __init__(self, opening_cash: int, *, fifo: bool) -> None:
        self.paid_in, self.fifo = opening_cash, fifo
        self.instruments: dict[str, NaiveInstrument] = {}
        self.sessions: list[dict[str, int]] = []

    def of(self, instrument: Instrument) -> NaiveInstrument:
        found = self.instruments.get(instrument.instrument_id)
        if found is None:
            found = self.instruments[instrument.instrument_id] = NaiveInstrument(instrument, fifo=self.fifo)
        return found

    def fill(self, instrument: Instrument, fill: Fill) -> None:
        self.of(instrument).story.append(fill)

    def void(self, exec_id: str) -> None:
        for one in self.instruments.values():
            one.voided.add(exec_id)

    def open_session(self, marks: dict[str, int]) -> None:
        for name, one in self.instruments.items():
            one.story.append(Session(marks.get(name)))

    def cash(self) -> int:
        return self.paid_in + sum(one.now().cash for one in self.instruments.values())
