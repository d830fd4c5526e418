"""Alpaca's requests as inputs of the engine."""

from msgspec import structs

from stopline.config.settings import DoorBot
from stopline.dialects.alpaca.create import CreateOrder
from stopline.dialects.alpaca.defects import defect
from stopline.dialects.alpaca.errors import Refused
from stopline.dialects.alpaca.exact_json import Malformed
from stopline.dialects.alpaca.refusals import unprocessable
from stopline.dialects.alpaca.replace import ReplaceOrder as Change
from stopline.dialects.alpaca.words import Intent
from stopline.doors.alpaca.ids import new_client_order_id
from stopline.messages.inputs import ReplaceOrder, SubmitOrder
from stopline.model.order import OrderClass, Side
from stopline.state.orders import OrderRecord

_CLOSES = {Intent.BUY_TO_CLOSE: Side.BUY, Intent.SELL_TO_CLOSE: Side.SELL}
_SIDES = _CLOSES | {Intent.BUY_TO_OPEN: Side.BUY, Intent.SELL_TO_OPEN: Side.SELL}


def to_submit(order: CreateOrder, bot: DoorBot) -> SubmitOrder:
    """Return the order that a bot asks for; raises Refused and Malformed for what is none."""
    wrong = defect(order)
    if wrong is not None:
        raise Refused(wrong)
    intent = order.position_intent
    if intent is not None and _SIDES[intent] is not order.side:
        raise Malformed(f"position_intent: {intent} does not go with side {order.side}")
    if not (order.client_order_id.isascii() and order.client_order_id.isprintable()):
        raise Malformed("client_order_id must be printable ASCII")
    order = _target_is_the_order(order)
    return SubmitOrder(
        account=bot.account,
        client_order_id=order.client_order_id or new_client_order_id(),
        symbol=order.symbol,
        side=order.side,
        order_qty=order.qty or 0,
        order_type=order.order_type,
        limit_price=order.limit_price,
        stop_price=order.stop_price,
        time_in_force=order.time_in_force,
        extended_hours=order.extended_hours,
        reduce_only=intent in _CLOSES,
        order_class=order.order_class,
        notional=order.notional,
        trail_amount=order.trail_price,
        trail_percent=order.trail_percent,
        take_profit=order.take_profit,
        stop_loss=order.stop_loss,
        stop_loss_limit=order.stop_loss_limit,
        actor=bot.name,
        client=bot.name,
    )


def _target_is_the_order(order: CreateOrder) -> CreateOrder:
    """Return an oco as the engine has it: its target is the limit order itself."""
    if order.order_class is not OrderClass.OCO:
        return order
    return structs.replace(order, limit_price=order.take_profit, take_profit=None)


def to_replace(change: Change, order: OrderRecord, bot: DoorBot) -> ReplaceOrder:
    """Return the change that a bot asks for; raises Refused for what cannot be changed here."""
    request = order.request
    if change.client_order_id not in (None, "", request.client_order_id):
        raise Refused(unprocessable("client_order_id: an order keeps its own when it is replaced here"))
    if change.time_in_force not in (None, request.time_in_force):
        raise Refused(unprocessable("time_in_force: cancel the order and send another"))
    if change.trail not in (None, request.trail_amount):
        raise Refused(unprocessable("trail: cancel the order and send another"))
    if all(each is None for each in (change.qty, change.limit_price, change.stop_price)):
        raise Malformed("qty, limit_price or stop_price: give at least one")
    return ReplaceOrder(
        account=bot.account,
        client_order_id=request.client_order_id,
        order_qty=change.qty,
        limit_price=change.limit_price,
        stop_price=change.stop_price,
        actor=bot.name,
    )
