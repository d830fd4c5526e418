"""N13  Silence of the stream: alpaca-py #198, Alpaca #74 and #199; hummingbot.

Then       No event came until an order was canceled; cancels stayed pending; the ends of legs were not streamed. A
           bot gave six live orders up as lost when the name service failed.
Here       The stream is open and says nothing, while requests are answered. Fills, cancels and ends come by asking;
           an order of which nothing is heard stays counted, and is never given up.
Source     the issues named; hummingbot's account of lost orders.
"""

from stopline.messages import inputs as i
from stopline.sim.incidents.stage import AAPL, ACCOUNT, Stage


def play() -> Stage:
    """Let the stream say nothing."""
    stage = Stage()
    stage.world.wire.weather.half_open = True
    stage.send("buy", 5, "176.00")
    stage.send("buy", 5, "150.00")
    stage.wait(700)
    stage.demand(stage.held() == 5, "a fill that no stream brought was not asked for")
    stage.ask(i.CancelOrder(account=ACCOUNT, client_order_id="o2"))
    stage.wait(700)
    stage.demand("o2" not in stage.account.live, "a cancel that no stream confirmed was not asked after")
    stage.quote(AAPL, "175.00")
    stage.demand(stage.send("sell", 5, stop="170.00") == "approved", "a stop is not taken")
    stage.wait(60)
    stage.quote(AAPL, "168.00")
    stage.wait(700)
    stage.demand(stage.held() == 0, "the end of the stop was not asked for")
    stage.end()
    return stage
