"""N4  HanMag Securities, 12 December 2013.

Then       An interest rate for options was set as days over nothing: 36,000 trades at absurd prices in 143 seconds
           took 46 billion won, more than the firm had.
Here       A model is wrong by a factor. A buy far above the market and a sell far below it are denied by the collar,
           a flood of them by the rate, and what got through before is stopped by the loss of the day.
Source     Korea Exchange; Financial Supervisory Service.
"""

from stopline.messages import events as e
from stopline.model.numbers import PRICE_ONE, parse_ratio
from stopline.sim.incidents.stage import Stage


def play() -> Stage:
    """Trade on a model that divides by nothing."""
    stage = Stage(limits={"price_collar": parse_ratio("0.05"), "daily_loss": 100 * PRICE_ONE})
    stage.demand(stage.send("buy", 5, "1750.00") == "price_collar", "ten times the price passes")
    stage.demand(stage.send("sell", 5, "17.50") == "price_collar", "a tenth of the price passes")
    stage.demand(stage.send("buy", 10, "180.00") == "approved", "a price within the band does not pass")
    stage.wait(2)
    stage.quote("eq:US:AAPL", "160.00")
    stage.quote("eq:US:AAPL", "160.00")
    stage.demand(bool(stage.events(e.BreakerTripped)), "the loss of the day opens no breaker")
    stage.demand(stage.send("buy", 1, "160.00") == "trading_state", "after the loss of the day, it trades on")
    stage.demand(stage.send("sell", 10, "159.00") == "approved", "after the loss of the day, nobody gets out")
    stage.wait(2)
    stage.demand(stage.held() == 0, "the exit did not fill")
    stage.end()
    return stage
