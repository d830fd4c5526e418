"""What an update of the stream says of an order, as our engine hears it."""

from stopline.brokers.alpaca.answers import not_canceled, not_replaced
from stopline.brokers.alpaca.book import Book
from stopline.brokers.alpaca.kept import Kept
from stopline.brokers.alpaca.symbols import Symbols
from stopline.dialects.alpaca.stream import EXECUTIONS, TradeUpdate
from stopline.messages.inputs import Input
from stopline.model.ids import AccountId


def reports(update: TradeUpdate, kept: Kept, account: AccountId, book: Book, symbols: Symbols) -> list[Input]:
    """Return what is to be said; `kept` is the update's order, which the book has taken in."""
    said: list[Input] = symbols.take_listings()
    if update.event in EXECUTIONS:
        said += _execution(update, kept, book)
    if update.event == "order_replace_rejected":
        said.append(not_replaced(account, kept.routed_order_id, "Alpaca did not replace it after all"))
    if update.event == "order_cancel_rejected":
        said.append(not_canceled(account, kept.routed_order_id, "Alpaca did not cancel it after all"))
    return [*said, *kept.news()]


def _execution(update: TradeUpdate, kept: Kept, book: Book) -> list[Input]:
    if not update.qty or update.price is None:
        return []
    order = update.order
    at = update.timestamp or order.updated_at or 0
    said: list[Input] = []
    if not kept.accepted_told and not kept.is_ours:
        said.append(kept.external())
        kept.accepted_told = True
    news = book.execute(kept, order.id, update.qty, update.price, order.filled_qty, at, is_rounded=update.is_rounded)
    return said if news is None else [*said, news]
