"""N12  A change while the line is lost, Nautilus #4564 and #4215.

Then       An order was changed while the connection failed: old and new both lived, and the position was twice as
           large. A retry fired after the acknowledgement had come.
Here       The line is cut while a change is on its way, in both directions. Old and new are reserved until one is
           proven dead, the change is never sent twice, and in the end one order works.
Source     nautechsystems/nautilus_trader, issues 4564 and 4215.
"""

from stopline.messages import inputs as i
from stopline.model.numbers import QTY_ONE, parse_price
from stopline.sim.incidents.stage import AAPL, ACCOUNT, Stage


def play() -> Stage:
    """Cut the line around a change."""
    stage = Stage()
    for number, (arrives, name) in enumerate(((True, "o1"), (False, "o2")), 1):
        stage.send("buy", 5, "170.00")
        stage.wait(2)
        weather = stage.world.wire.weather
        weather.reply_lost, weather.report_lost, weather.request_lost = 1000, 1000, 0 if arrives else 1000
        change = i.ReplaceOrder(
            account=ACCOUNT, client_order_id=name, order_qty=7 * QTY_ONE, limit_price=parse_price("169.00")
        )
        stage.ask(change)
        stage.wait(2)
        highest = stage.account.positions[AAPL].highest
        stage.demand(highest >= 12 * QTY_ONE, f"old and new are not both reserved, but {highest // QTY_ONE}")
        stage.world.wire.cut(0)
        stage.calm()
        stage.wait(700)
        working = stage.working()
        stage.demand(len(working) == number, f"{working} work")
        size = stage.world.house.books[ACCOUNT].orders
        sizes = [order.terms.order_qty // QTY_ONE for order in size.values() if order.is_working]
        stage.demand(sizes[-1] == (7 if arrives else 5), f"sizes are {sizes}")
    stage.end()
    return stage
