"""`python -m tests.mutations.hunt.seeds`: a fixed number of simulated worlds, and the first that breaks a promise.

The same as `stopline simulate` without looking for the shortest story: it says the seed and ends.
"""

import sys

from stopline.sim.world.run import live
from stopline.sim.world.trouble import MIXES
from stopline.sim.world.world import Scale

STORMS = 25
"""Seeds of one day with all kinds of faults."""
PURE = 3
"""Seeds of each kind of fault by itself."""


def worlds() -> list[tuple[int, Scale]]:
    """Return the budget: seeds and scales, in the order in which they are lived through."""
    found = [(seed, Scale(days=1, troubles_a_day=14)) for seed in range(1, STORMS + 1)]
    for mix in MIXES:
        if mix != "mix":
            found += [(seed, Scale(days=1, mix=mix, troubles_a_day=14)) for seed in range(1, PURE + 1)]
    return found


def main() -> int:
    """Live through them."""
    for seed, scale in worlds():
        outcome = live(seed, scale)
        if outcome.violation:
            print(f"FAILED seed {seed} --faults {scale.mix}: {outcome.violation}")
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
