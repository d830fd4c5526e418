"""People and bots, about the way out of positions."""

from typing import TypeAlias

from stopline.messages.inputs.base import BaseInput
from stopline.model.ids import AccountId, ClientOrderId
from stopline.model.limits import ScopeKind
from stopline.model.numbers import Qty, Ratio


class ClosePosition(BaseInput, frozen=True, gc=False):
    """Close a position, or part of it (`qty` or `percent`, 1e-6), at market. Never flips it."""

    account: AccountId
    symbol: str
    qty: Qty | None = None
    percent: Ratio | None = None
    client_order_id: ClientOrderId = ""
    actor: str = "local"


class Flatten(BaseInput, frozen=True, gc=False):
    """Cancel every working order of the account and close every position (or one symbol's).

    Scope account, or group: every account of it.
    """

    account: AccountId
    symbol: str = ""
    reason: str = ""
    actor: str = "local"
    scope: ScopeKind = ScopeKind.ACCOUNT


ExitInput: TypeAlias = ClosePosition | Flatten
