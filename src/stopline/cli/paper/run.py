"""A recording from its first quote to its last, or until somebody stops it."""

import asyncio
import shutil
import tempfile
import time
from contextlib import AsyncExitStack, suppress
from pathlib import Path
from typing import Final

from msgspec import Struct, structs

from stopline.bootstrap import System, bind, on_signals, open_door, runner
from stopline.cli.instants import minutes_text
from stopline.cli.logs import start_logging
from stopline.cli.outcome import Exit, Stop, say
from stopline.cli.paper.orders import Planned
from stopline.cli.paper.plan import OrderPlan
from stopline.cli.paper.progress import Progress, line, per_mille, remaining
from stopline.cli.paper.report import Outcome, cents, write_as_json, write_report
from stopline.cli.svg import picture
from stopline.cli.tally import Tally
from stopline.config.settings import Settings
from stopline.messages.inputs import MarkPnl
from stopline.model.numbers import SECOND
from stopline.stores import tools
from stopline.venue.recorded import Survey
from stopline.views.account import account_body

LOOK_EVERY_S: Final = 0.1
LAST_MARK_S: Final = 5.0


class Wishes(Struct, frozen=True, kw_only=True):
    """What the options say, looked at and found to be good."""

    account: str
    data_dir: Path | None
    plot: Path | None
    serve: bool
    json: bool
    survey: Survey
    planned: list[Planned]
    not_sent: int


def run_paper(settings: Settings, wishes: Wishes) -> None:
    """Play, and report. Raises StartRefused."""
    start_logging("error", as_json=False)
    data_dir = wishes.data_dir or Path(tempfile.mkdtemp(prefix="stopline-paper-"))
    try:
        with runner() as fastest:
            outcome = fastest.run(_play(structs.replace(settings, data_dir=data_dir), wishes))
    finally:
        if wishes.data_dir is None:
            shutil.rmtree(data_dir, ignore_errors=True)
    (write_as_json if wishes.json else write_report)(outcome)
    if wishes.plot is not None:
        _draw(wishes.plot, outcome)
    if outcome.fault:
        raise Stop(Exit.REFUSED, f"the feed ended early: {outcome.fault}")


async def _play(settings: Settings, wishes: Wishes) -> Outcome:
    stop = on_signals()
    plan = OrderPlan(wishes.planned, lambda: system.desk)
    system = System(settings, plan=plan)
    async with AsyncExitStack() as stack:
        listener = stack.enter_context(bind(settings.host, settings.port)) if wishes.serve else None
        await stack.enter_async_context(system)
        if listener is not None:
            serving = await stack.enter_async_context(open_door(system, listener))
            say(f"watch it: {serving.url}/")
        await _watch(system, plan, wishes.survey, stop)
        complete, at = system.market.ended and plan.is_over, system.loop.state.at
        if complete:
            at = max(at, wishes.survey.ends_at)
            with suppress(TimeoutError):
                async with asyncio.timeout(LAST_MARK_S):
                    await system.settle()
                    system.loop.tell(MarkPnl())
                    await system.settle()
    # The system has stopped: the journal is whole, and the state is the last there was.
    return _outcome(system, plan, settings, wishes, complete=complete, at=at)


async def _watch(system: System, plan: OrderPlan, survey: Survey, stop: asyncio.Event) -> None:
    """Show how far it has come, until it is over or somebody stops it."""
    progress, began = Progress(), time.monotonic_ns()
    while not (stop.is_set() or (system.market.ended and plan.is_over)):
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), LOOK_EVERY_S)
        if progress.is_shown:
            at, elapsed = system.market.last_quote_at, time.monotonic_ns() - began
            done = per_mille(survey.starts_at, survey.ends_at, at)
            rate = system.market.quotes * SECOND // max(elapsed, 1)
            width = shutil.get_terminal_size((80, 24)).columns - 1
            progress.show(line(done, max(at, survey.starts_at), rate, remaining(done, elapsed), width))
    progress.clear()


def _outcome(
    system: System, plan: OrderPlan, settings: Settings, wishes: Wishes, *, complete: bool, at: int
) -> Outcome:
    state = system.loop.state
    account = state.accounts[wishes.account]
    tally = Tally(wishes.account)
    for seq, instant, events in tools.events(settings.data_dir):
        tally.hear(seq, instant, events)
    return Outcome(
        source=settings.market.source,
        survey=wishes.survey,
        played=system.market.quotes,
        at=at,
        complete=complete,
        fault=system.market.error,
        tally=tally,
        body=account_body(account, state, at),
        equity=account.equity(),
        refused=plan.refused,
        not_sent=wishes.not_sent + len(wishes.planned) - plan.sent,
    )


def _draw(path: Path, outcome: Outcome) -> None:
    """Write the picture."""
    tally = outcome.tally
    if not tally.marks:
        raise Stop(Exit.REFUSED, f"{path} is not written: nothing moved the account, so that there is no curve")
    fall = tally.drawdown()
    worst = f", max drawdown {cents(fall.amount)}" if fall is not None else ""
    pnl = "-" if outcome.pnl is None else cents(outcome.pnl)
    text = picture(
        [(mark.at, mark.equity) for mark in tally.marks],
        f"Equity of {outcome.body.account}, {outcome.body.currency}",
        f"{outcome.source}: P&L {pnl}{worst}",
        cents,
        minutes_text,
        base=tally.opening,
        fall=None
        if fall is None or not fall.amount
        else ((fall.peak.at, fall.peak.equity), (fall.trough.at, fall.trough.equity)),
    )
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise Stop(
            Exit.USAGE, f"{path} cannot be written: {error.strerror}", "name a file that can be written"
        ) from None
    say(f"the equity curve is in {path}")
