"""Close a position in an instrument that this account may not hold.

Measures   whether a blocked pattern names the instrument of a position, as it was resolved: its
           canonical id, its product or its symbol, never a raw prefix.
Units      1 for a position that is blocked.
Boundary   any quantity is a breach.
Scope      each position.
No data    needs none.
Enforces   closes a position that appears.
Does not   deny the order (the check `instrument_allowed` does), or lock.
Source     document 002, RULE-011; semantics.md sections 1 (patterns) and 6 (011).
"""

from collections.abc import Iterator
from typing import ClassVar

from stopline.model.breach import Action, RuleScope
from stopline.model.patterns import names
from stopline.model.rules import SymbolBlockTerms
from stopline.model.verdict import Unit
from stopline.rules.base import Reading, Rule, Situation, close, shown


class SymbolBlock(Rule, frozen=True, gc=False):
    """Observes 1 for each position that a blocked pattern names."""

    terms: SymbolBlockTerms

    name: ClassVar[str] = "symbol_block"
    unit: ClassVar[Unit] = Unit.COUNT
    scope: ClassVar[RuleScope] = RuleScope.POSITION
    hangs_on_marks: ClassVar[bool] = False

    def readings(self, seen: Situation) -> Iterator[Reading]:
        """Measure each position."""
        for each in seen.positions:
            pattern = next((one for one in self.terms.blocked if names(one, each.instrument)), None)
            blocked = pattern is not None
            yield Reading(each.instrument.instrument_id, int(blocked), 0, blocked, each, pattern)

    def reason(self, reading: Reading, seen: Situation) -> str:
        """Return what is held, and which pattern forbids it."""
        qty = 0 if reading.held is None else abs(reading.held.qty)
        return f"{shown(qty, Unit.QTY)} of {reading.key} are held, which {reading.detail!r} blocks"

    def actions(self, reading: Reading, seen: Situation) -> tuple[Action, ...]:
        """Close it."""
        return close(reading.held)
