"""Deny an instrument that is on the deny list, or not on the allow list where there is one.

Measures   whether a pattern names the instrument: with a colon, `*` and `?` over the whole canonical
           id or product (`fut:ES*`, `eq:US:*`); without one, exactly the symbol or the last part of
           the product (`ES`).
Boundary   deny wins over allow. An empty allow list allows everything.
Exits      warns: what is held may leave.
No data    needs none.
Source     document 002, RULE-011; semantics.md sections 1 (patterns) and 5 (18).

`ES*` without a colon names nothing, so that it cannot hit Eversource (`eq:US:ES`): raw
prefixes hit what nobody meant (at ProjectX `NQM` is crude oil). `*` alone is everything.
"""

from typing import ClassVar, Self

from stopline.checks.base import Armament, Candidate, Check
from stopline.model.patterns import names
from stopline.model.verdict import Unit
from stopline.state.view import AccountView


class InstrumentAllowed(Check, frozen=True, gc=False):
    """Observes 1 for a forbidden instrument: settled when the check is armed, for it is for one only."""

    limit: int = 0
    verdict: int = 0
    text: str = ""

    name: ClassVar[str] = "instrument_allowed"
    unit: ClassVar[Unit] = Unit.STATE

    @classmethod
    def arm(cls, armament: Armament) -> Self | None:
        """Armed by `allow` or `deny`."""
        allow, deny, instrument = armament.limits.allow, armament.limits.deny, armament.instrument
        if not allow and not deny:
            return None
        for pattern in deny:
            if names(pattern, instrument):
                return cls(0, 1, f"is denied by the pattern {pattern!r}")
        for pattern in allow:
            if names(pattern, instrument):
                return cls(0, 0, f"is allowed by the pattern {pattern!r}")
        if not allow:
            return cls(0, 0, "is on no deny list")
        return cls(0, 1, f"is not on the allow list ({', '.join(allow)})")

    def observe(self, order: Candidate, account: AccountView) -> int:
        """Return 1 if the instrument is forbidden."""
        return self.verdict

    def reason(self, observed: int | None, order: Candidate) -> str:
        """Return which pattern said so."""
        name = order.symbol if order.instrument is None else order.instrument.instrument_id
        return f"{name} {self.text}"
