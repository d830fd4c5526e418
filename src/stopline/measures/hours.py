"""Whether one is inside one's hours, and when the next ones begin."""

from collections.abc import Sequence

from stopline.model.market_hours import MarketSpan
from stopline.model.numbers import Nanos


def is_within(spans: Sequence[MarketSpan], at: Nanos) -> bool:
    """Return whether an instant lies in one of the spans; the instant of closing does not."""
    return any(span.opens_at <= at < span.closes_at for span in spans)


def next_opening(spans: Sequence[MarketSpan], at: Nanos) -> Nanos | None:
    """Return the next opening after an instant, or None if no span is known that far."""
    return min((span.opens_at for span in spans if span.opens_at > at), default=None)
