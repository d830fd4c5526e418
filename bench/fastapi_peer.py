"""The peer of P8 and P9: the same order through FastAPI and pydantic, decided in process, nothing on disk."""

import sys
from decimal import Decimal

import uvicorn
from fastapi import FastAPI
from pydantic import BaseModel, ConfigDict

from bench.worlds import Bench, roomy
from stopline.engine.step import step
from stopline.messages import inputs as i
from stopline.messages.replies import Decided
from stopline.model.numbers import PRICE_ONE, QTY_ONE
from stopline.model.order import OrderType, Side


class Order(BaseModel):
    """The body of POST /api/order."""

    model_config = ConfigDict(extra="forbid")

    client_order_id: str
    symbol: str
    side: str
    quantity: Decimal
    price: Decimal
    order_type: str
    time_in_force: str = "DAY"
    account: str = "A0"


class Accepted(BaseModel):
    """The answer."""

    account: str
    client_order_id: str
    symbol: str
    side: str
    order_type: str
    order_qty: str
    limit_price: str
    state: str
    decision_id: str
    routed_order_id: str


world = Bench(limits=roomy())
app = FastAPI()


@app.post("/api/order", status_code=201)
async def submit(order: Order) -> Accepted:
    """Decide one order."""
    world.at += 1000
    message = i.SubmitOrder(
        account=order.account,
        client_order_id=order.client_order_id,
        symbol=order.symbol,
        side=Side(order.side.lower()),
        order_qty=int(order.quantity * QTY_ONE),
        order_type=OrderType(order.order_type.lower()),
        limit_price=int(order.price * PRICE_ONE),
    )
    reply = step(world.state, message, world.at).reply
    assert isinstance(reply, Decided)
    decision = reply.decision
    return Accepted(
        account=order.account,
        client_order_id=order.client_order_id,
        symbol=order.symbol,
        side=order.side,
        order_type=order.order_type,
        order_qty=str(order.quantity),
        limit_price=str(order.price),
        state="approved",
        decision_id=decision.decision_id,
        routed_order_id=getattr(decision, "routed_order_id", ""),
    )


if __name__ == "__main__":
    config = uvicorn.Config(
        app,
        host="127.0.0.1",
        port=int(sys.argv[1]),
        loop="uvloop",
        http="httptools",
        log_level="warning",
        access_log=False,
    )
    uvicorn.Server(config).run()
