"""Which orders a query names."""

from stopline.dialects.alpaca.query import OrdersQuery
from stopline.doors.alpaca.times import moment
from stopline.state.account import AccountState
from stopline.state.orders import OrderRecord
from stopline.views.held import leg_ids
from stopline.views.wire import symbol_of


def select(account: AccountState, query: OrdersQuery) -> list[OrderRecord]:
    """Return the orders of a query, in its order: what lives, and what ended within two trading days.

    Nested, legs come under their parents and not beside them.
    """
    known = [*account.ended_before.values(), *account.ended.values(), *account.live.values()]
    found = [order for order in known if _is_meant(account, order, query)]
    found.sort(key=lambda order: (order.seq, order.parent), reverse=query.direction == "desc")
    return found[: query.limit]


def _is_meant(account: AccountState, order: OrderRecord, query: OrdersQuery) -> bool:
    if query.nested and order.parent:
        return False
    if query.symbols and symbol_of(order.request.instrument_id) not in query.symbols:
        return False
    if query.side and order.request.side != query.side:
        return False
    at = moment(order.approved_at)
    if query.after is not None and at <= query.after:
        return False
    if query.until is not None and at > query.until:
        return False
    is_open = order.is_live or (query.nested and any(leg in account.live for leg in leg_ids(order.request)))
    return query.status == "all" or is_open is (query.status == "open")
