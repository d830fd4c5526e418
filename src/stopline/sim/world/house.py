"""The broker: its orders, its fills, its truth. It has no network and no clock; it says what happened.

Orders match on the venue's exchange. Beyond what a kind exchange does, this one busts and
corrects, fills what it has canceled, lets somebody else trade on the account, and forgets
under which number it kept an order. What it holds is worked out from its fills alone.

An id that was asked after before it came is buried: should it come after all, it is refused.
"""

from collections.abc import Callable, Iterable

from stopline.messages import inputs as i
from stopline.messages.events import OrderApproved, ReplaceApproved
from stopline.messages.inputs import Input
from stopline.model.ids import AccountId, InstrumentId, RoutedOrderId
from stopline.model.instrument import Instrument
from stopline.model.numbers import Money, Nanos, Price, Qty
from stopline.model.order import OrderType, Side, TimeInForce
from stopline.model.quote import Quote
from stopline.sim.world import says
from stopline.sim.world.says import Ours
from stopline.sim.world.shelves import Shelves
from stopline.venue import reports as r
from stopline.venue.exchange import Exchange
from stopline.venue.fees import FeeSchedule
from stopline.venue.orders import VenueOrder

FEES = FeeSchedule(per_share=35 * 10**4, per_contract=2 * 10**8)
DayEnd = Callable[[AccountId, Nanos], Nanos]
Answer = tuple[str, str]
"""("", "") for taken, else a code and a reason."""


class House(Shelves):
    """All accounts. `say` hears each report at the instant at which it is true."""

    def __init__(
        self,
        name: str,
        cash: dict[AccountId, Money],
        instruments: Iterable[Instrument],
        day_end: DayEnd,
        say: Callable[[AccountId, Input], None],
    ) -> None:
        self._day_end = day_end
        super().__init__(name, cash, instruments, say)
        self.exchange = Exchange(FEES)
        for each in self.instruments.values():
            self.exchange.list_instrument(each)
        self._numbers = 0
        self.generation = 0
        """Goes up with each daily restart: broker order ids of before are not known any more."""

    # --- what is asked of it -------------------------------------------------------------------------

    def place(self, approved: OrderApproved, at: Nanos) -> Answer:
        """Take an order; the same id again is the same order."""
        request, routed = approved.request, approved.routed_order_id
        book = self.books[request.account]
        if routed in book.orders:
            known = book.orders[routed]
            return ("rejected", known.reason) if known.outcome == "rejected" else ("", "")
        if routed in book.buried:
            return "rejected", "too late: it was asked after before it came"
        terms = VenueOrder(
            order_id=routed,
            owner=request.account,
            instrument_id=request.instrument_id,
            side=request.side,
            order_type=request.order_type,
            time_in_force=request.time_in_force,
            order_qty=request.order_qty,
            limit_price=request.limit_price,
            stop_price=request.stop_price,
            expires_at=request.expire_at or self._day_end(request.account, at),
        )
        order = self._keep(terms, request.client_order_id, approved.reducing)
        book.taken_ids[f"{request.client_order_id} {routed}"] = routed
        self._tell(self.exchange.enter(terms, at), at)
        return ("rejected", order.reason) if order.outcome == "rejected" else ("", "")

    def reject(self, approved: OrderApproved, reason: str) -> Answer:
        """Refuse an order out of hand."""
        request = approved.request
        book = self.books[request.account]
        if approved.routed_order_id in book.orders:
            return "", ""
        terms = VenueOrder(
            order_id=approved.routed_order_id, owner=request.account, instrument_id=request.instrument_id,
            side=request.side, order_type=request.order_type, time_in_force=request.time_in_force,
            order_qty=request.order_qty, limit_price=request.limit_price, stop_price=request.stop_price,
        )  # fmt: skip
        order = self._keep(terms, request.client_order_id, approved.reducing)
        order.outcome, order.reason = "rejected", reason
        self._say(request.account, says.refused(order))
        return "rejected", reason

    def _keep(self, terms: VenueOrder, client_order_id: str, reducing: bool) -> Ours:
        self._numbers += 1
        order = Ours(terms, self._numbers, client_order_id, reducing)
        self.books[terms.owner].orders[terms.order_id] = order
        return order

    def cancel(self, account: AccountId, routed: RoutedOrderId, at: Nanos, *, obeys: bool = True) -> None:
        """Cancel, or say why not. Of an order that never came it proves nothing: such brokers there are."""
        order = self.books[account].orders.get(routed)
        if order is None:
            self._say(account, says.no_cancel(account, routed, "there is no such order"))
        elif not order.is_working:
            if order.outcome == "filled":
                self._say(account, says.no_cancel(account, routed, "it has filled"))
            else:
                self._say_all(account, self.answer(account, routed))
        elif not obeys:
            self._say(account, says.no_cancel(account, routed, "simulated: not now"))
        else:
            self._tell(self.exchange.cancel(routed, at), at)

    def replace(self, routed: RoutedOrderId, change: ReplaceApproved, at: Nanos, *, obeys: bool = True) -> None:
        """Change an order, or say why not."""
        account = change.account
        order = self.books[account].orders.get(routed)
        if order is None or not order.is_working or not obeys:
            reason = "there is no such working order" if obeys else "simulated: not now"
            self._say(account, i.ReplaceRefused(account=account, routed_order_id=routed, reason=reason))
            if order is not None and not order.is_working:
                self._say_all(account, self.answer(account, routed))
            return
        reports = self.exchange.amend(routed, change.order_qty, change.limit_price, change.stop_price, at)
        self._tell(reports, at)

    def query(self, account: AccountId, routed: RoutedOrderId) -> list[Input]:
        """Return what became of an order."""
        book = self.books[account]
        if routed not in book.orders:
            book.buried.add(routed)
            return [i.OrderGone(account=account, routed_order_id=routed, outcome="expired", cum_qty=0, reason="absent")]
        fills = [fill for fill in book.fills if fill.routed_order_id == routed]
        return [*(i.FillReported(broker=self.name, fill=fill) for fill in fills), *self.answer(account, routed)]

    def picture(self, account: AccountId, expected: Iterable[RoutedOrderId], since: Nanos) -> list[Input]:
        """Return the whole account: newer fills, what became of what is counted on, foreign orders, and all of it."""
        book = self.books[account]
        told: list[Input] = [
            i.FillReported(broker=self.name, fill=fill) for fill in book.fills if fill.executed_at >= since
        ]
        working = [routed for routed, order in book.orders.items() if order.is_working]
        for routed in expected:
            if routed in book.orders and routed not in working:
                told += self.answer(account, routed)
        told += [self._seen(book.orders[routed]) for routed in working if book.orders[routed].is_external]
        held = {name: self.holding(account, name) for name in self.instruments}
        positions = tuple((name, each.qty, each.cost) for name, each in held.items() if each.qty)
        told.append(
            i.AccountReconciled(
                broker=self.name, account=account, cash=self.cash(account), positions=positions, working=tuple(working)
            )
        )
        return told

    def answer(self, account: AccountId, routed: RoutedOrderId) -> list[Input]:
        """Return where an order is in its life, its fills being told already."""
        order = self.books[account].orders[routed]
        terms = order.terms
        if order.outcome == "rejected":
            return [says.refused(order)]
        said: list[Input] = []
        if order.is_working:
            said.append(says.accepted(order, self.generation))
        said.append(
            i.OrderAmended(
                account=account, routed_order_id=routed, order_qty=terms.order_qty, limit_price=terms.limit_price,
                stop_price=terms.stop_price,
            )
        )  # fmt: skip
        cum = self.cum_qty(account, routed)
        if order.outcome and (order.outcome != "filled" or cum < terms.order_qty):
            outcome = "canceled" if order.outcome == "filled" else order.outcome
            said.append(says.gone(order, outcome, cum))
        elif order.outcome == "filled":
            said.append(i.ReplaceRefused(account=account, routed_order_id=routed, reason="it has filled"))
        return said

    # --- what the market and the broker's own people bring --------------------------------------------

    def quote(self, quote: Quote, at: Nanos) -> None:
        """Let the market move."""
        self._tell(self.exchange.expire(at), at)
        self._tell(self.exchange.quote(quote, at), at)

    def trade_outside(
        self, account: AccountId, instrument_id: InstrumentId, side: Side, qty: Qty, price: Price, at: Nanos
    ) -> None:
        """Let somebody trade on the account beside Stopline."""
        self._fill(account, "", instrument_id, side, qty, price, at, is_unasked=True)

    def order_outside(
        self, account: AccountId, instrument_id: InstrumentId, side: Side, qty: Qty, price: Price, at: Nanos
    ) -> RoutedOrderId:
        """Let somebody else place an order that rests."""
        routed = f"app-{self._numbers + 1}"
        terms = VenueOrder(
            order_id=routed, owner=account, instrument_id=instrument_id, side=side, order_type=OrderType.LIMIT,
            time_in_force=TimeInForce.GTC, order_qty=qty, limit_price=price,
        )  # fmt: skip
        order = self._keep(terms, routed, reducing=False)
        order.is_external = True
        self._tell(self.exchange.enter(terms, at), at)
        return routed

    def fill_after_cancel(self, account: AccountId, order: Ours, price: Price, at: Nanos) -> None:
        """Let an order that was canceled have filled a part all the same."""
        terms = order.terms
        qty = max(terms.leaves_qty // 2 // 10**9, 1) * 10**9
        terms.cum_qty += qty
        self._fill(account, terms.order_id, terms.instrument_id, terms.side, qty, price, at, is_unasked=True)

    def restart(self) -> None:
        """Come back after the daily restart: every order has another number."""
        self.generation += 1

    # --- from the exchange's reports -----------------------------------------------------------------

    def _say_all(self, account: AccountId, reports: Iterable[Input]) -> None:
        for report in reports:
            self._say(account, report)

    def _tell(self, reports: list[r.Report], at: Nanos) -> None:
        for report in reports:
            if isinstance(report, r.NotCanceled | r.NotAmended):
                owner = self._owner(report.order_id)
                if isinstance(report, r.NotCanceled):
                    self._say(owner, says.no_cancel(owner, report.order_id, report.reason))
                else:
                    self._say(
                        owner, i.ReplaceRefused(account=owner, routed_order_id=report.order_id, reason=report.reason)
                    )
                continue
            self._tell_one(report, self.books[report.order.owner].orders[report.order.order_id], at)

    def _owner(self, routed: RoutedOrderId) -> AccountId:
        return next(name for name, book in self.books.items() if routed in book.orders)

    def _tell_one(
        self,
        report: r.Accepted | r.Refused | r.Triggered | r.Executed | r.Ended | r.Amended,
        order: Ours,
        at: Nanos,
    ) -> None:
        account = order.terms.owner
        match report:
            case r.Accepted():
                self._say(account, self._seen(order) if order.is_external else says.accepted(order, self.generation))
            case r.Refused(reason=reason):
                order.outcome, order.reason = "rejected", reason
                self._say(account, says.refused(order))
            case r.Executed(qty=qty, price=price, leaves_qty=leaves):
                if leaves == 0:
                    order.outcome = "filled"
                    self._ended_at[order.terms.order_id] = at
                terms = order.terms
                self._fill(
                    account, terms.order_id, terms.instrument_id, terms.side, qty, price, at,
                    is_unasked=order.is_external,
                )  # fmt: skip
            case r.Ended(outcome=outcome, reason=reason):
                order.outcome, order.reason = outcome, reason
                self._ended_at[order.terms.order_id] = at
                self._say(account, says.gone(order, outcome, self.cum_qty(account, order.terms.order_id)))
            case r.Amended(order_qty=order_qty, limit_price=limit_price, stop_price=stop_price):
                self._say(
                    account,
                    i.OrderAmended(
                        account=account, routed_order_id=order.terms.order_id, order_qty=order_qty,
                        limit_price=limit_price, stop_price=stop_price,
                    ),
                )  # fmt: skip
            case r.Triggered():
                pass

    def _seen(self, order: Ours) -> Input:
        return says.seen(self.name, order, self.cum_qty(order.terms.owner, order.terms.order_id))
