"""N8  Citigroup, 2 May 2022.

Then       A basket meant to be 58 million dollars was entered as 444 billion: a number of units where an amount
           belonged. 711 warnings came in one window, 18 of them could be seen, and all could be waved away. Nothing
           refused the whole.
Here       Ten thousand times the size is refused outright, with no warning to wave away. An order with its exits is
           decided as one: where its entry is refused, no leg of it exists, and nothing of it reaches the broker.
Not shown  A basket of hundreds of orders: there are none, but for an order with its legs.
Source     FCA final notice and PRA final notice of 22 May 2024.
"""

from stopline.model.numbers import PRICE_ONE, parse_price
from stopline.model.order import OrderClass
from stopline.sim.incidents.stage import Stage


def play() -> Stage:
    """Put the amount where the quantity belongs."""
    stage = Stage(limits={"max_order_notional": 3_000 * PRICE_ONE, "max_order_qty": None, "max_position_qty": None})
    stage.demand(stage.send("buy", 58_000, "175.00") == "max_order_notional", "the amount passes as a quantity")
    legs = {
        "order_class": OrderClass.BRACKET,
        "take_profit": parse_price("180.00"),
        "stop_loss": parse_price("170.00"),
    }
    stage.demand(stage.send("buy", 58_000, "175.00", **legs) == "max_order_notional", "a bracket passes")
    stage.wait(5)
    stage.demand(stage.at_broker() == [], "something of what was refused went out")
    stage.demand(not stage.account.live, "a leg of what was refused lives")
    stage.demand(stage.send("buy", 10, "175.00", **legs) == "approved", "a bracket of a sensible size is refused")
    stage.wait(2)
    stage.demand(len(stage.account.live) == 3, f"an order and its two legs are {list(stage.account.live)}")
    stage.end()
    return stage
