"""Many seeds, and what they come to: runs, simulated account-years, faults, states reached, violations."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor

from msgspec import Struct, field

from stopline.sim.world.run import DAYS_A_YEAR, Outcome, live
from stopline.sim.world.terms import Scale


class Tally(Struct):
    """What a campaign has come to."""

    runs: int = 0
    account_days: int = 0
    events: int = 0
    records: int = 0
    restarts: int = 0
    answered: int = 0
    reached: Counter[str] = field(default_factory=Counter)
    failed: list[Outcome] = []

    def add(self, outcome: Outcome) -> None:
        """Count one run."""
        self.runs += 1
        self.account_days += outcome.account_days
        self.events += outcome.events
        self.records += outcome.records
        self.restarts += outcome.restarts
        self.answered += outcome.answered
        self.reached.update(outcome.reached)
        if outcome.violation:
            self.failed.append(outcome)

    @property
    def account_years(self) -> float:
        """Return simulated trading years of one account."""
        return self.account_days / DAYS_A_YEAR

    def of(self, beginning: str) -> dict[str, int]:
        """Return what was reached whose name begins so, without that beginning."""
        return {
            name.removeprefix(beginning): count
            for name, count in sorted(self.reached.items())
            if name.startswith(beginning)
        }

    @property
    def faults(self) -> int:
        """Return how many troubles were begun."""
        return sum(self.of("fault ").values())


def live_through(
    seeds: Iterable[int], scale: Scale, workers: int, tell: Callable[[Tally], None] = lambda tally: None
) -> Tally:
    """Live through many worlds, on so many processes."""
    tally = Tally()
    for outcome in _outcomes(list(seeds), scale, workers):
        tally.add(outcome)
        tell(tally)
    return tally


def _outcomes(seeds: list[int], scale: Scale, workers: int) -> Iterator[Outcome]:
    if workers <= 1 or len(seeds) <= 1:
        yield from (live(seed, scale) for seed in seeds)
        return
    with ProcessPoolExecutor(workers) as pool:
        yield from pool.map(live, seeds, [scale] * len(seeds), chunksize=1)
