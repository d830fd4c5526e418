"""N9  Robinhood, 2 and 3 March 2020, and 28 January 2021.

Then       Load and a failing name service kept everybody out for two days; all came back at once, again and again. A
           year later, shares could only be sold.
Here       The line is down for two hours with an order and a position on the other side. Nothing new is risked while
           nobody can see; asking to come back is paced and not a herd; afterwards book and broker agree before
           anybody trades.
Source     FINRA 2020066971201.
"""

from stopline.sim.incidents.stage import Stage, verdict


def play() -> Stage:
    """Cut the line for two hours."""
    stage = Stage()
    stage.send("buy", 5, "176.00")
    stage.send("buy", 5, "150.00")
    stage.wait(2)
    stage.world.wire.down(0)
    stage.wait(5)
    answers = {verdict(each) for each in stage.ask(*[stage.order("buy", 1, "174.00") for _ in range(100)])}
    stage.demand(answers == {"trading_state"}, f"with nobody on the line, orders are answered {answers}")
    tries = stage.world.wire.tries
    stage.wait(7200)
    tries = stage.world.wire.tries - tries
    stage.demand(0 < tries <= 400, f"{tries} tries to connect in two hours")
    stage.world.wire.up()
    stage.wait(120)
    stage.demand(stage.held() == 5, "the position was lost on the way")
    stage.demand(stage.working() == ["o2"], "the order was lost on the way")
    stage.quote("eq:US:AAPL", "175.00")
    stage.demand(stage.send("buy", 1, "174.00") == "approved", "nobody trades although all is well")
    stage.end()
    return stage
