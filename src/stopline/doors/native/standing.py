"""What stands on accounts now: the half of a list that the state holds; what has ended is in the tables."""

from collections.abc import Callable, Iterable
from typing import TypeVar

from stopline.doors.native.context import see
from stopline.doors.native.web import Door, account_state
from stopline.model.ids import AccountId
from stopline.model.numbers import Nanos
from stopline.state.account import AccountState
from stopline.state.view import StateView

T = TypeVar("T")
Of = Callable[[AccountState, StateView, Nanos], Iterable[T]]


async def standing(door: Door, account: AccountId | None, of: Of[T]) -> list[T]:
    """Return what stands on an account, or on all of them in the order of their names. Raises Refusal."""

    def view(state: StateView, at: Nanos) -> list[T]:
        names = sorted(state.accounts) if account is None else [account]
        return [body for name in names for body in of(account_state(state, name), state, at)]

    return await see(door.desk, view)
