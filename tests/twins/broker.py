"""A broker in memory that does what a test says: the same promises (tests/contract/test_broker.py), no disk, no market.

Left alone it acknowledges, cancels and replaces. Orders fill when the test fills them.
`answers` are raised by the next calls, one each: a rejection, a lost message, an outcome
that nobody knows. `holds` keeps every report back until `release`.
"""

import asyncio
from collections import deque
from collections.abc import Sequence

from msgspec import Struct

from stopline.measures.pnl import FLAT, Holding, book_fill, money_of
from stopline.messages import inputs as i
from stopline.messages.events import OrderApproved, ReplaceApproved
from stopline.messages.inputs import Input
from stopline.model.capabilities import Capabilities
from stopline.model.fill import Fill
from stopline.model.ids import AccountId, InstrumentId, RoutedOrderId
from stopline.model.instrument import AssetClass, Instrument
from stopline.model.numbers import Money, Nanos, Price, Qty
from stopline.model.order import OrderClass, OrderRequest, OrderState, OrderType, Side, TimeInForce
from stopline.ports.broker import BrokerError, BrokerUnreachable, Inbox, SendOutcomeUnknown

CAPABILITIES = Capabilities(tuple(OrderType), tuple(TimeInForce), tuple(OrderClass), extended_hours=True)


class Kept(Struct):
    """An order at the twin."""

    request: OrderRequest
    routed_order_id: RoutedOrderId
    order_qty: Qty
    limit_price: Price | None
    stop_price: Price | None
    state: OrderState = OrderState.WORKING
    cum_qty: Qty = 0

    @property
    def is_working(self) -> bool:
        return self.state is OrderState.WORKING


class ScriptedBroker:
    """One account per name in `cash`. `calls` says what was asked, in order."""

    at_once = 8

    def __init__(
        self,
        cash: dict[AccountId, Money],
        instruments: Sequence[Instrument],
        *,
        name: str = "paper",
        capabilities: Capabilities = CAPABILITIES,
        at: Nanos = 0,
    ) -> None:
        self.name, self.capabilities, self.at = name, capabilities, at
        self.cash, self.holdings = dict(cash), dict[tuple[AccountId, InstrumentId], Holding]()
        self.instruments = {each.instrument_id: each for each in instruments}
        self.orders: dict[RoutedOrderId, Kept] = {}
        self.fills: list[Fill] = []
        self.calls: list[tuple[str, RoutedOrderId]] = []
        self.answers: deque[BrokerError | None] = deque()
        self.refuses_cancels = self.refuses_replaces = ""
        self.holds = False
        self._held: list[Input] = []
        self._inbox: Inbox | None = None

    # --- the port ------------------------------------------------------------------------------

    async def start(self, inbox: Inbox) -> None:
        self._inbox = inbox
        self._say(i.BrokerConnected(broker=self.name, capabilities=self.capabilities))
        for account in self.cash:
            await self.reconcile(account)

    async def place(self, order: OrderApproved) -> None:
        """Take an order, unless the script says otherwise. An unknown outcome has taken it all the same."""
        routed = order.routed_order_id
        self._called("place", routed)
        trouble = self._trouble()
        if isinstance(trouble, BrokerError) and not isinstance(trouble, SendOutcomeUnknown):
            raise trouble
        is_new = routed not in self.orders
        if is_new:
            request = order.request
            self.orders[routed] = Kept(request, routed, request.order_qty, request.limit_price, request.stop_price)
        if trouble is not None:
            raise trouble
        kept = self.orders[routed]
        self._say(*([_accepted(kept)] if is_new else self._answer(kept)))

    async def cancel(self, account: AccountId, routed_order_id: RoutedOrderId) -> None:
        self._called("cancel", routed_order_id)
        if (trouble := self._trouble()) is not None:
            raise trouble
        order = self.orders.get(routed_order_id)
        if order is None:
            self._say(i.OrderGone(account=account, routed_order_id=routed_order_id, outcome="expired", cum_qty=0))
        if order is None or order.request.account != account or order.state is OrderState.FILLED:
            self._refuse_cancel(account, routed_order_id, "there is no such working order")
        elif self.refuses_cancels:
            self._refuse_cancel(account, routed_order_id, self.refuses_cancels)
        else:
            if order.is_working:
                order.state = OrderState.CANCELED
            self._say(*self._answer(order))

    async def replace(self, routed_order_id: RoutedOrderId, change: ReplaceApproved) -> None:
        self._called("replace", routed_order_id)
        if (trouble := self._trouble()) is not None:
            raise trouble
        order = self.orders.get(routed_order_id)
        why = "there is no such working order" if order is None or not order.is_working else self.refuses_replaces
        if order is None or why:
            self._say(i.ReplaceRefused(account=change.account, routed_order_id=routed_order_id, reason=why))
            return
        order.order_qty = max(change.order_qty, order.cum_qty)
        order.limit_price, order.stop_price = change.limit_price, change.stop_price
        self._say(_amended(order))
        if order.order_qty == order.cum_qty:
            order.state = OrderState.CANCELED
            self._say(_gone(order))

    async def query(self, account: AccountId, routed_order_id: RoutedOrderId) -> None:
        self._called("query", routed_order_id)
        if (trouble := self._trouble()) is not None:
            raise trouble
        order = self.orders.get(routed_order_id)
        if order is None or order.request.account != account:
            self._say(i.OrderGone(account=account, routed_order_id=routed_order_id, outcome="expired", cum_qty=0))
            return
        self._say(*(self._fill_report(fill) for fill in self.fills if fill.routed_order_id == routed_order_id))
        self._say(*self._answer(order))

    async def reconcile(self, account: AccountId) -> None:
        self._called("reconcile", account)
        if (trouble := self._trouble()) is not None:
            raise trouble
        if account not in self.cash:
            raise BrokerUnreachable(f"there is no account {account!r}")
        self._say(*(self._fill_report(fill) for fill in self.fills if fill.account == account))
        self._say(*self.picture(account))

    async def close(self) -> None:
        self._inbox = None

    # --- what a test makes happen ------------------------------------------------------------------

    def fill(self, routed_order_id: RoutedOrderId, qty: Qty, price: Price, fee: Money = 0) -> Fill:
        """Let an order trade."""
        order = self.orders[routed_order_id]
        fill = Fill(
            order.request.account, f"X{len(self.fills) + 1}", order.request.instrument_id, order.request.side,
            qty, price, fee, self.at, routed_order_id,
        )  # fmt: skip
        order.cum_qty += qty
        if order.cum_qty >= order.order_qty:
            order.state = OrderState.FILLED
        self.book(fill)
        return fill

    def book(self, fill: Fill) -> None:
        """Book and report an execution, of one of our orders or not."""
        self.fills.append(fill)
        instrument, key = self.instruments[fill.instrument_id], (fill.account, fill.instrument_id)
        signed = fill.qty if fill.side is Side.BUY else -fill.qty
        money = money_of(fill.qty, fill.price, instrument.multiplier)
        booked = book_fill(self.holdings.get(key, FLAT), signed, money, fifo=False)
        self.holdings[key] = booked.holding
        is_future = instrument.asset_class is AssetClass.FUTURE
        change = booked.realized_entry if is_future else -money if signed > 0 else money
        self.cash[fill.account] += change - fill.fee
        self._say(
            self._fill_report(fill),
            i.AccountReported(broker=self.name, account=fill.account, cash=self.cash[fill.account]),
        )

    def end(self, routed_order_id: RoutedOrderId, state: OrderState) -> None:
        """Let an order be canceled, expired or rejected."""
        self.orders[routed_order_id].state = state
        self._say(*self._answer(self.orders[routed_order_id]))

    def cut(self, reason: str = "cable") -> None:
        """Lose the session."""
        self._say(i.BrokerDisconnected(broker=self.name, reason=reason))

    def release(self) -> None:
        """Say what was held back, in order, and hold nothing back any more."""
        self.holds = False
        held, self._held = self._held, []
        self._say(*held)

    def picture(self, account: AccountId) -> tuple[Input, ...]:
        """Return the account as it is."""
        positions = tuple(
            (name, held.qty, held.cost)
            for (owner, name), held in sorted(self.holdings.items())
            if owner == account and held.qty
        )
        working = tuple(
            order.routed_order_id
            for order in self.orders.values()
            if order.is_working and order.request.account == account
        )
        cash = self.cash[account]
        return (
            i.AccountReconciled(broker=self.name, account=account, cash=cash, positions=positions, working=working),
        )

    # --- inside ------------------------------------------------------------------------------------

    def _called(self, what: str, whom: str) -> None:
        if self._inbox is None:
            raise BrokerUnreachable("not connected")
        self.calls.append((what, whom))

    def _trouble(self) -> BrokerError | None:
        return self.answers.popleft() if self.answers else None

    def _say(self, *reports: Input) -> None:
        """Hand reports to the inbox, from the loop's next turn on: never in line."""
        if self.holds:
            self._held += reports
            return
        for report in reports:
            asyncio.get_running_loop().call_soon(self._hand, report)

    def _hand(self, report: Input) -> None:
        if self._inbox is not None:
            self._inbox(report)

    def _refuse_cancel(self, account: AccountId, routed_order_id: RoutedOrderId, reason: str) -> None:
        self._say(i.CancelRefused(account=account, routed_order_id=routed_order_id, reason=reason))

    def _fill_report(self, fill: Fill) -> Input:
        return i.FillReported(broker=self.name, fill=fill)

    def _answer(self, order: Kept) -> list[Input]:
        account, routed = order.request.account, order.routed_order_id
        if order.state is OrderState.REJECTED:
            return [i.OrderRefused(account=account, routed_order_id=routed, reason="scripted")]
        if order.is_working:
            return [_accepted(order), _amended(order)]
        if order.state is OrderState.FILLED:
            refused = i.ReplaceRefused(account=account, routed_order_id=routed, reason="it has filled")
            return [_amended(order), refused]
        return [_amended(order), _gone(order)]


def _accepted(order: Kept) -> Input:
    routed = order.routed_order_id
    return i.OrderAccepted(account=order.request.account, routed_order_id=routed, broker_order_id=f"T-{routed}")


def _amended(order: Kept) -> Input:
    return i.OrderAmended(
        account=order.request.account,
        routed_order_id=order.routed_order_id,
        order_qty=order.order_qty,
        limit_price=order.limit_price,
        stop_price=order.stop_price,
    )


def _gone(order: Kept) -> Input:
    return i.OrderGone(
        account=order.request.account,
        routed_order_id=order.routed_order_id,
        outcome=order.state.value,
        cum_qty=order.cum_qty,
    )
