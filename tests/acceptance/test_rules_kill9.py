"""`kill -9` while account rules act: a lockout, a cooldown and a flatten outlive the process that began them.

The real command, plain HTTP, the paper broker. An evening's positions are bought; then rules are set under which the
account may hold nothing now, and the process is killed again and again: before it is ready, while it cancels and
closes, and once it is flat.
"""

import random
import signal
import time
from collections import Counter
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from stopline.messages import events as e
from stopline.messages.upcast import decode_events
from tests.acceptance.evening import Evening
from tests.acceptance.evidence import Evidence
from tests.acceptance.nursery import RealDaemon

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(600),
    pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="needs SIGKILL"),
]

HELD = {"KO": 5, "AAPL": 3, "MSFT": 2}
KILLS = 8
BEFORE = "accounts: [{account: paper, opening_cash: 1000000.00}]\n"


def rules() -> str:
    """Return rules under which all that was bought is too much: hours that begin in three, and one trade a day."""
    begins = (datetime.now(ZoneInfo("America/New_York")).hour + 3) % 24
    hours = f"{begins:02}:00 {begins:02}:30"
    days = "[mon, tue, wed, thu, fri, sat, sun]"
    return f"""{BEFORE}rules:
  session_block: {{hours: "{hours}", weekdays: {days}, flatten: true}}
  trade_frequency: {{per_session: 1}}
"""


class Locked(Evening):
    """An evening with a configuration, and what the journal says of it."""

    def begin(self, config: str) -> None:
        """Start, and wait for nothing."""
        path = self.log.with_suffix(".yaml")
        path.write_text(config)
        self._daemon = RealDaemon(self.data_dir, self.port, self.log, config=path, stopline=self._stopline)

    def until_ready(self) -> None:
        self.wait_for(self._is_ready, "ready")


class Journal(Evidence):
    """Evidence that keeps what was said of rules."""

    def __init__(self, data_dir: Path) -> None:
        super().__init__(data_dir)
        self.events: list[e.Event] = []

    def _read_record(self, seq: int, at: int, body: bytes, stored: bytes) -> None:
        super()._read_record(seq, at, body, stored)
        self.events += decode_events(body)

    def of(self, kind: type) -> list[e.Event]:
        return [event for event in self.events if isinstance(event, kind)]


def test_lockout_cooldown_and_flatten_outlive_every_kill(tmp_path: Path):
    evening, draw = Locked(tmp_path), random.Random(9)
    try:
        with evening.line:
            buy(evening)
            config = rules()
            for number in range(KILLS):
                evening.begin(config)
                if number % 2:
                    evening.until_ready()
                    time.sleep(draw.uniform(0, 0.3))
                else:
                    time.sleep(draw.uniform(0.3, 2.0))
                evening.pull_the_plug()
            evening.begin(config)
            evening.until_ready()
            evening.wait_for(lambda: not evening.line.get("/api/positions")["positions"], "flat")
            denied = evening.order("AGAIN", "BUY", 1, "KO")
            assert denied.status == 403
            assert "lock:session_block" in denied.json()["message"]
            assert evening.end() == 0
    finally:
        evening.close()
    assert_once(evening.data_dir)
    assert "Traceback" not in evening.log.read_text(), evening.log.read_text()


def buy(evening: Locked) -> None:
    evening.begin(BEFORE)
    evening.until_ready()
    for symbol, qty in HELD.items():
        assert evening.order(f"B-{symbol}", "BUY", qty, symbol).status == 201
        evening.filled(f"B-{symbol}")
    resting = evening.order("RESTING", "BUY", 1, "KO", order_type="LIMIT", price="40.00", time_in_force="GTC")
    assert resting.status == 201
    evening.wait_for(lambda: evening.line.get("/api/order/RESTING")["state"] == "working", "working: RESTING")
    evening.pull_the_plug()


def assert_once(data_dir: Path) -> None:
    """One lockout and one cooldown of one instant each, one flatten, done; each position sold once, nothing more."""
    journal = Journal(data_dir)
    journal.read()
    locks = Counter(
        (event.key, event.until) for event in journal.of(e.RestrictionPlaced) if event.key.startswith(("lock", "cool"))
    )
    assert sorted(key for key, _ in locks) == ["cooldown:trade_frequency", "lock:session_block"]
    assert set(locks.values()) == {1}
    assert not [event for event in journal.of(e.RestrictionLifted) if event.key.startswith(("lock", "cool"))]
    assert Counter(event.verdict.rule for event in journal.of(e.RuleBreached)) == {
        "session_block": 1, "trade_frequency": 1,
    }  # fmt: skip
    opened, closed = journal.of(e.ObligationOpened), journal.of(e.ObligationClosed)
    assert [event.obligation.kind for event in opened] == ["flatten"]
    assert [(event.obligation_id, event.outcome) for event in closed] == [(opened[0].obligation.obligation_id, "done")]
    account = journal.state.accounts["paper"]
    assert not account.obligations and not account.live
    sold = Counter[str]()
    for fill in journal.fills.values():
        if fill.side == "sell":
            sold[fill.instrument_id.rpartition(":")[2]] += fill.qty // 10**9
    assert sold == HELD
    assert all(not qty for qty in journal.paper_positions.values())
