"""The routes of the trading API, by what they are about."""

from stopline.sim.alpaca.routes import account, market, orders, positions
from stopline.sim.alpaca.routing import Router


def make_router() -> Router:
    """Return all routes."""
    return Router(orders.ROUTES, positions.ROUTES, account.ROUTES, market.ROUTES)
