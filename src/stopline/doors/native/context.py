"""What every route stands on: the desk, the stream, and who is asking."""

import re
from collections.abc import Callable, Mapping
from typing import Any, Final, TypeVar

from stopline.doors.native.errors import wrong_field
from stopline.model.ids import AccountId
from stopline.model.numbers import Nanos
from stopline.ports.desk import Desk, DeskUnavailable
from stopline.state.view import StateView
from stopline.views.wire import instant

T = TypeVar("T")
ACTOR: Final = "local"
"""Who everybody is until people and roles come: this door listens on loopback only."""


async def see(desk: Desk, view: Callable[[StateView, Nanos], T]) -> T:
    """Look at the state behind all that was asked before; while the store fails, look at it as it is."""
    try:
        return await desk.look(view)
    except DeskUnavailable:
        return desk.peek(view)


def only_account(state: StateView, at: Nanos) -> AccountId:
    """Return the account's name where there is exactly one, else an empty string."""
    return next(iter(state.accounts)) if len(state.accounts) == 1 else ""


_CLIENT_ID: Final = re.compile(r"[A-Za-z0-9._:@/-]{1,64}", re.ASCII)


def client_of(scope: Mapping[str, Any]) -> str:
    """Return which bot or connection asks: its X-Client-Id, else its address. Raises Refusal."""
    for name, value in scope["headers"]:
        if name == b"x-client-id":
            text: str = value.decode("latin-1")
            if _CLIENT_ID.fullmatch(text) is None:
                fix = "1 to 64 letters, digits and . _ : @ / -"
                raise wrong_field("X-Client-Id", "is not a client id", fix)
            return text
    peer = scope.get("client")
    return f"{peer[0]}:{peer[1]}" if peer else ""


def health_body(desk: Desk) -> dict[str, Any]:
    """Return the desk's own report, with its instant as text."""
    report: dict[str, Any] = dict(desk.health())
    if isinstance(report.get("at"), int):
        report["at"] = instant(report["at"])
    return report
