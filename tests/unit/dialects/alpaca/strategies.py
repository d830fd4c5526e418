"""Any order, update and account that the dialect can hold."""

from hypothesis import strategies as st

from stopline.dialects.alpaca.orders import Order
from stopline.dialects.alpaca.stream import TradeUpdate
from stopline.dialects.alpaca.words import Status
from stopline.model.numbers import MAX_SCALED
from stopline.model.order import OrderClass, OrderType, Side, TimeInForce

text = st.text(max_size=40)
figures = st.none() | st.integers(-MAX_SCALED, MAX_SCALED)
instants = st.none() | st.integers(0, 4 * 10**18)


def orders(legs: st.SearchStrategy | None = None) -> st.SearchStrategy[Order]:
    """Return any order; its legs too, unless it is one."""
    within = st.none() | st.lists(orders(st.none()), max_size=2).map(tuple) if legs is None else legs
    return st.builds(
        Order,
        id=text,
        status=st.sampled_from(Status) | text,
        client_order_id=text,
        created_at=instants,
        filled_at=instants,
        replaced_by=st.none() | text,
        symbol=text,
        notional=figures,
        qty=figures,
        filled_qty=st.integers(0, MAX_SCALED),
        filled_avg_price=figures,
        order_class=st.sampled_from(OrderClass) | st.just("mleg"),
        order_type=st.sampled_from(OrderType),
        side=st.sampled_from(Side),
        time_in_force=st.sampled_from(TimeInForce),
        limit_price=figures,
        stop_price=figures,
        extended_hours=st.booleans(),
        legs=within,
        trail_percent=figures,
        trail_price=figures,
        hwm=figures,
    )


def updates() -> st.SearchStrategy[TradeUpdate]:
    """Return any trade update."""
    return st.builds(
        TradeUpdate,
        event=st.sampled_from(["new", "canceled", "replaced", "held", "trade_bust"]) | text,
        order=orders(),
        timestamp=instants,
        execution_id=st.none() | text,
        price=st.integers(0, MAX_SCALED),
        qty=st.integers(0, MAX_SCALED),
        position_qty=figures,
    )
