"""What Stopline owes an account until it is done: leave the market, close, reduce, protect.

An obligation is opened by a rule, a kill switch, a fill that must not be, or a person; it
ends once. It is kept in the state, so that neither a restart nor a broker that says no
ends it.

Source     semantics.md section 7; reliability.md F43 and I11.
"""

from enum import StrEnum
from typing import Final

from msgspec import Struct

from stopline.model.ids import InstrumentId
from stopline.model.numbers import Nanos, Price, Qty


class ObligationKind(StrEnum):
    """What is owed."""

    FLATTEN = "flatten"
    """No position and no order of the account, as the broker says so too."""
    CLOSE = "close"
    """No position in the instrument."""
    REDUCE = "reduce"
    """No more than `qty` of the instrument."""
    ATTACH = "attach"
    """A stop (and a target, where one is named) for what is bare of the position."""


class ObligationState(StrEnum):
    """Where an obligation is in its life."""

    OPENED = "opened"
    IN_PROGRESS = "in_progress"
    WAITING_FOR_SESSION = "waiting_for_session"
    """The market is shut: what protects stays, and the close goes when it opens."""
    CONFIRMING = "confirming"
    """It is done by our book: the broker is asked for its own."""
    DONE = "done"
    SUPERSEDED = "superseded"
    """Another obligation covers it, or what asked for it is gone before anything was sent."""


ENDED: Final = frozenset({ObligationState.DONE, ObligationState.SUPERSEDED})


class Obligation(Struct, frozen=True, gc=False, array_like=True):
    """One obligation. `cause` is the rule or restriction that it serves, `key` its breach's key."""

    obligation_id: int
    kind: ObligationKind
    instrument_id: InstrumentId
    cause: str
    reason: str
    actor: str
    opened_at: Nanos
    key: str = ""
    qty: Qty = 0
    """REDUCE: the most that may be held, unsigned."""
    state: ObligationState = ObligationState.OPENED
    attempts: int = 0
    """How often it failed: a denial, a rejection, an order that ended without closing."""
    next_at: Nanos = 0
    """Not before this is it tried again."""
    escalations: int = 0
    """How often people were told that it is not done."""
    text: str = ""
    """What it waits for, or why it failed last."""
    stop_price: Price | None = None
    target_price: Price | None = None
    """ATTACH: where, as the rule said last."""
    trail: Price | None = None
    """ATTACH: a trailing stop at this distance instead."""
