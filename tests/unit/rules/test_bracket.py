import pytest

from tests.unit.rules.build import AAPL, ES_DEC, account, armed, attached, fires, held, money, one, qty

STOP = armed("bracket", stop_ticks=8)
BOTH = armed("bracket", stop_ticks=8, target_ticks=12)
TRAILING = armed("bracket", stop_ticks=8, trailing=True)


@pytest.mark.parametrize(
    ("position", "breach"),
    [
        pytest.param(held(ES_DEC, "2"), True, id="bare"),
        pytest.param(held(ES_DEC, "2", stop_qty=qty("1")), True, id="half covered"),
        pytest.param(held(ES_DEC, "2", stop_qty=qty("2")), False, id="covered"),
        pytest.param(held(ES_DEC, "-2", stop_qty=qty("2")), False, id="short, covered"),
        pytest.param(held(ES_DEC, "2", stop_qty=qty("3")), False, id="more than covered: the engine cuts"),
    ],
)
def test_fires_on_what_no_stop_covers(position, breach):
    assert fires(STOP, account(position)) is breach


@pytest.mark.parametrize(("size", "stop"), [("2", "98"), ("-2", "102")])
def test_the_stop_is_against_the_position(size, stop):
    action = attached(one(STOP, account(held(ES_DEC, size))))
    assert (action.qty, action.stop_price, action.target_price) == (qty("2"), money(stop), None)
    assert action.text == ""


@pytest.mark.parametrize(("size", "target"), [("2", "103"), ("-2", "97")])
def test_the_target_is_in_its_favour(size, target):
    verdicts = BOTH.evaluate(account(held(ES_DEC, size, stop_qty=qty("2"))))
    assert [each.key for each in verdicts] == [f"{ES_DEC.instrument_id} target"]
    action = attached(verdicts[0])
    assert (action.qty, action.stop_price, action.target_price) == (qty("2"), None, money(target))


def test_only_what_is_bare_is_covered():
    assert attached(one(STOP, account(held(ES_DEC, "-5", stop_qty=qty("3"))))).qty == qty("2")


@pytest.mark.parametrize(("size", "stop"), [("3", "99.92"), ("-3", "100.09")])
def test_prices_are_on_the_grid_away_from_the_entry(size, stop):
    """Entered at 100.003333: a stop eight cents away is rounded outwards."""
    assert attached(one(STOP, account(held(AAPL, size, entry="100.003333")))).stop_price == money(stop)


def test_negative_prices_keep_their_direction():
    action = attached(one(STOP, account(held(ES_DEC, "1", entry="-37.50"))))
    assert action.stop_price == money("-39.50")


def test_a_trailing_one_says_so():
    assert attached(one(TRAILING, account(held(ES_DEC, "1")))).trail == money("2")


def test_what_is_on_its_way_is_not_bare():
    assert not fires(STOP, account(held(ES_DEC, "5", stop_qty=qty("3"), stops_coming=qty("2"))))


def test_flat_is_nothing_to_cover():
    assert not fires(BOTH, account())
