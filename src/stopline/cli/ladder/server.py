"""What a rung is, and the uppermost one: the server over HTTP."""

from collections.abc import Callable
from typing import Protocol

from stopline.cli.client import Answer, Body, Client
from stopline.cli.ladder.wanted import Lost, Wanted
from stopline.cli.outcome import Exit, Stop


class Rung(Protocol):
    """One way to have it done."""

    name: str
    place: str

    def account(self, named: str) -> str:
        """Return the account that is meant. Raises Lost, Stop."""

    def plan(self, wanted: Wanted) -> list[str]:
        """Return what it will do, beyond the headline."""

    def do(self, wanted: Wanted) -> Body:
        """Do it, and return what was done. Raises Lost, Stop."""


class HttpRung:
    """The server at a URL."""

    name = "http"

    def __init__(self, url: str, timeout_s: float) -> None:
        self._client = Client(url, timeout_s)
        self.place = self._client.url

    def account(self, named: str) -> str:
        """Return the account that is meant."""
        return str(_reached(lambda: self._client.get("/api/account", account=named)).or_stop()["account"])

    def plan(self, wanted: Wanted) -> list[str]:
        """Return what is held and worked; what cannot be listed is no reason to stop."""
        if wanted.keep_positions:
            return []
        held = _reached(lambda: self._client.get("/api/positions", account=wanted.account))
        if not held.is_done:
            return ["  (what is held cannot be listed now)"]
        lines = [
            f"  {each['symbol']}: {each['side']} {each['qty']}, "
            f"working {each['working_buys']} to buy and {each['working_sells']} to sell"
            for each in held.body["positions"]
            if wanted.symbol in ("", each["symbol"], each["instrument_id"])
        ]
        lines = lines or ["  nothing is held or worked"]
        if wanted.scope == "account":
            return lines
        # Only one account can be asked about here: a plan that shows it alone must not look like all of it.
        return [
            *(f"  {wanted.account}{line}" for line in lines),
            f"  and all that the other accounts of its {wanted.scope} hold: `stopline positions --account NAME`",
        ]

    def do(self, wanted: Wanted) -> Body:
        """Ask for it."""
        return _reached(lambda: self._client.post(f"/api/{wanted.word}", wanted.body())).or_stop()


def _reached(ask: Callable[[], Answer]) -> Answer:
    """Return an answer; raises Lost where nobody gave one."""
    try:
        return ask()
    except Stop as stopped:
        if stopped.code is Exit.UNREACHABLE:
            raise Lost(stopped.lines[0]) from None
        raise
