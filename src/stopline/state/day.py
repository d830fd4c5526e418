"""An account's trading day: the session, the equity it opened on, and what moved without being P&L."""

from msgspec import Struct

from stopline.model.calendar import Session
from stopline.model.ids import InstrumentId
from stopline.model.numbers import Money, Price


class Day(Struct, gc=False, array_like=True):
    """One trading day. `baseline` None means that nobody knows the opening equity (the account is `reducing`)."""

    session: Session | None = None
    baseline: Money | None = None
    baseline_source: str = ""
    transfers: Money = 0
    trades: int = 0
    """Entry orders that got a fill this session."""
    last_equity: Money | None = None
    """As last marked."""
    last_total_pnl: Money | None = None
    last_marks: tuple[tuple[InstrumentId, Price], ...] = ()
