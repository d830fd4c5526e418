"""N14  Corrections, resets and ids in use at Interactive Brokers.

Then       An execution id that ends in .02 corrects the one that ends in .01; clients added both. The gateway
           restarts every day, and an order keeps neither its session nor its number.
Here       A correction replaces and never adds, also the second time it is told and the correction of a correction.
           After the daily restart orders have other numbers, and are the same orders.
Source     ib_insync, issue 364; IBKR API message codes 1100 to 1102 and 326.
"""

from stopline.model.numbers import QTY_ONE, parse_price
from stopline.sim.incidents.stage import ACCOUNT, Stage


def play() -> Stage:
    """Correct twice, and restart."""
    stage = Stage()
    house = stage.house
    stage.send("buy", 10, "176.00")
    stage.wait(2)
    now = stage.world.timeline.now
    house.correct(ACCOUNT, house.books[ACCOUNT].fills[-1], 10 * QTY_ONE, parse_price("175.50"), now)
    house.correct(ACCOUNT, house.books[ACCOUNT].fills[-1], 10 * QTY_ONE, parse_price("175.25"), now)
    stage.wait(400)
    stage.demand(stage.held() == 10, "a correction added to what it corrects")
    stage.demand(stage.account.cash == house.cash(ACCOUNT), "cash is not at the last price")
    stage.send("buy", 5, "150.00")
    stage.wait(2)
    house.restart()
    stage.world.wire.down(0)
    stage.wait(120)
    stage.world.wire.up()
    stage.wait(120)
    stage.demand(stage.working() == ["o2"], "after the restart another order works")
    stage.demand(list(stage.account.live) == ["o2"], "after the restart our book has another order")
    stage.end()
    return stage
