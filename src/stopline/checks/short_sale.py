"""Deny a sale that could leave a short position where shorts are not allowed.

Measures   how far below zero the position would be if every working sell filled.
Boundary   selling down to exactly zero passes.
Exits      exempt: a sale that provably reduces cannot be short.
No data    denied, for an equity of which nobody says whether it may be sold short.
Source     Regulation SHO (locate); semantics.md section 5 (17).

By default: equities may be sold short in a margin account if the instrument is said to be
shortable; equities in a cash account and crypto may not; futures and currencies may; options
may not, for nothing can judge an uncovered one. `short_sale: false` forbids all of it,
`true` allows all but options and what is known not to be shortable. It reserves no borrow.
"""

from typing import ClassVar, Self

from stopline.checks.base import Armament, Candidate, Check, shown
from stopline.model.instrument import AssetClass, Instrument
from stopline.model.numbers import Qty
from stopline.model.verdict import Unit
from stopline.state.view import AccountView


class ShortSale(Check, frozen=True, gc=False):
    """Observes the short quantity against 0. `forbidden` says why there may be none; empty allows it."""

    limit: int = 0
    forbidden: str = ""

    name: ClassVar[str] = "short_sale"
    unit: ClassVar[Unit] = Unit.QTY
    qty_monotone: ClassVar[bool] = True

    @classmethod
    def arm(cls, armament: Armament) -> Self:
        """Armed always; whether shorts are allowed is decided here."""
        return cls(0, why_not(armament.limits.short_sale, armament.instrument, armament.terms.margin_account))

    def observe(self, order: Candidate, account: AccountView) -> Qty:
        """Return the short quantity that a sale could lead to; 0 where it is allowed."""
        if order.sign > 0 or order.lowest_after >= 0 or not self.forbidden:
            return 0
        return -order.lowest_after

    def reason(self, observed: int | None, order: Candidate) -> str:
        """Return how short, why not, and what would pass."""
        if not observed:
            return "no short sale" if self.forbidden else "short sales are allowed"
        left = order.order_qty - observed
        can = f"{shown(left, self.unit)} can be sold" if left > 0 else "nothing is left to sell"
        return f"{order.symbol} could be {shown(observed, self.unit)} short: {self.forbidden}; {can}"


def why_not(setting: bool | None, instrument: Instrument, margin_account: bool) -> str:
    """Return why the instrument may not be sold short, or nothing if it may."""
    kind, known = instrument.asset_class, instrument.shortable
    if kind is AssetClass.OPTION:
        return "an uncovered short option cannot be judged"
    if setting is False:
        return "short sales are forbidden here"
    if known is False:
        return "the instrument cannot be sold short"
    if setting is True or kind is AssetClass.FUTURE or kind is AssetClass.FOREX:
        return ""
    if kind is AssetClass.CRYPTO:
        return "crypto is not sold short unless `short_sale` says so"
    if not margin_account:
        return "a cash account sells nothing short"
    return "" if known else "its short-sale status is unknown"
