"""Guard mode: what another client of the account does at Alpaca is seen, counted and, during a lockout, undone.

The other client is the vendor's own, unmodified, at the simulator itself: nothing of it passes
our gate. Orders placed past Stopline can be answered, never prevented.
"""

import warnings
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from tests.acceptance.alpaca_stage import KEY, SECRET, Stage, on_real_processes, opened

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)  # it imports websockets.legacy
    from alpaca.trading import requests as r
    from alpaca.trading.client import TradingClient

pytestmark = on_real_processes
RULES = "rules: {daily_realized_loss: {loss_limit: 100.00}}\n"


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    with opened(tmp_path, RULES) as made:
        yield made


@pytest.fixture
def other(stage: Stage) -> Iterator[TradingClient]:
    """Somebody else with the keys of the account."""
    client = TradingClient(KEY, SECRET, url_override=f"http://127.0.0.1:{stage.sim_port}")
    yield client
    client._session.close()


def market(side: str, qty: int) -> r.MarketOrderRequest:
    return r.MarketOrderRequest(symbol="AAPL", qty=qty, side=side, time_in_force="day")


def limit(side: str, qty: int, price: float, **more: object) -> r.LimitOrderRequest:
    terms = {"symbol": "AAPL", "qty": qty, "side": side, "time_in_force": "day", "limit_price": price}
    return r.LimitOrderRequest(**terms | more)


def lose(stage: Stage, other: TradingClient) -> None:
    """Lose 160 in a round trip that Stopline only hears of."""
    other.submit_order(market("buy", 8))
    stage.wait_for(lambda: stage.held() == "8", "the purchase is counted")
    stage.quote("155.01", "155.03")
    other.submit_order(market("sell", 8))
    stage.wait_for(lambda: stage.trading_state() == "reducing", "what others lost locks the account out")


def is_status(other: TradingClient, order_id: object, status: str) -> bool:
    return bool(other.get_order_by_id(order_id).status.value == status)


def has_closed(other: TradingClient, side: str, qty: str) -> bool:
    """Return whether the newest order at Alpaca closed what was held there, as one that can open nothing."""
    newest = other.get_orders(r.GetOrdersRequest(status="all", limit=1))[0]
    is_close = newest.position_intent is not None and newest.position_intent.value == f"{side}_to_close"
    return is_close and newest.qty == qty and newest.status.value == "filled" and other.get_all_positions() == []


def test_what_others_lose_locks_out_and_what_they_open_then_is_closed(stage: Stage, other: TradingClient):
    lose(stage, other)
    assert Decimal(stage.line.get("/api/account")["realized_pnl"]) == -160
    assert "EXTERNAL_ORDER" in stage.alerts()

    other.submit_order(market("buy", 5))
    stage.wait_for(lambda: has_closed(other, "sell", "5"), "closed at Alpaca")
    stage.wait_for(lambda: stage.held() == "0", "flat here too")
    other.submit_order(market("sell", 3))
    stage.wait_for(lambda: has_closed(other, "buy", "3"), "a short too")
    stage.wait_for(lambda: stage.held() == "0", "flat here too")
    assert stage.order("mine", "BUY", "LIMIT", 1, price=150.00).status == 403


def test_entries_that_others_rest_at_alpaca_during_a_lockout_are_cancelled(stage: Stage, other: TradingClient):
    before = other.submit_order(limit("buy", 2, 140, symbol="MSFT"))
    stage.wait_for(lambda: "EXTERNAL_ORDER" in stage.alerts(), "an entry from before the lockout")
    lose(stage, other)
    stage.wait_for(lambda: is_status(other, before.id, "canceled"), "it goes when the account is locked out")
    during = other.submit_order(limit("buy", 2, 141))
    stage.wait_for(lambda: is_status(other, during.id, "canceled"), "so does what comes later")
    legs = {"take_profit": {"limit_price": 170}, "stop_loss": {"stop_price": 130}}
    bracket = other.submit_order(limit("buy", 2, 142, order_class="bracket", **legs))
    stage.wait_for(lambda: is_status(other, bracket.id, "canceled"), "and a bracket")
    stage.wait_for(lambda: other.get_orders() == [], "with its legs")
    assert other.get_all_positions() == []


def test_what_others_do_while_stopline_is_down_is_undone_when_it_is_back(stage: Stage, other: TradingClient):
    lose(stage, other)
    stage.kill()
    other.submit_order(market("buy", 4))
    resting = other.submit_order(limit("buy", 2, 140))
    stage.start()
    stage.wait_for(lambda: other.get_all_positions() == [], "the position is closed")
    stage.wait_for(lambda: is_status(other, resting.id, "canceled"), "the entry is cancelled")
    stage.wait_for(lambda: stage.held() == "0", "flat here too")


def test_an_exit_that_others_rest_stays_during_a_lockout(stage: Stage, other: TradingClient):
    """A stop that somebody placed by hand protects what is held: it is nobody's entry."""
    other.submit_order(market("buy", 4))
    stage.wait_for(lambda: stage.held() == "4", "a position of others")
    stop = other.submit_order(
        r.StopOrderRequest(symbol="AAPL", qty=4, side="sell", time_in_force="gtc", stop_price=150)
    )
    stage.wait_for(lambda: "EXTERNAL_ORDER" in stage.alerts(), "their stop")
    stage.done(lambda: stage.line.ask("POST", "/api/risk/lockout", {"for_s": 7200, "reason": "enough for today"}))
    during = other.submit_order(limit("buy", 2, 141, symbol="MSFT"))
    stage.wait_for(lambda: is_status(other, during.id, "canceled"), "an entry goes")
    assert is_status(other, stop.id, "new")
    assert stage.held() == "4"
