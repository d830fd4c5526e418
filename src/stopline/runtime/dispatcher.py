"""Carries out effects once their record is durable, and tells the loop what is proven about them.

What a failure to send proves, and what follows:
rejected        the broker said no: the order is refused.
own order       an exit would meet an entry whose cancel is on its way: it is put off, and goes again.
unreachable     the message did not leave: an entry ends as never sent; an exit is tried again.
rate limited    the message was not taken: tried again, an entry only for a moment.
turn too late   an entry that waited long behind others is stale, and ends as never sent.
all else        the order may live: unknown, reserved, and asked after until proven.
Cancels are tried until taken. Nothing is ever sent a second time under another id.

Source     architecture.md promise 7; semantics.md section 8; reliability.md F02, F20, F21, F23, F27.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping

from stopline.messages import effects as f
from stopline.messages import inputs as i
from stopline.messages.effects import Effect
from stopline.model.ids import AccountId, RoutedOrderId
from stopline.model.numbers import Nanos
from stopline.model.order import OrderState
from stopline.ports.broker import Broker, BrokerRejected, BrokerUnreachable, OwnOrderInTheWay, RateLimited
from stopline.ports.notifier import Notifier
from stopline.runtime.inquiries import Inquiries
from stopline.runtime.lanes import Lanes, Outbound
from stopline.runtime.notices import Notices
from stopline.state.orders import OrderRecord
from stopline.state.state import State

SEND_TIMEOUT_S = 10.0
ENTRY_PATIENCE_S = 2.0
"""How long an entry waits for a message budget; after that its decision is stale."""
ENTRY_TURN_S = 10.0
"""How long an entry waits for its turn behind others, at a broker that is slow to answer; then it is stale, too."""
EXIT_PATIENCE_S = 30.0
PUT_OFF_S = 0.1
FIRST_PAUSE_S = 0.2
LONGEST_PAUSE_S = 5.0
log = logging.getLogger(__name__)


class Dispatcher:
    """The way from durable effects to brokers and people."""

    def __init__(
        self,
        tell: Callable[[i.Input], None],
        state: Callable[[], State],
        now: Callable[[], Nanos],
        *,
        send_timeout_s: float = SEND_TIMEOUT_S,
        first_pause_s: float = FIRST_PAUSE_S,
    ) -> None:
        self._tell, self._state = tell, state
        self._timeout_s, self._first_pause_s = send_timeout_s, first_pause_s
        self._brokers: dict[str, Broker] = {}
        self._lanes: dict[str, Lanes] = {}
        self._put_off_since: dict[RoutedOrderId, float] = {}
        self._entries_since: dict[RoutedOrderId, float] = {}
        """Since when an entry waits for its turn."""
        self._cancel_pauses_s: dict[RoutedOrderId, float] = {}
        """After which pause a cancel that was not taken is tried again, once it was tried before."""
        self._inquiries = Inquiries(self._queue, state, first_pause_s)
        self.notices = Notices(now)
        self.carried_out = 0
        self.failures = 0

    def use(self, brokers: Mapping[str, Broker], notifiers: tuple[Notifier, ...] = ()) -> None:
        """Say where effects go."""
        for name, broker in brokers.items():
            self._brokers[name] = broker
            self._lanes[name] = Lanes(self._send, self._say_withdrawn, broker.at_once)
        self.notices.use(notifiers)

    @property
    def is_idle(self) -> bool:
        """Whether nothing waits to go out."""
        return not any(map(len, self._lanes.values()))

    def carry_out(self, effects: tuple[Effect, ...], is_late: bool = False) -> None:
        """Queue the effects of one durable record. `is_late`: its caller was told that nothing happened."""
        for effect in effects:
            if isinstance(effect, f.Notify):
                self.notices.add(effect.alert)
            elif is_late and isinstance(effect, f.PlaceOrder | f.ReplaceAtBroker):
                self._say_never_sent(effect, "the store could not record the decision in time")
            else:
                self._queue(effect)

    async def close(self) -> None:
        """Stop sending. What is under way is asked after at the next start."""
        self._inquiries.close()
        for lanes in self._lanes.values():
            await lanes.close()
        await self.notices.close()

    def _queue(self, effect: Outbound) -> None:
        lanes = self._lanes.get(effect.broker)
        if lanes is not None:
            if isinstance(effect, f.PlaceOrder) and not effect.order.reducing:
                self._entries_since[effect.order.routed_order_id] = asyncio.get_running_loop().time()
            lanes.add(effect)
        elif isinstance(effect, f.PlaceOrder | f.ReplaceAtBroker):
            self._say_never_sent(effect, f"there is no broker {effect.broker!r}")
        else:
            log.error("%s: there is no broker %r", type(effect).__name__, effect.broker)

    # --- one effect at a broker ------------------------------------------------------------

    async def _send(self, effect: Outbound) -> None:
        """Carry out one effect. Nothing is raised: what a failure proves is told to the loop."""
        broker = self._brokers[effect.broker]
        if isinstance(effect, f.PlaceOrder):
            await self._place(broker, effect)
        elif isinstance(effect, f.CancelAtBroker):
            await self._cancel(broker, effect)
        elif isinstance(effect, f.ReplaceAtBroker):
            await self._replace(broker, effect)
        elif isinstance(effect, f.QueryOrder):
            await self._query(broker, effect)
        else:
            await self._reconcile(broker, effect)

    async def _place(self, broker: Broker, effect: f.PlaceOrder) -> None:
        order = effect.order
        account, routed = order.request.account, order.routed_order_id
        loop = asyncio.get_running_loop()
        waited_s = loop.time() - self._entries_since.pop(routed, loop.time())
        if waited_s > ENTRY_TURN_S and self._is_wanted(account, routed):
            self._say_never_sent(effect, f"its turn came after {waited_s:.0f} s, and its decision is stale by then")
            return
        give_up_at = loop.time() + (EXIT_PATIENCE_S if order.reducing else ENTRY_PATIENCE_S)
        pause_s = self._first_pause_s
        while self._is_wanted(account, routed):
            try:
                async with asyncio.timeout(self._timeout_s):
                    await broker.place(order)
            except BrokerRejected as error:
                self._note(effect, error)
                if isinstance(error, OwnOrderInTheWay) and self._put_off(effect):
                    return
                self._put_off_since.pop(routed, None)
                self._tell(i.OrderRefused(account=account, routed_order_id=routed, reason=_text(error)))
                return
            except (BrokerUnreachable, RateLimited) as error:
                self._note(effect, error)
                may_wait = order.reducing or isinstance(error, RateLimited)
                if not may_wait or loop.time() + pause_s > give_up_at:
                    self._say_never_sent(effect, _text(error))
                    return
            except Exception as error:
                self._note(effect, error)
                self._put_off_since.pop(routed, None)
                self._tell(i.OutcomeUnknown(account=account, routed_order_id=routed, reason=_text(error)))
                return
            else:
                self.carried_out += 1
                self._put_off_since.pop(routed, None)
                self._tell(i.OrderSent(account=account, routed_order_id=routed))
                return
            await asyncio.sleep(pause_s)
            pause_s = min(pause_s * 2, LONGEST_PAUSE_S)
        self._say_withdrawn(effect)

    def _put_off(self, effect: f.PlaceOrder) -> bool:
        """Let an exit go again in a moment; what it would meet is being cancelled, and needs a worker for that."""
        request = effect.order.request
        routed, now = effect.order.routed_order_id, asyncio.get_running_loop().time()
        since = self._put_off_since.setdefault(routed, now)
        if not effect.order.reducing or request.stop_price is not None or now - since > EXIT_PATIENCE_S:
            # A stop that may not rest at the broker is kept by Stopline from now on.
            return False
        self._lanes[effect.broker].put_off(effect, min(max(PUT_OFF_S, (now - since) / 2), LONGEST_PAUSE_S))
        return True

    async def _cancel(self, broker: Broker, effect: f.CancelAtBroker) -> None:
        """Ask until it was taken: asking twice does no harm, and the order lives meanwhile.

        Between two tries the worker is free: cancels that a broker does not take hold up no close.
        """
        account, routed = effect.account, effect.routed_order_id
        pause_s = self._cancel_pauses_s.pop(routed, self._first_pause_s)
        if not self._is_live(account, routed):
            return
        try:
            async with asyncio.timeout(self._timeout_s):
                await broker.cancel(account, routed)
        except BrokerRejected as error:
            self._note(effect, error)
            self._tell(i.CancelRefused(account=account, routed_order_id=routed, reason=_text(error)))
        except Exception as error:
            self._note(effect, error)
            self._cancel_pauses_s[routed] = min(pause_s * 2, LONGEST_PAUSE_S)
            self._lanes[effect.broker].put_off(effect, pause_s)
        else:
            self.carried_out += 1

    async def _replace(self, broker: Broker, effect: f.ReplaceAtBroker) -> None:
        try:
            async with asyncio.timeout(self._timeout_s):
                await broker.replace(effect.routed_order_id, effect.change)
        except (BrokerRejected, BrokerUnreachable, RateLimited) as error:
            self._note(effect, error)
            self._say_replace_refused(effect, _text(error))
        except Exception as error:
            # Old and new may both live: both stay reserved, and the reconciler asks once it was quiet for long.
            self._note(effect, error)
        else:
            self.carried_out += 1

    async def _query(self, broker: Broker, effect: f.QueryOrder) -> None:
        """Ask; and as long as the answer proves nothing, ask again later."""
        try:
            async with asyncio.timeout(self._timeout_s):
                await broker.query(effect.account, effect.routed_order_id)
            self.carried_out += 1
        except Exception as error:
            self._note(effect, error)
        self._inquiries.follow(effect)

    async def _reconcile(self, broker: Broker, effect: f.Reconcile) -> None:
        """Ask once; the periodic reconcile asks again."""
        try:
            async with asyncio.timeout(self._timeout_s):
                await broker.reconcile(effect.account)
            self.carried_out += 1
        except Exception as error:
            self._note(effect, error)

    def _note(self, effect: Outbound, error: Exception) -> None:
        self.failures += 1
        log.warning("%s at %s: %r", type(effect).__name__, effect.broker, error)

    # --- what the state says of an order ---------------------------------------------------

    def _order(self, account: AccountId, routed: RoutedOrderId) -> OrderRecord | None:
        known = self._state().accounts.get(account)
        return None if known is None else known.order_routed(routed)

    def _is_live(self, account: AccountId, routed: RoutedOrderId) -> bool:
        order = self._order(account, routed)
        return order is not None and order.is_at_broker and order.routed_order_id == routed

    def _is_wanted(self, account: AccountId, routed: RoutedOrderId) -> bool:
        """Whether an order that did not leave should still leave."""
        order = self._order(account, routed)
        return order is not None and order.state is OrderState.APPROVED and order.routed_order_id == routed

    # --- what is proven without a broker ---------------------------------------------------

    def _say_never_sent(self, effect: f.PlaceOrder | f.ReplaceAtBroker, why: str) -> None:
        if isinstance(effect, f.ReplaceAtBroker):
            self._say_replace_refused(effect, f"never sent: {why}")
        else:
            self._say_gone(effect, "expired", f"never sent: {why}")

    def _say_withdrawn(self, effect: f.PlaceOrder) -> None:
        self._say_gone(effect, "canceled", "never sent: cancelled before it left")

    def _say_gone(self, effect: f.PlaceOrder, outcome: str, reason: str) -> None:
        order = effect.order
        self._put_off_since.pop(order.routed_order_id, None)
        self._entries_since.pop(order.routed_order_id, None)
        self._tell(
            i.OrderGone(
                account=order.request.account,
                routed_order_id=order.routed_order_id,
                outcome=outcome,
                cum_qty=0,
                reason=reason,
            )
        )

    def _say_replace_refused(self, effect: f.ReplaceAtBroker, reason: str) -> None:
        account, routed = effect.change.account, effect.routed_order_id
        self._tell(i.ReplaceRefused(account=account, routed_order_id=routed, reason=reason))


def _text(error: BaseException) -> str:
    return str(error) or type(error).__name__
