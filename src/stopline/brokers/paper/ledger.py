"""Cash, positions and margin of the paper accounts, in the same arithmetic as the engine's, to the unit.

Margin     cash classes: worst-case money x the account's initial ratio (all of it in a cash
           account); futures: worst-case contracts x the contract's initial margin; the sum
           must not exceed equity at the newest marks (at cost where there is none).
Exits      exempt: an order that provably reduces is never refused for money.
Shorts     refused in a cash account, and for what is known not to be shortable.
Source     semantics.md section 12 (paper account); architecture.md promise 11.
"""

from collections.abc import Callable, Iterator

from msgspec import Struct

from stopline.brokers.paper.records import Book, PaperAccount, PaperOrder
from stopline.measures.exposure import (
    is_reducing_buy,
    is_reducing_sell,
    notional,
    position_value_at_worst,
    worst_money,
    worst_qty,
)
from stopline.measures.margin import cash_class_margin, futures_margin
from stopline.measures.pnl import book_fill, money_of
from stopline.model.account import LotMethod
from stopline.model.fill import Fill
from stopline.model.ids import AccountId, InstrumentId, RoutedOrderId
from stopline.model.instrument import AssetClass, Instrument
from stopline.model.numbers import RATIO_ONE, Money, Price, Qty, render_money
from stopline.model.order import Side
from stopline.venue.orders import VenueOrder

Refusal = tuple[str, str]
"""A code for programs, a sentence for people."""


class _Held(Struct, frozen=True, gc=False):
    """What one working order holds in the sums of its book."""

    qty: Qty
    money: Money


class Ledger:
    """All paper accounts. `mark` and `terms` are the exchange's."""

    def __init__(
        self, mark: Callable[[InstrumentId], Price | None], terms: Callable[[InstrumentId], Instrument | None]
    ) -> None:
        self.accounts: dict[AccountId, PaperAccount] = {}
        self._mark, self._terms = mark, terms
        self._held: dict[RoutedOrderId, _Held] = {}

    def book(self, account: AccountId, instrument_id: InstrumentId) -> Book:
        """Return an account's book of one instrument."""
        books = self.accounts[account].books
        found = books.get(instrument_id)
        if found is None:
            found = books[instrument_id] = Book()
        return found

    def instrument(self, instrument_id: InstrumentId) -> Instrument:
        """Return the terms of an instrument; raises LookupError."""
        found = self._terms(instrument_id)
        if found is None:
            raise LookupError(f"{instrument_id!r} is held or worked, and its terms are not known")
        return found

    def positions(self, account: AccountId) -> tuple[tuple[InstrumentId, Qty, Money], ...]:
        """Return (instrument, signed qty, entry cost) of what is held."""
        books = self.accounts[account].books
        return tuple((name, books[name].holding.qty, books[name].holding.cost) for name in sorted(_held_in(books)))

    # --- what happened -------------------------------------------------------------------------

    def settle(self, order: PaperOrder) -> None:
        """Let an order hold in the sums what it now has open: nothing once it is dead."""
        self.release(order)
        if order.is_working:
            terms = order.terms
            multiplier = self.instrument(terms.instrument_id).multiplier
            money = notional(terms.leaves_qty, order.reserve_price or 0, multiplier)
            self._held[order.order_id] = _Held(terms.leaves_qty, money)
            self._hold(terms, terms.leaves_qty, money)

    def release(self, order: PaperOrder) -> None:
        """Take out of the sums what an order holds."""
        held = self._held.pop(order.order_id, None)
        if held is not None:
            self._hold(order.terms, -held.qty, -held.money)

    def _hold(self, terms: VenueOrder, qty: Qty, money: Money) -> None:
        book = self.book(terms.owner, terms.instrument_id)
        if terms.side is Side.BUY:
            book.buy_qty += qty
            book.buy_money += money
        else:
            book.sell_qty += qty
            book.sell_money += money

    def book_fill(self, fill: Fill) -> None:
        """Move position and cash by a fill: exactly as the engine does."""
        account, book = self.accounts[fill.account], self.book(fill.account, fill.instrument_id)
        instrument = self.instrument(fill.instrument_id)
        signed = fill.qty if fill.side is Side.BUY else -fill.qty
        money = money_of(fill.qty, fill.price, instrument.multiplier)
        booked = book_fill(book.holding, signed, money, fifo=account.terms.lot_method is LotMethod.FIFO)
        book.holding = booked.holding
        if instrument.asset_class is AssetClass.FUTURE:
            account.cash += booked.realized_entry - fill.fee
        else:
            account.cash += (-money if signed > 0 else money) - fill.fee

    # --- what may come -------------------------------------------------------------------------

    def refusal(self, order: VenueOrder, price: Price | None) -> Refusal | None:
        """Return why an account cannot have an order that is worth `price` at worst, or None.

        The order's own leaves are not in the sums (a replace takes them out first).
        """
        book = self.book(order.owner, order.instrument_id)
        held, qty = book.holding.qty, order.leaves_qty
        is_buy = order.side is Side.BUY
        if is_reducing_buy(held, book.buy_qty, qty) if is_buy else is_reducing_sell(held, book.sell_qty, qty):
            return None
        instrument, account = self.instrument(order.instrument_id), self.accounts[order.owner]
        if not is_buy:
            is_cash_class = instrument.asset_class is not AssetClass.FUTURE
            if instrument.shortable is False or (is_cash_class and not account.terms.margin_account):
                return "short_sale", "it could leave a short position, which is not possible here"
        if price is None:
            return "no_price", "there is no price to margin it at: wait for a quote, or give a limit"
        return self._money_refusal(account, order, notional(qty, price, instrument.multiplier))

    def _money_refusal(self, account: PaperAccount, order: VenueOrder, money: Money) -> Refusal | None:
        margin, equity = 0, account.cash
        for instrument_id, book in account.books.items():
            is_its_own = instrument_id == order.instrument_id
            wanted = self._margin(account, instrument_id, book, order if is_its_own else None, money)
            if wanted is None:
                return "margin_unknown", f"nobody knows the margin of {instrument_id}"
            margin += wanted
            equity += self._worth(instrument_id, book)
        if margin <= equity:
            return None
        text = f"initial margin would be {render_money(margin)}, equity is {render_money(equity)}"
        return "insufficient_buying_power", text

    def _margin(
        self, account: PaperAccount, instrument_id: InstrumentId, book: Book, order: VenueOrder | None, money: Money
    ) -> Money | None:
        """Return the initial margin of one instrument's worst case, with an order more; None where it is unknown."""
        buy_qty, sell_qty, buy_money, sell_money = book.buy_qty, book.sell_qty, book.buy_money, book.sell_money
        held = book.holding.qty
        if not (held or buy_qty or sell_qty or order):
            return 0
        if order is not None and order.side is Side.BUY:
            buy_qty, buy_money = buy_qty + order.leaves_qty, buy_money + money
        elif order is not None:
            sell_qty, sell_money = sell_qty + order.leaves_qty, sell_money + money
        instrument = self.instrument(instrument_id)
        if instrument.asset_class is AssetClass.FUTURE:
            worst = worst_qty(held + buy_qty, held - sell_qty)
            return None if instrument.initial_margin is None else futures_margin(worst, instrument.initial_margin)
        mark = self._mark(instrument_id)
        value = book.holding.cost if mark is None else position_value_at_worst(held, mark, instrument.multiplier)
        whole = not account.terms.margin_account or instrument.asset_class is AssetClass.CRYPTO
        ratio = RATIO_ONE if whole else account.terms.initial_margin
        return cash_class_margin(worst_money(value, buy_money, sell_money), ratio)

    def _worth(self, instrument_id: InstrumentId, book: Book) -> Money:
        """Return what a holding adds to cash in the equity."""
        held, cost, *_ = book.holding
        if not held:
            return 0
        instrument, mark = self.instrument(instrument_id), self._mark(instrument_id)
        value = cost if mark is None else money_of(held, mark, instrument.multiplier)
        return value - cost if instrument.asset_class is AssetClass.FUTURE else value


def _held_in(books: dict[InstrumentId, Book]) -> Iterator[InstrumentId]:
    return (name for name, book in books.items() if book.holding.qty)
