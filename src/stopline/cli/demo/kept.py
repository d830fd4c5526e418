"""Steps: orders that Stopline keeps. A bracket, a trailing stop, a condition, a close past one's own stop."""

from stopline.cli.demo.stage import Stage
from stopline.cli.demo.story import Step
from stopline.cli.demo.wording import ACCOUNT, buy, sell
from stopline.messages import inputs as i
from stopline.model.numbers import parse_price
from stopline.model.order import Condition, Hold, OrderClass, OrderType, Relation


async def bracket(stage: Stage) -> None:
    """Enter with both ways out, and see the stop go to the broker and the target take its place."""
    await stage.approved(
        buy("D-05", "2", "TSLA", limit="249.00", order_class=OrderClass.BRACKET, take_profit="260", stop_loss="245")
    )
    await stage.working("D-05", "the entry works at the broker; its legs wait here")
    await stage.waits("D-05/stop_loss", Hold.PARENT)
    await stage.move("TSLA", "248.90", "248.98", "TSLA comes down to 248.90 / 248.98")
    await stage.filled("D-05", at="249.00")
    await stage.rests("D-05/stop_loss", "the stop moves to the broker, and rests there whether Stopline runs or not")
    await stage.waits("D-05/take_profit", Hold.PRICE)
    await stage.move("TSLA", "260.10", "260.15", "TSLA rises to 260.10 / 260.15")
    await stage.filled("D-05/take_profit", at="260.10")
    await stage.canceled("D-05/stop_loss", "the stop was called back first: never could both have sold")
    await stage.position("TSLA", "0")


async def trailing_stop(stage: Stage) -> None:
    """Let a stop follow the price up, and be taken out on the way down."""
    await stage.approved(buy("D-06", "10", "AAPL"))
    await stage.filled("D-06", at="171.92")
    await stage.approved(
        sell("D-07", "10", "AAPL", order_type=OrderType.TRAILING_STOP, trail_amount="1.50"), reducing=True
    )
    await stage.waits("D-07", Hold.PRICE)
    await stage.move("AAPL", "173.00", "173.02", "AAPL rises to 173.00 / 173.02")
    await stage.stop_is("D-07", "171.50")
    await stage.move("AAPL", "171.40", "171.42", "AAPL falls to 171.40 / 171.42")
    await stage.filled("D-07", at="171.40")
    await stage.position("AAPL", "0")


async def condition(stage: Stage) -> None:
    """Buy one instrument when another reaches a price."""
    when = Condition("MSFT", Relation.AT_OR_BELOW, parse_price("378.50"))
    await stage.approved(buy("D-08", "5", "AAPL", condition=when))
    await stage.waits("D-08", Hold.CONDITION)
    await stage.move("MSFT", "378.40", "378.44", "MSFT slips to 378.40 / 378.44")
    await stage.filled("D-08", at="171.42")
    await stage.move("MSFT", "378.90", "378.98")
    await stage.position("AAPL", "5")


async def close_past_a_stop(stage: Stage) -> None:
    """Close a position that one's own stop already covers."""
    await stage.approved(sell("D-09", "5", "AAPL", stop="165.00"), reducing=True)
    await stage.working("D-09", "a stop for all that is held works at the broker")
    name = await stage.closing(i.ClosePosition(account=ACCOUNT, symbol="AAPL", actor="demo"), "close AAPL")
    await stage.filled(name, at="171.40")
    await stage.canceled("D-09", "the stop was called back, and is gone with the position")
    await stage.position("AAPL", "0")


BRACKET = Step(
    "bracket",
    "A bracket: in, with both ways out",
    "The paper broker knows no brackets. Stopline keeps the legs: the stop goes to the broker with the first fill, the "
    "target waits until its price is there.",
    bracket,
)
TRAILING = Step(
    "trailing-stop",
    "A trailing stop that Stopline holds",
    "The broker knows none of these either. The stop follows the price, tick by tick, and never back; it is on disk, "
    "and outlives a crash.",
    trailing_stop,
)
CONDITION = Step(
    "condition",
    "When another price is reached",
    "An order may wait for any instrument, or for an instant. It counts against the limits while it waits, and every "
    "check looks again before it goes.",
    condition,
)
CLOSE = Step(
    "close-past-a-stop",
    "A way out past one's own stop",
    "Both together would sell twice what is held. So the stop is called back first, and the close goes once the broker "
    "has let go of it.",
    close_past_a_stop,
)
