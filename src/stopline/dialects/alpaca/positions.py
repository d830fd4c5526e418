"""Positions as Alpaca reports them."""

from typing import Final

from msgspec import Struct

from stopline.dialects.alpaca.codecs import FLAG, MONEY, PRICE, QTY, RATIO, TEXT
from stopline.dialects.alpaca.records import Record
from stopline.model.numbers import Money, Price, Qty, Ratio


class Position(Struct, frozen=True, kw_only=True):
    """What is held of one asset. A short position's `qty` is negative, and so is its value."""

    symbol: str
    qty: Qty
    side: str
    asset_id: str = ""
    exchange: str = ""
    asset_class: str = "us_equity"
    asset_marginable: bool | None = None
    avg_entry_price: Price | None = None
    cost_basis: Money | None = None
    market_value: Money | None = None
    unrealized_pl: Money | None = None
    unrealized_plpc: Ratio | None = None
    unrealized_intraday_pl: Money | None = None
    unrealized_intraday_plpc: Ratio | None = None
    current_price: Price | None = None
    lastday_price: Price | None = None
    change_today: Ratio | None = None
    qty_available: Qty | None = None


POSITION: Final = Record(
    Position,
    {
        "asset_id": TEXT,
        "symbol": TEXT,
        "exchange": TEXT,
        "asset_class": TEXT,
        "asset_marginable": FLAG,
        "qty": QTY,
        "side": TEXT,
        "avg_entry_price": PRICE,
        "cost_basis": MONEY,
        "market_value": MONEY,
        "unrealized_pl": MONEY,
        "unrealized_plpc": RATIO,
        "unrealized_intraday_pl": MONEY,
        "unrealized_intraday_plpc": RATIO,
        "current_price": PRICE,
        "lastday_price": PRICE,
        "change_today": RATIO,
        "qty_available": QTY,
    },
)
