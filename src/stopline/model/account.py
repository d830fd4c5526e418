"""An account: whose money, at which broker, on whose clock."""

from enum import StrEnum

from msgspec import Struct

from stopline.model.ids import AccountId
from stopline.model.numbers import Money, Ratio
from stopline.model.week import MONDAY_RESET, WeekTerms


class TradingState(StrEnum):
    """What an account may do now; the strictest of all restrictions wins (semantics.md section 4)."""

    ACTIVE = "active"
    REDUCING = "reducing"
    CANCEL_ONLY = "cancel_only"
    HALTED = "halted"


SEVERITY = {
    TradingState.ACTIVE: 0,
    TradingState.REDUCING: 1,
    TradingState.CANCEL_ONLY: 2,
    TradingState.HALTED: 3,
}


class LotMethod(StrEnum):
    """How closed quantity picks its cost."""

    AVERAGE = "average"
    FIFO = "fifo"


class AccountTerms(Struct, frozen=True, gc=False, array_like=True):
    """What is fixed about an account until an admin changes it.

    `initial_margin` and `maintenance_margin` are ratios of notional for cash classes
    (futures use the instrument's own). `margin_account` false means a cash account.
    """

    account: AccountId
    broker: str
    currency: str = "USD"
    opening_cash: Money = 0
    margin_account: bool = True
    initial_margin: Ratio = 500_000
    maintenance_margin: Ratio = 250_000
    lot_method: LotMethod = LotMethod.AVERAGE
    reset_zone: str = "America/New_York"
    reset_time: str = "17:00"
    group: str = ""
    firm: str = ""
    armed: bool = False
    paper: bool = True
    weekly_reset: WeekTerms = MONDAY_RESET
