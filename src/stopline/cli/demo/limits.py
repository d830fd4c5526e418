"""Steps: what the gate keeps back. Too large, too much at its worst, sent twice, and an exit past a limit."""

from msgspec import structs

from stopline.cli.demo.stage import NotAsTold, Stage
from stopline.cli.demo.story import Step
from stopline.cli.demo.wording import ACCOUNT, buy, describe, sell
from stopline.messages import inputs as i
from stopline.messages import replies as r
from stopline.model.numbers import parse_price


async def too_large(stage: Stage) -> None:
    """Ask for more than one order may be worth."""
    decision = await stage.denied(buy("D-11", "100", "AAPL", limit="172.00"), "max_order_notional")
    stage.expect(decision.max_passing_qty, 29 * 10**9, "the largest order that would pass")


async def at_its_worst(stage: Stage) -> None:
    """Let two resting orders meet the position limit, before either of them trades."""
    await stage.approved(buy("D-12", "10", "MSFT", limit="340.00"))
    await stage.working("D-12", "it rests far below the market, and may never trade")
    await stage.denied(buy("D-13", "10", "MSFT", limit="378.00"), "max_position")
    await stage.done(i.CancelOrder(account=ACCOUNT, client_order_id="D-12", actor="demo"), "cancel D-12")
    await stage.canceled("D-12", "cancelled: what it took of the limit is free again")


async def same_order_twice(stage: Stage) -> None:
    """Send an order again, as a bot does that has heard no answer; and then another one under its id."""
    again = buy("D-04", "5", "NVDA", stop="452.00", limit="453.00")
    reply = await stage.system.desk.ask(again)
    if not isinstance(reply, r.Repeated):
        raise NotAsTold(f"the same order twice: the story says the same answer, but it was {reply!r}")
    stage.teller.act(f"D-04 again: {describe(again)}", "OK  same answer", client_order_id="D-04", repeated=True)
    await stage.position("NVDA", "5")
    other = buy("D-04", "9", "NVDA")
    await stage.refused(other, f"D-04 again, but {describe(other)}", "client_order_id_conflict")


async def exit_past_a_limit(stage: Stage) -> None:
    """Lower a limit below what is held: nothing gets in, everything gets out, and nothing turns around."""
    own = stage.account.limits.own()
    await stage.set_limits("max_position down to 2,000.00", structs.replace(own, max_position=parse_price("2000")))
    await stage.denied(buy("D-15", "1", "MSFT"), "max_position")
    await stage.denied(sell("D-16", "12", "MSFT"), "max_position")
    await stage.approved(sell("D-17", "5", "MSFT"), reducing=True)
    await stage.filled("D-17", at="378.90")
    await stage.position("MSFT", "5")
    await stage.set_limits("max_position back to 10,000.00", own)


TOO_LARGE = Step(
    "order-too-large",
    "An order that is too large",
    "No order may be worth more than 5,000.00. A denial names the check, what it saw, what is allowed, and what would "
    "pass.",
    too_large,
)
AT_ITS_WORST = Step(
    "worst-case",
    "Exposure is counted at its worst",
    "10 MSFT are held. If all that rests were to trade as well, the position must still be within 10,000.00.",
    at_its_worst,
)
TWICE = Step(
    "same-order-twice",
    "The same order twice",
    "A bot that heard no answer sends its order again. The same id with the same body gets the same answer, for ever, "
    "and trades once.",
    same_order_twice,
)
EXIT = Step(
    "exit-past-a-limit",
    "Exits are never blocked, and never flip",
    "Now the limit drops below what is already held. Buying one more is denied; so is selling 12 of 10, because that "
    "could end short. Selling 5 goes.",
    exit_past_a_limit,
)
