"""The routes of the trading API, by what they are about."""

from stopline.dialects.alpaca.serving.routing import Router
from stopline.sim.alpaca.routes import account, market, orders, positions
from stopline.sim.alpaca.routes.endpoint import Endpoint


def make_router() -> Router[Endpoint]:
    """Return all routes."""
    return Router(orders.ROUTES, positions.ROUTES, account.ROUTES, market.ROUTES)
