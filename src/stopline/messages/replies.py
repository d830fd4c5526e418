"""Replies: what a caller hears once the record in front of it is durable."""

from typing import TypeAlias

from msgspec import Struct

from stopline.messages.events import Evidence, OrderApproved, OrderDenied, ReplaceApproved, ReplaceDenied
from stopline.model.ids import AccountId, ClientOrderId
from stopline.model.numbers import Qty
from stopline.model.verdict import Finding


class _Reply(Struct, frozen=True, gc=False):
    """Base of all replies."""


class Decided(_Reply, frozen=True, gc=False):
    """The decision on an order or a change."""

    decision: OrderApproved | OrderDenied | ReplaceApproved | ReplaceDenied
    seq: int = 0
    """The record that holds it, and what followed from it at once."""


class Repeated(_Reply, frozen=True, gc=False):
    """The same id with the same body: its decision is the one that record `seq` holds for it."""

    account: AccountId
    client_order_id: ClientOrderId
    seq: int


class Checked(_Reply, frozen=True, gc=False):
    """What the gate would say; nothing was reserved."""

    approved: bool
    check: str
    message: str
    findings: tuple[Finding, ...]
    max_passing_qty: Qty | None
    evidence: Evidence
    symbol: str
    reducing: bool = False


class Done(_Reply, frozen=True, gc=False):
    """It was done; `detail` holds (name, value) pairs a person would want to see."""

    detail: tuple[tuple[str, str], ...] = ()


class Proposed(_Reply, frozen=True, gc=False):
    """A loosening of an armed account waits."""

    proposal_id: int
    effective_at: int


class Refused(_Reply, frozen=True, gc=False):
    """It was not done. `code` is for programs, `message` for people, `fix` says what would be right.

    Codes: unknown_account, unknown_order, unknown_instrument, unknown_breaker, unknown_lock,
    client_order_id_conflict, protective_order_working, protection_required,
    order_not_working, no_position, condition_persists, already_reset, stale_version,
    not_allowed, bad_request, store_unavailable, second_person_required.
    """

    code: str
    message: str
    fix: str = ""
    orders: tuple[ClientOrderId, ...] = ()


Reply: TypeAlias = Decided | Repeated | Checked | Done | Proposed | Refused
