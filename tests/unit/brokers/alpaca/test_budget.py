"""Two hundred messages a minute, read from the headers, a fifth of them kept for the ways out."""

import pytest

from stopline.brokers.alpaca.budget import Budget
from stopline.ports.broker import RateLimited


class Time:
    now = 1_000.0

    def __call__(self) -> float:
        return self.now


def headers(left: int, resets_in: float = 30, limit: int = 200) -> dict[str, str]:
    return {
        "x-ratelimit-limit": str(limit),
        "x-ratelimit-remaining": str(left),
        "x-ratelimit-reset": str(int(Time.now + resets_in)),
    }


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def budget(time: Time) -> Budget:
    return Budget(now=time, wall=time)


def spend(budget: Budget, is_exit: bool, left: int | None = None) -> None:
    budget.begin(is_exit=is_exit)
    budget.end(200, None if left is None else headers(left))


@pytest.mark.parametrize(
    ("left", "is_exit", "goes"),
    [
        pytest.param(41, False, True, id="an entry above the reserve"),
        pytest.param(40, False, False, id="an entry at the reserve"),
        pytest.param(40, True, True, id="an exit at the reserve"),
        pytest.param(1, True, True, id="the last one"),
        pytest.param(0, True, False, id="nothing left, an exit"),
    ],
)
def test_entries_stop_at_the_reserve_and_exits_at_the_end(budget, left, is_exit, goes):
    spend(budget, True, left)
    if goes:
        budget.begin(is_exit=is_exit)
    else:
        with pytest.raises(RateLimited, match="message budget is spent"):
            budget.begin(is_exit=is_exit)


def test_without_headers_it_counts_itself(budget):
    for _ in range(160):
        spend(budget, False)
    with pytest.raises(RateLimited):
        budget.begin(is_exit=False)
    for _ in range(40):
        spend(budget, True)
    with pytest.raises(RateLimited):
        budget.begin(is_exit=True)


def test_what_is_under_way_counts(budget):
    spend(budget, True, left=42)
    budget.begin(is_exit=False)
    budget.begin(is_exit=False)
    with pytest.raises(RateLimited):
        budget.begin(is_exit=False)
    budget.end()
    budget.end()
    assert budget.left == 40, "a request without an answer is spent"


def test_a_new_window_fills_it(budget, time):
    spend(budget, True, left=0)
    time.now += 29
    assert budget.left == 0
    time.now += 2
    assert budget.left == 200


def test_after_429_nothing_goes_until_the_window_ends(budget, time):
    budget.begin(is_exit=False)
    budget.end(429, {})
    with pytest.raises(RateLimited):
        budget.begin(is_exit=True)
    time.now += 61
    budget.begin(is_exit=True)


@pytest.mark.parametrize("reset", ["0", "99999999999", "soon"])
def test_a_reset_that_cannot_be_is_a_whole_window(budget, time, reset):
    budget.begin(is_exit=True)
    budget.end(200, {"x-ratelimit-remaining": "0", "x-ratelimit-reset": reset})
    time.now += 59
    assert budget.left == 0
    time.now += 2
    assert budget.left == 200


def test_the_reserve_grows_with_what_there_is_to_leave(time):
    budget = Budget(needed=lambda: 150, now=time, wall=time)
    spend(budget, True, left=150)
    with pytest.raises(RateLimited, match="150 of them kept"):
        budget.begin(is_exit=False)
    budget.begin(is_exit=True)


def test_another_limit_than_usual_is_believed(budget):
    budget.begin(is_exit=True)
    budget.end(200, headers(900, limit=1000))
    assert (budget.limit, budget.reserve, budget.left) == (1000, 200, 900)
