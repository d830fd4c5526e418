import pytest

from tests.oracles.alpaca.sdk import client_of
from tests.sims import run_sim


@pytest.fixture
def sim():
    """A simulator in which AAPL is at 100.00 to 100.02 and SPY at 450.00 to 450.02."""
    with run_sim() as running:
        running.quote("AAPL", "100.00", "100.02")
        running.quote("SPY", "450.00", "450.02")
        yield running


@pytest.fixture
def client(sim):
    """The vendor's client."""
    with client_of(sim) as each:
        yield each
