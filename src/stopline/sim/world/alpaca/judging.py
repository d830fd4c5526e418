"""What must hold of each request to Alpaca: a durable decision stands behind it (I01), for one order only (I03).

It is looked at as the request leaves the process, and again as it comes. Here Alpaca also says
no to what it would have taken, when it is in that mood.
"""

from collections.abc import Callable
from typing import Final
from urllib.parse import unquote, urlsplit

from stopline.dialects.alpaca.create import CreateOrder, parse_create
from stopline.model.ids import AccountId, RoutedOrderId
from stopline.ports.transport import Answer
from stopline.sim.alpaca.house import House
from stopline.sim.world.alpaca.server import routed_id
from stopline.sim.world.counter import Mood
from stopline.sim.world.violation import demand
from stopline.sim.world.watch import Watch

ORDERS: Final = "/v2/orders"
NOT_TODAY: Final = Answer(403, {}, b'{"code": 40310000, "message": "simulated: not today"}')


class RequestJudge:
    """Reads requests, and tells the watch."""

    def __init__(
        self,
        account: AccountId,
        watch: Watch,
        house: House,
        falls: Callable[[int, str], bool],
        on_violation: Callable[[BaseException], None],
    ) -> None:
        self._account, self._watch, self._house = account, watch, house
        self._falls, self._on_violation = falls, on_violation
        self.mood = Mood()
        house.is_too_late = lambda what: falls(self.mood.keeps_orders, f"F23 {what} refused")

    def leaves(self, method: str, url: str, body: bytes | None) -> None:
        """Look at what leaves the process; it must not notice."""
        try:
            self._judge(method, urlsplit(url).path, body)
        except AssertionError as violation:
            self._on_violation(violation)

    def comes(self, method: str, url: str, body: bytes | None) -> Answer | None:
        """Look at what has come; return what Alpaca says to it out of hand."""
        path = urlsplit(url).path
        self._judge(method, path, body)
        if method == "POST" and path == ORDERS and self._falls(self.mood.rejects, "F43 order rejected"):
            return NOT_TODAY
        return None

    def unanswered(self, method: str, url: str) -> None:
        """Hear that nobody knows what became of a request."""
        routed = self._routed(urlsplit(url).path)
        if method == "PATCH" and routed:
            self._watch.on_unanswered(self._account, routed)

    def _judge(self, method: str, path: str, body: bytes | None) -> None:
        if method == "POST" and path == ORDERS:
            self._judge_order(parse_create(body or b""))
        elif method in ("DELETE", "PATCH") and path.startswith(ORDERS):
            routed = self._routed(path)
            demand(routed != "", f"I01 {method} of an order that nobody sent: {path}")
            if method == "DELETE":
                self._watch.on_withdraw(self._account, routed)
            else:
                self._watch.on_amend(self._account, routed)

    def _judge_order(self, order: CreateOrder) -> None:
        decided = self._watch.approved.get(order.client_order_id)
        demand(decided is not None, f"I01 {order.client_order_id} leaves without a durable decision")
        assert decided is not None
        request = decided.request
        asked = (request.side, request.order_type, request.order_qty, request.limit_price, request.stop_price)
        sent = (order.side, order.order_type, order.qty, order.limit_price, order.stop_price)
        demand(
            asked == sent and request.instrument_id.endswith(f":{order.symbol}"),
            f"I01 {order.client_order_id} leaves other than it was decided",
        )
        self._watch.judge_single(self._account, order.client_order_id, request.client_order_id)

    def _routed(self, path: str) -> RoutedOrderId:
        """Return under which id the order of a path was routed."""
        order = self._house.book.orders.get(unquote(path.removeprefix(f"{ORDERS}/")))
        return "" if order is None else routed_id(self._house.book, order)
