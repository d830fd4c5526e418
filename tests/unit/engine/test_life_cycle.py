"""An order's life is one table: every (state, signal) pair against a table written by hand (semantics.md section 8)."""

import pytest

from stopline.messages import inputs as i
from stopline.model.order import LIVE, STOPLINE_HOLDS, TERMINAL, TRANSITIONS, OrderSignal, OrderState
from tests.build import World, qty

COLUMNS = """
    send accept partial_fill fill request_cancel reject_cancel cancel
    request_replace replace reject_replace reject expire lose_track reopen hold trigger release
""".split()

# `=` the state stays, `-` the signal is stale and says nothing.
BY_HAND = """
held              -    -       =                filled -              -       canceled -               =              -       rejected expired -       -       =    pending_release approved
approved          sent working partially_filled filled pending_cancel =       canceled -               working        =       rejected expired unknown -       held -               -
sent              =    working partially_filled filled pending_cancel =       canceled -               working        =       rejected expired unknown -       held -               -
working           =    =       partially_filled filled pending_cancel =       canceled pending_replace =              =       rejected expired unknown -       held -               -
partially_filled  =    =       =                filled pending_cancel =       canceled pending_replace working        =       rejected expired unknown -       held -               -
pending_cancel    =    =       =                filled =              working canceled -               =              =       rejected expired unknown -       held -               -
pending_replace   =    =       =                filled pending_cancel =       canceled -               working        working rejected expired unknown -       held -               -
pending_release   -    -       =                filled -              -       canceled -               =              -       rejected expired -       -       held =               approved
unknown           =    working =                filled pending_cancel =       canceled -               working        =       rejected expired =       -       held -               -
filled            -    -       -                -      -              -       -        -               -              -       -        -       -       unknown -    -               -
canceled          -    -       =                filled -              -       -        -               -              -       -        -       -       -       -    -               -
expired           -    -       =                filled -              -       -        -               -              -       -        -       -       -       -    -               -
rejected          -    -       =                filled -              -       -        -               -              -       -        -       -       -       -    -               -
"""  # noqa: E501  a table is read in columns


def by_hand() -> dict[tuple[OrderState, OrderSignal], OrderState | None]:
    expected = {}
    for line in BY_HAND.strip().splitlines():
        name, *cells = line.split()
        state = OrderState(name)
        for column, cell in zip(COLUMNS, cells, strict=True):
            after = None if cell == "-" else state if cell == "=" else OrderState(cell)
            expected[state, OrderSignal(column)] = after
    return expected


EXPECTED = by_hand()


def test_the_table_by_hand_is_complete():
    assert EXPECTED.keys() == {(state, signal) for state in OrderState for signal in OrderSignal}


@pytest.mark.parametrize(("state", "signal"), EXPECTED, ids=[f"{s}-{g}" for s, g in EXPECTED])
def test_transition(state, signal):
    assert TRANSITIONS.get((state, signal)) == EXPECTED[state, signal]


def test_every_state_is_live_or_terminal():
    assert set(OrderState) == LIVE | TERMINAL
    assert not LIVE & TERMINAL
    assert {str(state) for state in TERMINAL} == {"filled", "canceled", "expired", "rejected"}


def test_only_proof_ends_an_order():
    ends = {signal for (state, signal), after in TRANSITIONS.items() if state in LIVE and after in TERMINAL}
    assert ends == {
        OrderSignal.FILL,
        OrderSignal.CANCEL,
        OrderSignal.EXPIRE,
        OrderSignal.REJECT,
    }


# --- the same through the door ------------------------------------------


def put_into(world: World, state: str) -> None:
    """Bring order B1 (10 to buy) into a state by the inputs that lead there."""
    world.buy("10", limit="100", id="B1")
    steps = {
        "approved": [],
        "sent": [world.sent],
        "working": [world.sent, world.accept],
        "partially_filled": [world.accept, lambda cid: world.fill(cid, "4", "100")],
        "pending_cancel": [world.accept, world.cancel],
        "pending_replace": [world.accept, lambda cid: world.replace(cid, "12")],
        "unknown": [world.sent, world.lose],
        "filled": [lambda cid: world.fill(cid, "10", "100")],
        "canceled": [world.accept, world.gone],
        "expired": [world.accept, lambda cid: world.gone(cid, "expired")],
        "rejected": [world.reject],
    }
    for go in steps[state]:
        go("B1")
    assert world.order("B1").state == state


REPORTS = {
    "send": lambda world: world.sent("B1"),
    "accept": lambda world: world.accept("B1"),
    "partial_fill": lambda world: world.fill("B1", "1", "100"),
    "fill": lambda world: world.fill("B1", "12", "100"),
    "request_cancel": lambda world: world.cancel("B1"),
    "reject_cancel": lambda world: world.refuse_cancel("B1"),
    "cancel": lambda world: world.gone("B1"),
    "request_replace": lambda world: world.replace("B1", "12"),
    "replace": lambda world: world.amend("B1", "12"),
    "reject": lambda world: world.reject("B1"),
    "expire": lambda world: world.gone("B1", "expired"),
    "lose_track": lambda world: world.lose("B1"),
}
REACHABLE = [state for state in OrderState if state not in STOPLINE_HOLDS]
"""By these inputs; what Stopline holds is in test_held_orders.py."""


@pytest.mark.parametrize("state", REACHABLE)
@pytest.mark.parametrize("signal", REPORTS)
def test_reports_move_orders_by_the_table(state, signal):
    world = World()
    put_into(world, state)
    cum = world.order("B1").cum_qty
    REPORTS[signal](world)
    order = world.order("B1")
    assert order.state == (EXPECTED[state, OrderSignal(signal)] or state)
    if signal in ("partial_fill", "fill"):
        assert order.cum_qty > cum, "a fill is booked in whatever state it finds the order"
        assert world.position().qty == order.cum_qty
    world.assert_replays()


@pytest.mark.parametrize("state", REACHABLE)
@pytest.mark.parametrize("signal", [name for name in REPORTS if "fill" not in name])
def test_the_same_report_twice_says_nothing_the_second_time(state, signal):
    world = World()
    put_into(world, state)
    REPORTS[signal](world)
    before = world.order("B1").state
    REPORTS[signal](world)
    told = [event for event in world.said if type(event).__name__ not in ("AlertRaised",)]
    assert world.order("B1").state == before
    assert told == []


ANSWERS = ("accept", "reject_cancel", "cancel", "replace", "reject", "expire", "lose_track")


@pytest.mark.parametrize("state", REACHABLE)
def test_of_an_order_that_is_over_no_report_but_a_fill_says_anything(state):
    """Who tells the engine of such an order again (a broker at a start) may as well not."""
    world = World()
    put_into(world, state)
    assert world.account().is_over(world.routed("B1")) is (state in TERMINAL)
    if state in TERMINAL:
        for signal in ANSWERS:
            REPORTS[signal](world)
            assert world.said == (), signal


def test_nothing_is_over_of_an_order_that_nobody_knows():
    account = World().account()
    assert not account.is_over("sl9-9")
    assert not account.has_fill("x")


def test_a_fill_is_known_for_two_trading_days():
    world = World()
    exec_id = world.hold("10")
    found = [world.account().has_fill(exec_id)]
    for _ in range(2):
        world.next_session()
        found.append(world.account().has_fill(exec_id))
    assert found == [True, True, False]


def test_leaves_are_reserved_while_it_lives_and_released_exactly():
    world = World()
    for state in REACHABLE:
        world = World()
        put_into(world, state)
        order, position = world.order("B1"), world.position()
        if state in TERMINAL:
            assert (position.working_buys, position.buy_money) == (0, 0)
            assert order.leaves_qty == 0
        elif state is OrderState.PENDING_REPLACE:
            assert position.working_buys == qty("22")
        else:
            assert position.working_buys == order.leaves_qty == qty("10") - order.cum_qty


def test_a_report_of_an_order_that_nobody_knows_is_told():
    world = World()
    world.step(i.OrderAccepted(account="A1", routed_order_id="sl9-9"))
    assert [type(event).__name__ for event in world.said] == ["AlertRaised"]
    assert world.said[0].alert_type == "UNKNOWN_ORDER_REPORT"
