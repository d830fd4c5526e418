from hypothesis import given
from hypothesis import strategies as st

from stopline.dialects.alpaca.exact_json import decode, encode
from stopline.dialects.alpaca.orders import parse_order, parse_orders, render_order, render_orders
from stopline.dialects.alpaca.query import OrdersQuery, parse_orders_query, render_orders_query
from stopline.dialects.alpaca.replace import ReplaceOrder, parse_replace, render_replace
from stopline.dialects.alpaca.words import STATES, Status, TimesInForce, state_of
from stopline.model.order import OrderState, TimeInForce
from tests.unit.dialects.alpaca.strategies import figures, instants, orders, text


@given(orders())
def test_an_order_round_trips_with_its_legs(order):
    assert parse_order(decode(encode(render_order(order)))) == order


@given(st.lists(orders(), max_size=3))
def test_a_list_of_orders_round_trips(many):
    assert parse_orders(decode(encode(render_orders(many)))) == tuple(many)


def test_removed_and_unknown_fields_are_not_missed():
    order = parse_order({"id": "1", "status": "enchanted", "pattern_day_trader": True, "new_in_2027": [1]})
    assert (order.id, order.status, order.qty) == ("1", "enchanted", None)
    assert state_of(order.status) is OrderState.UNKNOWN


def test_every_status_means_something():
    assert set(STATES) == set(Status)
    assert state_of("held") is OrderState.WORKING
    assert state_of("replaced") is OrderState.CANCELED


@given(
    st.builds(
        ReplaceOrder,
        qty=figures,
        time_in_force=st.none() | st.sampled_from([TimeInForce(each) for each in TimesInForce]),
        limit_price=figures,
        stop_price=figures,
        trail=figures,
        client_order_id=st.none() | text,
    )
)
def test_a_change_round_trips(change):
    assert parse_replace(encode(render_replace(change))) == change


@given(
    st.builds(
        OrdersQuery,
        status=st.sampled_from(["open", "closed", "all"]),
        limit=st.integers(1, 500),
        after=instants,
        until=instants,
        direction=st.sampled_from(["asc", "desc"]),
        nested=st.booleans(),
        symbols=st.lists(st.text("ABC.", min_size=1), max_size=3).map(tuple),
        side=st.sampled_from(["", "buy", "sell"]),
    )
)
def test_a_query_round_trips(query):
    assert parse_orders_query(render_orders_query(query)) == query
