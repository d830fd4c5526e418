"""`/v2/positions`."""

from typing import Final

from stopline.dialects.alpaca.close import parse_close
from stopline.dialects.alpaca.orders import render_order
from stopline.dialects.alpaca.positions import POSITION
from stopline.dialects.alpaca.query import flag
from stopline.dialects.alpaca.results import render_close_results
from stopline.dialects.alpaca.serving.wire import Answer, Request
from stopline.model.numbers import Nanos
from stopline.sim.alpaca.house import House
from stopline.sim.alpaca.routes.endpoint import Routes


def find_all(house: House, request: Request, at: Nanos) -> Answer:
    """Return what is held."""
    return Answer(200, [POSITION.render(position) for position in house.positions()])


def find(house: House, request: Request, at: Nanos) -> Answer:
    """Return one position."""
    return Answer(200, POSITION.render(house.position(request.parts["symbol"])))


def close(house: House, request: Request, at: Nanos) -> Answer:
    """Close a position or a part of it; the answer is the order that does."""
    order = house.close(request.parts["symbol"], parse_close(request.query), at)
    return Answer(200, render_order(order))


def close_all(house: House, request: Request, at: Nanos) -> Answer:
    """Close every position."""
    results = house.close_all(flag(request.query, "cancel_orders"), at)
    return Answer(207, render_close_results(results))


ROUTES: Final[Routes] = {
    ("GET", "/v2/positions"): find_all,
    ("DELETE", "/v2/positions"): close_all,
    ("GET", "/v2/positions/{symbol}"): find,
    ("DELETE", "/v2/positions/{symbol}"): close,
}
