"""Each fuzz target runs for a moment, so that none rots; by hand they run longer."""

from tests.fuzz import alpaca, numbers


def test_numbers():
    assert numbers.run_seeded(0.3, seed=1) > 100


def test_alpaca():
    assert alpaca.run_seeded(0.5, seed=1) > 50
