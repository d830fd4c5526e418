"""Account, positions, errors, results and the rest."""

import json

import pytest

from stopline.dialects.alpaca import refusals
from stopline.dialects.alpaca.account import ACCOUNT, CONFIGURATIONS, Account, Configurations
from stopline.dialects.alpaca.close import ClosePosition, parse_close, render_close
from stopline.dialects.alpaca.errors import ApiError, parse_error, render_error
from stopline.dialects.alpaca.exact_json import Malformed, decode, encode
from stopline.dialects.alpaca.history import PORTFOLIO_HISTORY, PortfolioHistory
from stopline.dialects.alpaca.orders import Order
from stopline.dialects.alpaca.results import (
    CancelResult,
    CloseResult,
    parse_cancel_results,
    parse_close_results,
    render_cancel_results,
    render_close_results,
)
from stopline.model.numbers import PRICE_ONE, QTY_ONE


def test_an_account_without_the_removed_fields_is_read():
    account = ACCOUNT.parse(decode(b'{"id": "1", "cash": "-23140.2", "equity": 103820.56}'))
    assert account == Account(id="1", cash=-2_314_020_000_000, equity=10_382_056_000_000)
    assert not {"pattern_day_trader", "daytrade_count", "daytrading_buying_power"} & ACCOUNT.render(account).keys()


def test_a_change_of_configurations_says_only_what_changes():
    sent = CONFIGURATIONS.render(Configurations(suspend_trade=True), with_nulls=False)
    assert sent == {"suspend_trade": True}
    nulls = {"suspend_trade": True, "dtbp_check": None, "pdt_check": None, "no_shorting": None}
    assert CONFIGURATIONS.parse(nulls) == Configurations(suspend_trade=True)


def test_history_travels_as_json_numbers():
    history = PortfolioHistory(
        timeframe="1Min", timestamp=(1580826600,), equity=(2_742_373_000_000,), profit_loss=(None,), base_value=None
    )
    wire = encode(PORTFOLIO_HISTORY.render(history))
    assert b'"equity":[27423.73]' in wire
    assert PORTFOLIO_HISTORY.parse(decode(wire)) == history


@pytest.mark.parametrize(
    "error",
    [
        refusals.suspended(),
        refusals.insufficient_buying_power(5 * PRICE_ONE, 9 * PRICE_ONE),
        refusals.insufficient_qty("AAPL", 5 * QTY_ONE, 2 * QTY_ONE, 7 * QTY_ONE),
        refusals.wash_trade("61e69015", "limit"),
        refusals.not_unique(),
        refusals.wrong_keys(),
        refusals.not_cancelable("filled"),
    ],
)
def test_errors_round_trip(error):
    assert parse_error(error.status, encode(render_error(error))) == error


def test_the_words_that_clients_know():
    known = refusals.insufficient_qty("SQQQ", 1000 * QTY_ONE, 0, 1000 * QTY_ONE)
    assert render_error(known) == {
        "available": "0",
        "code": 40310000,
        "existing_qty": "1000",
        "held_for_orders": "1000",
        "message": "insufficient qty available for order (requested: 1000, available: 0)",
        "symbol": "SQQQ",
    }
    assert render_error(refusals.wrong_keys()) == {"message": "forbidden."}


@pytest.mark.parametrize("body", [b"", b"<html>502</html>", b"[]", b'{"code": 1}', b'{"message": 5}', b"\xff"])
def test_an_error_without_a_message_is_still_an_error(body):
    error = parse_error(502, body)
    assert (error.status, error.code) == (502, None)
    assert error.message


def test_the_parts_of_a_207_round_trip():
    gone = ApiError(404, 40410000, "order not found")
    canceled = (CancelResult("1", 200), CancelResult("2", 404, gone))
    assert parse_cancel_results(decode(encode(render_cancel_results(canceled)))) == canceled
    closed = (
        CloseResult("A", 200, Order(id="1", status="accepted")),
        CloseResult("B", 403, None, refusals.forbidden("account is not allowed to short")),
    )
    assert parse_close_results(decode(encode(render_close_results(closed)))) == closed


@pytest.mark.parametrize("body", ["{}", "[5]", '[{"id": "1"}]', '[{"id": "1", "status": "ok"}]', '[{"status": 200}]'])
def test_a_bad_207_is_refused(body):
    for parse in (parse_cancel_results, parse_close_results):
        with pytest.raises(Malformed):
            parse(decode(body))


@pytest.mark.parametrize(
    ("query", "held", "amount"),
    [
        ({}, 7, 7),
        ({"qty": "2.5"}, 7, 2_500_000_000),
        ({"percentage": "50"}, 7 * QTY_ONE, 3_500_000_000),
        ({"percentage": "33.3333"}, 10, 3),
        ({"percentage": "100"}, 7, 7),
    ],
)
def test_how_much_to_close(query, held, amount):
    close = parse_close(query)
    assert close.amount(held) == amount
    assert parse_close(render_close(close)) == close


@pytest.mark.parametrize("query", [{"qty": "0"}, {"qty": "x"}, {"percentage": "101"}, {"qty": "1", "percentage": "1"}])
def test_a_bad_amount_to_close_is_refused(query):
    with pytest.raises(Malformed):
        parse_close(query)


def test_nothing_said_is_all_of_it():
    assert render_close(ClosePosition()) == {}
    assert json.loads(encode(render_close(ClosePosition(qty=QTY_ONE)))) == {"qty": "1"}
