"""Keep an account out of the market outside its own hours.

Measures   whether now is within the account's trading hours, in its zone, on its weekdays.
Units      0 within the hours, 1 outside.
Boundary   the instant of opening is within, the instant of closing is outside.
Scope      the account.
No data    no breach while nobody has said what the hours are around now.
Enforces   locks until the next opening (until a person lifts it where none is known); flattens
           where configured.
Does not   know when a market trades (the check `session_hours` does), or flatten by default: a
           position may be held through the night.
Source     document 002, RULE-009; semantics.md section 6 (009).
"""

from collections.abc import Iterator
from typing import ClassVar

from stopline.measures.hours import is_within, next_opening
from stopline.model.breach import Action, ActionKind, RuleScope
from stopline.model.market_hours import render_hours
from stopline.model.numbers import Nanos
from stopline.model.rules import SessionBlockTerms
from stopline.model.verdict import Unit
from stopline.rules.base import Reading, Rule, Situation, flatten_and_lock, soonest


class SessionBlock(Rule, frozen=True, gc=False):
    """Observes 1 outside the hours."""

    terms: SessionBlockTerms

    name: ClassVar[str] = "session_block"
    unit: ClassVar[Unit] = Unit.COUNT
    scope: ClassVar[RuleScope] = RuleScope.ACCOUNT
    is_routine: ClassVar[bool] = True
    hangs_on_marks: ClassVar[bool] = False

    def readings(self, seen: Situation) -> Iterator[Reading]:
        """Measure now."""
        if not seen.trading_hours:
            yield Reading("", None, 0, False)
            return
        is_outside = not is_within(seen.trading_hours, seen.at)
        yield Reading("", int(is_outside), 0, is_outside)

    def due(self, seen: Situation) -> Nanos | None:
        """Return the next opening or closing."""
        edges = (edge for span in seen.trading_hours for edge in (span.opens_at, span.closes_at))
        return soonest(edges, seen.at)

    def reason(self, reading: Reading, seen: Situation) -> str:
        """Return the hours."""
        return f"outside the account's hours ({render_hours(self.terms.hours)})"

    def actions(self, reading: Reading, seen: Situation) -> tuple[Action, ...]:
        """Wait for the next opening."""
        until = next_opening(seen.trading_hours, seen.at) or 0
        if self.terms.flatten and seen.positions:
            return flatten_and_lock(until)
        return (Action(ActionKind.CANCEL), Action(ActionKind.LOCK, until=until))
