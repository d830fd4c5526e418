"""Verify, behind a start, the records that it did not read because a snapshot stood for them.

A start reads what came after the newest snapshot. Damage in front of it would go unseen until
somebody looks: so all of it is read beside the work, with rests, and damage ends the process.

Source     reliability.md F09, I18.
"""

import asyncio
import logging
import threading
import time
from collections.abc import Callable

from stopline.ports.journal import Journal, JournalCorrupt, JournalError

CHUNK = 50
"""Records read between two rests, so that the loop does not wait for the interpreter."""
log = logging.getLogger(__name__)


def rest_briefly() -> None:
    """Let others have the interpreter. Call it on a thread of its own."""
    time.sleep(0.0005)


async def verify_behind(
    journal: Journal, on_damage: Callable[[JournalCorrupt], None], rest: Callable[[], None] = rest_briefly
) -> None:
    """Read all records that the newest snapshot stands for; call `on_damage` for the first that does not hold."""
    is_over = threading.Event()
    try:
        damage = await asyncio.to_thread(_find_damage, journal, is_over, rest)
    finally:
        is_over.set()
    if damage is not None:
        on_damage(damage)


def _find_damage(journal: Journal, is_over: threading.Event, rest: Callable[[], None]) -> JournalCorrupt | None:
    try:
        snapshot = journal.latest_snapshot()
        last = 0 if snapshot is None else snapshot.seq
        for record in journal.read(until_seq=last):
            if record.seq % CHUNK == 0:
                rest()
                if is_over.is_set():
                    return None
    except JournalCorrupt as error:
        return error
    except JournalError as error:
        if not is_over.is_set():
            log.warning("the records before the snapshot were not verified: %s", error)
    return None
