"""Timers that will come due."""

from msgspec import Struct

from stopline.model.ids import AccountId
from stopline.model.numbers import Nanos


class Timer(Struct, frozen=True, gc=False, array_like=True):
    """One timer. Ids: `session:<account>`, `breaker:<id>`, `proposal:<account>:<id>`."""

    timer_id: str
    due_at: Nanos
    account: AccountId
