"""Deny an order that could make a position too large, counting all that is working.

Measures   the instrument's worst-case money, and its worst-case quantity, once everything working
           has filled on the worse side. Futures count together by product: ESZ6 and ESH7 are one.
Boundary   a worst case exactly at the limit passes.
Exits      exempt.
No data    denied, where a money limit is set and the position or the order has no price.
Source     document 001, feature 1; SEC Rule 15c3-5(c)(1)(i); semantics.md sections 2, 5 (8) and 12.

The symbol's own limit and the ceiling of all symbols both hold: the smaller decides. The
ceiling speaks of `money_classes` only, a symbol's own limit of whatever it is set for. A
resting sell makes no room for a buy: the buy may fill first.
"""

from typing import ClassVar, Self

from stopline.checks.base import Armament, Candidate, Check, shown
from stopline.measures.exposure import worst_qty
from stopline.model.instrument import AssetClass
from stopline.model.numbers import MAX_SCALED, Money, Qty
from stopline.model.verdict import Finding, Unit
from stopline.state.view import AccountView


class MaxPosition(Check, frozen=True, gc=False):
    """Two limits on one instrument: `limit` money (none is 2**63 - 1), and `most_qty`.

    In a wider scope, `account` is that scope's ledger: only its positions and valuation
    are looked at.
    """

    most_qty: Qty | None = None
    by_product: bool = False
    is_symbols_own: bool = False
    """Whether `limit` is the symbol's own, and not the ceiling."""

    name: ClassVar[str] = "max_position"
    unit: ClassVar[Unit] = Unit.MONEY
    scoped: ClassVar[bool] = True
    qty_monotone: ClassVar[bool] = True

    @classmethod
    def arm(cls, armament: Armament) -> Self | None:
        """Armed by `max_position` or `max_position_qty`, of the symbol or of all."""
        limits, own, kind = armament.limits, armament.symbol, armament.instrument.asset_class
        ceiling = limits.max_position if kind in limits.money_classes else None
        money = _least(own.max_position, ceiling)
        qty = _least(own.max_position_qty, limits.max_position_qty)
        if money is None and qty is None:
            return None
        is_own = money is not None and money == own.max_position
        return cls(MAX_SCALED if money is None else money, qty, kind is AssetClass.FUTURE, is_own)

    def observe(self, order: Candidate, account: AccountView) -> Money | None:
        """Return the worst-case money, or one more than its limit if the quantity is too much."""
        if self.most_qty is not None and self._qty(order, account) > self.most_qty:
            return self.limit + 1
        if self.limit == MAX_SCALED:
            return 0
        return self._money(order, account) if self.by_product else order.worst_money_after

    def _qty(self, order: Candidate, account: AccountView) -> Qty:
        """Return the worst-case quantity, over the product for futures."""
        total = order.worst_qty_after
        if self.by_product:
            for position in account.positions.values():
                if _is_sibling(position.instrument_id, order):
                    total += worst_qty(position.highest, position.lowest)
        return total

    def _money(self, order: Candidate, account: AccountView) -> Money | None:
        """Return the worst-case money over the product."""
        total = order.worst_money_after
        if total is None:
            return None
        for instrument_id, value in account.valuation.by_instrument.items():
            if value.is_open and _is_sibling(instrument_id, order):
                if value.is_unpriced:
                    return None
                total += value.worst_money
        return total

    def explain(self, order: Candidate, account: AccountView) -> Finding:
        """Return the finding of the limit that is broken, else of the one that is nearer."""
        money = self._money(order, account) if self.by_product else order.worst_money_after
        if self.most_qty is None:
            return self._of_money(money, order)
        qty = self._qty(order, account)
        if self.limit == MAX_SCALED or qty > self.most_qty:
            return self._of_qty(qty, order)
        is_nearer = money is not None and qty * self.limit > money * self.most_qty and money <= self.limit
        return self._of_qty(qty, order) if is_nearer else self._of_money(money, order)

    def _of_money(self, money: Money | None, order: Candidate) -> Finding:
        status = "denied" if money is None or money > self.limit else "passed"
        return Finding(self.name, status, self.unit, money, self.limit, self.reason(money, order))

    def _of_qty(self, qty: Qty, order: Candidate) -> Finding:
        most = 0 if self.most_qty is None else self.most_qty
        status, relation = ("denied", "exceeds") if qty > most else ("passed", "is within")
        name, shown_qty, shown_most = self._named(order), shown(qty, Unit.QTY), shown(most, Unit.QTY)
        text = f"{name} worst-case position {shown_qty} {relation} limit {shown_most}"
        return Finding(self.name, status, Unit.QTY, qty, most, text)

    def reason(self, observed: int | None, order: Candidate) -> str:
        """Return the worst-case money beside the limit that binds."""
        which = "limit" if self.is_symbols_own else "the ceiling of all symbols"
        most, name = shown(self.limit, self.unit), self._named(order)
        if observed is None:
            return f"{name} worst-case position cannot be valued: no price, and {which} is {most}"
        relation = "exceeds" if observed > self.limit else "is within"
        return f"{name} worst-case position {shown(observed, self.unit)} {relation} {which} {most}"

    def _named(self, order: Candidate) -> str:
        if order.instrument is None:
            return order.symbol
        return order.instrument.product if self.by_product else order.instrument.symbol


def _least(one: int | None, other: int | None) -> int | None:
    if one is None or other is None:
        return other if one is None else one
    return min(one, other)


def _is_sibling(instrument_id: str, order: Candidate) -> bool:
    """Return whether it is another instrument of the same product."""
    own, other = order.instrument, order.instruments.get(instrument_id)
    if own is None or other is None or other.product != own.product:
        return False
    return instrument_id != own.instrument_id
