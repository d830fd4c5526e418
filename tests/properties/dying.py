"""Worlds whose process dies after records that a test chooses, and a broker that does all it is asked.

A death leaves the journal; the market's quotes come again at once, as a feed would bring them.
"""

from collections import Counter
from collections.abc import Callable
from typing import Any

from stopline.engine.outcome import Outcome
from stopline.engine.valuation import revalue_all
from stopline.messages import effects as f
from stopline.messages import inputs as i
from stopline.messages import replies as r
from stopline.model.order import OrderState, OrderType
from stopline.state.orders import OrderRecord
from tests.build import World


class Dying(World):
    """A world that rises again after each record for which `dies` says so; `lost`: before anything of it was sent."""

    dies: Callable[[int], bool] | None = None
    is_lost = False
    deaths = 0

    def step(self, message: i.Input) -> r.Reply | None:
        reply = super().step(message)
        dies, outcome = self.dies, self.outcome
        if dies is not None and outcome.events and dies(len(self.records)):
            self.dies = None
            self.rise(outcome)
            self.deaths += 1
            self.outcome, self.dies = outcome, dies
        return reply

    def rise(self, outcome: Outcome) -> None:
        """Die, fold the journal, start, hear the market and the broker."""
        quotes = self.state.market.quotes
        self.restart()
        self.state.market.quotes = quotes
        revalue_all(self.state)
        self.connect()
        if self.is_lost:
            for effect in outcome.effects:
                if isinstance(effect, f.PlaceOrder):
                    self.effects.remove(effect)
                    self.forget(effect.order.request.account, effect.order.routed_order_id)
        for name in self.state.accounts:
            self.reconcile(name)

    def forget(self, account: str, routed: str) -> None:
        """The broker never heard of an order, and says so."""
        self.step(i.OrderGone(account=account, routed_order_id=routed, outcome="expired", cum_qty=0))


def picture(world: World) -> dict[str, Any]:
    """Return what must not depend on deaths, of every account."""
    return {name: _picture(world, name) for name in world.state.accounts}


def _picture(world: World, name: str) -> dict[str, Any]:
    account = world.account(name)
    locks = {key: (each.state, each.until, each.keeps_flat) for key, each in account.restrictions.items()}
    owed = sorted((each.kind.value, each.instrument_id, each.qty) for each in account.obligations.values())
    if not account.live and not any(each.qty for each in account.positions.values()):
        # Whoever rises asks the broker, who says that it is flat: it is known a little sooner.
        locks.pop("flatten", None)
        owed = [each for each in owed if each[0] != "flatten"]
    return {
        "positions": {each.instrument_id: each.qty for each in account.positions.values() if each.qty},
        "locks": locks,
        "owed": owed,
        "breaches": sorted(account.breaches),
        "live": Counter(_terms(order) for order in account.live.values()),
    }


def _terms(order: OrderRecord) -> tuple[str, str, int]:
    return order.request.instrument_id, order.request.side.value, order.leaves_qty


def sent(world: World) -> Counter[tuple[str, str, int, str]]:
    """Return what went to the broker, how often."""
    asked = (effect.order.request for effect in world.effects if isinstance(effect, f.PlaceOrder))
    return Counter((each.instrument_id, each.side.value, each.order_qty, each.order_type.value) for each in asked)


def price_of(world: World, instrument_id: str) -> str | int:
    """Return what something trades at: its mark, or a hundred."""
    quote = world.state.market.quotes.get(instrument_id)
    return "100" if quote is None or quote.mark is None else quote.mark


def obey(world: World) -> None:
    """Let the broker do all it was asked: cancels end, closes at market fill whole, everything else works."""
    for name in world.state.accounts:
        world.who = name
        for order in list(world.account().live.values()):
            cid = order.client_order_id
            if not order.is_live or not order.is_at_broker:
                continue
            if order.state is OrderState.PENDING_CANCEL:
                world.gone(cid)
            elif order.broker_type is OrderType.MARKET:
                world.fill(cid, order.leaves_qty, price_of(world, order.request.instrument_id))
            elif order.state is not OrderState.WORKING:
                world.accept(cid)
        world.reconcile()
    world.who = "A1"


def settle(world: World, *, within: int = 20) -> int:
    """Let time pass and the broker obey until nothing is owed; return how many rounds that took."""
    for rounds in range(within):
        if not any(account.obligations for account in world.state.accounts.values()):
            return rounds
        obey(world)
        world.wait("61" if rounds % 4 == 3 else "2")
    return within
