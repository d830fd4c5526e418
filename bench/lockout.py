"""P10: from a quote to a lockout on disk, and the alert about it; alone, and with a thousand who hold the same."""

import asyncio
import tempfile
import time
from pathlib import Path

from bench.timing import Row, percentile
from bench.worlds import Bench, HandClock, roomy
from stopline.engine.step import step
from stopline.messages import inputs as i
from stopline.messages.effects import Effect, Notify
from stopline.model.fill import Fill
from stopline.model.numbers import PRICE_ONE, QTY_ONE
from stopline.model.order import Side
from stopline.model.quote import Quote
from stopline.model.rules import DailyTotalLossTerms, Rules
from stopline.ports.journal import Journal
from stopline.runtime.loop import Loop
from stopline.stores.sqlite.journal import open_journal

HELD = "eq:US:SPY"
LOSS = 100 * PRICE_ONE
"""What each account may lose: its ten shares bear ten dollars each."""


def quote(cents: int) -> i.QuoteReceived:
    """Return a quote of a cent's spread."""
    tick = PRICE_ONE // 100
    return i.QuoteReceived(quote=Quote(HELD, 0, cents * tick, (cents + 1) * tick, QTY_ONE, QTY_ONE))


class _Watched(Bench):
    """Accounts that hold ten shares at 400, with a loss limit; the last of them may lose less than all others."""

    def __init__(self, accounts: int) -> None:
        super().__init__(accounts, limits=roomy(), keep=True)
        for number in range(accounts):
            name, limit = f"A{number}", LOSS if number == accounts - 1 else LOSS * 1000
            self.do(i.ChangeRules(account=name, rules=Rules(daily_total_loss=DailyTotalLossTerms(loss_limit=limit))))
            fill = Fill(name, f"E{number}", HELD, Side.BUY, 10 * QTY_ONE, 400 * PRICE_ONE, 0, self.at)
            self.do(i.FillReported(broker="paper", fill=fill))
        for cents in (40_000, 40_001, 40_000):
            self.do(quote(cents))


async def _lock_out(folder: Path, world: _Watched) -> float:
    """Return microseconds from a quote at the limit to the notice of the alert, whose record is durable."""
    journal: Journal = open_journal(folder)
    await journal.append(world.records)
    noticed: asyncio.Future[float] = asyncio.get_running_loop().create_future()

    def carry_out(effects: tuple[Effect, ...], is_late: bool = False) -> None:
        if any(isinstance(effect, Notify) for effect in effects) and not noticed.done():
            noticed.set_result(time.perf_counter())

    loop = Loop(world.state, journal, HandClock(world.at), rebuild=lambda: world.state, abort=print)
    loop.publisher.carry_out = carry_out
    loop.start()
    # The first commit of a process makes files and caches: it is not what is asked about.
    await loop.ask(i.ArmAccount(account="A0"))
    started = time.perf_counter()
    loop.tell(quote(38_999))
    ended = await noticed
    await loop.stop()
    await journal.close()
    return (ended - started) * 1e6


def lockouts(quick: bool) -> list[Row]:
    """P10: quote -> durable lockout -> alert, at 1 and at 1,000 holders."""
    rows = []
    for holders, target in ((1, 1000), (1000, 1500)):
        times = []
        for _ in range(3 if quick else 15):
            with tempfile.TemporaryDirectory() as name:
                times.append(asyncio.run(_lock_out(Path(name), _Watched(holders))))
        median = percentile(times, 0.5)
        rows.append(
            Row("P10", f"quote -> durable lockout -> alert, {holders} holders", f"{median:,.0f} us",
                f"<= {target:,} us", median <= target)
        )  # fmt: skip
    return [*rows, _quiet_quote(quick)]


def _quiet_quote(quick: bool) -> Row:
    """What rules add to a quote that changes nothing they say."""

    def per_quote(world: _Watched) -> float:
        times = []
        for number in range(20 if quick else 100):
            message = quote(40_000 + number % 7)
            started = time.perf_counter()
            step(world.state, message, world.at)
            times.append((time.perf_counter() - started) * 1e6)
        return percentile(times, 0.5)

    ruled, bare = _Watched(1000), _Watched(1000)
    for name in bare.state.accounts:
        bare.do(i.ChangeRules(account=name, rules=Rules()))
    ratio = per_quote(ruled) / per_quote(bare)
    return Row("P10", "quote over 1,000 holders, with a rule / without", f"{ratio:.2f}x", "", None)
