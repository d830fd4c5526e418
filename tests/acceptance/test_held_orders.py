"""Orders that Stopline keeps, on the real command over plain HTTP; and that `kill -9` disarms none of them.

The paper broker takes neither brackets nor trailing stops nor conditions: all of these are Stopline's to keep.
"""

import signal
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.acceptance.evening import Evening

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(240),
    pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="needs SIGKILL"),
]
FAR = "20.00"
"""A trail that the made-up market does not run through within minutes."""


@pytest.fixture
def evening(tmp_path: Path) -> Iterator[Evening]:
    evening = Evening(tmp_path)
    try:
        with evening.line:
            evening.run()
            yield evening
    finally:
        evening.close()


def order(evening: Evening, name: str) -> Any:
    return evening.line.get(f"/api/order/{name.replace('/', '%2F')}")


def until(evening: Evening, name: str, state: str) -> Any:
    evening.wait_for(lambda: order(evening, name)["state"] == state, f"{state}: {name}")
    return order(evening, name)


def mark(evening: Evening, symbol: str) -> Decimal:
    def look() -> Any:
        found = evening.line.get("/api/positions")["positions"]
        return next((each["mark_price"] for each in found if each["symbol"] == symbol), None)

    return Decimal(evening.wait_for(look, f"priced: {symbol}"))


def held(evening: Evening, symbol: str) -> Decimal:
    found = evening.line.get("/api/positions")["positions"]
    return sum((Decimal(each["qty"]) for each in found if each["symbol"] == symbol), Decimal(0))


def soon(seconds: float) -> str:
    return (datetime.now(UTC) + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def test_a_bracket_from_the_entry_to_the_target(evening: Evening):
    legs = {"order_class": "bracket", "take_profit": "100.00", "stop_loss": "40.00"}
    entry = evening.order("E1", "BUY", 4, "KO", **legs)
    assert (entry.status, entry.json()["legs"]) == (201, ["E1/take_profit", "E1/stop_loss"])
    evening.filled("E1")
    stop = until(evening, "E1/stop_loss", "working")
    assert (stop["handling"], stop["stop_price"], stop["order_qty"]) == ("native", "40.00", "4")
    target = order(evening, "E1/take_profit")
    assert (target["state"], target["handling"]) == ("held", "synthetic")
    assert target["waits_for"] == "KO at or above 100.00"

    # The target moves to where the market is: it goes, and the stop comes back for it.
    moved = evening.ask("PATCH", "/api/order/E1%2Ftake_profit", {"price": "50.00"})
    assert (moved.status, moved.json()["state"]) == (200, "held")
    until(evening, "E1/take_profit", "filled")
    until(evening, "E1/stop_loss", "canceled")
    assert held(evening, "KO") == 0
    told = evening.line.get("/api/order/E1%2Fstop_loss?history=true")["history"]
    events = [each["event"] for each in told]
    assert events[0] == "OrderApproved" and events[-1] == "OrderCanceled"
    assert {"OrderHeld", "OrderReleased", "OrderWorking", "CancelRequested"} <= set(events)


def test_a_close_behind_ones_own_stop_goes_once_it_is_back(evening: Evening):
    assert evening.order("B1", "BUY", 4, "KO").status == 201
    evening.filled("B1")
    assert evening.order("S1", "SELL", 4, "KO", order_type="STOP", stop_price="40.00").status == 201
    until(evening, "S1", "working")
    closing = evening.ask("POST", "/api/positions/KO/close", {"client_order_id": "C1"})
    assert (closing.status, closing.json()["state"]) == (201, "pending_release")
    evening.filled("C1")
    until(evening, "S1", "canceled")
    assert held(evening, "KO") == 0


def test_a_held_stop_outlives_kill_9_and_triggers(evening: Evening):
    assert evening.order("B1", "BUY", 2, "AAPL").status == 201
    evening.filled("B1")
    asked = {"order_type": "TRAILING_STOP", "trail_amount": FAR, "time_in_force": "GTC"}
    armed = evening.order("T1", "SELL", 2, "AAPL", **asked)
    assert (armed.status, armed.json()["state"], armed.json()["handling"]) == (201, "held", "synthetic")
    evening.wait_for(lambda: order(evening, "T1")["stop_price"], "following the market: T1")
    before = order(evening, "T1")
    evening.pull_the_plug()

    evening.run()
    after = order(evening, "T1")
    assert (after["state"], after["handling"], after["decision_id"]) == ("held", "synthetic", before["decision_id"])
    assert Decimal(after["stop_price"]) >= Decimal(before["stop_price"]), "a stop never moves back"
    assert evening.order("T1", "SELL", 2, "AAPL", **asked) == armed, "a repeat gets the same answer"
    # Tightened past the market, the stop that was armed before the crash sells at the next quote.
    tight = str((mark(evening, "AAPL") * Decimal("1.05")).quantize(Decimal("0.01")))
    tightened = evening.ask("PATCH", "/api/order/T1", {"stop_price": tight})
    assert tightened.status == 200, tightened
    sold = until(evening, "T1", "filled")
    assert (sold["sent_as"], sold["cum_qty"]) == ("MARKET", "2")
    assert held(evening, "AAPL") == 0
    assert "Traceback" not in evening.log.read_text(), evening.log.read_text()


def test_an_instant_that_came_while_it_was_dead_is_not_missed(evening: Evening):
    assert evening.order("B1", "BUY", 5, "KO").status == 201
    evening.filled("B1")
    when = soon(3)
    waits = evening.order("W1", "SELL", 1, "KO", condition={"after": when})
    assert (waits.status, waits.json()["state"]) == (201, "held")
    assert evening.order("W2", "SELL", 1, "KO", condition={"after": soon(3600)}).status == 201
    evening.pull_the_plug()
    evening.wait_for(lambda: soon(0) > when, "past the instant")

    evening.run()
    evening.filled("W1")
    assert order(evening, "W2")["state"] == "held", "its instant has not come"
    assert held(evening, "KO") == 4


def test_an_exit_killed_near_its_trigger_trades_once(evening: Evening):
    """Released or not, sent or not when the process died: it trades, and no more than once."""
    assert evening.order("B1", "BUY", 9, "KO").status == 201
    evening.filled("B1")
    for number in range(3):
        name, ends = f"K{number}", time.monotonic() + 0.1 * (number + 2)
        asked = evening.order(name, "SELL", 1, "KO", condition={"after": soon(0.3)})
        assert asked.status == 201
        evening.wait_for(lambda ends=ends: time.monotonic() > ends, "near its trigger")
        evening.pull_the_plug()
        evening.run()
        evening.filled(name)
    traded = [each["client_order_id"] for each in evening.line.get("/api/executions")["executions"]]
    assert sorted(traded) == ["B1", "K0", "K1", "K2"]
    assert held(evening, "KO") == 6


def test_a_time_that_was_over_while_it_was_dead_cancels_what_is_left(evening: Evening):
    """The deadlines are durable: one passes while nobody runs, one after the start."""
    asked = {"order_type": "LIMIT", "price": "20.00", "time_in_force": "GTC"}
    for name, seconds in (("T1", 2), ("T2", 12), ("T3", 3600)):
        sent = evening.order(name, "BUY", 1, "KO", cancel_after_s=seconds, **asked)
        assert (sent.status, sent.json()["handling"], sent.json()["cancel_after_s"]) == (201, "synthetic", str(seconds))
        until(evening, name, "working")
    over = time.monotonic() + 2
    evening.pull_the_plug()
    evening.wait_for(lambda: time.monotonic() > over, "past the first time")

    evening.run()
    until(evening, "T1", "canceled")
    told = evening.line.get("/api/order/T1?history=true")["history"]
    assert "its time (cancel_after 2 s) is over" in [each["reason"] for each in told]
    assert order(evening, "T3")["state"] == "working"
    until(evening, "T2", "canceled")
    assert order(evening, "T3")["state"] == "working", "its time has not come"
    assert held(evening, "KO") == 0
    assert "Traceback" not in evening.log.read_text(), evening.log.read_text()


def test_an_entry_that_fills_in_part_gives_up_the_rest_and_its_stop_fits(evening: Evening):
    """More than the market shows at once; and the plug is pulled as soon as a part has filled."""
    room = {"max_order_size": 100_000, "max_position_size": 200_000, "max_portfolio_concentration": 100}
    assert evening.ask("PUT", "/api/risk/limits", room).status == 200
    assert evening.ask("PUT", "/api/risk/position-limits/INTC", {"max_position": 200_000}).status == 200
    legs = {"order_class": "bracket", "take_profit": "90.00", "stop_loss": "20.00"}
    sent = evening.order("P1", "BUY", 2000, "INTC", on_partial_fill="cancel_rest", **legs)
    assert sent.status == 201, sent
    evening.wait_for(lambda: order(evening, "P1")["cum_qty"] != "0", "filled in part: P1")
    evening.pull_the_plug()

    evening.run()
    ended = until(evening, "P1", "canceled")
    assert 0 < Decimal(ended["cum_qty"]) < 2000
    assert held(evening, "INTC") == Decimal(ended["cum_qty"])
    evening.wait_for(
        lambda: (
            Decimal(order(evening, "P1/stop_loss")["order_qty"]) == Decimal(ended["cum_qty"])
            and order(evening, "P1/stop_loss")["state"] == "working"
        ),
        "covered: P1",
    )
    assert "Traceback" not in evening.log.read_text(), evening.log.read_text()
