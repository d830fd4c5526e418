"""Orders whose fate only the broker knows: asked after again and again until it is proven.

Source     architecture.md promise 7; semantics.md section 8; reliability.md F02, F21, I04.
"""

import asyncio
from collections.abc import Callable

from stopline.messages.effects import QueryOrder
from stopline.model.ids import AccountId, RoutedOrderId
from stopline.model.order import OrderState
from stopline.state.orders import OrderRecord
from stopline.state.state import State

LONGEST_PAUSE_S = 30.0


def is_in_doubt(order: OrderRecord, epoch: int) -> bool:
    """Whether only the broker knows what became of an order.

    That is: its outcome is unknown, or a process that ended since decided it and did not
    live to hear the answer. A replace under way is none: an answer that crosses it would
    tell of the old terms.
    """
    if order.state is OrderState.UNKNOWN:
        return True
    return order.state in (OrderState.APPROVED, OrderState.SENT) and order.approved_epoch < epoch


class Inquiries:
    """Asks about an order after a pause, then after longer and longer ones."""

    def __init__(self, ask: Callable[[QueryOrder], None], state: Callable[[], State], first_pause_s: float) -> None:
        self._ask, self._state, self._first_pause_s = ask, state, first_pause_s
        self._pauses_s: dict[RoutedOrderId, float] = {}
        self._timers: dict[RoutedOrderId, asyncio.TimerHandle] = {}

    def __len__(self) -> int:
        return len(self._timers)

    def follow(self, question: QueryOrder) -> None:
        """Ask (again) after a pause, unless that is planned already."""
        routed = question.routed_order_id
        if routed not in self._timers:
            pause_s = self._pauses_s.get(routed, self._first_pause_s)
            self._pauses_s[routed] = min(pause_s * 2, LONGEST_PAUSE_S)
            self._timers[routed] = asyncio.get_running_loop().call_later(pause_s, self._ask_again, question)

    def _ask_again(self, question: QueryOrder) -> None:
        del self._timers[question.routed_order_id]
        if self._is_proven(question.account, question.routed_order_id):
            self._pauses_s.pop(question.routed_order_id, None)
        else:
            self._ask(question)

    def _is_proven(self, account: AccountId, routed: RoutedOrderId) -> bool:
        state = self._state()
        known = state.accounts.get(account)
        order = None if known is None else known.order_routed(routed)
        return order is None or order.routed_order_id != routed or not is_in_doubt(order, state.epoch)

    def close(self) -> None:
        """Ask no more; the next start does."""
        for timer in self._timers.values():
            timer.cancel()
        self._timers.clear()
