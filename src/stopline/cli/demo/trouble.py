"""Steps: the day goes wrong. The daily loss, what the breaker stops and what it lets go, and flat with one word."""

from msgspec import structs

from stopline.cli.demo.stage import Stage
from stopline.cli.demo.story import Step
from stopline.cli.demo.wording import ACCOUNT, buy, cash, sell
from stopline.messages import inputs as i
from stopline.model.account import TradingState
from stopline.model.numbers import parse_price
from stopline.views.report import status


async def daily_loss(stage: Stage) -> None:
    """Let a falling price reach the day's loss limit, without anybody sending an order."""
    lower = structs.replace(stage.account.limits.own(), daily_loss=parse_price("150"))
    await stage.set_limits("daily_loss down to 150.00", lower)
    await stage.approved(buy("D-21", "2", "TSLA", limit="245.00"))
    await stage.working("D-21", "a resting order to buy, as the worst comes")
    await stage.move("NVDA", "430.00", "430.04", "NVDA drops to 430.00 / 430.04")
    await stage.state_is(TradingState.REDUCING)
    breaker = (await stage.system.desk.look(status)).breakers[0]
    stage.teller.act("circuit breaker", f"TRIPPED  {breaker.trigger_type}", breaker_id=breaker.breaker_id)
    stage.teller.detail(
        f"day P&L {cash(stage.account.total_pnl(), signed=True)}, limit -150.00: the account may only reduce",
        trigger_value=breaker.trigger_value,
        threshold=breaker.threshold,
    )
    stage.expect(breaker.trigger_type, "DAILY_LOSS", "what tripped")
    await stage.canceled("D-21", "the resting order D-21 is cancelled: it must not fill after the breaker")


async def entries_denied(stage: Stage) -> None:
    """Try to win it back, try to reset the breaker, and get out."""
    await stage.denied(buy("D-22", "1", "TSLA"), "trading_state")
    breaker = next(each for each in stage.system.loop.state.breakers.values() if each.active)
    reset = i.ResetBreaker(breaker_id=breaker.breaker_id, reason="I will be careful", actor="demo")
    await stage.refused(reset, f"reset breaker {breaker.breaker_id}", "condition_persists")
    await stage.approved(sell("D-23", "5", "NVDA"), reducing=True)
    await stage.filled("D-23", at="430.00")
    await stage.position("NVDA", "0")


async def flatten(stage: Stage) -> None:
    """Close everything with one word, and see that the account is flat."""
    await stage.done(i.Flatten(account=ACCOUNT, reason="enough for today", actor="demo"), "flatten")
    await stage.until(lambda: not stage.held("MSFT") and not stage.account.live, "flat, with no orders")
    await stage.position("MSFT", "0")
    body = await stage.body()
    stage.expect((body.open_positions, body.working_orders), (0, 0), "open positions and working orders")
    stage.teller.detail("no position and no order is left")


async def new_start(stage: Stage) -> None:
    """Raise the limit in the open, and only then reset the breaker."""
    higher = structs.replace(stage.account.limits.own(), daily_loss=parse_price("1000"))
    await stage.set_limits("daily_loss up to 1,000.00", higher)
    breaker = next(each for each in stage.system.loop.state.breakers.values() if each.active)
    reset = i.ResetBreaker(breaker_id=breaker.breaker_id, reason="reviewed", actor="demo")
    await stage.done(reset, f"reset breaker {breaker.breaker_id}")
    await stage.state_is(TradingState.ACTIVE)
    stage.teller.detail("the account is active; who did it, when and why is in the journal")


DAILY_LOSS = Step(
    "daily-loss",
    "The daily loss limit",
    "The limit is watched on every quote, not only on orders: here nobody sends anything, a price just falls.",
    daily_loss,
)
LOCKED = Step(
    "breaker-open",
    "After the breaker: out, but not in",
    "No new risk, and no talking it round while the loss stands. The exit goes.",
    entries_denied,
)
FLATTEN = Step(
    "flatten",
    "Flat, with one word",
    "Cancel what works, wait until that is confirmed, close what is held, and do not rest until the broker says flat.",
    flatten,
)
NEW_START = Step(
    "new-start",
    "A person takes responsibility",
    "The breaker opens for nobody while its cause stands. A paper account may raise its limit at once; an armed one "
    "must wait, or ask a second person.",
    new_start,
)
