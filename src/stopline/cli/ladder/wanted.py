"""What is to be done, how each rung says what it did, and how a rung gives up."""

from typing import Any

from msgspec import Struct

from stopline.cli.client import Body
from stopline.cli.outcome import say


class Lost(Exception):
    """A rung broke under us, perhaps after it was done: the next one is tried. The text says why.

    `is_silent`: somebody is there, and did not answer in time.
    """

    def __init__(self, text: str, *, is_silent: bool = False) -> None:
        super().__init__(text)
        self.is_silent = is_silent


class Wanted(Struct, frozen=True, kw_only=True):
    """A kill or a flatten, as the command line asks for it."""

    word: str
    """`kill` or `flatten`: the route, the control door's word, and the kind of the JSON document."""
    account: str = ""
    scope: str = "account"
    keep_positions: bool = False
    symbol: str = ""
    reason: str = ""

    @property
    def is_kill(self) -> bool:
        """Whether it is the kill switch."""
        return self.word == "kill"

    def body(self) -> Body:
        """Return it as HTTP and the control door take it."""
        fields: dict[str, Any] = {"account": self.account, "reason": self.reason}
        if self.is_kill:
            fields |= {"scope": self.scope, "keep_positions": self.keep_positions or ""}
        else:
            fields |= {"symbol": self.symbol, "scope": self.scope if self.scope != "account" else ""}
        return {name: value for name, value in fields.items() if value != ""}

    def headline(self) -> str:
        """Return what it does, for a person to agree to."""
        if not self.is_kill:
            wider = "" if self.scope == "account" else f" and all of its {self.scope}"
            return f"flatten {self.account}{wider}{f', only {self.symbol}' if self.symbol else ''}:"
        kept = "positions are kept" if self.keep_positions else "positions are closed"
        return f"kill {self.scope} of {self.account}: no new orders, entries are cancelled, {kept}"


class Steps:
    """What was tried and what came of it, said at once and kept for the JSON."""

    def __init__(self) -> None:
        self.listed: list[dict[str, str]] = []

    def note(self, rung: str, outcome: str) -> None:
        """Write it down, for the JSON only."""
        self.listed.append({"rung": rung, "outcome": outcome})

    def tell(self, rung: str, outcome: str) -> None:
        """Write it down, and say it; the same again is not news."""
        if self.listed and self.listed[-1] == {"rung": rung, "outcome": outcome}:
            return
        self.note(rung, outcome)
        say(f"[{rung}] {outcome}")
