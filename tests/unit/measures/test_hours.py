"""Within one's hours or not: against a walk over every minute."""

from hypothesis import given
from hypothesis import strategies as st

from stopline.measures.hours import is_within, next_opening
from stopline.model.market_hours import MarketSpan

SPANS = st.lists(
    st.tuples(st.integers(0, 50), st.integers(1, 20)).map(lambda pair: MarketSpan(pair[0], sum(pair))), max_size=4
)


@given(SPANS, st.integers(-1, 75))
def test_every_instant_of_a_span_is_within(spans, at):
    assert is_within(spans, at) == any(at in range(span.opens_at, span.closes_at) for span in spans)


def test_the_opening_is_within_and_the_closing_is_not():
    spans = [MarketSpan(10, 20), MarketSpan(20, 30)]
    assert [is_within(spans, at) for at in (9, 10, 19, 20, 29, 30)] == [False, True, True, True, True, False]


@given(SPANS, st.integers(-1, 75))
def test_the_next_opening_is_the_first_after_now(spans, at):
    later = [instant for instant in range(at + 1, 80) if any(span.opens_at == instant for span in spans)]
    assert next_opening(spans, at) == (later[0] if later else None)
