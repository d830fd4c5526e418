"""One order as Alpaca has told it: a lattice, not a line.

Alpaca replaces an order by a new one with another id. Here both are links of one order,
under the id that it was routed with. Reports may come twice, late and out of order, from
answers and from the stream: each moves a link forward or says nothing. What is to be told
follows from where the links are, and from what was told already.
"""

from msgspec import Struct, field

from stopline.brokers.alpaca.answers import not_replaced
from stopline.dialects.alpaca.orders import Order
from stopline.dialects.alpaca.words import Status
from stopline.messages import inputs as i
from stopline.messages.inputs import Input
from stopline.model.fill import Fill
from stopline.model.ids import AccountId, InstrumentId, RoutedOrderId
from stopline.model.numbers import Qty
from stopline.model.order import OrderType, Side

REJECTED = "rejected by Alpaca"
_TYPES = {str(kind): kind for kind in OrderType}


class Kept(Struct, kw_only=True):
    """An order, its links by their ids, and its executions by theirs."""

    broker: str
    account: AccountId
    routed_order_id: RoutedOrderId
    instrument_id: InstrumentId
    is_ours: bool
    """Whether this process sent it, or an earlier one that named its orders as we do."""
    first: str = ""
    """The id of the oldest link that is known."""
    links: dict[str, Order] = field(default_factory=dict)
    fills: dict[str, Fill] = field(default_factory=dict)
    filled_told: Qty = 0
    accepted_told: bool = False
    link_told: str = ""
    end_told: bool = False
    shrinks: bool = False
    """Whether its cancel stands for a replace to what has filled."""
    replacements: int = 0
    """How many ids for replacements were used up."""

    # --- what is known ---------------------------------------------------------------------------

    def take(self, order: Order) -> None:
        """Move a link forward; a report that is older than what is known says nothing."""
        known = self.links.get(order.id)
        if known is None:
            if not self.links or order.id == self.links[self.first].replaces:
                self.first = order.id
            self.links[order.id] = order
        elif not _is_older(order, known):
            self.links[order.id] = order

    @property
    def current(self) -> Order:
        """The newest link that has taken effect."""
        link = self.links[self.first]
        while link.status == Status.REPLACED and link.replaced_by in self.links:
            link = self.links[link.replaced_by or ""]
        return link

    @property
    def unknown_link(self) -> str:
        """The id of a newer link that is still to be asked for, or an empty text."""
        current = self.current
        return current.replaced_by or "" if current.status == Status.REPLACED else ""

    @property
    def is_open(self) -> bool:
        """Whether it may still trade."""
        return not self.current.has_ended or bool(self.unknown_link)

    @property
    def cum_qty(self) -> Qty:
        """What has filled, over all links."""
        return sum(link.filled_qty for link in self.links.values())

    @property
    def lacks_fills(self) -> bool:
        """Whether Alpaca counts more than the executions that were told."""
        return self.cum_qty > self.filled_told

    @property
    def order_qty(self) -> Qty:
        """What it is for, all in all: a replacement is only for what was left."""
        current = self.current
        return (current.qty or 0) + self.cum_qty - current.filled_qty

    # --- what is to be told ------------------------------------------------------------------------

    def news(self) -> list[Input]:
        """Return what follows from the newest reports and was not told yet."""
        said: list[Input] = []
        current = self.current
        if not self.accepted_told and self.is_open:
            self.accepted_told = True
            said.append(self._seen())
        if self.link_told and current.id != self.link_told and self.is_open:
            said.append(self._amended())
        self.link_told = current.id
        if not self.is_open and not self.end_told and not self.lacks_fills:
            self.end_told = True
            said += self._ended()
        return said

    def answer(self) -> list[Input]:
        """Return all that is known of it, told or not: its fills, its terms, and its end if it has one."""
        said: list[Input] = [i.FillReported(broker=self.broker, fill=fill) for fill in self.fills.values()]
        self.link_told, self.accepted_told = self.current.id, True
        if self.is_open:
            return [*said, self._seen(), self._amended()]
        self.end_told = not self.lacks_fills
        if self.current.status == Status.FILLED:
            # A replace that never arrived has no answer of its own: nothing is left to replace.
            return [*said, *self._ended(), not_replaced(self.account, self.routed_order_id, "it has filled")]
        return [*said, *self._ended()]

    def _seen(self) -> Input:
        current = self.current
        if self.is_ours:
            return i.OrderAccepted(
                account=self.account, routed_order_id=self.routed_order_id, broker_order_id=current.id
            )
        return self.external()

    def external(self) -> Input:
        """Return that it works. The engine passes over one that it knows."""
        current = self.current
        return i.ExternalOrderSeen(
            broker=self.broker,
            account=self.account,
            routed_order_id=self.routed_order_id,
            instrument_id=self.instrument_id,
            side=Side(current.side),
            order_type=_TYPES.get(current.order_type, OrderType.MARKET),
            order_qty=self.order_qty,
            cum_qty=self.filled_told,
            limit_price=current.limit_price,
            stop_price=current.stop_price,
        )

    def _amended(self) -> Input:
        current = self.current
        return i.OrderAmended(
            account=self.account,
            routed_order_id=self.routed_order_id,
            order_qty=self.order_qty,
            limit_price=current.limit_price,
            stop_price=current.stop_price,
        )

    def _ended(self) -> list[Input]:
        current, routed = self.current, self.routed_order_id
        if current.status == Status.FILLED:
            # Filled for what it was changed to: whoever missed the change waits for the rest of what it was for before.
            return [self._amended()] if len(self.links) > 1 else []
        if current.status == Status.REJECTED and not self.cum_qty:
            return [i.OrderRefused(account=self.account, routed_order_id=routed, reason=REJECTED)]
        if self.shrinks:
            return [
                i.OrderAmended(
                    account=self.account,
                    routed_order_id=routed,
                    order_qty=self.cum_qty,
                    limit_price=current.limit_price,
                    stop_price=current.stop_price,
                )
            ]
        outcome = "expired" if current.status == Status.EXPIRED else "canceled"
        gone = i.OrderGone(
            account=self.account,
            routed_order_id=routed,
            outcome=outcome,
            cum_qty=self.cum_qty,
            reason=f"{current.status} at Alpaca",
        )
        return [gone]


def _is_older(order: Order, known: Order) -> bool:
    """Return whether a report tells of an earlier moment than another one of the same link."""
    if known.has_ended or order.has_ended:
        return not order.has_ended
    if order.filled_qty != known.filled_qty:
        return order.filled_qty < known.filled_qty
    return (order.updated_at or 0) < (known.updated_at or 0)
