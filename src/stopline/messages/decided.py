"""Which client_order_ids a record decided: what the journal's unique index keeps for ever."""

from collections.abc import Iterable

from stopline.messages.events import Event, OrderApproved, OrderDenied
from stopline.model.ids import AccountId, ClientOrderId


def decided_ids(events: Iterable[Event]) -> tuple[tuple[AccountId, ClientOrderId], ...]:
    """Return (account, client_order_id) of every order that these events approved or denied."""
    return tuple(
        (event.request.account, event.request.client_order_id)
        for event in events
        if isinstance(event, OrderApproved | OrderDenied)
    )
