"""The world's arithmetic is not the engine's, and comes to the same."""

from hypothesis import given
from hypothesis import strategies as st

from stopline.measures.pnl import FLAT, book_fill, money_of
from stopline.model.fill import Fill
from stopline.model.instrument import AssetClass
from stopline.model.order import Side
from stopline.sim.world.ledger import signed, tell
from stopline.venue.equities import equity
from stopline.venue.futures import future

INSTRUMENTS = (equity("AAPL"), future("MCL", 2026, 12, 1_767_618_000 * 10**9))
FILLS = st.lists(
    st.tuples(st.sampled_from(list(Side)), st.integers(1, 9 * 10**9), st.integers(-40 * 10**8, 300 * 10**8)),
    max_size=12,
)


@given(FILLS, st.sampled_from(INSTRUMENTS), st.integers(0, 12))
def test_it_tells_what_the_engine_books(told, instrument, cut):
    fills = [
        Fill("A", f"X{n}", instrument.instrument_id, side, size, price, 7, n)
        for n, (side, size, price) in enumerate(told)
    ]
    held, cash = FLAT, 0
    for fill in fills:
        money = money_of(fill.qty, fill.price, instrument.multiplier)
        held, realized, _ = book_fill(held, signed(fill), money, fifo=False)
        is_future = instrument.asset_class is AssetClass.FUTURE
        cash += (realized if is_future else (-money if signed(fill) > 0 else money)) - fill.fee
    assert tell(fills, instrument) == (held.qty, held.cost, cash)
    assert tell(fills[cut:], instrument, tell(fills[:cut], instrument)) == tell(fills, instrument)
