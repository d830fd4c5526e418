"""`/v2/orders`."""

from typing import Final

from stopline.dialects.alpaca.create import parse_create
from stopline.dialects.alpaca.orders import render_order, render_orders
from stopline.dialects.alpaca.query import flag, parse_orders_query
from stopline.dialects.alpaca.replace import parse_replace
from stopline.dialects.alpaca.results import render_cancel_results
from stopline.dialects.alpaca.serving.wire import Answer, Request
from stopline.model.numbers import Nanos
from stopline.sim.alpaca.house import House
from stopline.sim.alpaca.routes.endpoint import Routes


def submit(house: House, request: Request, at: Nanos) -> Answer:
    """Take an order."""
    return Answer(200, render_order(house.submit(parse_create(request.body), at)))


def find_all(house: House, request: Request, at: Nanos) -> Answer:
    """Return the orders of a query."""
    return Answer(200, render_orders(house.orders(parse_orders_query(request.query))))


def cancel_all(house: House, request: Request, at: Nanos) -> Answer:
    """Cancel every order."""
    return Answer(207, render_cancel_results(house.cancel_all(at)))


def by_client_order_id(house: House, request: Request, at: Nanos) -> Answer:
    """Return the order with a client_order_id."""
    order = house.find_by_client_id(request.query.get("client_order_id", ""))
    return Answer(200, render_order(house.show(order, with_legs=flag(request.query, "nested"))))


def find(house: House, request: Request, at: Nanos) -> Answer:
    """Return one order."""
    order = house.find(request.parts["id"])
    return Answer(200, render_order(house.show(order, with_legs=flag(request.query, "nested"))))


def replace(house: House, request: Request, at: Nanos) -> Answer:
    """Replace an order; the answer is the new one."""
    return Answer(200, render_order(house.replace(request.parts["id"], parse_replace(request.body), at)))


def cancel(house: House, request: Request, at: Nanos) -> Answer:
    """Cancel an order."""
    house.cancel(request.parts["id"], at)
    return Answer(204)


ROUTES: Final[Routes] = {
    ("POST", "/v2/orders"): submit,
    ("GET", "/v2/orders"): find_all,
    ("DELETE", "/v2/orders"): cancel_all,
    ("GET", "/v2/orders:by_client_order_id"): by_client_order_id,
    ("GET", "/v2/orders/{id}"): find,
    ("PATCH", "/v2/orders/{id}"): replace,
    ("DELETE", "/v2/orders/{id}"): cancel,
}
