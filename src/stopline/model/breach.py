"""A breach: which rule an account is out of the bounds of, on what numbers, and what that asks for.

A rule only says so; who acts on it, and whether at all, is the mode's and the engine's to decide.

Source     semantics.md sections 6 (rules), 7 (enforcement) and 12 (a breach is an open fact).
"""

from enum import StrEnum

from msgspec import Struct

from stopline.model.ids import InstrumentId
from stopline.model.numbers import Nanos, Price, Qty
from stopline.model.verdict import Unit


class Mode(StrEnum):
    """What becomes of a rule's verdicts: written down, told to people as well, or acted upon as well."""

    SHADOW = "shadow"
    WARN = "warn"
    ENFORCE = "enforce"


class RuleScope(StrEnum):
    """What a rule is about: the whole account, one instrument (or futures product), or one position."""

    ACCOUNT = "account"
    INSTRUMENT = "instrument"
    POSITION = "position"


class ActionKind(StrEnum):
    """What a breach asks for."""

    WARN = "warn"
    """Tell people, and nothing else."""
    REDUCING = "reducing"
    """No new risk until what caused it is gone."""
    CANCEL = "cancel"
    """Cancel every order that could increase exposure; protection stays."""
    REDUCE_EXCESS = "reduce_excess"
    """Close `qty` of the instrument, and no more."""
    ATTACH = "attach"
    """Protect `qty` of the position with a stop, and a target where one is named."""
    CLOSE_POSITION = "close_position"
    """Close all of the instrument."""
    FLATTEN = "flatten"
    """Cancel all, close all, until the broker says flat with no orders."""
    COOLDOWN = "cooldown"
    """No new risk until `until`; it ends by itself."""
    LOCK = "lock"
    """No new risk until `until`, and nothing ends it earlier but an approved release; 0 until a person does."""
    KILL = "kill"
    """The kill switch, until a person releases it."""


CLOSING = frozenset({ActionKind.REDUCE_EXCESS, ActionKind.CLOSE_POSITION, ActionKind.FLATTEN, ActionKind.KILL})
"""Actions that trade, or lead to it."""


class Action(Struct, frozen=True, gc=False, array_like=True):
    """One thing that a breach asks for. `qty` is unsigned; `text` is what to tell people."""

    kind: ActionKind
    instrument_id: InstrumentId = ""
    qty: Qty = 0
    until: Nanos = 0
    stop_price: Price | None = None
    target_price: Price | None = None
    text: str = ""
    trail: Price | None = None
    """ATTACH: a trailing stop at this distance, in place of one at `stop_price`."""


class RuleVerdict(Struct, frozen=True, gc=False, array_like=True):
    """A rule's answer about one scope that is out of bounds. `observed` and `limit` are scaled by `unit`.

    `key` tells breaches of one rule apart: empty for the account, an instrument, a product,
    or one trade (`trip:7`). While the same (rule, key) is said again, the breach stays open.
    """

    rule: str
    mode: Mode
    scope: RuleScope
    key: str
    unit: Unit
    observed: int
    limit: int
    reason: str
    actions: tuple[Action, ...]

    @property
    def name(self) -> str:
        """The breach's key in an account's book."""
        return f"{self.rule}:{self.key}"

    @property
    def breach_id(self) -> tuple[str, str]:
        """What makes two verdicts tell of the same breach of an account."""
        return self.rule, self.key


class OpenBreach(Struct, frozen=True, gc=False, array_like=True):
    """A breach that stands, as it was when it opened."""

    verdict: RuleVerdict
    since: Nanos
