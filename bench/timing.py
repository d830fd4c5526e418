"""Time two things in turn, A B A B, so that a machine whose speed drifts gives the same ratio."""

import gc
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """One line of the table."""

    number: str
    """P1 ... of docs/performance.md."""
    what: str
    measured: str
    target: str
    met: bool | None
    """None: a figure for information, with no target of its own."""
    note: str = ""


def per_call_us(call: Callable[[], object], calls: int) -> float:
    """Return microseconds a call, over `calls` calls with the collector resting."""
    gc.collect()
    gc.disable()
    try:
        started = time.perf_counter()
        for _ in range(calls):
            call()
        return (time.perf_counter() - started) / calls * 1e6
    finally:
        gc.enable()


def paired(one: Callable[[], float], other: Callable[[], float], rounds: int = 7) -> tuple[float, float, float]:
    """Return the medians of both and of their ratio one/other, timed in turn."""
    ones, others, ratios = [], [], []
    one(), other()
    for _ in range(rounds):
        a, b = one(), other()
        ones.append(a)
        others.append(b)
        ratios.append(a / b)
    return statistics.median(ones), statistics.median(others), statistics.median(ratios)


def percentile(values: list[float], share: float) -> float:
    """Return the value below which `share` of all lie."""
    ordered = sorted(values)
    return ordered[min(int(len(ordered) * share), len(ordered) - 1)]
