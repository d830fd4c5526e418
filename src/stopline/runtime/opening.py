"""What every process says first: who it is, its accounts, instruments, limits and trading days.

Source     architecture.md promise 3; reliability.md F34.
"""

import asyncio
import logging
from collections.abc import Iterable

from msgspec.structs import replace

from stopline.config.settings import Settings
from stopline.messages import inputs as i
from stopline.messages.replies import Proposed, Refused
from stopline.model.instrument import Instrument
from stopline.ports.journal import Journal
from stopline.runtime.configured import canonical_in, find_changes, find_rule_changes, said_before, said_by_settings
from stopline.runtime.loop import Loop
from stopline.runtime.misnamed import misnamed
from stopline.runtime.timers import Timers

log = logging.getLogger(__name__)
UNAPPLIED = "*"
"""Stands behind the version of a configuration whose limits are being told."""


class SettingsRefused(Exception):
    """The engine does not take what the configuration says."""


async def say_first(
    loop: Loop,
    journal: Journal,
    settings: Settings,
    instruments: tuple[Instrument, ...],
    start: i.StartEngine,
    timers: Timers,
) -> None:
    """Say it, and return when it is durable. Raises SettingsRefused, DeskUnavailable.

    Under the configuration of the last start no limits are untold, and nothing has to be read.
    """
    changes = []
    if start.config_version != journal.head().config_version:
        changes = await find_unapplied(loop, journal, settings, instruments)
    if changes:
        start = replace(start, config_version=start.config_version + UNAPPLIED)
    loop.start()
    await _ask(loop, settings, [start])
    await _ask(loop, settings, [i.OpenAccount(terms=terms) for terms in settings.accounts])
    await _ask(loop, settings, [i.ListInstrument(instrument=instrument) for instrument in instruments])
    await _ask(loop, settings, changes)
    await _ask_rules(loop, settings)
    for line in misnamed(settings, loop.state.instruments):
        log.warning("%s: %s", settings.source, line)
    timers.reload()
    timers.feed_due()
    await loop.quiet()


async def find_unapplied(
    loop: Loop, journal: Journal, settings: Settings, instruments: tuple[Instrument, ...]
) -> list[i.ChangeLimits | i.ChangeSymbolLimit]:
    """Return the configured limits that this journal has not been told of.

    A start that has some says so in its version: should it die before it has told them all,
    the next one looks again.
    """
    canonical = canonical_in(loop.state, instruments)
    before, now = await asyncio.to_thread(said_before, journal), said_by_settings(settings, canonical)
    known = loop.state.accounts.keys() | {terms.account for terms in settings.accounts}
    changes = find_changes(before, now, f"from {settings.source}")
    return [change for change in changes if change.account in known]


async def _ask(loop: Loop, settings: Settings, messages: Iterable[i.Input]) -> None:
    """Ask them all in one commit."""
    for reply in await asyncio.gather(*(loop.ask(message) for message in messages)):
        if isinstance(reply, Refused):
            fix = f" ({reply.fix})" if reply.fix else ""
            raise SettingsRefused(f"{settings.source}: {reply.message}{fix}")


async def _ask_rules(loop: Loop, settings: Settings) -> None:
    """Tell each account's rules. Those that may not be loosened now stay as they are, and the log says so."""
    for change in find_rule_changes(settings, loop.peek(lambda state, at: at), f"from {settings.source}"):
        if change.account not in loop.state.accounts:
            continue
        reply = await loop.ask(change)
        if isinstance(reply, Refused):
            log.error("%s: rules of %s stay as they were: %s", settings.source, change.account, reply.message)
        elif isinstance(reply, Proposed):
            log.warning("%s: a loosening of rules of %s waits", settings.source, change.account)
