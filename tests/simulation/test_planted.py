"""The promises can be broken, and then a seed says so: each planted defect is found."""

from contextlib import ExitStack

import pytest

from stopline.engine import assemble
from stopline.sim.world.run import live
from stopline.sim.world.terms import ALPACA, Scale
from tests.simulation.planted import PLANTED, Planted

SEEDS = 25
"""How many seeds a defect may take."""


def forget_armed_checks() -> None:
    """Let checks be armed anew: those of before hold on to their methods."""
    for name in vars(assemble).values():
        if hasattr(name, "cache_clear"):
            name.cache_clear()


@pytest.mark.parametrize("planted", PLANTED, ids=lambda planted: planted.name)
def test_a_planted_defect_is_found_by_a_seed(planted: Planted):
    accounts = 1 if planted.broker == ALPACA else 2
    scale = Scale(days=1, mix=planted.mix, accounts=accounts, troubles_a_day=14, broker=planted.broker)
    found = []
    with ExitStack() as stack:
        stack.callback(forget_armed_checks)
        planted.plant(stack)
        forget_armed_checks()
        for seed in range(1, SEEDS + 1):
            outcome = live(seed, scale)
            if outcome.violation:
                found.append(outcome.violation)
                break
    assert found, f"{SEEDS} seeds did not notice it"
    assert outcome.rule in planted.noticed_by, outcome.violation
