"""The routes of the door, by what they are about."""

from stopline.dialects.alpaca.serving.routing import Router
from stopline.doors.alpaca.room import Endpoint
from stopline.doors.alpaca.routes import absent, account, market, orders, positions


def make_router() -> Router[Endpoint]:
    """Return all routes."""
    return Router(orders.ROUTES, positions.ROUTES, account.ROUTES, market.ROUTES, absent.ROUTES)
