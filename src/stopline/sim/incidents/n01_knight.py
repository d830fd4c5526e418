"""N1  Knight Capital, 1 August 2012.

Then       One of eight servers ran old code: 212 parent orders became over four million, and 460 million dollars
           were lost in 45 minutes. Nothing compared what went out with what had come in.
Here       A bot sends the same order 200 times, then 200 of its own making. What goes out is one order per intent,
           never more than the limit of the position, and never faster than the limit of the rate; and who is killed
           is quiet.
Not shown  A fleet of servers on two versions: there is one process for each account (I07), and an older one cannot
           append.
Source     SEC 34-70694.
"""

from stopline.messages import inputs as i
from stopline.sim.incidents.stage import ACCOUNT, Stage, verdict


def play() -> Stage:
    """Let the bot run wild."""
    stage = Stage()
    same = stage.order("buy", 5, "174.00")
    answers = [verdict(each) for each in stage.ask(*[same] * 200)]
    stage.demand(answers.count("approved") == 1, f"the same order was decided {answers.count('approved')} times")
    stage.demand(len(stage.at_broker()) == 1, "one intent made more than one order")
    for _ in range(20):
        stage.ask(*[stage.order("buy", 2, "174.00") for _ in range(10)])
    sent = len(stage.at_broker())
    stage.demand(sent <= 8, f"{sent} orders of 200 went out, and 20 is all that may be held")
    stage.ask(i.Kill(account=ACCOUNT, reason="it runs wild", actor="ann"))
    stage.wait(5)
    stage.demand(stage.working() == [], "what was killed still works")
    stage.demand(stage.send("buy", 1, "174.00") == "trading_state", "who was killed trades on")
    stage.end()
    return stage
