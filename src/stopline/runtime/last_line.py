"""The last line: once an account is halted and flat, its broker itself is told to refuse every new order.

Then other clients of the account are stopped too, and so is whoever trades while Stopline is
not running. It waits until the account is flat, because a close is a new order as well, and it
is taken back as soon as the account is no longer halted, or has something to close again.
The owner of the account can undo it at the broker.

Source     brokers.md 2.1 (suspend_trade); semantics.md section 4 (kill).
"""

import asyncio
import logging
from collections.abc import Callable
from typing import Protocol

from stopline.messages.events import Event
from stopline.model.account import TradingState
from stopline.model.ids import AccountId
from stopline.model.numbers import Nanos
from stopline.ports.broker import BrokerError
from stopline.state.state import State

RETRY_S = 5.0
log = logging.getLogger(__name__)


class Suspendable(Protocol):
    """A broker that can be told to refuse new orders."""

    @property
    def is_suspended(self) -> bool:
        """Whether we told it so, or tried to: it may be."""

    async def suspend(self, is_suspended: bool) -> None:
        """Tell it, or take it back; raises BrokerError."""


class LastLine:
    """Watches one account; `hear` wakes it."""

    def __init__(
        self, broker: Suspendable, account: AccountId, state: Callable[[], State], retry_s: float = RETRY_S
    ) -> None:
        self._broker, self._account, self._state, self._retry_s = broker, account, state, retry_s
        self._is_certain = not broker.is_suspended
        """Whether the broker took what it was told last; what an earlier run told it, nobody knows for certain."""
        self._wake = asyncio.Event()
        self._wake.set()

    def hear(self, seq: int, at: Nanos, events: tuple[Event, ...]) -> None:
        """Look again: something has happened."""
        self._wake.set()

    async def run(self) -> None:
        """Watch for ever."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            wanted = self.is_wanted()
            if self._is_certain and wanted == self._broker.is_suspended:
                continue
            try:
                self._is_certain = False
                await self._broker.suspend(wanted)
                self._is_certain = True
                log.warning(
                    "%s: new orders are %s at its broker", self._account, "refused" if wanted else "taken again"
                )
            except (BrokerError, OSError) as error:
                log.error("%s: its broker could not be told to refuse orders: %s", self._account, error)
                self._wake.set()
                await asyncio.sleep(self._retry_s)

    def is_wanted(self) -> bool:
        """Return whether the broker should refuse: the account is halted, holds nothing and works nothing."""
        account = self._state().accounts.get(self._account)
        if account is None or account.trading_state is not TradingState.HALTED:
            return False
        return not account.live and not any(position.qty for position in account.positions.values())
