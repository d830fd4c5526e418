"""Seeds of the simulated world, few enough for every change; `make simulate` runs many (docs/simulation.md)."""

import pytest

from stopline.sim.world.run import live
from stopline.sim.world.shrink import command
from stopline.sim.world.terms import ALPACA, PAPER, Scale
from stopline.sim.world.trouble import MIXES

STORM = Scale(days=1, troubles_a_day=14)
"""One trading day of two accounts, with some fourteen faults in it."""
FOUND_BEFORE = (182, 274, 310, 371, 410, 691, 791)
"""Seeds that found a defect once."""


@pytest.mark.parametrize("seed", [*range(1, 16), *FOUND_BEFORE])
def test_in_a_storm_every_promise_is_kept(seed: int):
    outcome = live(seed, STORM)
    assert outcome.violation == "", command(outcome)


ALPACA_FOUND_BEFORE = ((1, "network", 10), (6, "network", 10), (11, "mix", 14), (51, "mix", 14))
"""Seeds that found a defect in the adapter that trades: seed, mix, troubles a day."""


@pytest.mark.parametrize(("seed", "mix", "troubles"), [(2, "mix", 14), (3, "mix", 24), *ALPACA_FOUND_BEFORE])
def test_the_adapter_for_alpaca_keeps_every_promise_in_a_storm(seed: int, mix: str, troubles: int):
    outcome = live(seed, Scale(mix=mix, accounts=1, troubles_a_day=troubles, broker=ALPACA))
    assert outcome.violation == "", command(outcome)


@pytest.mark.parametrize(("seed", "mix"), [(9, "mix"), (2, "crash"), (3, "store")])
def test_the_paper_broker_keeps_every_promise_in_a_storm(seed: int, mix: str):
    outcome = live(seed, Scale(mix=mix, troubles_a_day=14, broker=PAPER))
    assert outcome.violation == "", command(outcome)


@pytest.mark.parametrize("mix", MIXES)
def test_each_mix_of_faults_by_itself(mix: str):
    outcome = live(1, Scale(days=2, mix=mix, troubles_a_day=8))
    assert outcome.violation == "", command(outcome)


def test_a_longer_life_with_more_accounts():
    outcome = live(5, Scale(days=8, accounts=3))
    assert outcome.violation == "", command(outcome)
