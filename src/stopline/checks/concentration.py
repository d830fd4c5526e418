"""Deny an order that could put too much of the equity into one thing.

Measures   the instrument's worst-case money / equity; where set, the same for all instruments of
           its sector, and of each of its tags.
Boundary   exactly the limit passes.
Exits      exempt.
No data    denied: no price, equity unknown, zero or negative. Instruments without a sector count
           together as one sector.
Source     document 001 (20 % rule); semantics.md section 5 (12).

What is held and what is working count, not the order alone. Cash is not a holding: one
instrument at a quarter of the equity is 25 %, whatever else is held.
"""

from collections.abc import Callable
from functools import partial
from typing import ClassVar, Self

from stopline.checks.base import Armament, Candidate, Check, shown
from stopline.measures.ratio import share
from stopline.model.instrument import Instrument
from stopline.model.numbers import MAX_SCALED, Money, Ratio
from stopline.model.verdict import Finding, Unit
from stopline.state.view import AccountView


class Concentration(Check, frozen=True, gc=False):
    """Shares of equity: `limit` for the instrument (none is 2**63 - 1), `most_sector`, `most_tag`.

    In a wider scope, `account` is that scope's ledger: only its valuation is looked at.
    """

    most_sector: Ratio | None = None
    most_tag: Ratio | None = None

    name: ClassVar[str] = "concentration"
    unit: ClassVar[Unit] = Unit.RATIO
    scoped: ClassVar[bool] = True
    qty_monotone: ClassVar[bool] = True

    @classmethod
    def arm(cls, armament: Armament) -> Self | None:
        """Armed by `concentration` of the symbol or of all, by sector or by tag."""
        limits, own = armament.limits, armament.symbol.concentration
        of_all = limits.concentration if armament.instrument.asset_class in limits.money_classes else None
        given = [most for most in (own, of_all) if most is not None]
        by_tag = limits.tag_concentration if armament.instrument.tags else None
        if not given and limits.sector_concentration is None and by_tag is None:
            return None
        return cls(min(given, default=MAX_SCALED), limits.sector_concentration, by_tag)

    def observe(self, order: Candidate, account: AccountView) -> Ratio | None:
        """Return the instrument's share, or one more than its limit if a sector or tag has too much."""
        own = share(order.worst_money_after, order.equity)
        if own is None or (self.most_sector is None and self.most_tag is None):
            return own
        for _, observed, most in self._wider(order, account):
            if observed is None:
                return None
            if observed > most:
                return self.limit + 1
        return own

    def _wider(self, order: Candidate, account: AccountView) -> list[tuple[str, Ratio | None, Ratio]]:
        """Return name, share and limit of the sector and of each tag."""
        instrument = order.instrument
        if instrument is None:
            return []
        found = []
        if self.most_sector is not None:
            money = _together(order, account, lambda other: other.sector == instrument.sector)
            found.append((f"sector {instrument.sector or 'unknown'}", share(money, order.equity), self.most_sector))
        if self.most_tag is not None:
            for tag in tags_of(instrument):
                money = _together(order, account, partial(_has_tag, tag))
                found.append((f"tag {tag}", share(money, order.equity), self.most_tag))
        return found

    def explain(self, order: Candidate, account: AccountView) -> Finding:
        """Return the finding of what has too much; else of the instrument, or of the first that is set."""
        own = share(order.worst_money_after, order.equity)
        name = order.symbol if order.instrument is None else order.instrument.symbol
        measured = [(name, own, self.limit)] if self.limit != MAX_SCALED else []
        measured += self._wider(order, account)
        broken = [one for one in measured if one[1] is None or one[1] > one[2]]
        what, observed, most = (broken or measured or [(name, own, self.limit)])[0]
        status = "denied" if broken or own is None else "passed"
        return Finding(self.name, status, self.unit, observed, most, _tell(what, observed, most))


def tags_of(instrument: Instrument) -> list[str]:
    """Return an instrument's tags; they are written with commas or spaces between them."""
    return instrument.tags.replace(",", " ").split()


def _has_tag(tag: str, instrument: Instrument) -> bool:
    return tag in tags_of(instrument)


def _together(order: Candidate, account: AccountView, belongs: Callable[[Instrument], bool]) -> Money | None:
    """Return the order's worst-case money and that of all other instruments that belong with it."""
    total, own = order.worst_money_after, order.instrument
    if total is None or own is None:
        return None
    for instrument_id, value in account.valuation.by_instrument.items():
        other = order.instruments.get(instrument_id)
        if not value.is_open or other is None or instrument_id == own.instrument_id or not belongs(other):
            continue
        if value.is_unpriced:
            return None
        total += value.worst_money
    return total


def _tell(what: str, observed: Ratio | None, most: Ratio) -> str:
    limit = shown(most, Unit.RATIO)
    if observed is None:
        return f"concentration of {what} cannot be judged: equity or a price is missing; the limit is {limit}"
    relation = "exceeds" if observed > most else "is within"
    return f"concentration of {what} {shown(observed, Unit.RATIO)} of equity {relation} the limit {limit}"
