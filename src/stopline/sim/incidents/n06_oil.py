"""N6  West Texas oil below zero, 20 April 2020.

Then       The future settled at -37.63. A broker showed one cent, refused negative limits and worked its margins out
           wrong; it gave 82.57 million dollars back.
Here       The price goes from ten dollars to minus forty. Value, loss and limits keep their sign, an order at a
           negative price is taken, and the position is closed at one.
Source     CFTC interim staff report, November 2020; CFTC 8438-21.
"""

from stopline.model.numbers import PRICE_ONE
from stopline.sim.incidents.stage import OIL, Stage


def play() -> Stage:
    """Fall below zero."""
    stage = Stage()
    stage.quote(OIL, "10.00")
    stage.demand(stage.send("buy", 2, "10.05", symbol=OIL) == "approved", "a future is not bought")
    stage.wait(2)
    stage.quote(OIL, "-37.63")
    stage.quote(OIL, "-37.63")
    unrealized = stage.account.valuation.unrealized
    stage.demand(unrealized < -9000 * PRICE_ONE, f"two micro contracts from 10 to -37.63 show {unrealized / PRICE_ONE}")
    stage.demand(stage.send("sell", 2, "-40.00", symbol=OIL) == "approved", "a limit below zero is refused")
    stage.wait(2)
    stage.demand(stage.held(OIL) == 0, "nobody gets out below zero")
    lost = stage.world.house.cash("A1") - stage.world._cash
    stage.demand(-9600 * PRICE_ONE < lost < -9500 * PRICE_ONE, f"it cost {lost / PRICE_ONE}")
    stage.demand(stage.account.cash == stage.world.house.cash("A1"), "our cash is not the broker's")
    stage.end()
    return stage
