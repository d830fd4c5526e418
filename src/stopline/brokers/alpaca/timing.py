"""The machine's clocks and its chance, as one Alpaca connection uses them: a simulation gives it others."""

import random
import time
from collections.abc import Callable

from msgspec import Struct


class Timing(Struct, frozen=True):
    """`now` is for durations, `wall` for what Alpaca's headers say, `uniform` for the jitter of reconnects."""

    now: Callable[[], float] = time.monotonic
    wall: Callable[[], float] = time.time
    uniform: Callable[[float, float], float] = random.uniform


MACHINE = Timing()
