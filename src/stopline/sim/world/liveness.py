"""The second phase: nothing is wrong any more, and everything that is due must come."""

from typing import TYPE_CHECKING

from stopline.messages import inputs as i
from stopline.model.numbers import SECOND
from stopline.sim.world.mischief import calm
from stopline.sim.world.plan import MINUTE
from stopline.sim.world.violation import demand
from stopline.state.account import AccountState
from stopline.state.state import State

if TYPE_CHECKING:
    from stopline.sim.world.world import World

TO_AGREE = 40 * MINUTE
TO_CLOSE = 30 * MINUTE
TWO_RECONCILES = 11 * MINUTE
MOST_RULES = 3
"""How often what a rule owes may fall due in the rest before."""


def come_to_rest(world: "World") -> None:
    """Let everything come to its end. Raises Violated where it does not."""
    world.tell("from now on nothing is wrong")
    calm(world)
    world.is_calm = True
    _pass(world, TO_AGREE)
    _rest(world)
    for _ in range(MOST_RULES):
        if not any(account.obligations for account in _state(world).accounts.values()):
            break
        _pass(world, TO_CLOSE)  # a rule fired while nothing was quoted
        _rest(world)
    state = _state(world)
    for account in state.accounts.values():
        _demand_agreement(world, account)
    _close_all(world)
    _stop(world)


def _pass(world: "World", span: int) -> None:
    """Let time pass, with quotes and with somebody who releases what is latched."""
    until = world.timeline.now + span
    while world.timeline.now < until:
        world.start_process()
        world.run_until(world.timeline.now + 20 * SECOND)
        world.quote_all()
        world.let_go_on()
        world.demand_answers()


def _rest(world: "World") -> None:
    """Let two reconciles pass in which nothing trades: what was on its way arrives."""
    world.run_until(world.timeline.now + TWO_RECONCILES)


def _state(world: "World") -> State:
    process = world.process
    demand(process is not None and process.is_open, "I20 no process decides although nothing is wrong")
    assert process is not None and process.system is not None
    return process.system.loop.state


def _demand_agreement(world: "World", account: AccountState) -> None:
    """I06: positions, orders and cash are the broker's, and nothing holds the account back."""
    name, house = account.terms.account, world.house
    for each in world.instruments:
        ours = account.positions[each.instrument_id].qty if each.instrument_id in account.positions else 0
        theirs = house.holding(name, each.instrument_id).qty
        demand(ours == theirs, f"I06 {name} {each.instrument_id}: we hold {ours}, the broker {theirs}")
    ours_working = {order.routed_order_id: str(order.state) for order in account.live.values() if order.is_at_broker}
    theirs_working = {order.terms.order_id for order in house.working(name)}
    demand(
        set(ours_working) == theirs_working,
        f"I06 {name}: working here {ours_working}, at the broker {sorted(theirs_working)}",
    )
    demand(account.cash == house.cash(name), f"I06 {name}: our cash {account.cash}, the broker's {house.cash(name)}")
    demand(not account.obligations, f"I11 {name} still has to: {list(account.obligations.values())}")
    now = world.timeline.now
    held = {key: each.reason for key, each in account.restrictions.items() if each.until <= now}
    demand(not held, f"I06 {name} is still {account.trading_state}: {held}")


def _close_all(world: "World") -> None:
    """Demand that every account gets out of everything (semantics.md section 3: an exit always exists)."""
    ends_at = world.timeline.now + TO_CLOSE
    while world.timeline.now < ends_at:
        process = world.process
        state = _state(world)
        assert process is not None
        busy = [a for a in state.accounts.values() if a.live or any(p.qty for p in a.positions.values())]
        if not busy:
            break
        for account in busy:
            for order in account.live.values():
                if str(order.state) != "pending_cancel":
                    world.traders.ask(
                        process, i.CancelOrder(account=account.terms.account, client_order_id=order.client_order_id)
                    )
            if not account.live:
                world.traders.ask(process, i.Flatten(account=account.terms.account, reason="the end"))
        _pass(world, 40 * SECOND)
    _rest(world)
    for account in _state(world).accounts.values():
        name = account.terms.account
        held = {p.instrument_id: p.qty for p in account.positions.values() if p.qty}
        demand(not held and not account.live, f"I11 {name} does not get out: holds {held}, works {list(account.live)}")
        for position in account.positions.values():
            sums = (position.working_buys, position.working_sells, position.buy_money, position.sell_money)
            demand(not any(sums), f"I08 {name} {position.instrument_id}: {sums} is reserved for nothing")
        _demand_agreement(world, account)


def _stop(world: "World") -> None:
    """Stop in order, start again from the snapshot, and demand that both come to what the journal says (I12)."""
    process = world.process
    assert process is not None and process.system is not None
    world.watch.compare(process.system.loop.state)
    process.leave()
    _pass(world, 2 * MINUTE)
    state = _state(world)
    assert world.process is not None and world.process.system is not None
    demand(world.process is not process, "I20 the process does not stop when it is told to")
    if world.process.system.loop.is_quiet:
        world.watch.compare(state)
