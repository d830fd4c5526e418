"""What Stopline owes an account: what it is, how far it came, and since when.

Source     semantics.md section 7 (people see how long an obligation is open).
"""

from msgspec import Struct

from stopline.messages.events import ObligationClosed
from stopline.model.ids import AccountId
from stopline.model.numbers import SECOND, Nanos, render_qty
from stopline.model.obligation import Obligation, ObligationKind
from stopline.state.account import AccountState
from stopline.views.wire import DecimalText, InstantText, instant, optional_instant, optional_price, symbol_of


class ObligationBody(Struct):
    """An obligation. `qty` is the most that may be held (reduce); `next_at` is when it is tried again, if it failed."""

    obligation_id: int
    account: str
    kind: str
    instrument_id: str
    symbol: str
    qty: DecimalText | None
    stop_price: DecimalText | None
    target_price: DecimalText | None
    trail: DecimalText | None
    cause: str
    reason: str
    actor: str
    opened_at: InstantText
    state: str
    attempts: int
    escalations: int
    next_at: InstantText | None
    text: str
    age_s: int


def obligation_body(account: AccountId, each: Obligation, at: Nanos) -> ObligationBody:
    """Return an obligation as it stands at an instant."""
    return ObligationBody(
        each.obligation_id,
        account,
        each.kind.value,
        each.instrument_id,
        symbol_of(each.instrument_id),
        render_qty(each.qty) if each.kind is ObligationKind.REDUCE else None,
        optional_price(each.stop_price),
        optional_price(each.target_price),
        optional_price(each.trail),
        each.cause,
        each.reason,
        each.actor,
        instant(each.opened_at),
        each.state.value,
        each.attempts,
        each.escalations,
        optional_instant(each.next_at),
        each.text,
        max(0, at - each.opened_at) // SECOND,
    )


def obligations_of(account: AccountState, at: Nanos) -> list[ObligationBody]:
    """Return what is owed to an account, the oldest first."""
    name = account.terms.account
    return [obligation_body(name, each, at) for _, each in sorted(account.obligations.items())]


class ObligationMessage(Struct):
    """OBLIGATION: one opened, came a step further, was tried in vain, or ended (`active` false: done or superseded)."""

    obligation_id: int
    active: bool
    state: str
    text: str
    obligation: ObligationBody | None


def obligation_message(account: AccountId, each: Obligation, at: Nanos) -> ObligationMessage:
    """Return an obligation that is open."""
    return ObligationMessage(each.obligation_id, True, each.state.value, each.text, obligation_body(account, each, at))


def closed_message(event: ObligationClosed, at: Nanos) -> ObligationMessage:
    """Return an obligation that ended, as it stood last."""
    last = event.obligation
    body = None if last is None else obligation_body(event.account, last, at)
    return ObligationMessage(event.obligation_id, False, event.outcome.value, event.reason, body)
