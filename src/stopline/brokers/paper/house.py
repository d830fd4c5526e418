"""What happens inside the paper broker: orders, fills, accounts. No clock, no disk, no loop.

Each call brings the time, and returns what there is to say. What has changed piles up in
`changes`; whoever drives this writes it before he says anything.
"""

from collections.abc import Callable, Iterable

from msgspec import structs

from stopline.brokers.paper import answers
from stopline.brokers.paper.file import Remembered
from stopline.brokers.paper.ledger import Ledger, Refusal
from stopline.brokers.paper.records import Changes, PaperAccount, PaperOrder
from stopline.messages import inputs as i
from stopline.messages.events import OrderApproved, ReplaceApproved
from stopline.messages.inputs import Input
from stopline.model.account import AccountTerms
from stopline.model.calendar import Session
from stopline.model.fill import Fill
from stopline.model.ids import AccountId, RoutedOrderId
from stopline.model.instrument import Instrument
from stopline.model.numbers import SECOND, Nanos, Price
from stopline.model.order import OrderClass, OrderRequest, OrderState, TimeInForce
from stopline.model.quote import Quote
from stopline.venue import reports as r
from stopline.venue.exchange import Exchange
from stopline.venue.fees import FeeSchedule
from stopline.venue.orders import VenueOrder

TradingDay = Callable[[AccountTerms, Nanos], Session]
EARLY: Nanos = 10 * SECOND
"""A new trading day is written down this much before it begins, so that no crash comes in between."""
KEPT = 20_000
"""Ended orders kept in memory; older ones are looked up in the file."""


class House:
    """The broker's exchange, ledger and orders."""

    def __init__(self, name: str, fees: FeeSchedule, trading_day: TradingDay, remembered: Remembered) -> None:
        self._name, self._trading_day = name, trading_day
        self.book_id = remembered.book_id
        self.exchange = Exchange(fees, next_exec=remembered.next_exec)
        self.ledger = Ledger(self.exchange.mark, self.exchange.instrument)
        self.orders: dict[RoutedOrderId, PaperOrder] = {}
        self.changes = Changes()
        self.has_archive = remembered.has_ended
        """Whether the file holds orders that are not in memory."""
        self._next_number = remembered.next_number
        self._remembered = remembered
        self._day_ends_at: Nanos = 0
        """When the first account's trading day ends; 0 without accounts."""
        self._stored = {each.instrument_id: each for each in remembered.instruments}
        self._ended: dict[RoutedOrderId, None] = {}
        self._absent: dict[RoutedOrderId, None] = {}
        for instrument in remembered.instruments:
            self.exchange.list_instrument(instrument)

    # --- accounts and instruments ----------------------------------------------------------------

    def open_account(self, terms: AccountTerms, at: Nanos) -> None:
        """Keep an account: as it was left, or new with its opening cash."""
        known = self.ledger.accounts.get(terms.account)
        if known is not None:
            known.terms = terms
            return
        left = self._remembered.accounts.get(terms.account)
        account = PaperAccount(terms, terms.opening_cash) if left is None else PaperAccount(terms, left[0])
        if left is not None:
            account.since, account.day_opens_at, account.day_resets_at = left[1:]
        self.ledger.accounts[terms.account] = account
        for (owner, instrument_id), holding in self._remembered.holdings.items():
            if owner == terms.account:
                self.ledger.book(owner, instrument_id).holding = holding
        self._restore(order for order in self._remembered.working if order.terms.owner == terms.account)
        self._turn_day(account, at)

    def _restore(self, orders: Iterable[PaperOrder]) -> None:
        for order in orders:
            self.orders[order.order_id] = order
            self.exchange.restore([order.terms])
            self.ledger.settle(order)

    def recall(self, orders: Iterable[PaperOrder]) -> None:
        """Take orders that ended in an earlier life back into memory."""
        for order in orders:
            self.orders.setdefault(order.order_id, order)
            self._ended[order.order_id] = None

    def list_instrument(self, instrument: Instrument) -> None:
        """Trade an instrument, or trade it on new terms or status."""
        self.exchange.list_instrument(instrument)

    def _turn_day(self, account: PaperAccount, at: Nanos) -> None:
        """Note the trading day, when it is a new one; what the engine remembers reaches back to the one before."""
        day = self._trading_day(account.terms, at + EARLY)
        if day.opens_at > account.day_opens_at:
            account.since = account.day_opens_at or day.opens_at
            account.day_opens_at, account.day_resets_at = day.opens_at, day.resets_at
            self.changes.accounts[account.terms.account] = None
        self._day_ends_at = min(each.day_resets_at for each in self.ledger.accounts.values())

    def next_due(self) -> Nanos | None:
        """Return when `advance` has something to do next: an order expires, or a trading day ends."""
        expiry = self.exchange.next_expiry()
        if not self._day_ends_at:
            return expiry
        day_due = self._day_ends_at - EARLY
        return day_due if expiry is None or day_due < expiry else expiry

    # --- what is asked of it -----------------------------------------------------------------------

    def advance(self, at: Nanos) -> list[Input]:
        """Come to an instant: orders expire, trading days end."""
        due = self.next_due()
        if due is None or due > at:
            return []
        for account in self.ledger.accounts.values():
            if account.day_resets_at - EARLY <= at:
                self._turn_day(account, at)
        return self._tell(self.exchange.expire(at), at)

    def quote(self, quote: Quote, at: Nanos) -> list[Input]:
        """Let the exchange have a quote."""
        return self._tell(self.exchange.quote(quote, at), at)

    def place(self, approved: OrderApproved, at: Nanos) -> list[Input]:
        """Take an order that is not known yet."""
        request = approved.request
        terms = self._terms(approved, at)
        price = self._reserve_price(terms, at)
        order = PaperOrder(terms=terms, number=self._next_number, reserve_price=price, entered_at=at)
        self._next_number += 1
        self.orders[order.order_id] = order
        refusal = self._refusal(request, terms, price)
        if refusal is not None:
            return self._tell([r.Refused(terms, *refusal)], at)
        return self._tell(self.exchange.enter(terms, at), at)

    def cancel(self, order: PaperOrder, at: Nanos) -> list[Input]:
        """Cancel an order, or say again how it ended."""
        if order.is_working:
            return self._tell(self.exchange.cancel(order.order_id, at), at)
        if order.state is OrderState.FILLED:
            return [answers.not_canceled(order.terms.owner, order.order_id, "it has filled")]
        return self.answer(order)

    def replace(self, order: PaperOrder, change: ReplaceApproved, at: Nanos) -> list[Input]:
        """Change a working order, if there is the money for it."""
        terms = order.terms
        if not order.is_working:
            return [answers.not_replaced(terms.owner, order.order_id, f"it is {order.state}"), *self.answer(order)]
        wanted = structs.replace(
            terms,
            order_qty=max(change.order_qty, terms.cum_qty),
            limit_price=change.limit_price,
            stop_price=change.stop_price,
        )
        price = self._reserve_price(wanted, at)
        self.ledger.release(order)
        refusal = self.ledger.refusal(wanted, price)
        self.ledger.settle(order)
        if refusal is not None:
            return [answers.not_replaced(terms.owner, order.order_id, refusal[1])]
        before, order.reserve_price = order.reserve_price, price
        reports = self.exchange.amend(order.order_id, change.order_qty, change.limit_price, change.stop_price, at)
        if any(isinstance(report, r.NotAmended) for report in reports):
            order.reserve_price = before
        return self._tell(reports, at)

    def answer(self, order: PaperOrder) -> list[Input]:
        """Return where an order is in its life."""
        return answers.answer_of(order, self._broker_order_id(order))

    def bury(self, account: AccountId, order_id: RoutedOrderId) -> list[Input]:
        """Say that an order never came. Should it come after all, it is refused: the engine counts it as dead."""
        self._absent[order_id] = None
        return [answers.absent(account, order_id)]

    def picture(self, account: AccountId) -> list[Input]:
        """Return the whole account, as of now."""
        working = [
            order.order_id for order in self.orders.values() if order.is_working and order.terms.owner == account
        ]
        return [
            i.AccountReconciled(
                broker=self._name,
                account=account,
                cash=self.ledger.accounts[account].cash,
                positions=self.ledger.positions(account),
                working=tuple(working),
            )
        ]

    def cash(self, account: AccountId) -> Input:
        """Return the account's cash."""
        return i.AccountReported(broker=self._name, account=account, cash=self.ledger.accounts[account].cash)

    def fill(self, number: int, fill: Fill) -> Input:
        """Return a fill under the id that is made from its number."""
        return i.FillReported(broker=self._name, fill=structs.replace(fill, exec_id=self.exec_id(number)))

    def exec_id(self, number: int) -> str:
        """Return the id of a fill."""
        return f"{self.book_id}-{number}"

    # --- from approvals to orders --------------------------------------------------------------

    def _terms(self, approved: OrderApproved, at: Nanos) -> VenueOrder:
        request = approved.request
        expires_at = 0
        if request.time_in_force is TimeInForce.GTD:
            expires_at = request.expire_at or 0
        elif request.time_in_force is TimeInForce.DAY and request.account in self.ledger.accounts:
            expires_at = self._trading_day(self.ledger.accounts[request.account].terms, at).resets_at
        return VenueOrder(
            order_id=approved.routed_order_id,
            owner=request.account,
            instrument_id=request.instrument_id,
            side=request.side,
            order_type=request.order_type,
            time_in_force=request.time_in_force,
            order_qty=request.order_qty,
            limit_price=request.limit_price,
            stop_price=request.stop_price,
            expires_at=expires_at,
        )

    def _reserve_price(self, terms: VenueOrder, at: Nanos) -> Price | None:
        """Return what an order is margined at: its limit, its stop, else the market."""
        if terms.limit_price is not None:
            return terms.limit_price
        if terms.stop_price is not None:
            return terms.stop_price
        price = self.exchange.price_for(terms.instrument_id, terms.side, at)
        return self.exchange.mark(terms.instrument_id) if price is None else price

    def _refusal(self, request: OrderRequest, terms: VenueOrder, price: Price | None) -> Refusal | None:
        account = self.ledger.accounts.get(request.account)
        if account is None:
            return "unknown_account", f"the paper broker keeps no account {request.account!r}"
        if terms.order_id in self._absent:
            return "too_late", "it was asked after before it came, and counts as expired"
        if request.order_class is not OrderClass.SIMPLE:
            return "unsupported", f"the paper broker takes simple orders only, not {request.order_class}"
        if request.notional is not None:
            return "unsupported", "the paper broker takes quantities only, no amounts of money"
        instrument = self.exchange.instrument(request.instrument_id)
        if instrument is None or terms.order_qty <= 0:
            return None  # the exchange says it
        if instrument.currency != account.terms.currency:
            return (
                "currency",
                f"{instrument.symbol} is in {instrument.currency}, the account in {account.terms.currency}",
            )
        return self.ledger.refusal(terms, price)

    def _broker_order_id(self, order: PaperOrder) -> str:
        return f"{self.book_id}-{order.number}"

    # --- from the exchange's reports to inputs -----------------------------------------------------

    def _tell(self, reports: list[r.Report], at: Nanos) -> list[Input]:
        """Book what the exchange reports, and return what there is to say."""
        said: list[Input] = []
        filled: dict[AccountId, None] = {}
        for report in reports:
            if isinstance(report, r.NotCanceled | r.NotAmended):
                owner = self.orders[report.order_id].terms.owner
                answer = answers.not_canceled if isinstance(report, r.NotCanceled) else answers.not_replaced
                said.append(answer(owner, report.order_id, report.reason))
                continue
            order = self.orders[report.order.order_id]
            said += self._tell_one(report, order, at)
            self.ledger.settle(order)
            self.changes.orders[order.order_id] = order
            if isinstance(report, r.Executed):
                filled[order.terms.owner] = None
        said += [self.cash(account) for account in filled]
        return said

    def _tell_one(
        self,
        report: r.Accepted | r.Refused | r.Triggered | r.Executed | r.Ended | r.Amended,
        order: PaperOrder,
        at: Nanos,
    ) -> list[Input]:
        account, order_id = order.terms.owner, order.order_id
        match report:
            case r.Accepted():
                self._store_instrument(order)
                number = self._broker_order_id(order)
                return [i.OrderAccepted(account=account, routed_order_id=order_id, broker_order_id=number)]
            case r.Refused(code=code, reason=reason):
                self._finish(order, OrderState.REJECTED, at, reason, code)
                return [answers.refused(order)]
            case r.Triggered():
                return []
            case r.Executed():
                return [self._book(report, order)]
            case r.Ended(outcome=outcome, reason=reason):
                self._finish(order, OrderState(outcome), at, reason)
                return [answers.gone(order)]
            case r.Amended(order_qty=order_qty, limit_price=limit_price, stop_price=stop_price):
                return [
                    i.OrderAmended(
                        account=account,
                        routed_order_id=order_id,
                        order_qty=order_qty,
                        limit_price=limit_price,
                        stop_price=stop_price,
                    )
                ]

    def _book(self, executed: r.Executed, order: PaperOrder) -> Input:
        terms = order.terms
        fill = Fill(
            account=terms.owner,
            exec_id="",
            instrument_id=terms.instrument_id,
            side=terms.side,
            qty=executed.qty,
            price=executed.price,
            fee=executed.fee,
            executed_at=executed.at,
            routed_order_id=terms.order_id,
        )
        self.ledger.book_fill(fill)
        self.changes.fills.append((executed.exec_no, fill))
        self.changes.accounts[terms.owner] = None
        self.changes.holdings[terms.owner, terms.instrument_id] = None
        if executed.leaves_qty == 0:
            self._finish(order, OrderState.FILLED, executed.at)
        return self.fill(executed.exec_no, fill)

    def _store_instrument(self, order: PaperOrder) -> None:
        """Keep the terms of what is traded: after a restart the market may be another."""
        instrument = self.ledger.instrument(order.terms.instrument_id)
        if self._stored.get(instrument.instrument_id) != instrument:
            self._stored[instrument.instrument_id] = instrument
            self.changes.instruments[instrument.instrument_id] = instrument

    def _finish(self, order: PaperOrder, state: OrderState, at: Nanos, reason: str = "", code: str = "") -> None:
        order.state, order.ended_at, order.reason, order.code = state, at, reason, code
        self._ended[order.order_id] = None
        if len(self._ended) > KEPT:
            self._forget()

    def _forget(self) -> None:
        """Let the older half of the ended orders go; the file has those that were written."""
        for order_id in list(self._ended)[: KEPT // 2]:
            if order_id not in self.changes.orders:
                del self._ended[order_id]
                self.orders.pop(order_id, None)
                self.has_archive = True
