"""N11  Leap seconds, 2012 to 2017.

Then       A duration became negative and a resolver fell over; a desk's test of half a second for old prices looked
           away for a whole one; an exchange halted on its clocks.
Here       The wall clock is set back and forth by seconds and by an hour. Engine time never runs back; windows,
           locks and the age of prices stand; and while the clock is not trusted, nothing new is risked until a
           person says so.
Source     Cloudflare, 1 January 2017; reliability.md F30 to F33.
"""

from stopline.messages import inputs as i
from stopline.model.numbers import SECOND
from stopline.sim.incidents.stage import ACCOUNT, Stage


def play() -> Stage:
    """Set the clock."""
    stage = Stage()
    wall = stage.world.wall
    for step in (1, -1, 1, -1):
        wall.offset += step * SECOND
        stage.quote("eq:US:AAPL", "175.00")
        stage.demand(stage.send("buy", 1, "170.00") == "approved", "a leap second keeps people from trading")
        stage.wait(90)
    until = stage.world.timeline.now + 600 * SECOND
    stage.ask(i.LockOut(account=ACCOUNT, until=until, reason="enough", actor="ann"))
    wall.offset += 3600 * SECOND
    stage.wait(120)
    stage.quote("eq:US:AAPL", "175.00")
    stage.demand(stage.send("buy", 1, "170.00") == "trading_state", "setting the clock by an hour ends a lock")
    moved = abs(stage.world.disk.records[-1].at - stage.world.timeline.now)
    stage.demand(moved < 60 * SECOND, f"setting the clock by an hour moves engine time by {moved // SECOND} s")
    wall.offset -= 7200 * SECOND
    stage.wait(600)
    stage.demand("clock" in stage.account.restrictions, "a clock that is two hours wrong is trusted")
    wall.offset = 0
    stage.wait(120)
    stage.end()
    return stage
