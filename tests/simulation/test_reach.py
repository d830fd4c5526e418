"""A few seeds come wherever there is something to come to: where a simulation never was, nothing is proven."""

from collections import Counter

import pytest

from stopline.sim.world.reachable import unreached
from stopline.sim.world.run import live
from stopline.sim.world.shrink import command
from stopline.sim.world.terms import ALPACA, BROKER, Scale

CHOSEN = {BROKER: (4, 238, 105, 201, 44), ALPACA: (105, 209, 150, 42, 154)}
"""Together they reached all of it when they were chosen; what changes a story may need others, and these follow."""
MORE = range(100, 200)


@pytest.mark.parametrize("broker", CHOSEN)
def test_the_seeds_reach_all_that_there_is_to_reach(broker: str):
    reached: Counter[str] = Counter()
    for seed in (*CHOSEN[broker], *MORE):
        outcome = live(seed, Scale(accounts=1 if broker == ALPACA else 2, troubles_a_day=14, broker=broker))
        assert outcome.violation == "", command(outcome)
        reached.update(outcome.reached)
        if not unreached(reached, broker):
            break
    assert unreached(reached, broker) == {}
