"""Circuit breakers: what trips them, what they do, who closes them and when (semantics.md section 4)."""

import pytest

from stopline.messages import events as e
from stopline.messages import inputs as i
from stopline.messages import replies as r
from stopline.model.limits import DEFAULT_LIMITS, Limits, RateWindow, ScopeKind
from stopline.model.numbers import SECOND
from stopline.model.order import OrderType, Side
from tests.build import AAPL, World, denied_by, money, qty, usd

LOSS = Limits(daily_loss=money("5000"))


def holding(limits: Limits = LOSS, **terms: object) -> World:
    """Return a world that is long 100 AAPL at 100."""
    world = World(limits=limits, **terms)
    world.quote("AAPL", "100")
    world.hold("100")
    return world


@pytest.mark.parametrize(
    ("mark", "trips"), [("50.01", False), ("50.00", True), ("49.99", True)], ids=["above", "at", "below"]
)
def test_daily_loss_trips_at_the_limit(mark, trips):
    world = holding()
    world.quote("AAPL", mark)
    tripped = world.of(e.BreakerTripped)
    assert bool(tripped) is trips
    assert world.trading == ("reducing" if trips else "active")
    if trips:
        (breaker,) = tripped
        assert (breaker.breaker_id, breaker.trigger_type, breaker.account) == (1, "DAILY_LOSS", "A1")
        assert usd(breaker.threshold) == "-5000.00"
        assert breaker.trigger_value == world.account().total_pnl()
        assert [alert.severity for alert in world.of(e.AlertRaised)] == ["CRITICAL"]
        assert len(world.of(e.PnlMarked)) == 1, "the numbers it tripped on are written down"


def test_one_quote_that_trips_the_breakers_of_two_accounts_trips_two_breakers():
    world = holding()
    world.open_account("A2")
    world.schedule("A2")
    world.reconcile("A2")
    world.change_limits(LOSS, account="A2")
    world.hold("100", account="A2")
    world.quote("AAPL", "50")
    assert [(each.breaker_id, each.account) for each in world.of(e.BreakerTripped)] == [(1, "A1"), (2, "A2")]
    world.quote("AAPL", "100")
    for breaker_id in (1, 2):
        assert denied_by(world.step(i.ResetBreaker(breaker_id=breaker_id, actor="risk"))) == ""
    assert {name: account.restrictions for name, account in world.state.accounts.items()} == {"A1": {}, "A2": {}}
    world.assert_replays()


def test_two_causes_in_one_step_trip_two_breakers():
    world = holding(Limits())
    world.buy("1", limit="50", id="B")
    world.reject("B")
    world.quote("AAPL", "50")
    world.change_limits(Limits(daily_loss=money("5000"), reject_burst=RateWindow(1, 60 * SECOND)))
    assert [event.trigger_type for event in world.of(e.BreakerTripped)] == ["DAILY_LOSS", "REJECT_BURST"]
    assert list(world.account().restrictions) == ["breaker:1", "breaker:2"]
    assert [breaker.active for breaker in world.state.breakers.values()] == [True, True]


def test_a_realized_loss_counts_with_its_fees():
    world = World(limits=LOSS)
    world.quote("AAPL", "100")
    world.hold("100", price="100", fee="1")
    world.hold("-100", price="50.02", fee="1")
    assert usd(world.account().total_pnl()) == "-5000.00"
    assert [event.trigger_type for event in world.of(e.BreakerTripped)] == ["DAILY_LOSS"]


def test_tripping_cancels_entries_and_leaves_protection():
    world = holding()
    world.sell("50", stop="40", id="P1")
    world.buy("10", limit="45", id="B1")
    world.accept("B1")
    world.quote("AAPL", "50")
    assert [event.client_order_id for event in world.of(e.CancelRequested)] == ["B1"]
    assert world.order("P1").is_live
    assert denied_by(world.buy("1", limit="50")) == "trading_state"
    assert denied_by(world.sell("50", limit="45")) == ""


def test_it_trips_once():
    world = holding()
    world.quote("AAPL", "50")
    world.quote("AAPL", "49")
    world.quote("AAPL", "51")
    world.quote("AAPL", "48")
    assert len(world.journal(e.BreakerTripped)) == 1


def reset(world: World, breaker_id: int = 1, **terms: object) -> str:
    return denied_by(world.step(i.ResetBreaker(breaker_id=breaker_id, **terms)))


def test_reset_is_refused_while_the_cause_holds():
    world = holding()
    world.quote("AAPL", "50")
    reply = world.step(i.ResetBreaker(breaker_id=1))
    assert isinstance(reply, r.Refused)
    assert reply.code == "condition_persists"
    assert "-5000.00" in reply.message
    world.quote("AAPL", "50.01")
    assert reset(world) == ""
    assert world.trading == "active"
    assert not world.state.breakers[1].active
    assert reset(world) == "already_reset"
    assert reset(world, 7) == "unknown_breaker"
    world.assert_replays()


def test_reset_is_refused_while_nobody_knows_the_loss():
    world = holding()
    world.quote("AAPL", "50")
    world.restart()
    world.connect()
    world.reconcile()
    assert world.trading == "reducing", "a restart closes no breaker"
    assert reset(world) == "condition_persists"
    world.quote("AAPL", "60")
    assert reset(world) == ""


def test_after_a_reset_it_trips_again_as_another():
    world = holding()
    world.quote("AAPL", "50")
    world.quote("AAPL", "60")
    reset(world)
    world.quote("AAPL", "40")
    assert [event.breaker_id for event in world.of(e.BreakerTripped)] == [2]


def test_the_baseline_never_moves_by_a_reset():
    world = holding()
    world.quote("AAPL", "50")
    world.quote("AAPL", "60")
    before = world.account().day.baseline
    reset(world)
    assert world.account().day.baseline == before


@pytest.mark.parametrize("count", [9, 10])
def test_reject_burst_counts_rejections_of_the_broker(count):
    world = World(limits=Limits(reject_burst=RateWindow(10, 60 * SECOND)))
    for n in range(count):
        world.buy("1", limit="100", id=f"B{n}")
        world.reject(f"B{n}")
        world.wait("6")
    assert world.trading == ("reducing" if count == 10 else "active")
    if count == 10:
        (breaker,) = world.journal(e.BreakerTripped)
        assert (breaker.trigger_type, breaker.trigger_value, breaker.threshold) == ("REJECT_BURST", 10, 10)


def test_rejections_a_window_apart_do_not_add_up():
    world = World(limits=Limits(reject_burst=RateWindow(2, 60 * SECOND)))
    for n, pause in enumerate(("60", "59.999999999", "0")):
        world.buy("1", limit="100", id=f"B{n}")
        world.reject(f"B{n}")
        assert (world.trading == "reducing") is (n == 2)
        world.wait(pause)


def test_our_own_denials_never_trip_it():
    world = World(limits=Limits(max_order_qty=qty("1"), reject_burst=RateWindow(2, 60 * SECOND)))
    for _ in range(5):
        assert denied_by(world.buy("2", limit="100")) == "max_order_qty"
    assert world.trading == "active"


def test_reject_burst_may_be_reset_once_the_window_is_empty_enough():
    world = World(limits=Limits(reject_burst=RateWindow(2, 60 * SECOND)))
    for n in range(2):
        world.buy("1", limit="100", id=f"B{n}")
        world.reject(f"B{n}")
    assert reset(world) == "condition_persists"
    world.wait("60")
    assert reset(world) == ""


def test_by_hand():
    world = World()
    assert denied_by(world.step(i.TripBreaker(account="A1", reason="news at two", actor="ann"))) == ""
    (breaker,) = world.of(e.BreakerTripped)
    assert (breaker.trigger_type, breaker.reason, breaker.actor) == ("MANUAL", "news at two", "ann")
    assert world.trading == "reducing"
    assert denied_by(world.step(i.TripBreaker(account="A1"))) == "not_allowed"
    assert reset(world, reason="news was nothing") == ""
    assert world.trading == "active"


def test_by_hand_until_an_instant():
    world = World()
    assert denied_by(world.step(i.TripBreaker(account="A1", expires_at=world.at))) == "bad_request"
    world.step(i.TripBreaker(account="A1", expires_at=world.at + 60 * SECOND))
    world.wait("59.999999999")
    assert world.trading == "reducing"
    world.wait("0.000000001")
    assert world.trading == "active"
    assert world.journal(e.BreakerReset)[-1].reason == "expired"
    assert world.state.timers == {}


def test_expiry_survives_a_restart_and_comes_no_sooner():
    world = World()
    world.step(i.TripBreaker(account="A1", expires_at=world.at + 60 * SECOND))
    world.restart()
    world.connect()
    world.reconcile()
    assert world.trading == "reducing"
    world.step(i.TimerDue(timer_id="breaker:1"))
    assert world.said == (), "it is not due yet"
    world.wait("60")
    assert world.trading == "active"


def test_a_breaker_that_expires_while_its_cause_holds_trips_again():
    world = holding(Limits(daily_loss=money("5000"), breaker_expiry=60 * SECOND))
    world.quote("AAPL", "50")
    world.wait("60")
    assert world.trading == "reducing"
    assert [breaker.active for breaker in world.state.breakers.values()] == [False, True]


def test_reset_by_hand_takes_the_timer_away():
    world = World()
    world.step(i.TripBreaker(account="A1", expires_at=world.at + 60 * SECOND))
    reset(world)
    assert world.state.timers == {}


@pytest.mark.parametrize("configured", [True, False])
def test_the_accounts_reset_closes_breakers_only_if_so_configured(configured):
    world = World(limits=Limits(breakers_reset_with_session=configured))
    world.step(i.TripBreaker(account="A1"))
    world.next_session()
    assert world.trading == ("active" if configured else "reducing")


def test_limits_that_only_warn_trip_nothing():
    world = holding(Limits(daily_loss=money("5000"), enabled=False))
    world.quote("AAPL", "1")
    assert world.trading == "active"


def test_a_tighter_limit_trips_at_once():
    world = holding()
    world.quote("AAPL", "90")
    world.change_limits(Limits(daily_loss=money("1000")))
    assert world.trading == "reducing"


def test_one_accounts_breaker_is_not_anothers():
    world = holding()
    world.open_account("A2")
    world.schedule("A2")
    world.reconcile("A2")
    world.quote("AAPL", "50")
    assert str(world.account("A2").trading_state) == "active"
    assert denied_by(world.buy("1", limit="50", account="A2")) == ""


def test_the_default_account():
    """The defaults of semantics.md section 5: 5,000 a day."""
    world = World(limits=DEFAULT_LIMITS)
    world.quote("AAPL", "100")
    world.hold("100")
    world.quote("AAPL", "50")
    assert world.trading == "reducing"


# --- what must not work while the account only reduces ------------------------------------


def trip(world: World) -> None:
    world.step(i.TripBreaker(account="A1", reason="enough"))


def cancels(world: World) -> list[str]:
    return [event.client_order_id for event in world.of(e.CancelRequested)]


@pytest.mark.parametrize("lock", [World.kill, trip])
def test_an_entry_whose_outcome_was_unknown_is_cancelled_when_it_comes_up(lock):
    world = World()
    world.buy("10", limit="100", id="B1")
    lock(world)
    world.lose("B1")
    world.accept("B1")
    assert cancels(world) == ["B1"]
    assert world.order("B1").state == "pending_cancel"


def test_an_entry_that_comes_up_after_a_restart_under_an_open_breaker_is_cancelled():
    world = World()
    world.buy("10", limit="100", id="B1")
    trip(world)
    world.restart()
    world.connect()
    assert world.trading == "cancel_only", "the breaker hides behind the connection"
    world.lose("B1")
    world.accept("B1")
    assert cancels(world) == ["B1"]
    world.assert_replays()


def test_a_refused_cancel_of_an_entry_is_told_and_asked_for_again_at_every_reconciliation():
    world = World()
    world.buy("10", limit="100", id="B1")
    world.accept("B1")
    trip(world)
    world.refuse_cancel("B1")
    assert world.order("B1").state == "working"
    assert [(alert.alert_type, alert.severity) for alert in world.of(e.AlertRaised)] == [("CANCEL_REFUSED", "CRITICAL")]
    world.reconcile()
    assert cancels(world) == ["B1"]
    world.refuse_cancel("B1")
    world.reconcile()
    assert cancels(world) == ["B1"]


def test_a_refused_cancel_while_active_is_the_callers_affair():
    world = World()
    world.buy("10", limit="100", id="B1")
    world.accept("B1")
    world.cancel("B1")
    world.refuse_cancel("B1")
    assert world.of(e.AlertRaised) == []
    world.reconcile()
    assert cancels(world) == []


def test_an_orphan_exit_whose_cancel_was_refused_is_cancelled_again():
    world = World()
    world.hold("10")
    world.sell("10", stop="90", id="P1")
    world.accept("P1")
    world.hold("-10")
    assert world.order("P1").state == "pending_cancel"
    world.refuse_cancel("P1")
    world.reconcile()
    assert cancels(world) == ["P1"], "it would open a short position"


def seen_at_the_broker(world: World, side: Side, size: str, stop: str) -> None:
    world.step(
        i.ExternalOrderSeen(
            broker="paper", account="A1", routed_order_id="X1", instrument_id=AAPL.instrument_id, side=side,
            order_type=OrderType.STOP, order_qty=qty(size), cum_qty=0, stop_price=money(stop),
        )
    )  # fmt: skip


def test_a_stop_that_was_placed_at_the_broker_protects_on_when_the_breaker_trips():
    world = World()
    world.hold("10")
    seen_at_the_broker(world, Side.SELL, "10", "90")
    trip(world)
    assert cancels(world) == []


@pytest.mark.parametrize(("side", "size"), [(Side.SELL, "11"), (Side.BUY, "1")])
def test_an_order_placed_at_the_broker_that_could_open_a_position_is_cancelled(side, size):
    world = World()
    world.hold("10")
    seen_at_the_broker(world, side, size, "90")
    trip(world)
    assert cancels(world) == ["external-X1"]


def test_an_entry_placed_at_the_broker_under_an_open_breaker_is_cancelled_at_once():
    world = World()
    trip(world)
    seen_at_the_broker(world, Side.BUY, "10", "110")
    assert cancels(world) == ["external-X1"]


# --- whose limit trips it -----------------------------------------------------------------


@pytest.mark.parametrize("scope", [ScopeKind.GROUP, ScopeKind.FIRM])
def test_the_daily_loss_of_a_group_or_firm_trips_the_breaker_of_an_account_that_reaches_it(scope):
    world = World(limits=Limits(daily_loss=money("1000")), **{str(scope): "desk"})
    world.buy("5", limit="70", id="B1")
    world.accept("B1")
    world.quote("AAPL", "100")
    world.hold("10")
    world.change_limits(Limits(daily_loss=money("100")), scope=scope, scope_id="desk")
    world.quote("AAPL", "90.01")
    assert world.trading == "active"
    world.quote("AAPL", "90")
    assert [(event.trigger_type, usd(event.threshold)) for event in world.of(e.BreakerTripped)] == [
        ("DAILY_LOSS", "-100.00")
    ]
    assert cancels(world) == ["B1"], "it must not fill any more"
    assert denied_by(world.step(i.ResetBreaker(breaker_id=1))) == "condition_persists"
    world.change_limits(Limits(daily_loss=money("500")), scope=scope, scope_id="desk")
    assert denied_by(world.step(i.ResetBreaker(breaker_id=1))) == ""


def test_the_reject_burst_of_a_group_trips_the_breaker_of_its_accounts():
    world = World(group="desk")
    burst = Limits(reject_burst=RateWindow(2, SECOND))
    world.change_limits(burst, scope=ScopeKind.GROUP, scope_id="desk")
    for name in ("B1", "B2"):
        world.buy("1", limit="100", id=name)
        world.reject(name)
    assert [event.trigger_type for event in world.of(e.BreakerTripped)] == ["REJECT_BURST"]


def test_a_reconciliation_that_trips_the_breaker_asks_for_each_cancel_once():
    world = World(limits=Limits(daily_loss=money("100")))
    world.buy("1", limit="100", id="B1")
    world.accept("B1")
    world.reconcile(cash=money("99900"))
    assert world.trading == "reducing"
    assert cancels(world) == ["B1"]
