"""What callers hear when the desk cannot decide, and whom an input is about."""

from asyncio import Future
from typing import Any

from stopline.messages.inputs import Input
from stopline.model.ids import AccountId
from stopline.ports.desk import DeskUnavailable


def fail(answer: "Future[Any] | None", error: Exception) -> None:
    """Let a caller who still waits hear an error."""
    if answer is not None and not answer.done():
        answer.set_exception(error)


def store_unavailable(reason: str, message: str = "", spools: bool = False) -> DeskUnavailable:
    """Return the refusal while the journal takes nothing. `spools`: who wants out still can."""
    why = f"{reason}: {message}" if message else reason
    if spools:
        return DeskUnavailable(
            "store_unavailable",
            f"the store refuses to record decisions ({why}), so no new risk is taken and nothing is changed. Cancels, "
            f"orders that provably reduce, close, flatten and kill still work. Send this again once the store does",
        )
    return DeskUnavailable(
        "store_unavailable",
        f"the store refuses to record decisions ({why}), so nothing new is decided or sent, cancels included; what was "
        f"answered before stands. If something must be cancelled now, cancel it at the broker",
    )


def store_slow() -> DeskUnavailable:
    """Return the refusal of new orders while one append takes too long."""
    text = "the disk takes too long to record decisions, so no new ones are begun: send this again later"
    return DeskUnavailable("store_unavailable", f"store_slow: {text}")


def overloaded() -> DeskUnavailable:
    """Return the refusal of new orders while too many wait."""
    return DeskUnavailable("overloaded", "too many orders wait for a decision: send this one again later")


def going_down(reason: str) -> DeskUnavailable:
    """Return the refusal of everything when the process ends."""
    return DeskUnavailable(reason, "Stopline is going down: nothing is decided any more")


def account_of(message: Input) -> AccountId:
    """Return the account that an input is about, or an empty string."""
    for part in ("", "fill", "order", "terms"):
        account = getattr(getattr(message, part, None) if part else message, "account", "")
        if account:
            return str(account)
    return ""
