"""What the simulator does not offer is answered too: by an empty list, or an APIError with a code, never by silence."""

import inspect
from datetime import date
from pathlib import Path

import pytest

from tests.oracles.alpaca.sdk import APIError, TradingClient, r

ID = "00000000-0000-4000-8000-00000000ffff"
HERE = Path(__file__).parent
REFUSED = {
    "add_asset_to_watchlist_by_id": lambda client: client.add_asset_to_watchlist_by_id(ID, "AAPL"),
    "create_watchlist": lambda client: client.create_watchlist(r.CreateWatchlistRequest(name="mine", symbols=["AAPL"])),
    "delete_watchlist_by_id": lambda client: client.delete_watchlist_by_id(ID),
    "exercise_options_position": lambda client: client.exercise_options_position("AAPL260116C00100000"),
    "get_corporate_announcement_by_id": lambda client: client.get_corporate_announcement_by_id(ID),
    "get_option_contract": lambda client: client.get_option_contract("AAPL260116C00100000"),
    "get_watchlist_by_id": lambda client: client.get_watchlist_by_id(ID),
    "remove_asset_from_watchlist_by_id": lambda client: client.remove_asset_from_watchlist_by_id(ID, "AAPL"),
    "update_watchlist_by_id": lambda client: client.update_watchlist_by_id(ID, r.UpdateWatchlistRequest(name="other")),
}
EMPTY = {
    "get_watchlists": lambda client: client.get_watchlists(),
    "get_option_contracts": lambda client: (
        client.get_option_contracts(r.GetOptionContractsRequest(underlying_symbols=["AAPL"])).option_contracts
    ),
    "get_corporate_announcements": lambda client: client.get_corporate_announcements(
        r.GetCorporateAnnouncementsRequest(ca_types=["dividend"], since=date(2026, 10, 1), until=date(2026, 10, 31))
    ),
}


@pytest.mark.parametrize("call", REFUSED)
def test_a_call_that_is_not_offered_is_refused_with_a_code(client, call):
    with pytest.raises(APIError) as caught:
        REFUSED[call](client)
    assert (caught.value.status_code, caught.value.code) == (404, 40410000)
    assert caught.value.message


@pytest.mark.filterwarnings("ignore:get_corporate_announcements is deprecated:DeprecationWarning")
@pytest.mark.parametrize("call", EMPTY)
def test_a_list_of_what_is_not_there_is_empty(client, call):
    assert EMPTY[call](client) == []


def test_every_call_of_the_client_is_made_by_some_test_of_this_folder():
    made = "".join(path.read_text() for path in HERE.glob("test_*.py"))
    calls = {name for name, _ in inspect.getmembers(TradingClient, inspect.isfunction) if not name.startswith("_")}
    calls -= {"get", "post", "put", "patch", "delete", "response_wrapper"}
    assert len(calls) > 25
    assert {name for name in calls if f".{name}(" not in made} == set()
