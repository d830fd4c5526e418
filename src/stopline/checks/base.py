"""What a check is, and the order it looks at.

A check is `observe(order, account) -> int | None` plus a limit; the gate compares:
more than the limit denies, None means that nothing can judge it, which denies too
(semantics.md section 5: unknown is denied). `explain` builds the finding, only for
denials and reports; a passing check allocates nothing.
"""

from typing import ClassVar, Self

from msgspec import Struct

from stopline.model.account import AccountTerms
from stopline.model.capabilities import Capabilities
from stopline.model.ids import InstrumentId
from stopline.model.instrument import Instrument
from stopline.model.limits import Limits, SymbolLimit
from stopline.model.numbers import Money, Nanos, Price, Qty
from stopline.model.order import OrderRequest
from stopline.model.verdict import Finding, Unit, shown
from stopline.state.market import Market, QuoteRecord
from stopline.state.orders import DecidedId, OrderRecord
from stopline.state.positions import Position
from stopline.state.view import AccountView

__all__ = ["Armament", "Candidate", "Check", "shown"]


class Candidate(Struct, gc=False):
    """An order under decision, with everything that checks measure, computed once by the gate.

    Figures named `*_after` count the order as if accepted, at its worst; None is unknown.
    In a check of a wider scope (strategy, user, group, firm), position and figures are
    that scope's.
    """

    request: OrderRequest
    symbol: str
    """As the caller wrote it."""
    instrument: Instrument | None
    """None: nobody knows the instrument (only `order_well_formed` is asked then)."""
    at: Nanos
    actor: str
    client: str
    sign: int
    """+1 buys, -1 sells."""
    order_qty: Qty
    position: Position | None = None
    """The scope's record of the instrument before this order; None is flat with nothing working."""
    quote: QuoteRecord | None = None
    market: Market | None = None
    is_reducing: bool = False
    """Provably so (semantics.md section 3): then only checks with `binds_exits` are asked."""
    worst_price: Price | None = None
    """Section 12: what it may trade at, at worst for the trader."""
    order_notional: Money | None = None
    """Section 5: order_qty * worst_price * multiplier, absolute, rounded against the trader."""
    reserve_price: Price | None = None
    """The worst price, or the mark if that is further from zero: what its leaves are held at."""
    highest_after: Qty = 0
    lowest_after: Qty = 0
    worst_qty_after: Qty = 0
    """max(|highest_after|, |lowest_after|)."""
    worst_money_after: Money | None = None
    """The instrument's worst-case money (section 12)."""
    gross_after: Money | None = None
    net_high_after: Money | None = None
    net_low_after: Money | None = None
    margin_after: Money | None = None
    """Initial margin of the whole scope's worst case."""
    contracts_after: int = 0
    """Worst-case futures contracts of the whole scope, weighted, scaled 1e-6."""
    open_instruments_after: int = 0
    equity: Money | None = None
    """The scope's equity; None while a position is unpriced."""
    total_pnl: Money | None = None
    """The account's day P&L."""
    decided: DecidedId | None = None
    """An earlier decision under the same client_order_id with another body."""
    replaces: OrderRecord | None = None
    """The working order whose terms this would change; None for a new order."""
    instruments: dict[InstrumentId, Instrument] = {}
    """All instruments known (for sector and tag concentration)."""
    broker_connected: bool = False
    store_failing: str = ""
    is_behind_exits: bool = False
    """It goes once the account's own exits are out of its way."""
    is_counted: bool = False
    """It was accepted before and held since: the sums hold it already."""


class Armament(Struct, frozen=True, gc=False):
    """What a check is made from: limits already resolved to the strictest over scopes.

    `symbol` is the strictest symbol and product limit; `instrument` is what the set is for.
    """

    limits: Limits
    symbol: SymbolLimit
    instrument: Instrument
    terms: AccountTerms
    capabilities: Capabilities | None


class Check(Struct, frozen=True, gc=False):
    """One pre-trade check. Observed more than `limit` denies; `unit` says how both are scaled."""

    limit: int

    name: ClassVar[str]
    unit: ClassVar[Unit]
    binds_exits: ClassVar[bool] = False
    """Whether a provably reducing order is bound too."""
    scoped: ClassVar[bool] = False
    """Whether a limit of a strategy, user, group or firm is measured on that scope's own positions."""
    qty_monotone: ClassVar[bool] = False
    """Whether less quantity can only help: then max_passing_qty means something."""

    @classmethod
    def arm(cls, armament: Armament) -> Self | None:
        """Return the check for these limits, or None where they do not arm it."""
        raise NotImplementedError(f"{cls.__name__} must say when it is armed")

    def observe(self, order: Candidate, account: AccountView) -> int | None:
        """Return what is compared with `limit`; None when nothing can judge it. Must not allocate or change."""
        raise NotImplementedError(f"{type(self).__name__} must observe something")

    def explain(self, order: Candidate, account: AccountView) -> Finding:
        """Return the finding, for a denial or a report."""
        observed = self.observe(order, account)
        status = "denied" if observed is None or observed > self.limit else "passed"
        return Finding(self.name, status, self.unit, observed, self.limit, self.reason(observed, order))

    def reason(self, observed: int | None, order: Candidate) -> str:
        """Return one sentence with the numbers; what is missing where nothing could judge it."""
        if observed is None:
            return f"{self.name} cannot be judged: no data"
        relation = "exceeds" if observed > self.limit else "is within"
        return f"{self.name} {shown(observed, self.unit)} {relation} {shown(self.limit, self.unit)}"
