"""What held orders wait for: a price, an instant. A quote that is no good triggers nothing.

Stops go by the mark (the last trade clipped to a usable bid and ask, else the mid), as the
paper broker's do; a limit by what it would trade at. A trailing stop follows the mark, tick
by tick, and never moves back: so a mark that one quote alone stands behind does not move it.

Source     semantics.md sections 9 (mark) and 12 (prices); incident N5 (stub quotes).
"""

from stopline.engine.held.ending import begin
from stopline.engine.quotes import TRUSTED_STREAK
from stopline.engine.turn import Turn
from stopline.messages import events as e
from stopline.model.instrument import Instrument
from stopline.model.numbers import RATIO_ONE, Price, render_price
from stopline.model.order import STOPS, Condition, Hold, OrderType, Relation, Side
from stopline.state.account import AccountState
from stopline.state.market import QuoteRecord
from stopline.state.orders import OrderRecord


def see_quote(turn: Turn, instrument_id: str) -> None:
    """Say which held orders a new quote triggers, and which stops follow it."""
    waiting = turn.state.market.waiting.get(instrument_id)
    quote = turn.state.market.quotes.get(instrument_id)
    if not waiting or quote is None or not quote.usable or quote.mark is None:
        return
    for name, orders in waiting.items():
        account = turn.state.accounts[name]
        for cid in orders:
            see_order(turn, account, account.live[cid], quote)


def see_order(turn: Turn, account: AccountState, order: OrderRecord, quote: QuoteRecord) -> None:
    """Say what a usable quote means for one held order."""
    if order.hold is Hold.CONDITION:
        condition = order.request.condition
        if condition is not None and _is_met(condition, quote.mark, turn.at):
            turn.say(_triggered(order, f"condition met at {_shown(quote.mark)}", quote.mark))
            begin(turn, order.request)
        return
    is_confirmed = quote.usable_streak >= TRUSTED_STREAK or order.stop_price is None
    if order.request.order_type is OrderType.TRAILING_STOP and is_confirmed:
        _trail(turn, order, turn.state.instruments[order.request.instrument_id], quote.mark)
    price = _reached(order, quote)
    if price is not None:
        turn.say(_triggered(order, f"price reached at {_shown(price)}", price))


def see_instant(turn: Turn, account: AccountState, order: OrderRecord) -> None:
    """The instant of an order's condition has come: it goes, or its price counts from now on."""
    condition = order.request.condition
    if order.hold is not Hold.CONDITION or condition is None:
        return
    if condition.price is None:
        turn.say(_triggered(order, "its instant has come", None))
        begin(turn, order.request)
        return
    quote = turn.state.market.quotes.get(condition.instrument_id)
    if quote is not None and quote.usable:
        see_order(turn, account, order, quote)


def _triggered(order: OrderRecord, reason: str, price: Price | None) -> e.OrderTriggered:
    return e.OrderTriggered(order.request.account, order.client_order_id, reason, price)


def _is_met(condition: Condition, mark: Price | None, at: int) -> bool:
    if condition.price is None or mark is None or (condition.after is not None and at < condition.after):
        return False
    return mark >= condition.price if condition.relation is Relation.AT_OR_ABOVE else mark <= condition.price


def _reached(order: OrderRecord, quote: QuoteRecord) -> Price | None:
    """Return the price that reaches what the order waits for, None while none does."""
    buys, kind = order.request.side is Side.BUY, order.request.order_type
    if kind in STOPS:
        stop, mark = order.stop_price, quote.mark
        if stop is None or mark is None:
            return None
        return mark if (mark >= stop if buys else mark <= stop) else None
    limit, touch = order.limit_price, quote.ask if buys else quote.bid
    if limit is None or touch is None:
        return touch
    return touch if (touch <= limit if buys else touch >= limit) else None


def _trail(turn: Turn, order: OrderRecord, instrument: Instrument, mark: Price | None) -> None:
    """Let the stop follow. It is said before the mark is held against the old stop: a mark cannot do both."""
    if mark is None:
        return
    stop, tick = trailed(order, mark, instrument.tick_size), order.stop_price
    if tick is None or (stop > tick if order.request.side is Side.SELL else stop < tick):
        turn.say(e.StopTrailed(order.request.account, order.client_order_id, stop))


def trailed(order: OrderRecord, mark: Price, tick: Price) -> Price:
    """Return the stop at the order's distance from the mark, on the tick away from it."""
    amount, percent = order.request.trail_amount, order.request.trail_percent
    distance = amount if amount is not None else abs(mark) * (percent or 0) // RATIO_ONE
    if order.request.side is Side.SELL:
        return (mark - distance) // tick * tick
    return -((-mark - distance) // tick * tick)


def _shown(price: Price | None) -> str:
    return "an unknown price" if price is None else render_price(price)
