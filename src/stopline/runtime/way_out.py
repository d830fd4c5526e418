"""Ways out that take more than one input: cancel all that works; cancel, confirm, then close, until all is flat.

Nothing here decides: every cancel and every close is an input, answered by `step` and its
gate. An order in the way of a close (the account's own stop) is canceled only where our book
agrees with the broker's, so that no position loses its protection for a close that is denied.

Source     semantics.md sections 3 and 4; reliability.md 2.1 (cancel-confirm-then-close), F43; ux.md pitfalls 1 and 2.
"""

import asyncio
from collections.abc import Callable, Iterable
from typing import Final

from msgspec import Struct

from stopline.messages.inputs import CancelOrder, Flatten
from stopline.messages.replies import Done, Refused
from stopline.model.ids import AccountId, ClientOrderId
from stopline.model.numbers import Nanos
from stopline.model.order import OrderState
from stopline.ports.desk import Desk
from stopline.state.view import StateView
from stopline.views.standing import UNPROVEN, StandingBody, WorkedBody, standing_of
from stopline.views.wire import symbol_of

GONE_MEANWHILE: Final = "order_not_working"
RETRY_S: Final = 1.0
"""How long after a close that was denied it is asked for again."""
Say = Callable[[str], None]


class Canceled(Struct, frozen=True):
    """Orders whose cancel is on its way, and those whose cancel was refused."""

    asked: list[ClientOrderId]
    refused: list[ClientOrderId]


async def cancel_all(desk: Desk, account: AccountId, *, actor: str) -> Canceled:
    """Ask for a cancel of every live order of an account; what is being canceled already is not asked again."""
    standing = await _look(desk, account)
    return await _cancel(desk, account, filter(_is_fresh, standing.orders), actor)


async def _look(desk: Desk, account: AccountId) -> StandingBody:
    return await desk.look(lambda state, at: standing_of(state.accounts[account], state))


def _is_fresh(order: WorkedBody) -> bool:
    """Whether nobody has asked for its cancel yet."""
    return order.state != OrderState.PENDING_CANCEL.value


async def _cancel(desk: Desk, account: AccountId, orders: Iterable[WorkedBody], actor: str) -> Canceled:
    canceled = Canceled([], [])
    for order in orders:
        name = order.client_order_id
        reply = await desk.ask(CancelOrder(account=account, client_order_id=name, actor=actor))
        if not isinstance(reply, Refused):
            canceled.asked.append(name)
        elif reply.code != GONE_MEANWHILE:
            canceled.refused.append(name)
    return canceled


class WayOut:
    """Brings one account to where nothing works any more and, unless they are kept, nothing is held.

    With a `symbol`, only that instrument's. `say` hears what is done, and what stands in the way.
    """

    def __init__(
        self,
        desk: Desk,
        account: AccountId,
        *,
        say: Say,
        actor: str,
        reason: str = "",
        symbol: str = "",
        keep_positions: bool = False,
    ) -> None:
        self._desk, self._account, self._tell = desk, account, say
        self._actor, self._reason, self._symbol = actor, reason, symbol
        self._keeps = keep_positions
        self._undying: set[ClientOrderId] = set()
        """Orders whose cancel was refused: protection that is demanded."""
        self._waits_for: list[ClientOrderId] = []
        """What the broker was asked to fill or to cancel, and has not yet."""
        self._said = ""
        self._next_try = 0.0

    async def until_flat(self) -> None:
        """Return once all is done; it tries for ever (the caller sets the limit)."""
        happened = asyncio.Event()
        unsubscribe = self._desk.subscribe(lambda seq, at, events: happened.set())
        try:
            while not await self.go_on():
                try:
                    async with asyncio.timeout(RETRY_S):
                        await happened.wait()
                except TimeoutError:
                    if self._waits_for:
                        self._say(f"{self._account}: waiting for the broker: {', '.join(self._waits_for)}")
                happened.clear()
        finally:
            unsubscribe()

    async def go_on(self) -> bool:
        """Do what can be done now; True once nothing is left to do, and our book is known to be the broker's."""
        standing = await self._desk.look(self._meant)
        working = [order for order in standing.orders if not (self._keeps and order.reducing)]
        positions = [] if self._keeps else standing.positions
        self._waits_for = [each.client_order_id for each in working]
        if not working and not positions and standing.is_proven:
            return True
        if not standing.is_proven:
            why = "; ".join(each.reason for each in standing.restrictions if each.key in UNPROVEN)
            self._say(f"{self._account}: waiting until our book agrees with the broker's ({why})")
        elif fresh := [each for each in working if not each.is_close and self._may_die(each)]:
            canceled = await _cancel(self._desk, self._account, fresh, self._actor)
            self._undying.update(canceled.refused)
            if canceled.asked:
                self._say(f"{self._account}: canceling {', '.join(canceled.asked)}")
        elif not any(each.client_order_id not in self._undying for each in working):
            await self._close()
        return False

    def _meant(self, state: StateView, at: Nanos) -> StandingBody:
        """Return how the account stands, in the part that is meant."""
        standing = standing_of(state.accounts[self._account], state)
        if self._symbol:
            symbol = symbol_of(state.symbols[self._symbol])
            standing.orders = [each for each in standing.orders if each.symbol == symbol]
            standing.positions = [each for each in standing.positions if each.symbol == symbol]
        return standing

    def _may_die(self, order: WorkedBody) -> bool:
        return _is_fresh(order) and order.client_order_id not in self._undying

    async def _close(self) -> None:
        """Close what is held: nothing that could be canceled works beside it any more."""
        now = asyncio.get_running_loop().time()
        if now < self._next_try:
            return
        self._next_try = now + RETRY_S
        reply = await self._desk.ask(
            Flatten(account=self._account, symbol=self._symbol, reason=self._reason, actor=self._actor)
        )
        if isinstance(reply, Refused):
            self._say(f"{self._account}: not closed: {reply.message}" + (f"; {reply.fix}" if reply.fix else ""))
        elif isinstance(reply, Done):
            told = dict(reply.detail)
            if told.get("closing"):
                self._say(f"{self._account}: closing, by {told['closing']}")
            if told.get("not_closed"):
                self._say(f"{self._account}: the close of {told['not_closed']} was denied (stopline alerts says why)")

    def _say(self, text: str) -> None:
        """Say it once, however often it is so."""
        if text != self._said:
            self._said = text
            self._tell(text)
