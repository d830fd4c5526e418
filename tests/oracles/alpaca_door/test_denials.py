"""Each check that says no, as the vendor's client sees it: its own APIError, with Alpaca's code and our words."""

import json

import pytest

from tests.oracles.alpaca.sdk import APIError, r
from tests.oracles.alpaca_door.stage import limits_yaml, run_stage, wait_status
from tests.sims import wait_until

BUY = {"symbol": "AAPL", "qty": 1, "side": "buy", "time_in_force": "day"}


def limit(**more):
    return r.LimitOrderRequest(**{**BUY, "limit_price": 170, **more})


def denied(bot, order):
    with pytest.raises(APIError) as caught:
        bot.submit_order(order)
    fault = caught.value
    assert (fault.status_code, fault.code) == (403, 40310000), str(fault)
    assert fault.message
    told = json.loads(str(fault))
    assert told["decision_id"]
    return told["check"], fault.message


# --- what a bot must have sent before, the limits, and the order that is denied by this check and no other
CASES = {
    "instrument_allowed": ("deny: [SPY]", [], limit(symbol="SPY", limit_price=449)),
    "max_order_qty": ("max_order_qty: 5", [], limit(qty=6)),
    "max_order_notional": ("max_order_notional: 100.00", [], limit()),
    "max_position": ("max_position: 500.00", [], limit(qty=4)),
    "max_open_positions": ("max_open_positions: 1", [limit()], limit(symbol="SPY", limit_price=449)),
    "concentration": ("concentration: 1 %", [], limit(qty=100)),
    "gross_exposure": ("gross_exposure: 0.01", [], limit(qty=100)),
    "net_exposure": ("net_exposure: 0.01", [], limit(qty=100)),
    "leverage": ("leverage: 0.01", [], limit(qty=100)),
    "buying_power": ("buying_power: true", [], limit(qty=5000)),
    "order_rate": ("order_rate: 1 / 60 s", [limit()], limit()),
    "duplicate_order": ("duplicate_window: 60 s", [limit(qty=2)], limit(qty=2)),
    "price_collar": ("price_collar: 1 %", [], limit(limit_price=250)),
    "short_sale": ("short_sale: false", [], limit(side="sell", limit_price=180)),
    "stop_required": ("stop_required: true", [], limit()),
    "self_match": ("self_match: true", [limit(side="sell", limit_price=180)], limit(limit_price=185)),
}


@pytest.mark.parametrize("check", CASES)
def test_each_check_is_heard_by_its_name(tmp_path, check):
    said, before, order = CASES[check]
    name, _, value = said.partition(": ")
    limits = limits_yaml(**{name: value})
    with run_stage(tmp_path, limits=limits) as stage, stage.bot() as bot:
        for each in before:
            bot.submit_order(each)
        found, message = denied(bot, order)
        assert found == check, message
        assert stage.our("/api/risk/alerts")["alerts"][0]["alert_type"] == "ORDER_REJECTED"
        with stage.at_alpaca() as alpaca:
            wait_until(lambda: len(alpaca.get_orders()) == len(before), "the exchange got nothing else")


def test_after_the_kill_switch_a_bot_may_only_leave(stage, bot):
    held = bot.submit_order(r.MarketOrderRequest(**BUY))
    wait_status(bot, held.id, "filled")
    killed = stage.native.post("/api/kill", json={"keep_positions": True, "reason": "enough"})
    assert killed.status_code == 200
    check, message = denied(bot, limit())
    assert (check, "halted" in message or "kill" in message) == ("trading_state", True)
    account = bot.get_account()
    assert account.trading_blocked and account.account_blocked
    assert bot.get_account_configurations().suspend_trade
    wait_status(bot, bot.close_position("AAPL").id, "filled")


MALFORMED = {
    "no amount": {"symbol": "AAPL", "side": "buy", "type": "market", "time_in_force": "day"},
    "no price": BUY | {"qty": "1", "type": "limit"},
    "two amounts": BUY | {"notional": "5", "type": "market"},
    "no such word": BUY | {"type": "wishful"},
    "a number too large": BUY | {"type": "market", "qty": "1e400"},
    "full-width digits": BUY | {"type": "market", "qty": "\uff11"},
    "a wrong side of a leg": BUY
    | {"type": "limit", "limit_price": "170", "order_class": "oto", "stop_loss": {"stop_price": "180"}},
    "a combination": BUY | {"type": "market", "order_class": "mleg"},
    "an intent of the other side": BUY | {"type": "market", "position_intent": "sell_to_close"},
    "no object": ["order"],
}


def test_what_is_no_order_is_422_and_uses_up_no_id(bot):
    for name, asked in MALFORMED.items():
        body = asked | {"client_order_id": "kept"} if isinstance(asked, dict) else asked
        with pytest.raises(APIError) as caught:
            bot.post("/orders", body)
        assert caught.value.status_code == 422, name
        assert caught.value.code in (40010001, 42210000), name
        assert caught.value.message, name
    assert bot.submit_order(limit(client_order_id="kept")).client_order_id == "kept"
