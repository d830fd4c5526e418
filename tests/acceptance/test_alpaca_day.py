"""A part of a real day of minutes, traded at the simulated Alpaca through `stopline run --broker alpaca`.

Both processes play the same file in step (alpaca_day.py plays the whole day, as a command). In its
midst Stopline dies and comes back, and later the simulator does: at the end both say the same.
"""

from pathlib import Path

import pytest

from tests.acceptance.alpaca_day import Trader, expect_equal, play, read_quotes
from tests.acceptance.alpaca_stage import Stage, on_real_processes
from tests.market_files import MARKET, needs_data

pytestmark = [*on_real_processes, needs_data]
FILE = MARKET / "us4_minutes_201310.csv.gz"
EVERY_KIND = [round_ * 4 + symbol for round_ in range(8) for symbol in (0, 2)]
"""A turn of each kind with SPY and with BAC."""


@pytest.fixture
def stage(tmp_path: Path):
    made = Stage(tmp_path, ("--market", str(FILE.resolve()), "--speed", "120"))
    try:
        made.start_sim("--begin", "2013-10-07T13:35:00Z", "--hours", "market")
        made.start()
        yield made
    finally:
        made.close()


def test_a_part_of_a_real_day_in_which_both_sides_die_once(stage: Stage):
    trader = Trader(stage, read_quotes(FILE))
    play(stage, trader, EVERY_KIND[:6])

    stage.kill()
    before = trader.at()
    stage.start()
    assert before <= stage.at() <= trader.at(), "Stopline comes to where the simulator is"
    stage.wait_for(lambda: stage.trading_state() == "active", "everything is reconciled")
    play(stage, trader, EVERY_KIND[6:12])

    stage.kill_sim()
    stage.wait_for(lambda: stage.trading_state() == "cancel_only", "no new risk while nothing is known")
    stage.start_sim("--begin", stage.at(), "--hours", "market")
    stage.wait_for(lambda: stage.is_ready() and stage.trading_state() == "active", "everything is reconciled")
    play(stage, trader, EVERY_KIND[12:])

    found = expect_equal(stage)
    assert sum(found["executions"].values()) >= 4
    assert trader.ends["filled"] >= 2 and trader.ends["canceled"] >= 1
    assert {"POST order 201", "PATCH order 200", "DELETE order 200"} <= trader.answers.keys()
    assert {"POST positions 201", "POST flatten 200"} <= trader.answers.keys()
