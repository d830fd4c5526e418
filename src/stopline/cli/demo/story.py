"""The story: its steps in order, and the account that it is told of."""

from collections.abc import Awaitable, Callable

from msgspec import Struct, structs

from stopline.cli.demo.stage import NotAsTold, Stage
from stopline.cli.demo.teller import Teller
from stopline.config.settings import Settings
from stopline.model.limits import Limits, RateWindow
from stopline.model.numbers import SECOND, parse_price

Act = Callable[[Stage], Awaitable[None]]
Pause = Callable[[int], Awaitable[None]]
PRICES = (
    ("AAPL", "175.00", "175.02"),
    ("MSFT", "380.00", "380.04"),
    ("NVDA", "450.00", "450.04"),
    ("TSLA", "250.00", "250.05"),
)
"""Where the script begins."""


class Step(Struct, frozen=True):
    """One step: what is shown, why it matters, and what is done. `act` tells, and proves, how it came out."""

    name: str
    title: str
    why: str
    act: Act


def demo_limits(base: Limits) -> Limits:
    """Return limits that a day with small orders can reach."""
    return structs.replace(
        base,
        max_order_notional=parse_price("5000"),
        max_position=parse_price("10000"),
        daily_loss=parse_price("1000"),
        order_rate=(RateWindow(100, SECOND),),
    )


def demo_settings(base: Settings) -> Settings:
    """Return settings with the story's limits."""
    return structs.replace(base, limits={name: demo_limits(limits) for name, limits in base.limits.items()})


async def tell(steps: tuple[Step, ...], stage: Stage, teller: Teller, pause: Pause) -> str:
    """Tell the story step by step; returns what was not as told, or an empty text. It ends there."""
    for number, step in enumerate(steps, 1):
        teller.begin(number, step.name, step.title, step.why)
        wrong = ""
        try:
            await step.act(stage)
        except NotAsTold as fault:
            wrong = str(fault)
        teller.end(wrong)
        if wrong:
            return f"step {number}, {step.name}: {wrong}"
        await pause(number)
    return ""
