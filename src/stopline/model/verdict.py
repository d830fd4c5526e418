"""What the gate found: one finding per check, and the verdict they make."""

from enum import StrEnum

from msgspec import Struct

from stopline.model.numbers import render_money, render_percent, render_price, render_qty


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


def shown(value: int | None, unit: Unit) -> str:
    """Return a number as people read it: $17500.00, 25.00 %, 100."""
    if value is None:
        return "unknown"
    if unit is Unit.MONEY:
        sign, text = ("-" if value < 0 else ""), render_money(abs(value))
        return f"{sign}${text}"
    if unit is Unit.PRICE:
        return render_price(value)
    if unit is Unit.QTY:
        return render_qty(value)
    if unit is Unit.RATIO:
        return f"{render_percent(value)} %"
    return str(value)
