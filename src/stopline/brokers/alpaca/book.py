"""Our own book of what Alpaca told us: orders by the id they were routed with, and by each of Alpaca's ids."""

import re
from collections.abc import Iterator
from typing import Final

from stopline.brokers.alpaca.kept import Kept
from stopline.brokers.alpaca.symbols import Symbols
from stopline.dialects.alpaca.orders import Order
from stopline.messages.inputs import FillReported
from stopline.model.fill import Fill
from stopline.model.ids import AccountId, RoutedOrderId
from stopline.model.numbers import Nanos, Price, Qty, render_qty
from stopline.model.order import Side

KEPT: Final = 5_000
"""How many orders that have ended are remembered."""
_OURS: Final = re.compile(r"(sl\d+-\d+(?:\.\d+)?)(?:-r(\d+))?", re.ASCII)


def replacement_id(routed: RoutedOrderId, number: int) -> str:
    """Return the client_order_id of an order's n-th replacement: Alpaca wants a new one for each."""
    return f"{routed}-r{number}"


def routed_of(client_order_id: str) -> RoutedOrderId:
    """Return the id under which an order of ours was routed, whichever replacement this is; "" for others' orders."""
    ours = _OURS.fullmatch(client_order_id)
    return ours[1] if ours is not None else ""


def exec_id_of(link: str, cum_qty: Qty) -> str:
    """Return an execution's id: the link that traded, and what had filled with it."""
    return f"{link}:{render_qty(cum_qty)}"


class Book:
    """All orders of one account that were ever spoken of, the oldest of the dead ones forgotten."""

    def __init__(self, broker: str, account: AccountId, symbols: Symbols) -> None:
        self._broker, self._account, self._symbols = broker, account, symbols
        self._orders: dict[RoutedOrderId, Kept] = {}
        self._by_link: dict[str, RoutedOrderId] = {}
        self.executions = 0
        """How many executions were ever entered."""

    def find(self, routed: RoutedOrderId) -> Kept | None:
        """Return an order by the id that it was routed with."""
        return self._orders.get(routed)

    def by_link(self, order_id: str) -> Kept | None:
        """Return the order that one of Alpaca's ids belongs to."""
        routed = self._by_link.get(order_id)
        return None if routed is None else self._orders[routed]

    def working(self) -> Iterator[Kept]:
        """Return the orders that may still trade."""
        return (kept for kept in self._orders.values() if kept.is_open)

    def take(self, order: Order) -> Kept:
        """Enter a report of an order; return the order that it is of."""
        routed = self._by_link.get(order.id) or self._root(order)
        kept = self._orders.get(routed)
        if kept is None:
            kept = self._orders[routed] = Kept(
                broker=self._broker,
                account=self._account,
                routed_order_id=routed,
                instrument_id=self._symbols.instrument_id(order.symbol, order.asset_class),
                is_ours=_OURS.fullmatch(routed) is not None,
            )
            self._forget()
        named = _OURS.fullmatch(order.client_order_id)
        if named is not None and named[2]:
            kept.replacements = max(kept.replacements, int(named[2]))
        kept.take(order)
        self._by_link[order.id] = routed
        return kept

    def _root(self, order: Order) -> RoutedOrderId:
        """Return the id under which an order began: that of the first of those that it replaces."""
        ours = _OURS.fullmatch(order.client_order_id)
        if ours is not None:
            return ours[1]
        if order.replaces is not None and order.replaces in self._by_link:
            return self._by_link[order.replaces]
        return order.client_order_id or order.id

    def execute(
        self, kept: Kept, link: str, qty: Qty, price: Price, cum_qty: Qty, at: Nanos, *, is_rounded: bool = False
    ) -> FillReported | None:
        """Enter an execution; return what to say of it, None where it was told.

        Its id is made of the link's and of what had filled with it: so an execution has one id
        however it comes to us, by the stream, by a list of activities, before or after a restart.
        """
        exec_id = exec_id_of(link, cum_qty)
        if exec_id in kept.fills:
            return None
        fill = Fill(
            account=self._account,
            exec_id=exec_id,
            instrument_id=kept.instrument_id,
            side=Side(kept.links[link].side),
            qty=qty,
            price=price,
            fee=0,
            executed_at=at,
            routed_order_id=kept.routed_order_id,
            rounded=is_rounded,
        )
        kept.fills[exec_id] = fill
        kept.filled_told += qty
        self.executions += 1
        return FillReported(broker=self._broker, fill=fill)

    @staticmethod
    def fill_of(kept: Kept, link: str, cum_qty: Qty) -> Fill:
        """Return an execution that was entered."""
        return kept.fills[exec_id_of(link, cum_qty)]

    def _forget(self) -> None:
        """Let the oldest half of the ended orders go when there are too many."""
        if len(self._orders) <= 2 * KEPT:
            return
        ended = [routed for routed, kept in self._orders.items() if not kept.is_open and kept.end_told]
        for routed in ended[: len(ended) // 2]:
            for link in self._orders.pop(routed).links:
                self._by_link.pop(link, None)
