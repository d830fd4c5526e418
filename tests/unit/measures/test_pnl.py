"""Booking fills exactly: nothing is ever lost between incremental booking and a recomputation (I02)."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stopline.measures.pnl import FLAT, Holding, book_fill, lots_of, money_of, rebase
from stopline.model.instrument import AssetClass
from stopline.model.numbers import PRICE_ONE
from tests.build import AAPL, ES_DEC, money, qty, usd
from tests.properties.naive import Fill, NaiveInstrument, Session

fills = st.lists(
    st.tuples(st.integers(-50, 50).filter(bool), st.integers(1, 10**12), st.sampled_from([1, 10**9 // 3, 10**9])),
    max_size=12,
)


@pytest.mark.parametrize(
    ("size", "price", "multiplier", "worth"),
    [
        ("100", "175", "1", "17500.00"),
        ("-100", "175", "1", "-17500.00"),
        ("1", "-37.63", "1000", "-37630.00"),
        ("0.5", "0.00000001", "1", "0.00"),  # half a hundred-millionth goes to even: 0
        ("1.5", "0.00000001", "1", "0.00000002"),  # one and a half goes to even: 2
        ("2.5", "0.00000001", "1", "0.00000002"),  # two and a half goes to even: 2
    ],
)
def test_money_of_a_fill_is_rounded_half_even_once(size, price, multiplier, worth):
    assert usd(money_of(qty(size), money(price), money(multiplier))) == worth


@given(st.integers(-(2**62), 2**62), st.integers(-(2**40), 2**40), st.integers(1, 10**10))
def test_money_of_is_the_nearest(size, price, multiplier):
    assert money_of(size, price, multiplier) == round(Fraction(size * price * multiplier, 10**17))


def play(story, *, fifo, rebased_after=None, mark=0):
    held, realized, session = FLAT, 0, 0
    for n, (lots, price, unit) in enumerate(story):
        booked = book_fill(held, lots * unit, money_of(abs(lots * unit), price, PRICE_ONE), fifo=fifo)
        held, realized, session = booked.holding, realized + booked.realized_entry, session + booked.realized_session
        if n == rebased_after and held.qty:
            held = rebase(held, mark, PRICE_ONE)
            realized = session = 0
    return held, realized, session


@given(fills, st.booleans())
def test_what_is_held_and_what_was_realized_add_up_to_what_was_paid(story, fifo):
    held, realized, _ = play(story, fifo=fifo)
    paid = sum(money_of(lots * unit, price, PRICE_ONE) for lots, price, unit in story)
    assert held.cost - realized == paid
    assert (held.qty == 0) <= (held.cost == 0)
    if fifo:
        assert sum(lot for lot, _, _ in lots_of(held.lots)) == held.qty
        assert sum(cost for _, cost, _ in lots_of(held.lots)) == held.cost
        assert sum(cost for _, _, cost in lots_of(held.lots)) == held.session_cost
    else:
        assert held.lots == b""


@given(fills, st.booleans(), st.integers(0, 11), st.integers(1, 10**12))
def test_it_is_what_a_naive_engine_says(story, fifo, rebased_after, mark):
    assert AAPL.asset_class is AssetClass.EQUITY
    naive = NaiveInstrument(AAPL, fifo=fifo)
    for n, (lots, price, unit) in enumerate(story):
        naive.story.append(Fill(str(n), lots * unit, price, 0))
        if n == rebased_after and naive.now().qty:
            naive.story.append(Session(mark))
    held, realized, session = play(story, fifo=fifo, rebased_after=rebased_after, mark=mark)
    expected = naive.now()
    assert held[:3] == (expected.qty, expected.cost, expected.session_cost)
    assert (realized, session) == (expected.realized_entry, expected.realized_session)


def test_the_last_close_takes_the_rest():
    held = book_fill(FLAT, qty("3"), 5, fifo=False).holding
    released = []
    for _ in range(3):
        booked = book_fill(held, -qty("1"), 0, fifo=False)
        released.append(held.cost - booked.holding.cost)
        held = booked.holding
    assert released == [1, 2, 2]
    assert held == FLAT


@pytest.mark.parametrize("fifo", [False, True])
def test_a_flip_splits_its_money(fifo):
    held = book_fill(FLAT, qty("2"), money("200"), fifo=fifo).holding
    booked = book_fill(held, -qty("5"), money("550"), fifo=fifo)
    assert booked.realized_entry == money("20")
    assert booked.holding[:2] == (-qty("3"), -money("330"))


def test_rebasing_gives_the_rounding_to_the_last_lot():
    held = FLAT
    for _ in range(3):
        held = book_fill(held, 10**9 // 3, 100, fifo=True).holding
    rebased = rebase(held, 5, PRICE_ONE)
    assert rebased.session_cost == money_of(held.qty, 5, PRICE_ONE)
    assert sum(session for _, _, session in lots_of(rebased.lots)) == rebased.session_cost
    assert (rebased.qty, rebased.cost) == (held.qty, held.cost)


def test_rebasing_keeps_the_entry_cost():
    held = Holding(qty("100"), money("15000"), money("15000"), b"")
    assert rebase(held, money("100"), PRICE_ONE) == Holding(qty("100"), money("15000"), money("10000"), b"")
    assert ES_DEC.multiplier == money("50")
