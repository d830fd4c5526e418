"""Everything else that the vendor's client can ask: what the engine and the calendars know, else a clear 4xx."""

from datetime import date
from uuid import uuid4

import pytest

from stopline.doors.alpaca.ids import order_uuid
from stopline.model.numbers import PRICE_PLACES, QTY_PLACES, parse_scaled
from tests.oracles.alpaca.sdk import APIError, TradingClient, r
from tests.oracles.alpaca_door.stage import wait_status

BUY = {"symbol": "AAPL", "qty": 10, "side": "buy", "time_in_force": "day"}


def held_in(state, instrument_id):
    return state.accounts["alpaca"].positions[instrument_id].qty


def test_positions_orders_and_account_are_the_engines(stage, bot):
    for asked in (
        r.MarketOrderRequest(**BUY),
        r.MarketOrderRequest(**BUY | {"symbol": "SPY", "qty": 3, "side": "sell"}),
        r.LimitOrderRequest(**BUY, limit_price=150),
        r.StopOrderRequest(**BUY | {"side": "sell"}, stop_price=150),
    ):
        order = bot.submit_order(asked)
        wait_status(bot, order.id, "filled", "new")
    stage.stopline.settle()
    ours = stage.our("/api/positions")["positions"]
    theirs = {each.symbol: each for each in bot.get_all_positions()}
    assert len(theirs) == 2
    for each in ours:
        shown = theirs[each["symbol"]]
        assert (shown.side.value, shown.qty) == (each["side"], each["qty"])
        assert float(shown.avg_entry_price) == float(each["avg_entry_price"])
    listed = {each["client_order_id"]: each for each in stage.our("/api/orders")["orders"]}
    shown = bot.get_orders(r.GetOrdersRequest(status="all", limit=500))
    assert {each.client_order_id for each in shown} == set(listed)
    for each in shown:
        ours = listed[each.client_order_id]
        assert (each.qty, each.filled_qty) == (ours["order_qty"], ours["cum_qty"])
        assert each.side.value.upper() == ours["side"]
        assert (each.status.value == "filled") is (ours["state"] == "filled")
        assert str(each.id) == order_uuid("alpaca", each.client_order_id)
    cash, held = stage.stopline.look(lambda state, at: (state.accounts["alpaca"].cash, held_in(state, "eq:US:AAPL")))
    account = bot.get_account()
    assert (parse_scaled(account.cash, PRICE_PLACES), parse_scaled(theirs["AAPL"].qty, QTY_PLACES)) == (cash, held)
    assert (account.account_number, account.multiplier, account.trading_blocked) == ("alpaca", "2", False)
    assert float(account.equity) > 0 and float(account.short_market_value) < 0 < float(account.long_market_value)
    fills = bot.get("/account/activities/FILL")
    traded = {(each["symbol"], each["qty"], each["side"]) for each in fills}
    assert traded == {("AAPL", "10", "buy"), ("SPY", "3", "sell")}
    assert bot.get("/account/activities/CSD") == []


def test_the_market(bot):
    asset = bot.get_asset("AAPL")
    assert (asset.tradable, asset.symbol, bot.get_asset(asset.id).symbol) == (True, "AAPL", "AAPL")
    assert len(bot.get_all_assets(r.GetAssetsRequest(asset_class="us_equity", status="active"))) == 25
    assert bot.get_all_assets(r.GetAssetsRequest(asset_class="crypto")) == []
    clock = bot.get_clock()
    assert clock.next_open > clock.timestamp
    days = bot.get_calendar(r.GetCalendarRequest(start=date(2026, 11, 23), end=date(2026, 11, 29)))
    assert [f"{day.date.day} {day.open:%H:%M}-{day.close:%H:%M}" for day in days] == [
        "23 09:30-16:00", "24 09:30-16:00", "25 09:30-16:00", "27 09:30-13:00",
    ]  # fmt: skip
    assert bot.get_calendar(r.GetCalendarRequest(start=date(2090, 1, 1), end=date(2090, 2, 1))) == []


ABSENT = {
    "history": lambda bot: bot.get_portfolio_history(),
    "exercise": lambda bot: bot.exercise_options_position("AAPL260116C00100000"),
    "contract": lambda bot: bot.get_option_contract("AAPL260116C00100000"),
    "announcement": lambda bot: bot.get_corporate_announcement_by_id(uuid4()),
    "watchlist": lambda bot: bot.get_watchlist_by_id(uuid4()),
    "new watchlist": lambda bot: bot.create_watchlist(r.CreateWatchlistRequest(name="mine", symbols=["AAPL"])),
    "asset": lambda bot: bot.get_asset("NOPE"),
    "position": lambda bot: bot.get_open_position("SPY"),
    "order": lambda bot: bot.get_order_by_client_id("nobody's"),
    "place": lambda bot: bot.get("/nowhere"),
}


def test_what_is_not_offered_is_a_clear_4xx(bot):
    for name, ask in ABSENT.items():
        with pytest.raises(APIError) as caught:
            ask(bot)
        assert (caught.value.status_code, caught.value.code) == (404, 40410000), name
        assert caught.value.message, name
    assert bot.get_watchlists() == []
    assert bot.get_option_contracts(r.GetOptionContractsRequest(underlying_symbols=["AAPL"])).option_contracts == []


def test_a_bot_does_not_change_what_holds_it(bot):
    configurations = bot.get_account_configurations()
    assert not configurations.suspend_trade
    configurations.no_shorting = True
    with pytest.raises(APIError) as caught:
        bot.set_account_configurations(configurations)
    assert (caught.value.status_code, caught.value.code) == (403, 40310000)


@pytest.mark.parametrize("pair", [("SLONE", "wrong"), ("SLTWO", "a-secret-of-one-bot-only-one"), ("", "")])
def test_wrong_keys_open_nothing(stage, pair):
    key, secret = pair
    headers = {"APCA-API-KEY-ID": key, "APCA-API-SECRET-KEY": secret}
    answer = stage.native.get(f"{stage.stopline.alpaca_url}/v2/account", headers=headers)
    assert answer.status_code in (401, 403)
    assert ("message" in answer.json() and secret not in answer.text.replace("forbidden.", "")) or not secret
    if key:
        client = TradingClient(key, secret, url_override=stage.stopline.alpaca_url)
        with pytest.raises(APIError):
            client.get_all_positions()
        client._session.close()
