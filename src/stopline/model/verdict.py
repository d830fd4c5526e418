"""What the gate found: one finding per check, and the verdict they make."""

from enum import StrEnum

from msgspec import Struct


class Unit(StrEnum):
    """How a finding's numbers are scaled and shown."""

    MONEY = "money"
    PRICE = "price"
    QTY = "qty"
    RATIO = "ratio"
    COUNT = "count"
    STATE = "state"
    NANOS = "nanos"


class Finding(Struct, frozen=True, gc=False, array_like=True):
    """One check's answer. `observed` and `limit` are scaled by `unit`; None is unknown or not armed.

    `status` is passed, denied, warned, exempt or not_armed.
    """

    check: str
    status: str
    unit: Unit
    observed: int | None
    limit: int | None
    reason: str

    @property
    def passed(self) -> bool:
        """Whether this check lets the order go."""
        return self.status != "denied"

    @property
    def headroom(self) -> int | None:
        """What is left to the limit, or None where either is unknown."""
        if self.observed is None or self.limit is None:
            return None
        return self.limit - self.observed
