"""How many losses in a row."""

from collections.abc import Sequence

from stopline.model.numbers import Money


def losing_streak(results: Sequence[Money]) -> int:
    """Return how many of the newest results are losses; one that neither won nor lost ends a streak."""
    streak = 0
    for result in reversed(results):
        if result >= 0:
            break
        streak += 1
    return streak
