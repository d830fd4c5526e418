"""`make test-live BROKER=alpaca` without Alpaca: the bench for a practice account, on the simulator over real sockets.

What it needs a market on command for is skipped here as it would be there; all the rest must pass.
"""

import os
import re
import subprocess
import sys
from pathlib import Path

from tests.sims import run_sim

ROOT = Path(__file__).resolve().parents[2]
COMMAND = [sys.executable, "-m", "pytest", "-q", "-n", "0", "-p", "no:cacheprovider", "tests/live"]
PATIENCE_S = 240


def run_live(**more: str) -> str:
    """Run the command with these variables; return what it said. It must not fail."""
    bare = {name: each for name, each in os.environ.items() if not name.startswith(("APCA_", "STOPLINE_LIVE"))}
    done = subprocess.run(
        COMMAND, cwd=ROOT, env=bare | {"STOPLINE_LIVE": "alpaca", **more}, timeout=PATIENCE_S,
        capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode in (0, 5), done.stdout + done.stderr  # 5: all of it was skipped
    return done.stdout


def test_the_same_suite_passes_as_far_as_a_market_that_is_not_ours_lets_it():
    with run_sim() as sim:
        keys = {"APCA_API_KEY_ID": sim.options.key, "APCA_API_SECRET_KEY": sim.options.secret}
        said = run_live(STOPLINE_LIVE_URL=sim.url, **keys)
        assert not sim.simulator.house.book.open_orders(), "it leaves nothing behind"
        assert not sim.simulator.house.book.holdings
    counted = re.search(r"(\d+) passed, (\d+) skipped", said)
    assert counted is not None, said
    assert int(counted[1]) >= 18 and int(counted[2]) >= 10, said
    assert "a practice account's market trades when it wants" in said


def test_without_keys_it_says_what_is_missing():
    assert "no practice account: APCA_API_KEY_ID and APCA_API_SECRET_KEY not set" in run_live()


def test_it_runs_on_nobody_elses_machine():
    keys = {"APCA_API_KEY_ID": "k", "APCA_API_SECRET_KEY": "s"}
    assert "neither https://paper-api.alpaca.markets" in run_live(
        STOPLINE_LIVE_URL="https://api.alpaca.markets", **keys
    )
