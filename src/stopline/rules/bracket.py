"""Attach a stop and a target to a position that has none.

Measures   how much of a position no live stop (and, where one is configured, no live target) covers.
Units      quantity.
Boundary   anything that is not covered is a breach; less than a lot is nothing.
Scope      each position.
No data    needs no mark: distances are from the average entry price.
Enforces   attaches a stop so many ticks against the position, and a target so many in its favour,
           for what is not covered; both on the tick grid, rounded away from the entry. After a partial
           fill the rest is covered; when |position| falls, exits beyond it are cut by the engine.
Does not   flip: it never covers more than is held, and nothing of a position that is flat. It does not
           move a stop that is there, whoever put it where it is.
Source     document 002, RULE-012; semantics.md sections 3 (exits beyond |p| are cut) and 6 (012).

With `trailing` the stop is a trailing one at that distance, where the broker has such.
"""

from collections.abc import Iterator
from typing import ClassVar

from stopline.measures.average import average_price, on_grid
from stopline.model.breach import Action, ActionKind, RuleScope
from stopline.model.numbers import Price
from stopline.model.rules import BracketTerms
from stopline.model.verdict import Unit
from stopline.rules.base import HeldPosition, Reading, Rule, Situation, shown
from stopline.state.coverage import bare_of


class Bracket(Rule, frozen=True, gc=False):
    """Observes the quantity that is not covered, against 0."""

    terms: BracketTerms

    name: ClassVar[str] = "bracket"
    unit: ClassVar[Unit] = Unit.QTY
    scope: ClassVar[RuleScope] = RuleScope.POSITION
    hangs_on_marks: ClassVar[bool] = False

    def readings(self, seen: Situation) -> Iterator[Reading]:
        """Measure each position, its stop and its target apart."""
        for each in seen.positions:
            name, lot = each.instrument.instrument_id, each.instrument.lot_size
            if self.terms.stop_ticks is not None:
                bare = bare_of(each.qty, each.stop_qty + each.stops_coming, lot)
                yield Reading(f"{name} stop", bare, 0, bare > 0, each, "stop")
            if self.terms.target_ticks is not None:
                bare = bare_of(each.qty, each.target_qty + each.targets_coming, lot)
                yield Reading(f"{name} target", bare, 0, bare > 0, each, "target")

    def reason(self, reading: Reading, seen: Situation) -> str:
        """Return what is bare."""
        name = "" if reading.held is None else reading.held.instrument.instrument_id
        return f"{shown(reading.observed, self.unit)} of {name} without a {reading.detail}"

    def actions(self, reading: Reading, seen: Situation) -> tuple[Action, ...]:
        """Cover it."""
        held = reading.held
        if held is None:
            raise ValueError("a bracket is attached to a position")
        name, qty = held.instrument.instrument_id, reading.observed or 0
        if reading.detail == "stop":
            price = _away(held, -(self.terms.stop_ticks or 0))
            trail = (self.terms.stop_ticks or 0) * held.instrument.tick_size if self.terms.trailing else None
            return (Action(ActionKind.ATTACH, name, qty, stop_price=price, trail=trail),)
        return (Action(ActionKind.ATTACH, name, qty, target_price=_away(held, self.terms.target_ticks or 0)),)


def _away(held: HeldPosition, ticks: int) -> Price:
    """Return the price so many ticks in the position's favour (against it, if negative), rounded away from entry."""
    instrument = held.instrument
    entry = average_price(held.cost, held.qty, instrument.multiplier)
    if entry is None:
        raise ValueError(f"{instrument.instrument_id} is flat: there is nothing to cover")
    move = held.sign * ticks
    return on_grid(entry + move * instrument.tick_size, instrument.tick_size, up=move > 0)
