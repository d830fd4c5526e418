"""Within which bounds a moving market changes nothing that an account's rules say.

Rules say so after they were asked (`Rule.quiet`). While figures and marks stay within, they
need not be asked again about a quote: at a thousand accounts that hold one instrument, that
is what a quote can afford.

Source     performance.md P10.
"""

from typing import Final, Self

from msgspec import Struct

from stopline.model.ids import InstrumentId
from stopline.model.numbers import Money, Price

NO_END: Final = 2**63


class Quiet(Struct, frozen=True, gc=False):
    """Bounds, both included: of the day's P&L, of equity, and of marks by instrument."""

    least_pnl: Money = -NO_END
    most_pnl: Money = NO_END
    least_equity: Money = -NO_END
    most_equity: Money = NO_END
    marks: tuple[tuple[InstrumentId, Price, Price], ...] = ()

    def within(self, other: Self) -> "Quiet":
        """Return the bounds that keep to both. Marks of one instrument may stand twice."""
        return Quiet(
            max(self.least_pnl, other.least_pnl),
            min(self.most_pnl, other.most_pnl),
            max(self.least_equity, other.least_equity),
            min(self.most_equity, other.most_equity),
            (*self.marks, *other.marks),
        )


ALWAYS: Final = Quiet()
"""Nothing that moves with the market matters."""
