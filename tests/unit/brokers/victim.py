"""A process with a paper broker that trades until it is killed. It prints each report that it heard.

    python -m tests.unit.brokers.victim FOLDER FIRST KILL_AT

Orders are numbered from FIRST on. At the KILL_AT-th acknowledgement it kills itself before
it prints: the commit is done, and nobody has heard of it. KILL_AT 0: somebody else kills it.
"""

import asyncio
import os
import signal
import sys
from itertools import count
from pathlib import Path

from stopline.messages import inputs as i
from stopline.messages.inputs import Input
from tests.contract.brokers.bench import approved
from tests.contract.brokers.paper import PaperBench


async def trade(folder: Path, first: int, kill_at: int) -> None:
    bench, acknowledged = PaperBench(folder), 0

    def hear(report: Input) -> None:
        nonlocal acknowledged
        if isinstance(report, i.OrderAccepted):
            acknowledged += 1
            if acknowledged == kill_at:
                os.kill(os.getpid(), signal.SIGKILL)
            os.write(1, f"order {report.routed_order_id}\n".encode())
        elif isinstance(report, i.FillReported):
            os.write(1, f"fill {report.fill.exec_id} {report.fill.qty}\n".encode())

    bench.hear = hear
    await bench.start()
    os.write(1, b"started\n")
    for number in count(first):
        side = "sell" if number % 3 == 2 else "buy"
        size = str(1 + number % 5)
        await bench.broker.place(approved(f"sl1-{number}", side, size=size, limit="100", tif="gtc"))
        if number % 2:
            await bench.quote("99.99", "100.00", str(number % 4))
            await bench.quote("100.00", "100.01", str(number % 3))


if __name__ == "__main__":
    asyncio.run(trade(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])))
