"""N2  UBS and the Facebook opening, 18 May 2012.

Then       The exchange acknowledged nothing for hours; UBS sent its orders again and again, and lost some 350
           million dollars. The exchange's own cross was worked out anew for each cancel that arrived, and never
           ended.
Here       Nothing comes back for three hours, then all of it at once. The bot sends its order a hundred times: the
           broker gets one. What is not known stays reserved, and asking after it is bounded.
Source     SEC 34-69655; brokers' own accounts.
"""

from stopline.model.numbers import QTY_ONE
from stopline.sim.incidents.stage import AAPL, Stage


def play() -> Stage:
    """Hold everything back for three hours."""
    stage = Stage()
    wire = stage.world.wire
    wire.weather.holds = True
    order = stage.order("buy", 10, "176.00")
    stage.ask(order)
    for _ in range(100):
        stage.ask(order)
        stage.wait(100)
    stage.demand(stage.at_broker() == ["o1"], f"the broker got {stage.at_broker()}")
    position = stage.account.positions[AAPL]
    stage.demand(position.highest == 10 * QTY_ONE, "what is not known is not reserved")
    # One a half minute and no more; ten seconds of each the broker takes to say nothing.
    asked = wire.questions
    stage.demand(asked < 500, f"{asked} questions in three hours: asking is not bounded")
    wire.release()
    stage.wait(600)
    stage.demand(stage.held() == 10, "three hours late, the fill is not booked once")
    stage.end()
    return stage
