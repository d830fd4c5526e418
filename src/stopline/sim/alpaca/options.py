"""What a simulator is started with."""

from pathlib import Path
from typing import Final

from msgspec import Struct

from stopline.model.numbers import PRICE_ONE, Money, Nanos
from stopline.sim.alpaca.faults import Fault
from stopline.sim.alpaca.hours import ALWAYS
from stopline.sim.alpaca.rate import USUAL

MANUAL: Final = "manual"
"""A market without quotes but those that the control port is given."""


class SimOptions(Struct, frozen=True, kw_only=True):
    """Where it listens, what it trades, and what goes wrong from the beginning."""

    host: str = "127.0.0.1"
    port: int = 8801
    control_port: int | None = None
    key: str = "PKSIMULATED"
    secret: str = "simulated-secret"
    market: str = "synthetic:7"
    speed: int = 1
    """Of a recorded market."""
    begin: Nanos = 0
    """Where in a recorded market it begins; 0 is at its first quote."""
    cash: Money = 100_000 * PRICE_ONE
    hours: str = ALWAYS
    rate_limit: int = USUAL
    faults: tuple[Fault, ...] = ()
    state: Path | None = None
