"""What happens at the broker beside Stopline: late fills, busts, corrections, other people's trades and orders."""

from typing import TYPE_CHECKING

from stopline.model.numbers import QTY_ONE
from stopline.model.order import Side
from stopline.sim.world.house import House
from stopline.sim.world.plan import HOUR, Act
from stopline.sim.world.trouble import Trouble as T

if TYPE_CHECKING:
    from stopline.sim.world.world import World


def _account(world: "World", act: Act) -> str:
    return world.accounts[act.account]


def late_fill(world: "World", act: Act) -> None:
    """Let the next of an account's canceled orders that is at hand have filled after all."""
    account, at, house = _account(world, act), world.timeline.now, world.house
    assert isinstance(house, House)
    canceled = [
        order
        for order in house.books[account].orders.values()
        if order.outcome == "canceled" and order.terms.leaves_qty > 0 and not order.is_external
    ]
    if not canceled:
        world.reach.note("trouble without a subject")
        return
    order = canceled[-1 - act.numbers[0] % min(len(canceled), 3)]
    house.fill_after_cancel(account, order, world.prices.mid(order.terms.instrument_id, at), at)


def take_back(world: "World", act: Act) -> None:
    """Bust or correct an execution of the last hours."""
    account, at, house = _account(world, act), world.timeline.now, world.house
    assert isinstance(house, House)
    book = house.books[account]
    recent = [f for f in book.fills if f.qty and f.exec_id not in book.voided and f.executed_at > at - 20 * HOUR]
    if not recent:
        world.reach.note("trouble without a subject")
        return
    fill = recent[act.numbers[0] % len(recent)]
    if act.trouble is T.BUST:
        house.bust(account, fill, at)
    else:
        tick = world.prices.marks[fill.instrument_id].instrument.tick_size
        qty = max(fill.qty - act.numbers[1] % 2 * QTY_ONE, QTY_ONE)
        house.correct(account, fill, qty, fill.price + (act.numbers[2] % 9 - 4) * tick, at)


def outside_fill(world: "World", act: Act) -> None:
    """Let somebody trade on an account beside Stopline."""
    name, at = world.instruments[act.instrument].instrument_id, world.timeline.now
    side = Side.BUY if act.numbers[0] % 2 else Side.SELL
    qty = (1 + act.numbers[1] % 9) * QTY_ONE
    world.house.trade_outside(_account(world, act), name, side, qty, world.prices.mid(name, at), at)


def outside_order(world: "World", act: Act) -> None:
    """Let somebody place an order on an account beside Stopline."""
    name, at = world.instruments[act.instrument].instrument_id, world.timeline.now
    side = Side.BUY if act.numbers[0] % 2 else Side.SELL
    away = (act.numbers[1] % 20 - 5) * world.instruments[act.instrument].tick_size
    price = world.prices.mid(name, at) + (-away if side is Side.BUY else away)
    world.house.order_outside(_account(world, act), name, side, (1 + act.numbers[2] % 4) * QTY_ONE, price, at)
