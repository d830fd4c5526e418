"""What the paper broker remembers, and what of it has to be written."""

from msgspec import Struct

from stopline.measures.pnl import FLAT, Holding
from stopline.model.account import AccountTerms
from stopline.model.fill import Fill
from stopline.model.ids import AccountId, InstrumentId, RoutedOrderId
from stopline.model.instrument import Instrument
from stopline.model.numbers import Money, Nanos, Price, Qty
from stopline.model.order import OrderState
from stopline.venue.orders import VenueOrder


class PaperOrder(Struct, gc=False, kw_only=True):
    """An order and what became of it. `number` is the broker's own count of orders.

    `state` is working, filled, canceled, expired or rejected. `reserve_price` is what its
    leaves are margined at; None for an exit that nothing could value.
    """

    terms: VenueOrder
    number: int
    reserve_price: Price | None
    entered_at: Nanos
    state: OrderState = OrderState.WORKING
    ended_at: Nanos = 0
    reason: str = ""
    code: str = ""

    @property
    def order_id(self) -> RoutedOrderId:
        """The id under which it was routed here."""
        return self.terms.order_id

    @property
    def is_working(self) -> bool:
        """Whether it may still trade."""
        return self.state is OrderState.WORKING


class Book(Struct, gc=False):
    """One instrument in one account: what is held, and what works."""

    holding: Holding = FLAT
    buy_qty: Qty = 0
    sell_qty: Qty = 0
    buy_money: Money = 0
    sell_money: Money = 0


class PaperAccount(Struct, gc=False):
    """One account. `since` is the open of the trading day before this one on which we ran.

    Fills from there on are the ones that the engine still remembers, and that may be
    reported again: an older one would be booked twice.
    """

    terms: AccountTerms
    cash: Money
    books: dict[InstrumentId, Book] = {}
    since: Nanos = 0
    day_opens_at: Nanos = 0
    day_resets_at: Nanos = 0


class Changes(Struct, gc=False):
    """What has to be written before anything of it is said. Fills go with their number."""

    accounts: dict[AccountId, None] = {}
    holdings: dict[tuple[AccountId, InstrumentId], None] = {}
    orders: dict[RoutedOrderId, PaperOrder] = {}
    instruments: dict[InstrumentId, Instrument] = {}
    fills: list[tuple[int, Fill]] = []

    def __bool__(self) -> bool:
        return bool(self.accounts or self.holdings or self.orders or self.instruments or self.fills)
