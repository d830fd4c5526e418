"""Orders in words, and orders from words."""

import pytest

from stopline.cli.demo.wording import buy, cash, describe, sell
from stopline.model.numbers import parse_price
from stopline.model.order import Condition, OrderType, Relation, TimeInForce


@pytest.mark.parametrize(
    ("order", "words"),
    [
        (buy("a", "20", "AAPL"), "BUY 20 AAPL MARKET"),
        (sell("a", "1.5", "AAPL", limit="1750.5"), "SELL 1.5 AAPL LIMIT 1,750.50"),
        (sell("a", "20", "AAPL", stop="172.00"), "SELL 20 AAPL STOP 172.00"),
        (buy("a", "1000", "X", stop="2", limit="3"), "BUY 1,000 X STOP_LIMIT 2.00 LIMIT 3.00"),
        (buy("a", "1", "X", limit="3", time_in_force=TimeInForce.IOC), "BUY 1 X LIMIT 3.00 IOC"),
        (
            sell("a", "1", "X", order_type=OrderType.TRAILING_STOP, trail_amount="2.50"),
            "SELL 1 X TRAILING_STOP TRAIL 2.50",
        ),
        (buy("a", "1", "X", take_profit="4", stop_loss="2"), "BUY 1 X MARKET TAKE PROFIT 4.00 STOP LOSS 2.00"),
        (
            buy("a", "1", "X", condition=Condition("Y", Relation.AT_OR_ABOVE, parse_price("4"))),
            "BUY 1 X MARKET WHEN Y >= 4.00",
        ),
    ],
)
def test_an_order_in_words(order, words):
    assert describe(order) == words


def test_prices_are_exact():
    assert buy("a", "1", "X", limit="172.10").limit_price == parse_price("172.10")


def test_unknown_money_is_a_dash():
    assert cash(None) == "-"
    assert cash(parse_price("-176.1"), signed=True) == "-176.10"
    assert cash(parse_price("1234.5"), signed=True) == "+1,234.50"
