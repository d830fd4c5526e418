"""The end of the story: what the day came to, whether the journal holds, and what to try next."""

import asyncio
from contextlib import suppress
from pathlib import Path

from stopline.bootstrap import System
from stopline.cli.demo.teller import Teller
from stopline.cli.demo.wording import ACCOUNT
from stopline.cli.figures import money
from stopline.cli.tally import Tally
from stopline.ports.journal import JournalError
from stopline.stores import tools
from stopline.views.account import account_body


async def finish(system: System, teller: Teller, wrong: str, *, kept: Path | None, url: str) -> str:
    """Tell what the journal holds of the day, and verify it; returns what was not as told, the journal included."""
    body = await system.desk.look(lambda state, at: account_body(state.accounts[ACCOUNT], state, at))
    tally = Tally(ACCOUNT)
    with suppress(JournalError):  # what it says until the damage; the proof says where that is
        tally.read(system.journal.read())
    proof = await asyncio.to_thread(tools.verify, system.settings.data_dir)
    wrong = wrong or ("" if proof.intact else f"the journal does not hold: {proof.message}")
    denied = ", ".join(f"{check} {count}" for check, count in tally.denied.most_common())
    rows = [
        ("orders approved", f"{tally.approved}, of which {tally.reducing} were exits"),
        ("orders denied", f"{tally.denied.total()} ({denied})"),
        ("fills", str(tally.fills)),
        ("breakers tripped", ", ".join(each.trigger_type for _, each in tally.breakers) or "none"),
        ("day P&L", f"{money(body.total_pnl, signed=True)} {body.currency}"),
        ("the account", f"{body.trading_state}, {body.open_positions} positions, {body.working_orders} orders"),
        ("journal", f"{proof.records} records; chain {'intact' if proof.intact else 'BROKEN: ' + proof.message}"),
    ]
    title = "The day in figures" if not wrong else "It did not go as told; the day until then"
    teller.finish(
        title,
        rows,
        [] if wrong else _hints(kept, url),
        as_told=not wrong,
        wrong=wrong or None,
        approved=tally.approved,
        reducing=tally.reducing,
        denied=dict(tally.denied),
        fills=tally.fills,
        breakers=[each.trigger_type for _, each in tally.breakers],
        total_pnl=body.total_pnl,
        trading_state=body.trading_state,
        journal={"intact": proof.intact, "records": proof.records, "head_hash": proof.head_hash},
        data_dir=None if kept is None else str(kept),
        url=url or None,
    )
    return wrong


def _hints(kept: Path | None, url: str) -> list[str]:
    """Return what a person may try next."""
    tries = [
        ("stopline demo --keep-running", "leave it running, and look at the page"),
        ("stopline run", "a market of your own, on 127.0.0.1:8082"),
        ("stopline paper --quotes FILE", "a recorded market, the same gate"),
    ]
    if kept is not None:
        tries.insert(0, ("stopline journal show", f"every decision: --data-dir {kept}"))
    return [
        f"{command:30}{text}"
        for command, text in (tries if not url else [each for each in tries if "keep-running" not in each[0]])
    ]
