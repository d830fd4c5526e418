"""Deny new risk that, with every stop hit, would lose more in the day than may be lost.

Measures   risk = losses to the stops of all positions and working entries, this order included,
           less the day's P&L. What has no stop loses the instrument's stress move. An order
           is entered at its worst price; a short at its limit, or a percent below the bid.
Boundary   a risk exactly at the daily loss limit passes.
Exits      exempt.
No data    denied: P&L or a mark unknown, or no stop and no stress move for something held.
Source     semantics.md section 5 (15).

A stop is no promise: it may fill beyond its price. Positions at prices that may be negative
count by their stress move even where a stop stands.
"""

from typing import ClassVar, Self

from stopline.checks.base import Armament, Candidate, Check, shown
from stopline.measures.exposure import lowered, notional
from stopline.measures.open_risk import entry_share, loss_of_holding, stressed
from stopline.model.instrument import Instrument
from stopline.model.numbers import Money, Price
from stopline.model.verdict import Unit
from stopline.state.positions import Position
from stopline.state.view import AccountView


class OpenRisk(Check, frozen=True, gc=False):
    """The most that may be at risk in a day: the daily loss limit."""

    name: ClassVar[str] = "open_risk"
    unit: ClassVar[Unit] = Unit.MONEY
    qty_monotone: ClassVar[bool] = True

    @classmethod
    def arm(cls, armament: Armament) -> Self | None:
        """Armed by `open_risk`, where a daily loss limit is set."""
        limits = armament.limits
        if not limits.open_risk or limits.daily_loss is None:
            return None
        return cls(limits.daily_loss)

    def observe(self, order: Candidate, account: AccountView) -> Money | None:
        """Return what the day would have lost with every stop hit."""
        pnl, loss = order.total_pnl, _loss_of_order(order)
        if pnl is None or loss is None:
            return None
        for position in account.positions.values():
            at_stake = _loss_of_position(position, order, account)
            if at_stake is None:
                return None
            loss += at_stake
        return loss - pnl

    def reason(self, observed: int | None, order: Candidate) -> str:
        """Return the risk beside what may be lost."""
        most = shown(self.limit, self.unit)
        if observed is None:
            return (
                "open risk cannot be judged: the day's P&L, a price, or the stress move of something without "
                f"a stop is unknown; {most} may be lost"
            )
        relation = "exceeds" if observed > self.limit else "is within"
        return f"with every stop hit the day would lose {shown(observed, self.unit)}: {relation} {most}"


def _loss_of_order(order: Candidate) -> Money | None:
    """Return what the order would lose once filled: down to its own stop, else by a stress move."""
    instrument, worth = order.instrument, order.order_notional
    entry = order.worst_price if order.sign > 0 else _least_price(order)
    if instrument is None or entry is None or worth is None:
        return None
    stop = order.request.stop_loss
    if stop is not None and not instrument.price_may_be_negative:
        return notional(order.order_qty, max((entry - stop) * order.sign, 0), instrument.multiplier)
    return None if instrument.stress_move is None else stressed(worth, instrument.stress_move)


def _least_price(order: Candidate) -> Price | None:
    """Return the least that a sale may bring; None where nothing can value it.

    Its worst price is the most: what counts against limits on size would hide what a short
    loses on its way up to the stop.
    """
    request, quote = order.request, order.quote
    if request.limit_price is not None:
        return request.limit_price
    least = request.stop_price
    if quote is not None and quote.usable and quote.bid is not None:
        reached = lowered(quote.bid)
        least = reached if least is None else min(least, reached)
    return least


def _loss_of_position(position: Position, order: Candidate, account: AccountView) -> Money | None:
    """Return what a holding and its working entries would lose."""
    if not (position.qty or position.working_buys or position.working_sells):
        return 0
    instrument = order.instruments.get(position.instrument_id)
    value = account.valuation.by_instrument.get(position.instrument_id)
    if instrument is None or value is None or value.is_unpriced:
        return None
    held = _loss_of_holding(position, value.value, instrument)
    entries = entry_share(position.buy_money, position.working_buys, position.exit_buys)
    entries += entry_share(position.sell_money, position.working_sells, position.exit_sells)
    if held is None or (entries and instrument.stress_move is None):
        return None
    return held + stressed(entries, instrument.stress_move or 0)


def _loss_of_holding(position: Position, value: Money, instrument: Instrument) -> Money | None:
    if instrument.price_may_be_negative:
        stops, money = 0, 0
    elif position.qty > 0:
        stops, money = position.stop_sells, position.stop_sell_money
    else:
        stops, money = position.stop_buys, position.stop_buy_money
    return loss_of_holding(position.qty, value, stops, money, instrument.stress_move)
