"""The only place that changes state: one function per event, gathered in one table."""

from stopline.engine.apply.accounts import APPLY_ACCOUNTS
from stopline.engine.apply.fills import APPLY_FILLS
from stopline.engine.apply.held import APPLY_HELD
from stopline.engine.apply.orders import APPLY_ORDERS
from stopline.engine.apply.risk import APPLY_RISK
from stopline.engine.apply.rules import APPLY_RULES, note
from stopline.engine.history import PROTECTS, REMEMBERED
from stopline.engine.tables import Appliers
from stopline.messages.events import Event
from stopline.model.numbers import Nanos
from stopline.state.state import State

APPLIERS: Appliers = {**APPLY_ORDERS, **APPLY_HELD, **APPLY_FILLS, **APPLY_ACCOUNTS, **APPLY_RISK, **APPLY_RULES}

NOTED = REMEMBERED | PROTECTS
"""What an account's history takes, beyond what `apply` changes."""


def apply(state: State, event: Event, seq: int, at: Nanos) -> None:
    """Make one event part of the state. Raises KeyError for an event nobody applies: a defect."""
    kind = type(event)
    APPLIERS[kind](state, event, seq, at)
    if kind in NOTED:
        note(state, event, at)
