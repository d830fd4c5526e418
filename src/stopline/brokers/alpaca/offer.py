"""What Alpaca takes, and where it is."""

from typing import Final

from stopline.model.capabilities import Capabilities
from stopline.model.order import OrderClass, OrderType, TimeInForce

NAME: Final = "alpaca"
LIVE_URL: Final = "https://api.alpaca.markets"
PAPER_URL: Final = "https://paper-api.alpaca.markets"
CAPABILITIES: Final = Capabilities(
    tuple(OrderType),
    tuple(each for each in TimeInForce if each is not TimeInForce.GTD),
    (OrderClass.SIMPLE,),
    extended_hours=True,
    refuses_self_match=True,
)
"""Legs are held by our engine, not by Alpaca. Closing a position natively makes an order without an id of
ours, whose lost answer nothing could settle: so closes are orders too."""
