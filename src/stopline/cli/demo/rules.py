"""Steps: a rule ends the day. It cancels, closes and locks; the lock keeps flat, and ends for a second person only."""

from msgspec import structs

from stopline.cli.demo.stage import Stage
from stopline.cli.demo.story import Step
from stopline.cli.demo.wording import ACCOUNT, buy
from stopline.messages import inputs as i
from stopline.model.account import TradingState
from stopline.model.numbers import parse_price
from stopline.model.rules import DailyTotalLossTerms, Rules
from stopline.views.locks import locks_of

RULE = "daily_total_loss"
LOCK = f"lock:{RULE}"


async def rule_acts(stage: Stage) -> None:
    """Set a rule, and let a price fall until it has enough."""
    rules = Rules(daily_total_loss=DailyTotalLossTerms(loss_limit=parse_price("500")))
    await stage.done(i.ChangeRules(account=ACCOUNT, rules=rules, reason="the demo", actor="demo"), f"{RULE} at 500.00")
    await stage.approved(buy("D-31", "20", "AAPL"))
    await stage.filled("D-31", at="171.42")
    await stage.approved(buy("D-32", "2", "TSLA", limit="245.00"))
    await stage.working("D-32", "a resting order to buy")
    await stage.move("AAPL", "154.00", "154.02", "AAPL falls to 154.00 / 154.02")
    await stage.until(lambda: bool(stage.account.breaches), f"{RULE} finds a breach")
    [breach] = stage.account.breaches.values()
    stage.teller.act(f"rule {RULE}", "BROKEN", rule=RULE, reason=breach.verdict.reason)
    stage.teller.detail(breach.verdict.reason)
    await stage.canceled("D-32", "the resting order D-32 is cancelled, and what is held is closed")
    await stage.until(lambda: not stage.account.obligations, "all that was owed is done")
    await stage.position("AAPL", "0")
    stage.teller.detail("the broker was asked, and says flat, with no orders: nothing is owed any more")


async def lock_keeps_flat(stage: Stage) -> None:
    """Try to get in, and to trade elsewhere; and have a second person end it."""
    at = stage.system.loop.state.at
    [lock] = locks_of(stage.account, stage.system.loop.state, at)
    stage.expect((lock.key, lock.keeps_flat), (LOCK, True), "the lock that stands")
    stage.teller.act(lock.key, f"LOCKED  until {(lock.until or '')[:16]}Z", key=lock.key, until=lock.until)
    await stage.denied(buy("D-33", "1", "MSFT"), "trading_state")
    await _trade_elsewhere(stage)
    release = i.ReleaseLock(account=ACCOUNT, key=LOCK, reason="only a demo")
    await stage.refused(release, "release it, alone", "second_person_required")
    await stage.done(structs.replace(release, actor="a second person"), "release it, by a second person")
    await stage.state_is(TradingState.ACTIVE)
    stage.teller.detail("the account is active; that it was released, by whom and why, is in the journal")


async def _trade_elsewhere(stage: Stage) -> None:
    """Buy at the broker itself, past Stopline; see it come in, and go again."""
    fills = len(stage.account.fills)
    await stage.buy_elsewhere("5", "MSFT")
    stage.teller.note("somebody buys 5 MSFT with the broker's own app, past Stopline")
    await stage.until(lambda: len(stage.account.fills) >= fills + 2, "the fill from elsewhere, and its close")
    await stage.until(lambda: not stage.account.obligations, "all that was owed is done")
    stage.teller.detail("the fill is booked, and closed again at once: a lock that keeps flat means it")
    await stage.position("MSFT", "0")


BROKEN = Step(
    "rule",
    "A rule that ends the day",
    "Checks look at orders before they go; rules watch what is held after that. This one has enough at a loss of "
    "500.00: it cancels, closes, and locks the account until the reset.",
    rule_acts,
)
LOCKED = Step(
    "lockout",
    "Locked means flat",
    "Nothing new gets in, by whatever way. Not even who is in a hurry ends it alone.",
    lock_keeps_flat,
)
