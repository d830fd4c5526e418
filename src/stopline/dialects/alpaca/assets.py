"""Assets: what can be traded."""

from typing import Final

from msgspec import Struct

from stopline.dialects.alpaca.codecs import FLAG, PRICE, QTY, RATIO, TEXT, list_of
from stopline.dialects.alpaca.records import Record
from stopline.model.numbers import Price, Qty, Ratio


class Asset(Struct, frozen=True, kw_only=True):
    """One asset. Equities have no order sizes here: any cent, any share."""

    id: str
    symbol: str
    asset_class: str = "us_equity"
    exchange: str = ""
    name: str = ""
    status: str = "active"
    tradable: bool = False
    marginable: bool = False
    shortable: bool = False
    easy_to_borrow: bool = False
    fractionable: bool = False
    maintenance_margin_requirement: Ratio | None = None
    min_order_size: Qty | None = None
    min_trade_increment: Qty | None = None
    price_increment: Price | None = None
    attributes: tuple[str, ...] = ()


ASSET: Final = Record(
    Asset,
    {
        "id": TEXT,
        "asset_class": TEXT,
        "exchange": TEXT,
        "symbol": TEXT,
        "name": TEXT,
        "status": TEXT,
        "tradable": FLAG,
        "marginable": FLAG,
        "shortable": FLAG,
        "easy_to_borrow": FLAG,
        "fractionable": FLAG,
        "maintenance_margin_requirement": RATIO,
        "min_order_size": QTY,
        "min_trade_increment": QTY,
        "price_increment": PRICE,
        "attributes": list_of(TEXT),
    },
    keys={"asset_class": "class"},
)
