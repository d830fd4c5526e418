"""Account activities: fills, and money that came or went by other ways."""

from typing import Final

from msgspec import Struct

from stopline.dialects.alpaca.codecs import INSTANT, MONEY, PRICE, QTY, TEXT
from stopline.dialects.alpaca.records import Record
from stopline.model.numbers import Money, Nanos, Price, Qty

FILL: Final = "FILL"


class Activity(Struct, frozen=True, kw_only=True):
    """One activity. A fill has a `transaction_time`, anything else a `date` and a `net_amount`."""

    id: str
    activity_type: str
    account_id: str | None = None
    transaction_time: Nanos | None = None
    type: str | None = None
    price: Price | None = None
    qty: Qty | None = None
    side: str | None = None
    symbol: str | None = None
    leaves_qty: Qty | None = None
    order_id: str | None = None
    cum_qty: Qty | None = None
    order_status: str | None = None
    date: str | None = None
    net_amount: Money | None = None
    description: str | None = None
    status: str | None = None
    per_share_amount: Price | None = None

    @property
    def is_fill(self) -> bool:
        """Whether it is an execution of an order."""
        return self.activity_type == FILL


_TEXT: Final = "id activity_type account_id type side symbol order_id order_status date description status".split()
ACTIVITY: Final = Record(
    Activity,
    dict.fromkeys(_TEXT, TEXT)
    | dict.fromkeys(("qty", "leaves_qty", "cum_qty"), QTY)
    | {"transaction_time": INSTANT, "price": PRICE, "net_amount": MONEY, "per_share_amount": PRICE},
)
