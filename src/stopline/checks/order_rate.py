"""Deny an entry when too many were accepted just before it.

Measures   entries accepted in each sliding window, of the account, and where set of its user, client,
           strategy and symbol; this order comes on top.
Boundary   exactly the limit passes; what was accepted exactly one window ago no longer counts.
Exits      exempt, and they spend nothing; nor do cancels.
No data    needs none. An order without a strategy or client has no window of one.
Source     document 001, feature 4; SEC Rule 15c3-5(c)(1)(ii); semantics.md sections 5 (25) and 13.

Only accepted orders are spent: denied ones may be repeated without making it worse. It is a
limit of risk, so the answer is a denial and never HTTP 429. Windows reach one hour back at
most.
"""

from collections.abc import Iterator
from typing import ClassVar, Self

from msgspec import Struct

from stopline.checks.base import Armament, Candidate, Check
from stopline.measures.rate import free_at, is_full
from stopline.model.instants import render_duration
from stopline.model.limits import RateWindow
from stopline.model.verdict import Finding, Unit
from stopline.state.rates import RateLog
from stopline.state.view import AccountView


class OrderRate(Check, frozen=True, gc=False):
    """Observes 1 if a window is full; its finding shows the fullest."""

    limit: int = 0
    windows: tuple[RateWindow, ...] = ()
    per_user: tuple[RateWindow, ...] = ()
    per_client: tuple[RateWindow, ...] = ()
    per_strategy: tuple[RateWindow, ...] = ()
    per_symbol: tuple[RateWindow, ...] = ()
    is_split: bool = False
    """Whether any window is narrower than the account's."""

    name: ClassVar[str] = "order_rate"
    unit: ClassVar[Unit] = Unit.COUNT

    @classmethod
    def arm(cls, armament: Armament) -> Self | None:
        """Armed by `order_rate` and its narrower kinds."""
        limits = armament.limits
        narrower = (
            limits.order_rate_per_user,
            limits.order_rate_per_client,
            limits.order_rate_per_strategy,
            limits.order_rate_per_symbol,
        )
        if not limits.order_rate and not any(narrower):
            return None
        return cls(0, limits.order_rate, *narrower, any(narrower))

    def observe(self, order: Candidate, account: AccountView) -> int:
        """Return 1 if any window is full."""
        for window in self.windows:
            if is_full(account.entry_times, window.count, window.window, order.at):
                return 1
        if self.is_split:
            for place in self._narrower(order, account):
                if is_full(place.log, place.window.count, place.window.window, order.at):
                    return 1
        return 0

    def _narrower(self, order: Candidate, account: AccountView) -> Iterator["_Place"]:
        request = order.request
        for windows, kind, name in (
            (self.per_user, "user", order.actor),
            (self.per_client, "client", order.client),
            (self.per_strategy, "strategy", request.strategy),
            (self.per_symbol, "symbol", request.instrument_id),
        ):
            if windows and name:
                log = account.client_times.get(f"{kind}:{name}", _NEVER)
                for window in windows:
                    yield _Place(f"{kind} {name!r}", log, window)

    def explain(self, order: Candidate, account: AccountView) -> Finding:
        """Return the finding of the window that has least room."""
        places = [_Place("the account", account.entry_times, window) for window in self.windows]
        places += self._narrower(order, account)
        if not places:
            return Finding(self.name, "passed", self.unit, 0, None, "no rate limit speaks of this order")
        place = max(places, key=lambda place: place.count(order.at) - place.window.count)
        made, most = place.count(order.at), place.window.count
        span = f"{place.who}: order {made} in {render_duration(place.window.window)}, the limit is {most}"
        if made <= most:
            return Finding(self.name, "passed", self.unit, made, most, f"within rate limit for {span}")
        free = free_at(place.log, most, place.window.window)
        again = "" if free is None else f"; the next may go in {render_duration(free - order.at)}"
        return Finding(self.name, "denied", self.unit, made, most, f"rate limit exceeded for {span}{again}")


class _Place(Struct, frozen=True, gc=False):
    """One window of one log, and whose it is."""

    who: str
    log: RateLog
    window: RateWindow

    def count(self, at: int) -> int:
        """Return the entries in the window, one at `at` included."""
        return self.log.count_since(at - self.window.window) + 1


_NEVER = RateLog()
