"""Does an order go to the broker at once, or what does it wait for here?

Source     semantics.md sections 3 (an exit always exists) and 8.
"""

from msgspec import Struct

from stopline.engine.assemble import capabilities_of
from stopline.measures.price_quality import is_fresh
from stopline.model.numbers import Nanos
from stopline.model.order import STOPS, Hold, OrderClass, OrderRequest, OrderType, Side
from stopline.model.routing import IMMEDIATE, is_native, is_plain
from stopline.state.account import AccountState
from stopline.state.market import QuoteRecord
from stopline.state.state import State


class Holding(Struct, frozen=True, gc=False):
    """What an order waits for; `is_resting`: it may rest at the broker meanwhile, when there is room for it."""

    hold: Hold
    is_resting: bool = False
    is_behind_exits: bool = False


def hold_for(
    state: State, account: AccountState, request: OrderRequest, at: Nanos, *, is_behind_exits: bool
) -> Holding | None:
    """Return what a new order waits for; None for one that goes at once, or that cannot wait for other exits."""
    offer = capabilities_of(state, account.terms)
    rests = request.order_type in STOPS and is_native(request.order_type, offer)
    if request.order_class is OrderClass.OCO and is_behind_exits and not _can_wait(request):
        return None
    if request.condition is not None:
        return Holding(Hold.CONDITION, rests, is_behind_exits)
    if request.order_class is OrderClass.OCO:
        return Holding(Hold.PRICE, is_behind_exits=is_behind_exits)
    if is_behind_exits:
        return _behind_exits(state, request, at)
    if request.oca_group and request.order_type is not OrderType.MARKET:
        return Holding(Hold.PRICE, rests and _reduces(account, request))
    if not is_native(request.order_type, offer):
        return Holding(Hold.PRICE)
    return None if is_plain(request, offer) else Holding(Hold.RELEASE)


def _behind_exits(state: State, request: OrderRequest, at: Nanos) -> Holding | None:
    """A way out that would trade now takes the place of the others; one further away waits for its price."""
    if not _can_wait(request):
        return None
    quote = state.market.quotes.get(request.instrument_id)
    kind = request.order_type
    if kind is OrderType.MARKET or (kind is OrderType.LIMIT and _trades(request, quote, at)):
        return Holding(Hold.RELEASE, is_behind_exits=True)
    return Holding(Hold.PRICE, is_behind_exits=True)


def _can_wait(request: OrderRequest) -> bool:
    return request.time_in_force not in IMMEDIATE and not request.extended_hours


def _trades(request: OrderRequest, quote: QuoteRecord | None, at: Nanos) -> bool:
    """Return whether a limit would trade at once; without a quote to tell, it would: it must not wait for ever."""
    if quote is None or not quote.usable or quote.bid is None or quote.ask is None or request.limit_price is None:
        return True
    if not is_fresh(quote.received_at, quote.valid_until, None, at):
        return True
    return request.limit_price <= quote.bid if request.side is Side.SELL else request.limit_price >= quote.ask


def _reduces(account: AccountState, request: OrderRequest) -> bool:
    position = account.positions.get(request.instrument_id)
    if position is None:
        return False
    return position.qty > 0 if request.side is Side.SELL else position.qty < 0
