"""What goes out: an order, a change of one, and what it means that Alpaca has the id already."""

from typing import Final

from stopline.brokers.alpaca.book import replacement_id
from stopline.brokers.alpaca.client import AlpacaClient
from stopline.brokers.alpaca.kept import Kept
from stopline.brokers.alpaca.symbols import Symbols
from stopline.dialects.alpaca.create import CreateOrder, from_request
from stopline.dialects.alpaca.orders import Order
from stopline.dialects.alpaca.replace import ReplaceOrder
from stopline.dialects.alpaca.words import Intent
from stopline.messages.events import OrderApproved, ReplaceApproved
from stopline.model.ids import AccountId
from stopline.model.order import Side
from stopline.ports.broker import BrokerRejected, SendOutcomeUnknown

_INTENTS: Final = {Side.SELL: Intent.SELL_TO_CLOSE, Side.BUY: Intent.BUY_TO_CLOSE}


def creation(order: OrderApproved, account: AccountId, symbols: Symbols) -> CreateOrder:
    """Return what to send; raises BrokerRejected for what Alpaca does not trade."""
    request = order.request
    symbol = symbols.symbol(request.instrument_id)
    if request.account != account:
        raise BrokerRejected(f"the keys for Alpaca open {account!r}, not {request.account!r}")
    if symbol is None:
        raise BrokerRejected(f"Alpaca trades US equities here, not {request.instrument_id}")
    intent = _INTENTS[request.side] if order.reducing else None
    return from_request(request, symbol, order.routed_order_id, intent)


async def sent_before(client: AlpacaClient, create: CreateOrder) -> Order:
    """Return the order that has this id already, if it is this order; raises BrokerRejected if it is another."""
    found = await client.order_by_client_id(create.client_order_id)
    if found is None:
        raise SendOutcomeUnknown(f"Alpaca has {create.client_order_id!r} and does not find it")
    same = (create.symbol, create.side, create.order_type, create.qty)
    if (found.symbol, found.side, found.order_type, found.qty) != same:
        text = f"Alpaca has another order under {create.client_order_id!r}: was the data directory replaced?"
        raise BrokerRejected(text)
    return found


def replacement(kept: Kept, change: ReplaceApproved) -> ReplaceOrder:
    """Return what to ask for: only what changes, under the id of the order's next link."""
    current = kept.current
    left = change.order_qty - (kept.cum_qty - current.filled_qty)
    kept.replacements += 1
    return ReplaceOrder(
        qty=None if left == current.qty else left,
        limit_price=None if change.limit_price == current.limit_price else change.limit_price,
        stop_price=None if change.stop_price == current.stop_price else change.stop_price,
        client_order_id=replacement_id(kept.routed_order_id, kept.replacements),
    )
