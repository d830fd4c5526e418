"""The broker's counter: what comes in from the wire goes through it to the house, and is judged on the way.

Here stand the promises that only the broker's side can see: nothing comes without an earlier
durable decision (I01), no intent makes two orders (I03). And here the broker misbehaves:
it rejects, it will not cancel, and it lies about what it holds.
"""

from collections.abc import Callable, Iterable
from enum import StrEnum
from typing import Final

from msgspec import Struct, structs

from stopline.messages import inputs as i
from stopline.messages.events import OrderApproved, ReplaceApproved
from stopline.messages.inputs import Input
from stopline.model.ids import AccountId, RoutedOrderId
from stopline.model.numbers import SECOND, Nanos
from stopline.sim.world.chance import Chance
from stopline.sim.world.house import Answer, House
from stopline.sim.world.timeline import Timeline

RECENT: Final[Nanos] = 4 * 3600 * SECOND


class Lie(StrEnum):
    """What the broker says in place of the truth."""

    MISSING = "a position is missing from the picture"
    STALE = "the picture is an old one"
    FOREIGN = "the picture is of another account"


class Mood(Struct):
    """How the broker is now. Shares are per thousand."""

    rejects: int = 0
    keeps_orders: int = 0
    """Of cancels and replaces that it refuses."""
    lie: Lie | None = None


class Judge:
    """What the counter tells the watch: overridden by it."""

    def on_place(self, order: OrderApproved) -> None:
        """Look at an order that came in."""

    def on_cancel(self, account: AccountId, routed: RoutedOrderId) -> None:
        """Look at a cancel that came in."""

    def on_replace(self, routed: RoutedOrderId, change: ReplaceApproved) -> None:
        """Look at a replace that came in."""

    def on_unanswered(self, account: AccountId, routed: RoutedOrderId) -> None:
        """Hear that nobody knows what became of a replace."""


class Counter:
    """One broker's counter."""

    def __init__(
        self,
        timeline: Timeline,
        chance: Chance,
        house: House,
        judge: Judge,
        count: Callable[[str], None],
        number_of: Callable[[AccountId], int],
        since: Callable[[AccountId], Nanos],
        on_violation: Callable[[BaseException], None],
    ) -> None:
        self._timeline, self._chance, self._house, self._judge = timeline, chance, house, judge
        self._count, self._number_of, self._since = count, number_of, since
        self._on_violation = on_violation
        self.mood = Mood()
        self._old: dict[AccountId, Input] = {}

    def send(self, what: Callable[[Judge], None]) -> None:
        """Let the judge see what leaves the process, at the instant at which it does. The process must not notice."""
        try:
            what(self._judge)
        except AssertionError as violation:
            self._on_violation(violation)

    def place(self, order: OrderApproved) -> Answer:
        """Take an order, or not."""
        self._judge.on_place(order)
        if self._falls(self.mood.rejects, "F43 order rejected"):
            return self._house.reject(order, "simulated: not today")
        return self._house.place(order, self._timeline.now)

    def cancel(self, account: AccountId, routed: RoutedOrderId) -> None:
        """Cancel, or not."""
        self._judge.on_cancel(account, routed)
        obeys = not self._falls(self.mood.keeps_orders, "F23 cancel refused")
        self._house.cancel(account, routed, self._timeline.now, obeys=obeys)

    def replace(self, routed: RoutedOrderId, change: ReplaceApproved) -> None:
        """Change, or not."""
        self._judge.on_replace(routed, change)
        obeys = not self._falls(self.mood.keeps_orders, "F23 replace refused")
        self._house.replace(routed, change, self._timeline.now, obeys=obeys)

    def query(self, account: AccountId, routed: RoutedOrderId) -> list[Input]:
        """Say what became of an order."""
        return self._house.query(account, routed)

    def picture(
        self, account: AccountId, expected: Iterable[RoutedOrderId], *, is_first: bool
    ) -> tuple[int, list[Input]]:
        """Say how an account stands, or something else; with the number of the newest report that is in it.

        The first picture of a session has all fills that may have been missed, others those of some hours.
        """
        since = self._since(account)
        if not is_first:
            since = max(since, self._timeline.now - RECENT)
        told = self._house.picture(account, expected, since)
        number, lie = self._number_of(account), self.mood.lie
        before, self._old[account] = self._old.get(account, told[-1]), told[-1]
        if lie is None:
            return number, told
        self._count(f"F28 {lie}")
        whole = told[-1]
        assert isinstance(whole, i.AccountReconciled)
        if lie is Lie.MISSING:
            return number, [*told[:-1], structs.replace(whole, positions=whole.positions[1:])]
        if lie is Lie.STALE:
            self._old[account] = before
            return number, [*told[:-1], before]
        other = next((name for name in self._house.books if name != account), account)
        return number, [*told[:-1], structs.replace(self._house.picture(other, (), 2**62)[-1], account=account)]

    def _falls(self, share: int, what: str) -> bool:
        falls = self._chance.per_mille(share)
        if falls:
            self._count(what)
        return falls
