"""Account, clock, calendar, assets, activities and history by the vendor's client."""

from datetime import date

import pytest

from tests.oracles.alpaca.sdk import APIError, client_of, r
from tests.sims import run_sim


def test_the_account_in_figures(client, sim):
    client.submit_order(r.MarketOrderRequest(symbol="AAPL", qty=10, side="buy", time_in_force="day"))
    sim.quote("AAPL", "110.00", "110.02", last="110.00")
    account = client.get_account()
    assert (account.cash, account.equity, account.last_equity) == ("98999.8", "100099.8", "100000")
    assert (account.long_market_value, account.multiplier) == ("1100", "2")
    assert account.pattern_day_trader is None
    (position,) = client.get_all_positions()
    assert (position.qty, position.avg_entry_price, position.market_value) == ("10", "100.02", "1100")
    assert (position.unrealized_pl, position.side.value) == ("99.8", "long")


def test_assets_clock_and_calendar():
    with run_sim(hours="market") as sim, client_of(sim) as client:
        assert client.get_asset("AAPL").tradable
        assert len(client.get_all_assets(r.GetAssetsRequest(asset_class="us_equity", status="active"))) == 25
        assert client.get_all_assets(r.GetAssetsRequest(asset_class="crypto")) == []
        clock = client.get_clock()
        assert clock.next_open > clock.timestamp
        days = client.get_calendar(r.GetCalendarRequest(start=date(2026, 11, 23), end=date(2026, 11, 29)))
        assert [day.date.day for day in days] == [23, 24, 25, 27]
        assert [f"{day.open:%H:%M}-{day.close:%H:%M}" for day in days[-2:]] == ["09:30-16:00", "09:30-13:00"]


def test_activities_are_the_executions(client):
    client.submit_order(r.MarketOrderRequest(symbol="AAPL", qty=10, side="buy", time_in_force="day"))
    (fill,) = client.get("/account/activities/FILL")
    assert (fill["activity_type"], fill["qty"], fill["price"], fill["type"]) == ("FILL", "10", "100.02", "fill")
    newest, oldest = client.get("/account/activities")
    assert (newest["id"], oldest["activity_type"]) == (fill["id"], "CSD")
    assert client.get("/account/activities", {"page_size": 1, "page_token": newest["id"]}) == [oldest]


def test_history_of_equity(client, sim):
    sim.control("POST", "/clock", {"advance_s": 3600})
    sim.quote("AAPL", "100.00", "100.02")
    history = client.get_portfolio_history(r.GetPortfolioHistoryRequest(period="1D", timeframe="1Min"))
    assert history.equity == [100000.0, 100000.0]
    assert history.timestamp[1] - history.timestamp[0] in (3600, 3660)
    assert client.get_portfolio_history().timeframe == "1D"


def test_what_is_not_offered_is_a_clear_4xx(client):
    assert client.get_watchlists() == []
    assert client.get_option_contracts(r.GetOptionContractsRequest(underlying_symbols=["AAPL"])).option_contracts == []
    with pytest.raises(APIError) as caught:
        client.exercise_options_position("AAPL260116C00100000")
    assert (caught.value.status_code, caught.value.code) == (404, 40410000)
