"""N10  The CME halt, 28 November 2025.

Then       A cooling plant failed; prices stood still for hours while brokers went on with prices of their own.
Here       Quotes stop while the clock runs. An order without a price is refused, a stop does not fire on what stands
           still, a position has no trusted mark; then trading comes back with a gap, and the stop fires at what is
           there.
Source     CME Group's notices of the day.
"""

from stopline.sim.incidents.stage import OIL, Stage


def play() -> Stage:
    """Freeze the market for four hours."""
    stage = Stage()
    stage.send("buy", 2, "60.05", symbol=OIL)
    stage.wait(2)
    stage.demand(stage.send("sell", 2, stop="58.00", symbol=OIL) == "approved", "a stop is not taken")
    stage.wait(4 * 3600)
    stage.demand(stage.send("buy", 1, symbol=OIL) == "quote_usable", "a market order passes on a price of hours ago")
    stage.demand(stage.held(OIL) == 2, "the stop fired while nothing traded")
    stage.quote(OIL, "55.00")
    stage.quote(OIL, "55.00")
    stage.wait(2)
    stage.demand(stage.held(OIL) == 0, "after the gap, the stop did not fire")
    stage.end()
    return stage
