"""N7  The Swiss franc, 15 January 2015.

Then       The floor was given up and the rate moved by up to forty per cent at once; stops filled far away, clients
           owed money, and brokers changed the prices of fills afterwards.
Here       Forty per cent in one tick. The lock comes once, not once a tick; equity below zero is shown as it is; the
           position is closed; and a price that the broker corrects later is booked in the place of the first one.
Source     FCA and NFA reports; FXCM's account of January 2015.
"""

from stopline.messages import events as e
from stopline.model.numbers import PRICE_ONE, parse_price
from stopline.model.rules import DailyTotalLossTerms, Rules
from stopline.sim.incidents.stage import AAPL, ACCOUNT, Stage


def play() -> Stage:
    """Gap down by forty per cent."""
    rules = Rules(daily_total_loss=DailyTotalLossTerms(loss_limit=500 * PRICE_ONE))
    stage = Stage(rules=rules, cash=1_200 * PRICE_ONE)
    stage.send("buy", 20, "176.00")
    stage.wait(2)
    for _ in range(6):
        stage.quote(AAPL, "105.00")
    stage.wait(30)
    locks = [each for each in stage.events(e.RestrictionPlaced) if each.key.startswith("lock")]
    stage.demand(len(locks) == 1, f"the lock came {len(locks)} times")
    stage.demand(stage.held() == 0, "the position is not closed")
    equity = stage.account.equity()
    stage.demand(equity is not None and equity < 0, f"equity shows {equity}")
    fill = stage.house.books[ACCOUNT].fills[-1]
    stage.house.correct(ACCOUNT, fill, fill.qty, parse_price("110.00"), stage.world.timeline.now)
    stage.wait(2)
    stage.demand(stage.account.cash == stage.house.cash(ACCOUNT), "the corrected price is not in our cash")
    stage.demand("lock:daily_total_loss" in stage.account.restrictions, "a correction released the lock")
    stage.end()
    return stage
