"""Deny an order under an id that was used for another, or the same order again within moments.

Measures   whether the client_order_id was decided for another body; where `duplicate_window` is set,
           whether an order of the same instrument, side, quantity and prices was accepted in it.
Boundary   what was accepted exactly one window ago is no duplicate.
Exits      bound by the id only: a second close is stopped by what is left to close, not by this.
No data    needs none.
Source     semantics.md sections 5 (2), 8 (ids) and 12; incident N3 (resend hit a hundred times).

A repeat of the same body under the same id never comes here: it gets its first answer again.
The window looks at accepted orders only, working or ended; a denied one may be sent again.
"""

from typing import ClassVar, Final, Self, cast

from stopline.checks.base import Armament, Candidate, Check
from stopline.model.ids import ClientOrderId
from stopline.model.instants import render_duration
from stopline.model.numbers import Nanos
from stopline.model.order import OrderRequest
from stopline.model.verdict import Unit
from stopline.state.orders import OrderRecord
from stopline.state.view import AccountView

ID_USED: Final = 1
SAME_ORDER: Final = 2


class DuplicateOrder(Check, frozen=True, gc=False):
    """Observes 0 for a new order, 1 for a used id, 2 for the same order again. `window` 0 is off."""

    limit: int = 0
    window: Nanos = 0

    name: ClassVar[str] = "duplicate_order"
    unit: ClassVar[Unit] = Unit.STATE
    binds_exits: ClassVar[bool] = True

    @classmethod
    def arm(cls, armament: Armament) -> Self:
        """The id is tested always, the window where it is set."""
        return cls(0, armament.limits.duplicate_window or 0)

    def observe(self, order: Candidate, account: AccountView) -> int:
        """Return how the order repeats another, 0 if it does not."""
        if order.decided is not None:
            return ID_USED
        if self.window and not order.is_reducing and order.replaces is None:
            return SAME_ORDER if self._find_same(order, account) else 0
        return 0

    def _find_same(self, order: Candidate, account: AccountView) -> OrderRecord | None:
        """Look at the newest orders first, and no further than the window."""
        since = order.at - self.window
        # Dicts keep the order in which orders were accepted, or ended.
        for generation in (account.live, account.ended):
            records = cast("dict[ClientOrderId, OrderRecord]", generation)
            for record in reversed(records.values()):
                if record.updated_at <= since:
                    break
                if record.approved_at > since and _is_same(record.request, order.request):
                    return record
        return None

    def reason(self, observed: int | None, order: Candidate) -> str:
        """Return which order this repeats."""
        cid = order.request.client_order_id
        if observed == ID_USED:
            return f"client_order_id {cid!r} was already used for another order: send it under a new one"
        if observed == SAME_ORDER:
            return (
                f"the same order was accepted less than {render_duration(self.window)} ago: "
                "a second one is wanted only if it differs, or later"
            )
        return f"client_order_id {cid!r} is new" if cid else "no client_order_id was given: nothing is compared"


def _is_same(one: OrderRequest, other: OrderRequest) -> bool:
    return (
        one.instrument_id == other.instrument_id
        and one.side is other.side
        and one.order_qty == other.order_qty
        and one.limit_price == other.limit_price
        and one.stop_price == other.stop_price
        and one.notional == other.notional
    )
