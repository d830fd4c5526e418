"""Deny an entry that brings no stop, where stops are demanded.

Measures   whether the order carries a stop_loss of its own, on the losing side of its price: of
           its limit or stop price, else of the ask (buy) or the bid (sell).
Boundary   a stop_loss at the order's own price is on no side: it protects nothing.
Exits      exempt: an exit needs no protection.
No data    an order that nothing can value is judged by having a stop_loss at all.
Source     document 002, RULE-008 with a grace of 0; semantics.md sections 5 (16) and 6 (008).

Stops that already stand for the position do not count: they are for what is held. Where a
grace is given instead, the rule `stop_loss_grace` closes what has no stop in time.
"""

from typing import ClassVar, Final, Self

from stopline.checks.base import Armament, Candidate, Check
from stopline.model.numbers import Price, render_price
from stopline.model.verdict import Unit
from stopline.state.view import AccountView

NO_STOP: Final = 1
WRONG_SIDE: Final = 2


class StopRequired(Check, frozen=True, gc=False):
    """Observes 0 for a protected entry, 1 for none, 2 for a stop on the wrong side."""

    limit: int = 0

    name: ClassVar[str] = "stop_required"
    unit: ClassVar[Unit] = Unit.STATE

    @classmethod
    def arm(cls, armament: Armament) -> Self | None:
        """Armed by `stop_required`."""
        return cls() if armament.limits.stop_required else None

    def observe(self, order: Candidate, account: AccountView) -> int:
        """Return what is wrong with the order's protection."""
        stop = order.request.stop_loss
        if stop is None:
            return NO_STOP
        entry = _entry_price(order)
        if entry is not None and (entry - stop) * order.sign <= 0:
            return WRONG_SIDE
        return 0

    def reason(self, observed: int | None, order: Candidate) -> str:
        """Return what is missing."""
        if observed == NO_STOP:
            return "an entry needs a stop_loss of its own (order_class bracket or oto)"
        stop = "" if order.request.stop_loss is None else render_price(order.request.stop_loss)
        if observed == WRONG_SIDE:
            side = "below" if order.sign > 0 else "above"
            return f"stop_loss {stop} protects nothing: it must lie {side} the price of the entry"
        return f"the entry brings its stop_loss {stop}"


def _entry_price(order: Candidate) -> Price | None:
    """Return the price that the entry names, else what it trades at now; None where nothing can value it.

    Not its worst price: that is a percent beyond the quote, and most stops lie nearer.
    """
    request, quote = order.request, order.quote
    if request.limit_price is not None or request.stop_price is not None:
        return request.stop_price if request.limit_price is None else request.limit_price
    if order.worst_price is None or quote is None:
        return None
    return quote.ask if order.sign > 0 else quote.bid
