"""200 clients, each with an order that passes alone: together they never pass a limit (issue 2, must be shown 4).

The engine takes one input after another, so what can differ is the order in which they
arrive, and when fills, cancels, rejections and lost answers come between them.
"""

from random import Random

import pytest

from stopline.messages import events as e
from stopline.messages import inputs as i
from stopline.messages import replies as r
from stopline.model.limits import Limits
from stopline.model.order import Side
from stopline.state.orders import OrderRecord
from tests.build import World, denied_by, money, qty, ratio
from tests.invariants import held_by

CLIENTS = 200
TIGHT_IN = {
    "units": Limits(max_position_qty=qty("70")),
    "money": Limits(max_position=money("7000")),
    "leverage": Limits(leverage=ratio("0.35"), buying_power=True),
    "all": Limits(max_position_qty=qty("80"), max_position=money("9000"), leverage=ratio("0.4"), buying_power=True),
}
SYMBOLS = ("AAPL", "TSLA", "MSFT")


class Crowd:
    """All clients, the orders they want to send, and what the broker does meanwhile."""

    def __init__(self, seed: int, limits: Limits) -> None:
        self.rng, self.limits = Random(seed), limits
        self.world = World(limits=limits, cash="50000", strict=False)
        for symbol in SYMBOLS:
            self.world.quote(symbol, "99", "101")
        self.wanted = [self._order(n) for n in range(CLIENTS)]
        self.accepted = 0

    def _order(self, n: int) -> i.SubmitOrder:
        rng = self.rng
        terms = {"id": f"client-{n}", "client": f"c{n}", "actor": rng.choice(["local", "ann"])}
        if rng.random() < 0.8:
            terms["limit"] = str(rng.randint(90, 110))
        return self.world.asking(rng.choice(list(Side)), str(rng.randint(1, 40)), rng.choice(SYMBOLS), **terms)

    def run(self) -> None:
        self.rng.shuffle(self.wanted)
        for asked in self.wanted:
            reply = self.world.step(asked)
            if isinstance(reply, r.Refused):
                assert reply.code == "protective_order_working", reply
                continue
            assert isinstance(reply, r.Decided)
            self.accepted += isinstance(reply.decision, e.OrderApproved)
            self.look()
            while self.rng.random() < 0.6 and (live := self.at_broker()):
                self._something_happens(self.rng.choice(live))
                self.look()

    def at_broker(self) -> list[OrderRecord]:
        return [order for order in self.world.account().live.values() if order.is_at_broker]

    def _something_happens(self, order: OrderRecord) -> None:
        world, cid, rng = self.world, order.client_order_id, self.rng
        match rng.randrange(7):
            case 0 | 1:
                part = rng.randint(1, max(order.leaves_qty // qty("1"), 1))
                # At the worst price that was reserved: a limit may also be passed by price alone.
                world.fill(cid, str(part), order.limit_price or "100")
            case 2:
                world.cancel(cid)
            case 3:
                world.gone(cid)
            case 4:
                world.reject(cid)
            case 5:
                world.lose(cid)
            case 6:
                world.accept(cid)
                world.replace(cid, str(rng.randint(1, 40)))
                if order.pending is not None and rng.random() < 0.8:
                    (world.amend if rng.random() < 0.5 else world.refuse_replace)(cid)

    def look(self) -> None:
        """Count everything out from the fills and the live orders: no way of filling passes a limit."""
        account, gross = self.world.account(), 0
        for symbol in SYMBOLS:
            instrument_id = self.world.state.symbols[symbol]
            instrument, held = self.world.state.instruments[instrument_id], self.world.position(symbol).qty
            fills = [booked.fill for booked in account.fills.values() if booked.fill.instrument_id == instrument_id]
            assert held == sum(fill.qty if fill.side is Side.BUY else -fill.qty for fill in fills)
            ends = []
            for side, sign in ((Side.BUY, 1), (Side.SELL, -1)):
                orders = [
                    held_by(order, instrument)
                    for order in account.live.values()
                    if (order.request.instrument_id, order.request.side) == (instrument_id, side)
                ]
                size, value = sum(one[0] for one in orders), sum(one[1] for one in orders)
                assert abs(held + sign * size) <= (self.limits.max_position_qty or 10**18)
                ends.append(abs(held * 100 // 10 + sign * value))  # the mark stays at 100
            assert max(ends) <= (self.limits.max_position or 10**18)
            gross += max(ends)
        equity = account.equity()
        assert equity is not None
        # What was bought above the mark, or sold below it, has cost some equity since.
        assert gross <= (equity + money("1500")) * (self.limits.leverage or 10**9) // 10**6


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("tight_in", TIGHT_IN)
def test_orders_that_pass_alone_never_pass_the_limit_together(seed, tight_in):
    crowd = Crowd(seed, TIGHT_IN[tight_in])
    alone = [asked for asked in crowd.wanted if denied_by(crowd.world.step(i.CheckOrder(order=asked))) == ""]
    assert len(alone) == CLIENTS, "each of them passes alone"
    crowd.run()
    assert 10 < crowd.accepted < CLIENTS, "some must be turned away"
    crowd.world.assert_replays()


@pytest.mark.parametrize("seed", range(2))
def test_whoever_comes_first_the_books_close_with_nothing_reserved(seed):
    crowd = Crowd(seed, TIGHT_IN["all"])
    crowd.run()
    while crowd.world.account().live:
        for cid in list(crowd.world.account().live):
            crowd.world.cancel(cid)
        for order in crowd.at_broker():
            crowd.world.gone(order.client_order_id)
    for position in crowd.world.account().positions.values():
        assert (position.working_buys, position.working_sells) == (0, 0)
        assert (position.buy_money, position.sell_money, position.unvalued_orders) == (0, 0, 0)
        assert (position.exit_buys, position.exit_sells, position.resting_buys, position.resting_sells) == (
            0,
            0,
            {},
            {},
        )
    assert crowd.world.account().unfilled_entries == 0
