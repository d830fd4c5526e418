"""What the engine remembers of one instrument in one account (or other scope)."""

from msgspec import Struct

from stopline.model.fill import Fill
from stopline.model.ids import InstrumentId
from stopline.model.numbers import Money, Price, Qty


class Basis(Struct, frozen=True, gc=False, array_like=True):
    """A position's holding at one instant: enough to book fills again from here."""

    qty: Qty = 0
    cost: Money = 0
    session_cost: Money = 0
    lots: bytes = b""


class Position(Struct, gc=False, array_like=True):
    """Holding and working orders. All sums are running sums; no decision scans orders.

    `qty` is signed. `cost` and `session_cost` are signed like qty: what the holding cost
    at entry, and what it was worth at the session's open (or cost since). `buy_money` and
    `sell_money` are the working orders at their own reserve prices. `exit_*` count those
    that were accepted as reducing, `stop_*` the protective stops among them.
    """

    instrument_id: InstrumentId
    qty: Qty = 0
    cost: Money = 0
    session_cost: Money = 0
    lots: bytes = b""
    """FIFO lots, oldest first: (qty, cost, session_cost) as signed 8-byte little-endian ints."""
    working_buys: Qty = 0
    working_sells: Qty = 0
    buy_money: Money = 0
    sell_money: Money = 0
    unvalued_orders: int = 0
    """Live orders that nothing could value (exits accepted without a quote)."""
    exit_buys: Qty = 0
    exit_sells: Qty = 0
    stop_buys: Qty = 0
    stop_sells: Qty = 0
    stop_buy_money: Money = 0
    stop_sell_money: Money = 0
    resting_buys: dict[Price, int] = {}
    resting_sells: dict[Price, int] = {}
    """Limit prices of live orders on this side, with how many."""
    best_resting_buy: Price | None = None
    best_resting_sell: Price | None = None
    realized_session: Money = 0
    realized_entry: Money = 0
    fees: Money = 0
    """Today's, this instrument's; reset at the session's open."""
    open_basis: Basis = Basis()
    """At this session's open."""
    previous_basis: Basis = Basis()
    """At the session's open before it."""
    session_mark: Price | None = None
    waiting_buys: Qty = 0
    waiting_sells: Qty = 0
    """Of the working orders, what Stopline holds: it counts against limits, and cannot fill before it is released."""

    @property
    def live_buys(self) -> Qty:
        """What of the working buys may fill without being asked about again."""
        return self.working_buys - self.waiting_buys

    @property
    def live_sells(self) -> Qty:
        """What of the working sells may fill without being asked about again."""
        return self.working_sells - self.waiting_sells

    @property
    def highest(self) -> Qty:
        """The most it can become: every working buy fills, no sell does."""
        return self.qty + self.working_buys

    @property
    def lowest(self) -> Qty:
        """The least it can become."""
        return self.qty - self.working_sells


class BookedFill(Struct, frozen=True, gc=False, array_like=True):
    """A fill that was booked, kept two trading days for deduplication and busts."""

    fill: Fill
    client_order_id: str
    cash: Money
    """What it did to the cash."""
    voided: bool = False
