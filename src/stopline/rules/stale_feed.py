"""Take no new risk while a position is held blind.

Measures   the age of the newest usable quote of each position, while its market is open.
Units      time.
Boundary   exactly `max_age` is still in bounds.
Scope      each position.
No data    a position that never had a quote is as old as the position; none is older than the opening of its
           market, or than Stopline's start, and so long a breach from before stands.
Enforces   an alert, and `reducing` until quotes come again.
Does not   close: what cannot be seen is not sold on a guess. It says nothing while the market is shut.
Source     semantics.md section 6; reliability.md N10 (stale, halted and closed are three things).
"""

from collections.abc import Iterator
from typing import ClassVar

from stopline.model.breach import Action, ActionKind, RuleScope
from stopline.model.instants import render_duration
from stopline.model.numbers import Nanos
from stopline.model.rules import StaleFeedTerms
from stopline.model.verdict import Unit
from stopline.rules.base import HeldPosition, Reading, Rule, Situation, soonest


class StaleFeed(Rule, frozen=True, gc=False):
    """How old a quote may be, in nanoseconds."""

    terms: StaleFeedTerms

    name: ClassVar[str] = "stale_feed"
    unit: ClassVar[Unit] = Unit.NANOS
    scope: ClassVar[RuleScope] = RuleScope.POSITION

    def readings(self, seen: Situation) -> Iterator[Reading]:
        """Measure each position whose market is open."""
        for each in seen.positions:
            if each.is_market_open:
                name, most, since = each.instrument.instrument_id, self.terms.max_age, _since(each)
                age = max(seen.at - since, 0)
                # Nothing has come, and nothing had to yet: whether the feed is good nobody knows.
                is_early = since > _newest(each) and age <= most
                yield Reading(name, None if is_early else age, most, age > most, each)

    def due(self, seen: Situation) -> Nanos | None:
        """Return when the next quote is too old."""
        return soonest((_since(each) + self.terms.max_age + 1 for each in seen.positions), seen.at)

    def reason(self, reading: Reading, seen: Situation) -> str:
        """Return how long nothing has come."""
        age, most = render_duration(reading.observed or 0), render_duration(reading.limit)
        return f"{reading.key} is held, and no usable quote of it has come for {age}; {most} is allowed"

    def actions(self, reading: Reading, seen: Situation) -> tuple[Action, ...]:
        """Tell people, and only reduce."""
        text = f"no usable quotes of {reading.key}: look at the feed; closing by hand works as ever"
        return (Action(ActionKind.WARN, text=text), Action(ActionKind.REDUCING))


def _since(held: HeldPosition) -> Nanos:
    """Return since when nothing has come: before its market opened, or Stopline listened, nothing could."""
    return max(_newest(held), held.quotes_since)


def _newest(held: HeldPosition) -> Nanos:
    return held.opened_at if held.quoted_at is None else held.quoted_at
