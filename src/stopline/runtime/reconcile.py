"""Asks each broker for its whole picture, again and again, whatever its stream says.

A stream can be half open: heartbeats come, fills do not. So the picture is asked for
after each connect and then every minute; and an order whose acknowledgement never came
is asked after by its id. A picture that differs from ours is asked for again soon: mostly
an answer was on its way, and the account may do nothing but cancel until the next picture.

Source     architecture.md promises 7 and 11; reliability.md F03, F20, N13, I06.
"""

import asyncio
from collections.abc import Callable

from stopline.engine.decide.reconcile import MISMATCH
from stopline.messages.effects import CancelAtBroker, Effect, QueryOrder, Reconcile
from stopline.messages.events import BrokerStatusChanged, Event, MismatchFound
from stopline.model.numbers import SECOND, Nanos
from stopline.model.order import OrderState
from stopline.ports.clock import EngineClock
from stopline.state.account import AccountState
from stopline.state.state import State

EVERY: Nanos = 60 * SECOND
NEVER: Nanos = 2**63 - 1
SOON_S = 1.0
"""After which pause a picture that differs is asked for again, then after twice as long, up to the usual time."""
QUIET_FOR: Nanos = 30 * SECOND
"""How long an order may wait for an answer before it is asked after."""
_AWAITING = (
    OrderState.APPROVED,
    OrderState.SENT,
    OrderState.PENDING_CANCEL,
    OrderState.PENDING_REPLACE,
    OrderState.UNKNOWN,
)


class Reconciler:
    """Decides when to ask; the dispatcher does the asking."""

    def __init__(
        self,
        carry_out: Callable[[tuple[Effect, ...]], None],
        state: Callable[[], State],
        clock: EngineClock,
        every_s: float = EVERY / SECOND,
        durable_before: Callable[[], Nanos] = lambda: NEVER,
    ) -> None:
        """What happened to an order before `durable_before` is on disk; of what is not, nobody is told or asked."""
        self._carry_out, self._state, self._clock, self._every_s = carry_out, state, clock, every_s
        self._durable_before = durable_before
        self._look_soon = asyncio.Event()
        self._not_asked: set[str] = set()
        """Brokers with orders of an earlier process of which something came up that is not on disk yet."""

    def hear(self, seq: int, at: Nanos, events: tuple[Event, ...]) -> None:
        """Ask for everything when a broker's session comes up; look again soon when books differ."""
        for event in events:
            if isinstance(event, BrokerStatusChanged) and event.connected:
                self.ask(event.broker, is_new_session=True)
                self._look_soon.set()  # they may differ as they did before, which is not said again
            elif isinstance(event, MismatchFound):
                self._look_soon.set()

    def ask(self, broker: str = "", is_new_session: bool = False) -> None:
        """Ask every broker (or one) for its accounts, and after what is in doubt there."""
        state, durable_before = self._state(), self._durable_before()
        effects: list[Effect] = []
        for name, account in state.accounts.items():
            if broker in ("", account.terms.broker):
                effects += find_doubts(state, name, self._clock.at(), is_new_session, durable_before)
                effects.append(Reconcile(account.terms.broker, name))
                if is_new_session and _has_later_news(account, state.epoch, durable_before):
                    self._not_asked.add(account.terms.broker)
        self._carry_out(tuple(effects))

    async def run(self) -> None:
        """Ask for ever."""
        while True:
            try:
                async with asyncio.timeout(self._every_s):
                    await self._look_soon.wait()
            except TimeoutError:
                self.ask()
            else:
                await self._ask_soon()

    async def _ask_soon(self) -> None:
        """Ask those whose books differ, less and less often, until they agree or only a person can help.

        And those with an order that could not be asked after at once: its cancel may have died with a process.
        """
        pause_s = SOON_S
        while pause_s < self._every_s:
            self._look_soon.clear()
            await asyncio.sleep(pause_s)
            brokers = {account.terms.broker for account in self._state().accounts.values() if _differs(account)}
            left, self._not_asked = self._not_asked, set()
            for broker in sorted(brokers | left):
                self.ask(broker, is_new_session=broker in left)
            if not brokers | self._not_asked and not self._look_soon.is_set():
                return
            pause_s *= 2
        self._look_soon.clear()


def _differs(account: AccountState) -> bool:
    return MISMATCH in account.restrictions


def _has_later_news(account: AccountState, epoch: int, durable_before: Nanos) -> bool:
    """Return whether an order that an earlier process left under way was not asked after yet."""
    return any(
        order.state in _AWAITING and order.approved_epoch < epoch and order.updated_at >= durable_before
        for order in account.live.values()
    )


def find_doubts(
    state: State, name: str, at: Nanos, is_new_session: bool, durable_before: Nanos = NEVER
) -> list[Effect]:
    """Return what to ask after in one account.

    A new session asks after all that an earlier process left under way; else only what has
    been quiet for long is asked after. A cancel that may have been lost is asked for again;
    an order never is sent again. While the books differ every order is asked after: what
    differs since before a restart is not found anew. What is not on disk yet is left alone: a cancel may be in
    the state whose caller was told that it was not taken.
    """
    account = state.accounts[name]
    broker, differs = account.terms.broker, _differs(account)
    effects: list[Effect] = []
    for order in account.live.values():
        is_in_doubt = order.state in _AWAITING or (differs and order.is_at_broker)
        if not is_in_doubt or order.updated_at >= durable_before:
            continue
        is_left_over = is_new_session and order.approved_epoch < state.epoch
        is_overdue = at - order.updated_at >= QUIET_FOR
        if is_left_over or is_overdue or differs or order.state is OrderState.UNKNOWN:
            effects.append(QueryOrder(broker, name, order.routed_order_id))
            if order.state is OrderState.PENDING_CANCEL:
                effects.append(CancelAtBroker(broker, name, order.routed_order_id, order.reducing))
    return effects
