"""Ways out that take more than one input: cancel all that works; cancel, confirm, then close, until all is flat.

Nothing here decides: every cancel and every close is an input, answered by `step` and its
gate. An order in the way of a close (the account's own stop) is canceled only where the
close may follow, so that no position loses its protection for nothing.

Source     semantics.md sections 3 and 4; reliability.md 2.1 (cancel-confirm-then-close), F43; ux.md pitfalls 1 and 2.
"""

from msgspec import Struct

from stopline.messages.inputs import CancelOrder
from stopline.messages.replies import Refused
from stopline.model.ids import AccountId, ClientOrderId
from stopline.model.order import OrderState
from stopline.ports.desk import Desk

GONE_MEANWHILE = "order_not_working"


class Canceled(Struct, frozen=True):
    """Orders whose cancel is on its way, and those whose cancel was refused."""

    asked: list[ClientOrderId]
    refused: list[ClientOrderId]


async def cancel_all(desk: Desk, account: AccountId, *, actor: str) -> Canceled:
    """Ask for a cancel of every live order of an account; what is being canceled already is not asked again."""
    live = await desk.look(
        lambda state, at: [
            order.client_order_id
            for order in state.accounts[account].live.values()
            if order.state is not OrderState.PENDING_CANCEL
        ]
    )
    canceled = Canceled([], [])
    for client_order_id in live:
        reply = await desk.ask(CancelOrder(account=account, client_order_id=client_order_id, actor=actor))
        if not isinstance(reply, Refused):
            canceled.asked.append(client_order_id)
        elif reply.code != GONE_MEANWHILE:
            canceled.refused.append(client_order_id)
    return canceled
