"""Our side of P8 and P9: the real door, gate and journal; what is approved goes to no broker and into no tables.

It is what the peer (fastapi_peer.py) does, and on disk before the answer. The whole process
with its broker and tables is measured beside it, as `stopline run`.
"""

import asyncio
import sys
from pathlib import Path
from typing import Any

import uvloop

from bench.worlds import Bench, HandClock, roomy
from stopline.doors.native.app import create_app
from stopline.doors.native.serve import serve
from stopline.ports.desk import Desk
from stopline.runtime.loop import Loop
from stopline.runtime.recover import settle_memory
from stopline.stores.sqlite.journal import open_journal


class BareDesk(Desk):
    """The loop, and nothing behind it."""

    def __init__(self, loop: Loop) -> None:
        self.ask, self.look, self.peek = loop.ask, loop.look, loop.peek  # type: ignore[method-assign]
        self.hand_in = loop.hand_in  # type: ignore[method-assign]
        self.subscribe, self.recorded = loop.subscribe, loop.recorded  # type: ignore[method-assign]

    async def rows(self, table: str, **filters: object) -> list[Any]:
        """There are no tables."""
        return []

    def health(self) -> dict[str, object]:
        """Nothing to report."""
        return {}


async def main(port: int, folder: Path) -> None:
    """Serve until killed."""
    world = Bench(limits=roomy(), keep=True)
    journal = open_journal(folder)
    await journal.append(world.records)
    loop = Loop(world.state, journal, HandClock(world.at), rebuild=lambda: world.state, abort=sys.exit)
    loop.start()
    settle_memory()
    await serve(create_app(BareDesk(loop)), "127.0.0.1", port)


if __name__ == "__main__":
    sys.setswitchinterval(0.001)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main(int(sys.argv[1]), Path(sys.argv[2])))
