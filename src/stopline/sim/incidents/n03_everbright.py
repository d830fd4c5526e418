"""N3  Everbright Securities, 16 August 2013.

Then       A button to send what was missing made 26,082 orders in two seconds, 23.4 billion yuan of them; the desk
           was outside of the firm's control of risk.
Here       The button is pressed a hundred times while replies are lost. No order goes out twice, no order goes out
           by another way than the gate, and the position's limit holds whatever comes back.
Source     CSRC, decision of 30 August 2013.
"""

from stopline.sim.incidents.stage import Stage


def play() -> Stage:
    """Press the button."""
    stage = Stage()
    weather = stage.world.wire.weather
    weather.reply_lost = 700
    basket = [stage.order("buy", 3, "174.00", id=f"basket-{number}") for number in range(5)]
    stage.ask(*basket)
    for _ in range(100):
        stage.ask(*basket)
        stage.wait(5)
    orders = stage.at_broker()
    stage.demand(len(orders) == len(set(orders)), f"orders went out twice: {orders}")
    stage.demand(len(orders) <= 5, f"pressing a button made {len(orders)} orders of five")
    stage.calm()
    stage.wait(120)
    stage.end()
    return stage
