"""Timers that will come due."""

from msgspec import Struct

from stopline.model.ids import AccountId
from stopline.model.numbers import Nanos


class Timer(Struct, frozen=True, gc=False, array_like=True):
    """One timer. Ids: `breaker:<id>`, `proposal:<account>:<id>`; of an order, with both, those of held/ending.py."""

    timer_id: str
    due_at: Nanos
    account: AccountId
