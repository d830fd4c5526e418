"""What a quote is good for, and which mark it makes (semantics.md sections 9 and 12; N5, N10)."""

import pytest

from stopline.messages import inputs as i
from stopline.model.limits import Limits
from stopline.model.quote import Quote
from stopline.model.rules import DailyTotalLossTerms, Rules
from tests.build import AAPL, World, denied_by, money, usd


def mark(world: World, symbol: str = "AAPL") -> str | None:
    quote = world.state.market.quotes.get(world.state.symbols[symbol])
    return None if quote is None else usd(quote.mark)


@pytest.mark.parametrize(
    ("quote", "expected"),
    [
        ({"bid": "99", "ask": "101"}, "100.00"),
        ({"bid": "99", "ask": "101", "last": "100.50"}, "100.50"),
        ({"bid": "99", "ask": "101", "last": "98"}, "99.00"),
        ({"bid": "99", "ask": "101", "last": "103"}, "101.00"),
        ({"bid": "100", "ask": "100"}, "100.00"),
        ({"bid": "101", "ask": "99"}, None),
        ({"bid": "101", "ask": "99", "last": "100"}, "100.00"),
        ({"bid": "0.01", "ask": "199.99"}, None),
        ({"bid": "0", "ask": "0.01"}, None),
        ({"last": "100"}, "100.00"),
        ({"last": "0"}, None),
        ({"last": "-1"}, None),
        ({"bid": "100", "one_sided": True}, None),
        ({"ask": "100"}, None),
        ({"bid": "95", "ask": "105"}, "100.00"),  # spread exactly a tenth of the mid
        ({"bid": "94.99", "ask": "105"}, None),
    ],
    ids=str,
)
def test_mark_is_the_last_trade_clipped_to_a_usable_quote(quote, expected):
    world = World()
    world.quote("AAPL", **quote)
    assert mark(world) == expected


def test_negative_prices_mark_where_the_instrument_says_so():
    world = World()
    world.quote("CL2020-05", "-37.64", "-37.62")
    assert mark(world, "CL2020-05") == "-37.63"
    world.quote("CL2020-05", last="-40.32")
    assert mark(world, "CL2020-05") == "-40.32"
    world.quote("AAPL", "-1", "-0.99")
    assert mark(world) is None


def test_a_stub_quote_changes_nothing():
    world = World(limits=Limits(daily_loss=money("5000"), quote_max_age=5 * 10**9))
    world.quote("AAPL", "99.99", "100.01")
    world.hold("100", price="100")
    before = (mark(world), world.pnl(), usd(world.account().equity()))
    for stub in ({"bid": "0.01", "ask": "199999"}, {"bid": "0.01", "one_sided": True}, {"bid": "0.01", "ask": "0.02"}):
        if stub.get("ask") != "0.02":
            world.quote("AAPL", **stub)
            assert (mark(world), world.pnl(), usd(world.account().equity())) == before
            assert world.said == ()
            assert world.trading == "active"
            assert denied_by(world.buy("1")) == "quote_usable"


def test_the_last_trade_counts_for_a_minute():
    world = World()
    world.quote("AAPL", last="90")
    world.wait("60")
    world.quote("AAPL", "99", "101")
    assert mark(world) == "99.00", "the trade of a minute ago still counts, clipped"
    world.wait("0.000000001")
    world.quote("AAPL", "99", "101")
    assert mark(world) == "100.00"


def test_a_mark_that_nothing_confirms_expires():
    world = World()
    world.quote("AAPL", "100")
    world.hold("10", price="100")
    world.wait("60")
    world.step(i.MarkPnl())
    assert world.pnl()[2] == "0.00"
    world.wait("0.000000001")
    world.step(i.MarkPnl())
    assert mark(world) is None
    assert world.pnl() == ("0.00", None, None)
    assert world.account().equity() is None
    world.quote("AAPL", "101")
    assert world.pnl()[2] == "10.00"


def test_the_first_quote_after_a_silence_closes_nothing():
    """What stood before was another time: it confirms nothing, and nothing is there to see a jump from."""
    world = World()
    loss = DailyTotalLossTerms(loss_limit=money("100"))
    world.step(i.ChangeRules(account="A1", rules=Rules(daily_total_loss=loss)))
    world.hold("10", price="100")
    for _ in range(3):
        world.quote("AAPL", "100")
    world.wait(3600)
    world.step(i.MarkPnl())
    world.quote("AAPL", "90")
    assert world.trading == "active"
    world.quote("AAPL", "90")
    assert world.trading == "reducing"


def test_an_unusable_quote_lets_the_mark_stand_until_it_is_too_old():
    world = World()
    world.quote("AAPL", "100")
    world.wait("60")
    world.quote("AAPL", "101", "99")
    assert mark(world) == "100.00"
    world.wait("0.000000001")
    world.quote("AAPL", "101", "99")
    assert mark(world) is None


def test_a_source_may_say_how_long_its_quote_stands():
    world = World()
    world.quote("AAPL", "100", valid_until=world.at + 300 * 10**9)
    world.hold("10", price="100")
    world.wait("300")
    world.step(i.MarkPnl())
    assert mark(world) == "100.00"
    world.wait("0.000000001")
    world.step(i.MarkPnl())
    assert mark(world) is None


def test_a_quote_of_something_that_nobody_knows_is_dropped():
    world = World()
    world.step(i.QuoteReceived(quote=Quote("eq:US:NEW", world.at, bid=1, ask=1)))
    assert world.state.market.quotes == {}


def test_quotes_are_not_journaled_and_not_hashed():
    world = World()
    before = len(world.records)
    world.quote("AAPL", "100")
    assert len(world.records) == before
    world.assert_replays()
    world.restart()
    assert world.state.market.quotes == {}


def test_an_unpriced_position_is_unknown_and_never_zero():
    world = World()
    world.hold("10", price="100")
    assert world.account().equity() is None
    assert world.account().total_pnl() is None
    world.quote("AAPL", "0.01", "0.02")
    assert world.account().equity() is None


def test_an_exit_that_nothing_can_value_hides_no_loss():
    """A market exit sent while the quote is a stub: what the account has lost is known all the same."""
    world = World(limits=Limits(daily_loss=money("5000"), leverage=10**9))
    world.quote("AAPL", "100")
    world.hold("100", price="100")
    world.quote("AAPL", "0.01", "200")
    assert denied_by(world.close(size="10")) == ""
    assert world.position().unvalued_orders == 1
    assert world.pnl()[2] == "0.00"
    world.quote("AAPL", "49.99", "50.01")
    assert world.trading == "reducing"
    assert world.pnl()[2] == "-5000.00"


def test_the_worst_case_is_unknown_while_an_order_has_no_value():
    world = World(limits=Limits(leverage=10**9))
    world.quote("AAPL", "100")
    world.hold("100", price="100")
    world.quote("AAPL", "0.01", "200")
    world.close(size="10")
    assert world.account().equity() == money("100000")
    assert denied_by(world.buy("1", "TSLA", limit="100")) == "leverage"


@pytest.mark.parametrize("limit", ["concentration", "leverage", "gross_exposure", "net_exposure"])
def test_ratios_of_an_unpriced_account_are_denied(limit):
    world = World(limits=Limits(**{limit: 10**6}))
    world.hold("10", price="100")
    assert denied_by(world.buy("1", "TSLA", limit="100")) == limit
    world.quote("AAPL", "100")
    assert denied_by(world.buy("1", "TSLA", limit="100")) == ""


def test_pnl_is_marked_when_it_moved():
    world = World()
    world.hold("10", price="100")
    world.step(i.MarkPnl())
    assert world.said == ()
    world.quote("AAPL", "101")
    world.step(i.MarkPnl())
    (marked,) = world.said
    assert (usd(marked.equity), usd(marked.total_pnl)) == ("100010.00", "10.00")
    assert marked.realized_pnl + marked.unrealized_pnl == marked.total_pnl
    assert marked.marks == ((AAPL.instrument_id, money("101")),)
    world.step(i.MarkPnl())
    assert world.said == ()
    world.assert_replays()


def test_a_mark_is_the_same_for_all_who_hold_it():
    world = World(firm="house")
    world.open_account("A2", firm="house")
    world.hold("10", price="100")
    world.hold("-10", price="100", account="A2")
    world.quote("AAPL", "105")
    assert usd(world.account().equity()) == "100050.00"
    assert usd(world.account("A2").equity()) == "99950.00"
    assert world.state.scopes["firm:house"].valuation.gross_worst == 0


def test_new_terms_of_an_instrument_value_it_anew():
    from msgspec import structs

    world = World(limits=Limits(buying_power=True))
    world.hold("1", "ES2026-12", price="6900")
    world.quote("ES2026-12", "6900")
    instrument = world.state.instruments[world.state.symbols["ES2026-12"]]
    assert usd(world.account().valuation.margin) == "20000.00"
    world.step(i.ListInstrument(instrument=structs.replace(instrument, initial_margin=money("30000"))))
    assert usd(world.account().valuation.margin) == "30000.00"
