"""A process that ends as the broker's acknowledgement arrives: the broker has the order, and we do not know.

Run as a program, on a data directory.
"""

import asyncio
import os
import sys
from pathlib import Path

from msgspec.structs import replace

from stopline.bootstrap import System
from stopline.config.load import load
from stopline.messages import inputs as i
from stopline.model.numbers import PRICE_ONE, QTY_ONE
from stopline.model.order import OrderType, Side, TimeInForce
from stopline.runtime.loop import Loop

ORDER = "LOST"
DIED = 9


class DyingLoop(Loop):
    """Never takes an acknowledgement."""

    def tell(self, message: i.Input) -> None:
        if isinstance(message, i.OrderSent | i.OrderAccepted):
            os._exit(DIED)
        super().tell(message)


async def main(data_dir: Path) -> None:
    """Send an order that rests, and die of its answer."""
    import stopline.bootstrap.system as room

    room.Loop = DyingLoop  # type: ignore[misc]
    async with System(replace(load(), data_dir=data_dir)) as system:
        await system.ready()
        await system.desk.ask(
            i.SubmitOrder(
                account="paper",
                client_order_id=ORDER,
                symbol="WMT",
                side=Side.BUY,
                order_qty=QTY_ONE,
                order_type=OrderType.LIMIT,
                limit_price=155 * PRICE_ONE,
                time_in_force=TimeInForce.GTC,
            )
        )
        await asyncio.sleep(60)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
