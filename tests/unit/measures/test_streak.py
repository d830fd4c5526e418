"""How many losses in a row: against counting forward."""

from hypothesis import given
from hypothesis import strategies as st

from stopline.measures.streak import losing_streak


@given(st.lists(st.integers(-2, 2)))
def test_is_the_count_since_the_last_that_did_not_lose(results):
    streak = 0
    for result in results:
        streak = streak + 1 if result < 0 else 0
    assert losing_streak(results) == streak
