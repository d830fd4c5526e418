"""N5  The flash crash, 6 May 2010.

Then       A sell program looked at volume alone; prices fell to stub quotes of a cent, stops fired on them, and
           trades were broken hours later.
Here       A bid of a cent against an ask of a hundred thousand moves no mark and fires no stop. A trade at a price
           that never was is broken the day after, and P&L is exactly what it had been without it.
Source     SEC and CFTC, Findings regarding the market events of May 6, 2010.
"""

from stopline.model.numbers import parse_price
from stopline.sim.incidents.stage import AAPL, ACCOUNT, Stage


def play() -> Stage:
    """Pull the bids away, and break a trade."""
    stage = Stage()
    stage.send("buy", 10, "176.00")
    stage.wait(2)
    stage.demand(stage.send("sell", 10, stop="170.00") == "approved", "a stop is not taken")
    before = stage.account.valuation.by_instrument[AAPL].mark
    stage.quote(AAPL, "175.00", bid="0.01", ask="100000")
    stage.wait(5)
    stage.demand(stage.account.valuation.by_instrument[AAPL].mark == before, "a stub moved the mark")
    stage.demand(stage.held() == 10, "the stop fired on a stub alone")
    cash = stage.account.cash
    now = stage.world.timeline.now
    stage.house.correct(ACCOUNT, stage.house.books[ACCOUNT].fills[0], 10 * 10**9, parse_price("0.01"), now)
    stage.wait(20 * 3600)
    wrong = stage.house.books[ACCOUNT].fills[-1]
    stage.demand(stage.account.cash > cash, "the wrong price was not booked")
    stage.house.correct(ACCOUNT, wrong, 10 * 10**9, parse_price("175.01"), stage.world.timeline.now)
    stage.wait(2)
    stage.demand(stage.account.cash == cash, "after the correction, cash is not what it was")
    stage.end()
    return stage
