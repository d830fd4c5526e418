"""Deny an unpriced entry while the quote it would trade at is not to be trusted.

Measures   the instrument's quote: is there one, with both sides, not crossed, no stub; is it fresh;
           is its spread, as a share of its mid, and its size on the side to trade within limits.
Boundary   a quote exactly as old, wide or small as the limit passes.
Exits      warns: an exit goes at whatever price there is.
No data    denied for an entry without a limit price (market, stop, trailing stop). With a limit
           price the order falls back on it, and this passes.
Source     semantics.md sections 5 (21) and 12 (prices); reliability.md N5, F38 and I15.

Age counts from when we received it, on a clock that does not step; where the source says how
long its quote stands (minute rows), that decides instead. Locked (bid = ask) is usable.
"""

from typing import ClassVar, Final, Self

from stopline.checks.base import Armament, Candidate, Check, shown
from stopline.measures.price_quality import is_fresh, spread_is_within, spread_ratio
from stopline.model.instants import render_duration
from stopline.model.numbers import Nanos, Qty, Ratio, render_price
from stopline.model.verdict import Unit
from stopline.state.market import QuoteRecord
from stopline.state.view import AccountView

MISSING: Final = 1
UNUSABLE: Final = 2
STALE: Final = 3
WIDE: Final = 4
THIN: Final = 5


class QuoteUsable(Check, frozen=True, gc=False):
    """Observes 0 for a good quote, else what is wrong with it."""

    limit: int = 0
    max_age: Nanos | None = None
    max_spread: Ratio | None = None
    min_size: Qty | None = None

    name: ClassVar[str] = "quote_usable"
    unit: ClassVar[Unit] = Unit.STATE

    @classmethod
    def arm(cls, armament: Armament) -> Self | None:
        """Armed by `quote_max_age`, `quote_max_spread` or `quote_min_size`."""
        limits = armament.limits
        if limits.quote_max_age is limits.quote_max_spread is limits.quote_min_size is None:
            return None
        return cls(0, limits.quote_max_age, limits.quote_max_spread, limits.quote_min_size)

    def observe(self, order: Candidate, account: AccountView) -> int:
        """Return what is wrong with the quote."""
        if order.request.limit_price is not None:
            return 0
        quote = order.quote
        if quote is None:
            return MISSING
        bid, ask = quote.bid, quote.ask
        if not quote.usable or bid is None or ask is None:
            return UNUSABLE
        if not is_fresh(quote.received_at, quote.valid_until, self.max_age, order.at):
            return STALE
        if self.max_spread is not None and not spread_is_within(bid, ask, self.max_spread):
            return WIDE
        if self.min_size is not None:
            size = quote.ask_size if order.sign > 0 else quote.bid_size
            if size < self.min_size:
                return THIN
        return 0

    def reason(self, observed: int | None, order: Candidate) -> str:
        """Return what is wrong with the quote, in numbers."""
        name, quote = order.symbol, order.quote
        if not observed:
            if order.request.limit_price is not None:
                return "the order has its own limit price"
            return f"the quote of {name} is usable"
        if quote is None:
            return f"there is no quote of {name}: send a limit order, or wait for one"
        told = f"the quote of {name} ({_told(quote.bid)} / {_told(quote.ask)}) "
        if observed == STALE:
            return told + self._told_stale(quote, order.at)
        if observed == WIDE and quote.bid is not None and quote.ask is not None:
            spread = spread_ratio(quote.bid, quote.ask)
            return f"{told}has a spread of {shown(spread, Unit.RATIO)}, more than {shown(self.max_spread, Unit.RATIO)}"
        if observed == THIN:
            side, size = ("ask", quote.ask_size) if order.sign > 0 else ("bid", quote.bid_size)
            return f"{told}shows {shown(size, Unit.QTY)} at the {side}, less than {shown(self.min_size, Unit.QTY)}"
        return f"{told}{_flaw(quote)}: send a limit order, or wait for a better one"

    def _told_stale(self, quote: QuoteRecord, at: Nanos) -> str:
        if quote.valid_until:
            return f"is stale: its source stood by it until {render_duration(at - quote.valid_until)} ago"
        age = render_duration(at - quote.received_at)
        return f"is stale: {age} old, and {render_duration(self.max_age or 0)} is the most"


def _told(price: int | None) -> str:
    return "none" if price is None else render_price(price)


def _flaw(quote: QuoteRecord) -> str:
    if quote.bid is None or quote.ask is None:
        return "lacks a side"
    if quote.bid > quote.ask:
        return "is crossed"
    return "is a stub"
