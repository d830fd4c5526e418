"""What a rule is: it looks at an account and says where it is out of bounds. It never acts.

A rule measures (`readings`), one reading per scope that it speaks of: what was observed, the
limit, and whether that is a breach. `evaluate` turns the breaches into verdicts with what
they ask for. What nobody can judge (a position without a trusted mark, an account whose
opening equity is unknown) has the reading None and is no breach: a rule closes nothing on
data that may be wrong. New risk on such data is the gate's to deny.

Rules remember nothing. Peaks, trades and stop levels are in the `Situation` that they are shown.

Source     semantics.md section 6; architecture.md promises 3 and 10.
"""

from collections.abc import Iterable
from enum import Enum
from typing import Any, ClassVar, Self

from msgspec import Struct

from stopline.model.breach import Action, ActionKind, RuleScope, RuleVerdict
from stopline.model.numbers import QTY_ONE, Money, Nanos, div_ceil
from stopline.model.quiet import ALWAYS, Quiet
from stopline.model.rules import BufferedTerms, Rules, RuleTerms
from stopline.model.verdict import Unit, shown
from stopline.state.situation import HeldPosition, Situation

__all__ = [
    "ALWAYS",
    "Action",
    "HeldPosition",
    "Period",
    "Quiet",
    "Reading",
    "Rule",
    "Situation",
    "close",
    "cooldown",
    "cushion",
    "flatten_and_lock",
    "less",
    "rest",
    "shown",
    "soonest",
]


class Reading(Struct, frozen=True, gc=False):
    """One scope, measured. `observed` None: nothing can judge it, and it is no breach.

    `held` is the position that it is about, `detail` whatever the rule needs to say why and what to do.
    """

    key: str
    observed: int | None
    limit: int
    is_breach: bool
    held: HeldPosition | None = None
    detail: Any = None


class Period(Enum):
    """After what time a rule measures something new, so that an old breach is over."""

    NONE = "none"
    SESSION = "session"
    WEEK = "week"


class Rule(Struct, frozen=True, gc=False):
    """One account rule, made from its terms in the configuration."""

    terms: RuleTerms

    name: ClassVar[str]
    unit: ClassVar[Unit]
    scope: ClassVar[RuleScope]
    period: ClassVar[Period] = Period.NONE
    latches: ClassVar[bool] = False
    """Whether a breach stands until its period ends (without one: until a person says so), whatever is won back."""

    is_routine: ClassVar[bool] = False
    """Whether it is to be expected, by the clock: then it wakes nobody who is out of the market."""

    hangs_on_marks: ClassVar[bool] = True
    """Whether its readings move with the market. Then it is asked at every quote that leaves what `quiet` says."""

    falls: ClassVar[bool] = False
    """Whether it is at or below its limit that something is out of bounds; else at or above."""

    @classmethod
    def arm(cls, rules: Rules) -> Self | None:
        """Return the rule, or None where nobody configured it."""
        terms = getattr(rules, cls.name)
        return None if terms is None else cls(terms)

    def readings(self, seen: Situation) -> Iterable[Reading]:
        """Measure every scope that the rule speaks of."""
        raise NotImplementedError(f"{type(self).__name__} must measure something")

    def reason(self, reading: Reading, seen: Situation) -> str:
        """Return one sentence with the numbers of a breach."""
        raise NotImplementedError(f"{type(self).__name__} must say why")

    def actions(self, reading: Reading, seen: Situation) -> tuple[Action, ...]:
        """Return what a breach asks for, in order."""
        raise NotImplementedError(f"{type(self).__name__} must say what to do")

    def projected(self, seen: Situation) -> int | None:
        """Return where its limit would stand if the day ended as it is now; None where that moves nothing."""
        return None

    def cushion(self, seen: Situation) -> Money:
        """Return how much before its limit it acts."""
        return cushion(self.terms, seen) if isinstance(self.terms, BufferedTerms) else 0

    def due(self, seen: Situation) -> Nanos | None:
        """Return when time alone may make a breach of what is in bounds now; None if it cannot."""
        return None

    def quiet(self, seen: Situation) -> Quiet | None:
        """Return within what bounds quotes alone change nothing it says; None if every quote may."""
        return None if self.hangs_on_marks else ALWAYS

    def evaluate(self, seen: Situation) -> tuple[RuleVerdict, ...]:
        """Return a verdict for every scope that is out of bounds now."""
        return self.judge(seen)[0]

    def judge(self, seen: Situation) -> tuple[tuple[RuleVerdict, ...], tuple[str, ...]]:
        """Return the verdicts, and the keys of what nothing can judge now: a breach there is not over."""
        measured = list(self.readings(seen))
        verdicts = tuple(self._verdict(reading, seen) for reading in measured if reading.is_breach)
        return verdicts, tuple(reading.key for reading in measured if reading.observed is None)

    def _verdict(self, reading: Reading, seen: Situation) -> RuleVerdict:
        if reading.observed is None:
            raise ValueError(f"{self.name} calls a breach what it could not measure ({reading.key or 'account'})")
        return RuleVerdict(
            self.name,
            self.terms.mode,
            self.scope if reading.key else RuleScope.ACCOUNT,
            reading.key,
            self.unit,
            reading.observed,
            reading.limit,
            self.reason(reading, seen),
            self.actions(reading, seen),
        )


def cushion(terms: BufferedTerms, seen: Situation) -> Money:
    """Return how much before its limit a rule acts: its buffer, and its ticks on all that is held, rounded up."""
    ticks = sum(div_ceil(abs(each.qty) * each.instrument.tick_value, QTY_ONE) for each in seen.positions)
    return terms.buffer + terms.buffer_ticks * ticks


def less(terms: BufferedTerms, seen: Situation) -> str:
    """Return words for a limit that is another because of its buffer."""
    buffer = cushion(terms, seen)
    if not buffer:
        return ""
    return f" ({shown(terms.loss_limit, Unit.MONEY)} may be lost, less a buffer of {shown(buffer, Unit.MONEY)})"


def close(held: HeldPosition | None) -> tuple[Action, ...]:
    """Return the demand to close a position."""
    if held is None:
        raise ValueError("a reading that closes a position must say which")
    return (Action(ActionKind.CLOSE_POSITION, held.instrument.instrument_id, abs(held.qty)),)


def flatten_and_lock(until: Nanos) -> tuple[Action, ...]:
    """Return the demand to leave the market, and to stay out until an instant (0: until a person lifts it)."""
    return (Action(ActionKind.CANCEL), Action(ActionKind.FLATTEN), Action(ActionKind.LOCK, until=until))


def cooldown(until: Nanos) -> tuple[Action, ...]:
    """Return the demand to wait: working entries go as well, for they could fill meanwhile."""
    return (Action(ActionKind.CANCEL), Action(ActionKind.COOLDOWN, until=until))


def soonest(instants: Iterable[Nanos], at: Nanos) -> Nanos | None:
    """Return the first instant that is still to come: what is past must hide none."""
    return min((each for each in instants if each > at), default=None)


def rest(at: Nanos, length: Nanos | None) -> tuple[Action, ...]:
    """Return the demand to wait so long from an instant, or, without a length, until a person lifts it."""
    if length is not None:
        return cooldown(at + length)
    return (Action(ActionKind.CANCEL), Action(ActionKind.LOCK))
