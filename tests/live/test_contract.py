"""The contract of every broker (tests/contract/test_broker.py), the same tests, on a practice account of Alpaca's.

`make test-live BROKER=alpaca`, with its keys in the environment. Opt-in, and never on real money.
"""

from collections.abc import AsyncIterator

import pytest

from stopline.brokers.alpaca.offer import PAPER_URL
from tests.contract import test_broker as suite
from tests.contract.brokers.practice import PracticeBench
from tests.live.practice import need_account

URL, KEYS = need_account()
pytestmark = pytest.mark.timeout(300)
globals().update({name: each for name, each in vars(suite).items() if name.startswith("test_")})


@pytest.fixture
async def bench() -> AsyncIterator[PracticeBench]:
    made = PracticeBench(URL, KEYS, pause_s=0.5 if URL == PAPER_URL else 0.01)
    await made.start()
    yield made
    await made.stop()
