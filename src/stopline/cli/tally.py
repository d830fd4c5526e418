"""What a stretch of the journal amounts to: orders by what became of them, fills, breakers, and the equity curve.

It hears durable records, and nothing else: what a summary says is what the journal holds. Equity and P&L
are those of its `PnlMarked` events, so that there is one definition of them.
"""

from collections import Counter
from collections.abc import Iterable

from msgspec import Struct, field

from stopline.messages import events as e
from stopline.messages.upcast import decode_events
from stopline.model.ids import AccountId
from stopline.model.numbers import Money, Nanos
from stopline.ports.journal import Record


class Mark(Struct, frozen=True, gc=False):
    """One point of the curve."""

    at: Nanos
    equity: Money
    total_pnl: Money
    """Of the trading day."""


class Drawdown(Struct, frozen=True):
    """The deepest fall of the equity below an earlier height of its own."""

    amount: Money
    peak: Mark
    trough: Mark


class Tally(Struct):
    """Counts of one account, and its curve."""

    account: AccountId
    approved: int = 0
    reducing: int = 0
    """Of the approved ones, those that provably reduced a position."""
    denied: Counter[str] = field(default_factory=Counter)
    """By the check that decided."""
    denials: list[tuple[Nanos, e.OrderDenied]] = field(default_factory=list)
    rejected: int = 0
    canceled: int = 0
    expired: int = 0
    fills: int = 0
    fees: Money = 0
    breakers: list[tuple[Nanos, e.BreakerTripped]] = field(default_factory=list)
    alerts: Counter[str] = field(default_factory=Counter)
    marks: list[Mark] = field(default_factory=list)
    records: int = 0
    transfers: Money = 0
    opening: Money | None = None
    """Equity at the first session's open."""

    @property
    def orders(self) -> int:
        """How many orders were decided."""
        return self.approved + self.denied.total()

    def read(self, records: Iterable[Record]) -> "Tally":
        """Take in records of the journal; returns itself."""
        for record in records:
            self.hear(record.seq, record.at, decode_events(record.body))
        return self

    def hear(self, seq: int, at: Nanos, events: tuple[e.Event, ...]) -> None:
        """Take in one record."""
        self.records += 1
        for event in events:
            self._order(at, event)
            self._money(at, event)

    def _order(self, at: Nanos, event: e.Event) -> None:
        match event:
            case e.OrderApproved(request=request, reducing=reducing) if request.account == self.account:
                self.approved += 1
                self.reducing += reducing
            case e.OrderDenied(request=request, check=check) if request.account == self.account:
                self.denied[check] += 1
                self.denials.append((at, event))
            case e.OrderRejected(account=self.account):
                self.rejected += 1
            case e.OrderCanceled(account=self.account):
                self.canceled += 1
            case e.OrderExpired(account=self.account):
                self.expired += 1
            case _:
                pass

    def _money(self, at: Nanos, event: e.Event) -> None:
        match event:
            case e.OrderFilled(fill=fill) | e.ExternalFilled(fill=fill) if fill.account == self.account:
                self.fills += 1
                self.fees += fill.fee
            case e.PnlMarked(account=self.account):
                self.marks.append(Mark(at, event.equity, event.total_pnl))
            case e.SessionOpened(account=self.account) if self.opening is None:
                self.opening = event.baseline
            case e.CashMoved(account=self.account):
                self.transfers += event.amount
            case e.BreakerTripped(account=self.account):
                self.breakers.append((at, event))
            case e.AlertRaised(account=self.account):
                self.alerts[event.alert_type] += 1
            case _:
                pass

    def drawdown(self) -> Drawdown | None:
        """Return the deepest fall; None where nothing was marked. Nothing fell: an amount of 0."""
        if not self.marks:
            return None
        peak = self.marks[0]
        deepest = Drawdown(0, peak, peak)
        for mark in self.marks:
            if mark.equity > peak.equity:
                peak = mark
            if peak.equity - mark.equity > deepest.amount:
                deepest = Drawdown(peak.equity - mark.equity, peak, mark)
        return deepest
