"""A fill: one execution, as the broker reported it."""

from msgspec import Struct

from stopline.model.ids import AccountId, InstrumentId, RoutedOrderId
from stopline.model.numbers import Money, Nanos, Price, Qty
from stopline.model.order import Side


class Fill(Struct, frozen=True, gc=False, array_like=True):
    """One execution. Deduplicated by (broker, account, exec_id).

    `replaces` names the exec_id that this one busts (qty 0) or corrects. `rounded` says
    that the broker's price was finer than 1e-8 and was rounded.
    """

    account: AccountId
    exec_id: str
    instrument_id: InstrumentId
    side: Side
    qty: Qty
    price: Price
    fee: Money
    executed_at: Nanos
    routed_order_id: RoutedOrderId = ""
    replaces: str = ""
    rounded: bool = False
