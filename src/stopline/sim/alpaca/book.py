"""What the simulator remembers: orders, positions, money. It can be written to a file and read again."""

from msgspec import Struct, field

from stopline.dialects.alpaca.account import Configurations
from stopline.dialects.alpaca.words import ENDED, Status
from stopline.measures.pnl import FLAT, Holding
from stopline.model.instrument import Instrument
from stopline.model.numbers import Money, Nanos, Price, Qty, Ratio, div_half_even
from stopline.model.order import OrderClass, OrderType, Side, TimeInForce
from stopline.sim.alpaca.ids import ORDER, make_id

USUAL = Configurations(
    suspend_trade=False,
    no_shorting=False,
    fractional_trading=True,
    max_margin_multiplier="2",
    max_options_trading_level=0,
    trade_confirm_email="all",
    ptp_no_exception_entry=False,
    disable_overnight_trading=False,
)


class SimOrder(Struct, kw_only=True):
    """One order. `qty` is what it trades; of an order for money it is known once it is on the exchange."""

    id: str
    number: int
    client_order_id: str
    symbol: str
    side: Side
    order_type: OrderType
    time_in_force: TimeInForce
    order_class: OrderClass
    position_intent: str
    status: Status
    created_at: Nanos
    updated_at: Nanos
    qty: Qty = 0
    notional: Money | None = None
    limit_price: Price | None = None
    stop_price: Price | None = None
    trail_price: Price | None = None
    trail_percent: Ratio | None = None
    hwm: Price | None = None
    extended_hours: bool = False
    expires_at: Nanos = 0
    """When a DAY order ends; 0 for the others."""
    filled_qty: Qty = 0
    filled_value: int = 0
    """Sum of qty x price of its executions, unrounded."""
    filled_at: Nanos | None = None
    expired_at: Nanos | None = None
    canceled_at: Nanos | None = None
    failed_at: Nanos | None = None
    replaced_at: Nanos | None = None
    replaced_by: str | None = None
    replaces: str | None = None
    parent: str = ""
    legs: list[str] = []
    is_shadow: bool = False
    """Whether it is the stop of a one-cancels-other pair: on the exchange, `held` until it triggers."""
    is_triggered: bool = False

    @property
    def is_open(self) -> bool:
        """Whether something may still happen to it."""
        return self.status not in ENDED

    @property
    def leaves_qty(self) -> Qty:
        """What is still to trade."""
        return self.qty - self.filled_qty

    @property
    def filled_avg_price(self) -> Price | None:
        """What it traded at on average."""
        return div_half_even(self.filled_value, self.filled_qty) if self.filled_qty else None


class Execution(Struct, frozen=True):
    """One execution, with what it left behind."""

    number: int
    order_id: str
    symbol: str
    side: Side
    qty: Qty
    price: Price
    at: Nanos
    cum_qty: Qty
    leaves_qty: Qty
    position_qty: Qty


class Book(Struct, kw_only=True):
    """Everything that a restart must not lose."""

    opening_cash: Money
    cash: Money
    last_equity: Money
    began_at: Nanos
    next_order: int = 1
    next_execution: int = 1
    next_event: int = 1
    orders: dict[str, SimOrder] = field(default_factory=dict)
    working: dict[str, None] = field(default_factory=dict)
    """Ids of the orders that are open, oldest first."""
    client_ids: dict[str, str] = field(default_factory=dict)
    """Order ids by client_order_id."""
    holdings: dict[str, Holding] = field(default_factory=dict)
    executions: list[Execution] = field(default_factory=list)
    configurations: Configurations = USUAL
    lastday: dict[str, Price] = field(default_factory=dict)
    """Each symbol's price at the last close."""
    equities: list[tuple[Nanos, Money]] = field(default_factory=list)
    """Equity, a point per minute in which there were quotes."""
    instruments: dict[str, Instrument] = field(default_factory=dict)
    """What is listed, by symbol."""

    def holding(self, symbol: str) -> Holding:
        """Return what is held of a symbol."""
        return self.holdings.get(symbol, FLAT)

    def number(self) -> tuple[int, str]:
        """Return the next order's number and id."""
        self.next_order += 1
        return self.next_order - 1, make_id(ORDER, self.next_order - 1)

    @property
    def newest_at(self) -> Nanos:
        """The newest instant that it knows of; 0 while nothing has happened."""
        minutes = [at for at, _ in self.equities[-1:]]
        return max([*minutes, *(order.updated_at for order in self.orders.values())], default=0)

    def open_orders(self, symbol: str = "") -> list[SimOrder]:
        """Return the orders to which something may still happen, oldest first."""
        found = (self.orders[order_id] for order_id in self.working)
        return [order for order in found if symbol in ("", order.symbol)]

    def add(self, order: SimOrder) -> None:
        """Put a new order in."""
        self.orders[order.id] = order
        self.working[order.id] = None
        self.client_ids[order.client_order_id] = order.id

    def family(self, order: SimOrder) -> list[SimOrder]:
        """Return the others of a one-cancels-other group: legs of one parent, or an OCO's two halves."""
        root = self.orders[order.parent] if order.parent else order
        if root.order_class is OrderClass.OCO:
            members = [root, *self.legs(root)]
        else:
            members = self.legs(root) if order.parent else []
        return [each for each in members if each is not order]

    def legs(self, order: SimOrder) -> list[SimOrder]:
        """Return the legs of an order."""
        return [self.orders[leg] for leg in order.legs]

    def with_client_id(self, client_order_id: str) -> SimOrder | None:
        """Return the order that has this client_order_id."""
        order_id = self.client_ids.get(client_order_id)
        return None if order_id is None else self.orders[order_id]
