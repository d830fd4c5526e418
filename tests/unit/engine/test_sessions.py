"""Trading days, baselines and generations of ids (semantics.md sections 1, 9 and 12)."""

import pytest
from msgspec import structs

from stopline.messages import events as e
from stopline.messages import inputs as i
from stopline.messages import replies as r
from stopline.model.limits import Limits
from stopline.model.numbers import SECOND
from stopline.model.rules import DrawdownKind, MaxDrawdownTerms, Rules
from tests.build import DAY, OPENS, START, World, denied_by, money, qty, usd


def opened(world: World) -> e.SessionOpened:
    (event,) = world.journal(e.SessionOpened)[-1:]
    return event


# --- baselines ------------------------------------------


def test_the_first_session_opens_on_the_cash():
    world = World(cash="12345.67")
    assert (opened(world).source, usd(opened(world).baseline)) == ("opening_cash", "12345.67")
    assert world.account().day.session.session_id == "2026-01-06"
    assert world.pnl() == ("0.00", "0.00", "0.00")


def test_a_flat_account_is_observed_however_late():
    world = World()
    world.hold("10", price="100")
    world.hold("-10", price="90")
    world.next_session(late_s=7_200)
    assert (opened(world).source, usd(opened(world).baseline)) == ("observed", "99900.00")


@pytest.mark.parametrize("late_s", [0, 60])
def test_a_carried_position_is_observed_at_its_mark(late_s):
    world = World()
    world.hold("10", price="90")
    world.quote("AAPL", "100")
    world.next_session(late_s=late_s)
    event = opened(world)
    assert (event.source, usd(event.baseline)) == ("observed", "100100.00")
    assert event.marks == (("eq:US:AAPL", money("100")),)
    assert usd(world.position().session_cost) == "1000.00"
    assert usd(world.position().cost) == "900.00"
    assert world.pnl() == ("0.00", "0.00", "0.00")


@pytest.mark.parametrize(("marks", "late_s"), [(0, 0), (1, 61), (2, 61)])
def test_one_bad_quote_at_the_reset_moves_no_floor(marks, late_s):
    """Neither at the reset itself, nor where it was marked down just before (and the reset was missed)."""
    world = World()
    floor = MaxDrawdownTerms(kind=DrawdownKind.END_OF_DAY, loss_limit=money("200"))
    world.step(i.ChangeRules(account="A1", rules=Rules(max_drawdown=floor)))
    world.next_session()
    world.hold("10", price="100")
    for _ in range(2):
        world.quote("AAPL", "100")
    world.step(i.MarkPnl())
    world.quote("AAPL", "150")
    for _ in range(marks):
        world.step(i.MarkPnl())
    world.next_session(late_s=late_s)
    assert usd(opened(world).baseline) == "100000.00"
    for _ in range(2):
        world.quote("AAPL", "100")
    assert (world.trading, usd(world.account().history.peak_close)) == ("active", "100000.00")
    world.assert_replays()


def test_a_price_that_is_confirmed_is_the_open():
    world = World()
    world.hold("10", price="100")
    for price in ("100", "150", "150"):
        world.quote("AAPL", price)
        world.step(i.MarkPnl())
    world.next_session()
    assert usd(opened(world).baseline) == "100500.00"


def test_met_too_late_it_is_rebuilt_from_what_was_marked_last():
    world = World()
    world.hold("10", price="90")
    world.quote("AAPL", "100")
    world.step(i.MarkPnl())
    world.quote("AAPL", "104")
    world.next_session(late_s=61)
    event = opened(world)
    assert (event.source, usd(event.baseline)) == ("last_marked", "100100.00")
    assert world.pnl() == ("0.00", "40.00", "40.00")
    world.assert_replays()


def test_unknown_means_reducing_until_an_admin_states_it():
    world = World()
    world.hold("10", price="90")
    world.next_session()
    event = opened(world)
    assert (event.source, event.baseline) == ("unknown", None)
    assert world.trading == "reducing"
    assert [alert.alert_type for alert in world.of(e.AlertRaised)] == ["BASELINE_UNKNOWN"]
    world.quote("AAPL", "100")
    assert world.pnl() == (None, "100.00", None)
    assert denied_by(world.buy("1", limit="100")) == "trading_state"
    assert denied_by(world.sell("5", limit="100")) == ""
    world.restart()
    world.connect()
    world.reconcile()
    assert world.trading == "reducing"
    state = i.StateBaseline(account="A1", equity=money("100100"), reason="their web page", actor="ann")
    assert denied_by(world.step(state)) == ""
    assert world.trading == "active"
    world.quote("AAPL", "101")
    assert world.pnl()[2] == "10.00"
    assert denied_by(world.step(state)) == "not_allowed", "a baseline that is known never moves"
    world.assert_replays()


def test_the_next_session_lifts_it_if_it_can_be_observed():
    world = World()
    world.hold("10", price="90")
    world.next_session()
    world.quote("AAPL", "100")
    world.next_session()
    assert world.trading == "active"
    assert opened(world).source == "observed"


def test_a_daily_loss_limit_denies_while_the_baseline_is_unknown():
    world = World(limits=Limits(daily_loss=money("5000")))
    world.hold("10", price="90")
    world.next_session()
    world.quote("AAPL", "100")
    assert world.check("buy", "1", limit="100").findings[3].status == "denied"


def test_of_an_account_that_nobody_knows():
    world = World()
    assert denied_by(world.step(i.StateBaseline(account="nobody", equity=0))) == "unknown_account"
    session = world.account().day.session
    assert denied_by(world.step(i.SessionScheduled(account="nobody", session=session))) == "unknown_account"


def test_futures_open_on_their_unrealized():
    world = World()
    world.hold("2", "ES2026-12", price="6900")
    world.quote("ES2026-12", "6910")
    world.next_session()
    assert usd(opened(world).baseline) == "101000.00"
    world.quote("ES2026-12", "6905")
    assert world.pnl() == ("0.00", "-500.00", "-500.00")
    world.hold("-2", "ES2026-12", price="6905")
    assert world.pnl() == ("-500.00", "0.00", "-500.00")
    assert usd(world.position("ES2026-12").realized_entry) == "500.00"
    assert usd(world.position("ES2026-12").realized_session) == "-500.00"


@pytest.mark.parametrize("fifo", [False, True])
def test_carried_and_new_lots_on_the_session_basis(fifo):
    world = World(fifo=fifo)
    world.hold("10", price="90")
    world.hold("10", price="94")
    world.quote("AAPL", "100")
    world.next_session()
    world.hold("10", price="103")
    world.quote("AAPL", "104")
    world.hold("-10", price="104")
    # Average: 30 at 101 each on the session's basis. FIFO: the ten that opened at 100.
    assert world.pnl()[2] == "90.00"
    assert usd(world.position().realized_session) == ("40.00" if fifo else "30.00")
    assert usd(world.position().realized_entry) == ("140.00" if fifo else "83.33333334")
    world.assert_replays()


# --- scheduling ------------------------------------------


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"session_id": "2026-01-05"},
        {"session_id": "2026-01-07", "opens_at": OPENS + DAY - 1},
    ],
    ids=["the same", "an older one", "one that opens before this one resets"],
)
def test_a_session_opens_once_and_in_order(change):
    world = World()
    session = structs.replace(world.account().day.session, **change)
    world.at = OPENS + DAY
    world.step(i.SessionScheduled(account="A1", session=session))
    assert world.said == ()


def test_a_session_does_not_open_before_the_reset():
    world = World()
    session = structs.replace(
        world.account().day.session, session_id="2026-01-07", opens_at=OPENS + DAY, resets_at=OPENS + 2 * DAY
    )
    world.at = OPENS + DAY - 1
    world.step(i.SessionScheduled(account="A1", session=session))
    assert world.said == ()
    world.at += 1
    world.step(i.SessionScheduled(account="A1", session=session))
    assert world.account().day.session.session_id == "2026-01-07"


def test_a_restart_never_moves_the_baseline():
    world = World()
    world.quote("AAPL", "100")
    world.hold("10", price="90")
    world.restart()
    world.connect()
    world.schedule()
    world.reconcile()
    assert usd(world.account().day.baseline) == "100000.00"
    world.quote("AAPL", "100")
    assert world.pnl()[2] == "100.00"


def test_a_new_day_counts_from_nothing():
    world = World(limits=Limits(trades_per_session=1))
    world.buy("1", limit="100", id="B1")
    world.fill("B1", "1", "100", fee="1")
    assert denied_by(world.buy("1", limit="100")) == "trade_frequency"
    world.quote("AAPL", "100")
    world.next_session()
    assert (world.account().day.trades, world.account().day.transfers) == (0, 0)
    assert (world.position().fees, world.position().realized_entry) == (0, 0)
    assert denied_by(world.buy("1", limit="100")) == ""


# --- generations of ids ------------------------------------------


def day_of_orders(world: World, day: int) -> None:
    world.buy("1", limit="90", id=f"gone-{day}")
    world.gone(f"gone-{day}")
    world.buy("0.5", limit="90", id=f"denied-{day}")
    world.buy("1", limit="90", id=f"live-{day}")
    world.hold("1", exec_id=f"fill-{day}")


def test_ids_of_two_trading_days_are_kept_and_older_ones_dropped():
    world = World()
    for day in range(4):
        day_of_orders(world, day)
        account = world.account()
        assert account.forgot_ids is (day >= 2)
        for earlier in range(day + 1):
            known = earlier >= day - 1
            assert (account.order(f"gone-{earlier}") is not None) is known
            assert (f"fill-{earlier}" in account.fills or f"fill-{earlier}" in account.fills_before) is known
            denied = f"denied-{earlier}"
            assert (denied in account.decided or denied in account.decided_before) is known
            reply = world.buy("1", limit="90", id=f"live-{earlier}")
            assert isinstance(reply, r.Repeated), "what lives is known, however old"
        world.quote("AAPL", "100")
        world.next_session()
        world.assert_replays()


def test_a_repeat_of_yesterday_gets_yesterdays_answer():
    world = World()
    world.buy("1", limit="90", id="B1")
    seq = world.outcome.seq
    world.next_session()
    assert world.buy("1", limit="90", id="B1") == r.Repeated("A1", "B1", seq)
    assert denied_by(world.buy("2", limit="90", id="B1")) == "client_order_id_conflict"


@pytest.mark.parametrize("size", ["0.5", "1"], ids=["denied", "ended"])
def test_what_was_over_yesterday_is_answered_today(size):
    world = World()
    world.buy(size, limit="90", id="B1")
    seq = world.outcome.seq
    if size == "1":
        world.gone("B1")
    world.next_session()
    assert world.buy(size, limit="90", id="B1") == r.Repeated("A1", "B1", seq)


def test_an_order_that_lived_for_days_ends_like_any_other():
    world = World()
    world.buy("1", limit="90", id="B1")
    for _ in range(4):
        world.next_session()
    world.fill("B1", "1", "90")
    assert world.order("B1").state == "filled"
    assert isinstance(world.buy("1", limit="90", id="B1"), r.Repeated)
    world.assert_replays()


def test_containers_do_not_grow_without_end():
    world = World()
    sizes = []
    for day in range(5):
        world.buy("1", limit="90", id=f"B{day}")
        world.fill(f"B{day}", "1", "90")
        world.quote("AAPL", "90")
        world.next_session()
        account = world.account()
        sizes.append(
            [len(getattr(account, name)) for name in ("live", "ended", "ended_before", "routed", "routed_before")]
            + [len(getattr(account, name)) for name in ("decided", "decided_before", "fills", "fills_before")]
        )
    assert sizes[-1] == sizes[-2] == sizes[-3]


def test_start_is_in_the_session():
    assert OPENS <= START < OPENS + DAY
    assert (START - OPENS) % SECOND == 0
    assert qty("1") == SECOND == 10**9


def test_what_was_bought_at_the_mark_has_a_baseline_after_a_missed_reset():
    world = World()
    world.quote("AAPL", "100")
    world.step(i.MarkPnl())
    world.hold("10", price="100")
    world.step(i.MarkPnl())
    assert world.of(e.PnlMarked), "equity stands still, and still there is a mark to write down"
    world.step(i.MarkPnl())
    assert world.said == (), "nothing has moved since"
    world.restart()
    world.next_session(late_s=3600)
    assert (world.account().day.baseline_source, usd(world.account().day.baseline)) == ("last_marked", "100000.00")
