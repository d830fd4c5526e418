"""Steps: orders that go. A market order, a limit order that waits, a stop that protects, a stop-limit order."""

from stopline.cli.demo.stage import Stage
from stopline.cli.demo.story import Step
from stopline.cli.demo.wording import buy, sell


async def market_order(stage: Stage) -> None:
    """Buy at market."""
    await stage.approved(buy("D-01", "20", "AAPL"))
    await stage.filled("D-01", at="175.02")
    await stage.position("AAPL", "20")


async def limit_order(stage: Stage) -> None:
    """Wait for a price, and get it."""
    await stage.approved(buy("D-02", "10", "MSFT", limit="379.00"))
    await stage.working("D-02", "working at the broker; its 3,790.00 already count as if they were bought")
    await stage.move("MSFT", "378.90", "378.98", "MSFT comes down to 378.90 / 378.98")
    await stage.filled("D-02", at="379.00")
    await stage.position("MSFT", "10")


async def stop_order(stage: Stage) -> None:
    """Protect a position, and be taken out."""
    await stage.approved(sell("D-03", "20", "AAPL", stop="172.00"), reducing=True)
    await stage.working("D-03", "working at the broker, for as long as it takes")
    await stage.move("AAPL", "171.90", "171.92", "AAPL falls to 171.90 / 171.92")
    await stage.filled("D-03", at="171.90")
    await stage.position("AAPL", "0")


async def stop_limit_order(stage: Stage) -> None:
    """Buy a breakout, but not at any price."""
    await stage.approved(buy("D-04", "5", "NVDA", stop="452.00", limit="453.00"))
    await stage.working("D-04", "waiting for 452.00; it pays 453.00 at the most")
    await stage.move("NVDA", "452.50", "452.54", "NVDA rises to 452.50 / 452.54")
    await stage.filled("D-04", at="452.54")
    await stage.position("NVDA", "5")


MARKET = Step(
    "market-order",
    "A market order",
    "It trades at once, at what the market asks. Before it left, 26 checks had their say, and the decision was on "
    "disk.",
    market_order,
)
LIMIT = Step(
    "limit-order",
    "A limit order that waits",
    "It rests until the price comes to it. All that time it is counted as if it had traded: exposure is measured at "
    "its worst.",
    limit_order,
)
STOP = Step(
    "stop-order",
    "A stop that protects",
    "A stop below a long position can only reduce it. The gate proves that, and so no limit will ever be in its way.",
    stop_order,
)
STOP_LIMIT = Step(
    "stop-limit-order",
    "A stop-limit order",
    "Buy when the price breaks out, but never pay more than the limit.",
    stop_limit_order,
)
