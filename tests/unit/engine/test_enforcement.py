"""What becomes of breaches where a story would not show it: rules that fail, time alone, one end for one order."""

from typing import ClassVar

import pytest
from msgspec import structs

from stopline.engine.enforce.judging import rules_of
from stopline.messages import events as e
from stopline.messages import inputs as i
from stopline.model.breach import Mode
from stopline.model.instrument import InstrumentStatus
from stopline.model.limits import RateWindow, ScopeKind
from stopline.model.numbers import SECOND
from stopline.model.obligation import ObligationKind
from stopline.model.rules import TERMS, DrawdownKind, Rules
from stopline.rules.stale_feed import StaleFeed
from tests.build import START, World, denied_by, money, qty, ratio
from tests.unit.checks.build import AAPL


def ruled(**terms):
    """Return a world whose account has these rules."""
    world = World()
    change(world, **terms)
    return world


def change(world, **terms):
    rules = Rules(**{name: TERMS[name](**fields) for name, fields in terms.items()})
    world.step(i.ChangeRules(account="A1", rules=rules))


def lose(world, amount):
    """Realize a loss."""
    world.buy("100", limit="100", id=f"B{world.orders_made}")
    world.fill(f"B{world.orders_made - 1}", "100", "100")
    world.sell("100", limit="90", id=f"S{world.orders_made}")
    world.fill(f"S{world.orders_made - 1}", "100", money("100") - money(amount) // 100)


class Broken(StaleFeed, frozen=True, gc=False):
    is_broken: ClassVar[bool] = True

    def readings(self, seen):
        if Broken.is_broken:
            raise ZeroDivisionError
        return ()

    def due(self, seen):
        raise OverflowError


def test_a_rule_that_raises_only_reduces_and_keeps_no_other_from_acting(monkeypatch):
    world = ruled(daily_realized_loss={"loss_limit": money("100")})
    account = world.account()
    account.armed["rules"] = (Broken(TERMS["stale_feed"](max_age=SECOND, mode=Mode.WARN)), *rules_of(account))
    monkeypatch.setattr(Broken, "is_broken", True)
    world.buy("1", limit="90")
    assert (world.trading, list(account.restrictions)) == ("reducing", ["rule:stale_feed"])
    (alert,) = [alert for alert in world.journal(e.AlertRaised) if alert.alert_type == "RULE_BREACHED"]
    assert "ZeroDivisionError" in alert.message
    account.restrictions.clear()
    account.severity = 0
    lose(world, "100")
    assert "lock:daily_realized_loss" in account.restrictions

    monkeypatch.setattr(Broken, "is_broken", False)
    world.step(i.LookAgain(account="A1"))
    assert [event.rule for event in world.of(e.BreachEnded)] == ["stale_feed"]


def test_a_rule_that_cannot_say_when_hides_no_other():
    world = ruled(stop_loss_grace={"grace": 30 * SECOND})
    account = world.account()
    account.armed["rules"] = (Broken(TERMS["stale_feed"](max_age=SECOND)), *rules_of(account))
    world.hold("10")
    assert world.state.market.wake["A1"] <= START + 30 * SECOND + 1


def test_what_is_late_hides_nothing_that_is_to_come():
    world = ruled(stop_loss_grace={"grace": 30 * SECOND, "mode": Mode.WARN})
    world.hold("10", "AAPL")
    world.wait("20")
    world.hold("10", "MSFT")
    world.wait("15")
    assert [key.rpartition(":")[2] for key in world.account().breaches] == ["AAPL"]
    assert world.state.market.wake["A1"] == START + 50 * SECOND + 1


def test_two_rules_at_once_end_an_order_once():
    world = ruled(
        daily_realized_loss={"loss_limit": money("100")},
        daily_total_loss={"loss_limit": money("100")},
        consecutive_losses={"count": 1},
    )
    world.buy("1", "MSFT", limit="90", id="RESTING")
    world.accept("RESTING")
    lose(world, "100")
    assert len(world.account().breaches) == 3
    assert [each.client_order_id for each in world.journal(e.CancelRequested)] == ["RESTING"]
    assert len(world.journal(e.ObligationOpened)) == 1


def test_a_lock_that_would_be_over_already_is_none():
    world = World()
    for name in ("R1", "R2"):
        world.buy("1", limit="90", id=name)
        world.reject(name)
    world.wait("30")
    change(world, reject_burst={"window": RateWindow(2, 60 * SECOND), "cooldown": 10 * SECOND})
    assert [event.verdict.rule for event in world.of(e.RuleBreached)] == ["reject_burst"]
    assert world.trading == "active"


def test_a_cooldown_counts_from_what_happened_however_often_it_is_looked_at():
    world = ruled(reject_burst={"window": RateWindow(1, 60 * SECOND), "cooldown": 600 * SECOND})
    world.buy("1", limit="90", id="R1")
    world.reject("R1")
    until = world.account().restrictions["cooldown:reject_burst"].until
    for _ in range(10):
        world.wait("5")
        world.step(i.LookAgain(account="A1"))
    assert world.account().restrictions["cooldown:reject_burst"].until == until == START + 600 * SECOND
    assert len(world.journal(e.RestrictionPlaced)) == 2, "that of the start, and the cooldown"


def test_what_is_refused_is_not_asked_again_in_the_same_breath():
    """A broker that refuses every cancel is asked about once a second, not as fast as it answers."""
    world = World()
    world.buy("5", limit="90", id="B1")
    world.accept("B1")
    world.flatten()
    for _ in range(20):
        world.refuse_cancel("B1")
    assert len(world.journal(e.CancelRequested)) == 1
    world.wait("5")
    assert len(world.journal(e.CancelRequested)) == 2


def test_what_a_rule_closes_is_not_covered_and_sold_beside():
    """Two duties of one position in one round: the second sees the order of the first."""
    world = ruled(bracket={"stop_ticks": 40, "target_ticks": 80}, max_contracts_per_instrument={"limit": qty("4")})
    world.hold("1")
    world.hold("4")
    position = world.position()
    assert (position.qty, position.live_sells) == (qty("5"), qty("5"))
    assert [each.request.order_qty for each in world.of(e.OrderApproved) if each.request.closes_position] == [qty("1")]


def test_a_firm_s_kill_that_keeps_positions_closes_what_comes_up_in_every_account():
    world = World(firm="house")
    world.open_account("A2", firm="house")
    world.schedule("A2")
    world.reconcile("A2")
    world.hold("10", account="A2")
    world.kill(scope=ScopeKind.FIRM, keep_positions=True)
    world.hold("3", account="A2")
    (owed,) = world.account("A2").obligations.values()
    assert (owed.kind, owed.qty) == (ObligationKind.REDUCE, qty("10"))


def test_a_lock_that_is_lengthened_began_when_it_began():
    world = World()
    world.step(i.LockOut(account="A1", until=START + 3_600 * SECOND))
    world.wait("600")
    world.step(i.LockOut(account="A1", until=START + 7_200 * SECOND))
    world.wait("299")
    release = i.ReleaseLock(account="A1", key="lock:self", reason="enough")
    assert denied_by(world.step(release)) == "second_person_required"
    world.wait("1")
    assert denied_by(world.step(release)) == ""
    assert world.trading == "active"


def test_a_silent_bot_s_entries_go_and_its_stops_stay():
    world = World()
    world.step(i.Heartbeat(account="A1", bot="strategy:trend", timeout=5 * SECOND))
    world.buy("10", limit="100", id="B1", strategy="trend")
    world.fill("B1", "10", "100")
    world.sell("10", stop="90", id="STOP", strategy="trend")
    world.buy("1", limit="90", id="MORE", strategy="trend")
    world.buy("1", limit="90", id="OTHER", strategy="other")
    world.wait("4.999999999")
    assert not world.journal(e.BotSilent)
    world.wait("1")
    assert len(world.journal(e.BotSilent)) == 1
    assert [each.client_order_id for each in world.journal(e.CancelRequested)] == ["MORE"]
    world.restart()
    world.connect()
    world.reconcile()
    world.step(i.Heartbeat(account="A1", bot="strategy:trend", timeout=5 * SECOND))
    assert len(world.of(e.BotHeard)) == 1


@pytest.mark.parametrize(
    ("timeout", "refused"), [(0, ""), (1, "bad_request"), (SECOND - 1, "bad_request"), (SECOND, "")]
)
def test_a_bot_takes_leave_with_0_and_with_nothing_else(timeout, refused):
    world = World()
    world.step(i.Heartbeat(account="A1", bot="strategy:trend", timeout=5 * SECOND))
    assert denied_by(world.step(i.Heartbeat(account="A1", bot="strategy:trend", timeout=timeout))) == refused
    assert ("strategy:trend" in world.account().bots) is (timeout != 0)


def test_a_breach_that_stands_asks_for_what_has_come_since():
    world = ruled(max_contracts={"limit": ratio("1")})
    world.hold("12", "MES2026-12", price="4000")
    world.hold("1", "ES2026-12", price="4000")
    owed = {each.instrument_id: (each.kind, each.qty) for each in world.account().obligations.values()}
    assert owed == {
        "fut:MES:2026-12": (ObligationKind.REDUCE, qty("10")),
        "fut:ES:2026-12": (ObligationKind.CLOSE, 0),
    }


def test_a_group_s_loss_locks_the_account_that_nothing_happened_to():
    world = World(group="desk")
    world.open_account("A2", group="desk")
    world.schedule("A2")
    world.reconcile("A2")
    rules = Rules(group_loss=TERMS["group_loss"](loss_limit=money("100")))
    world.step(i.ChangeRules(account="A2", rules=rules))
    lose(world, "100")
    assert "lock:group_loss" in world.account("A2").restrictions
    assert world.trading == "active"


def test_what_waits_for_a_market_goes_within_two_seconds_of_its_opening():
    world = World()
    world.hold("10")
    instrument = world.state.instruments["eq:US:AAPL"]
    world.step(i.ListInstrument(instrument=structs.replace(instrument, status=InstrumentStatus.HALTED)))
    world.step(i.LockOut(account="A1", until=START + 600 * SECOND, flatten=True))
    world.wait("10")
    assert not world.account().live
    world.step(i.ListInstrument(instrument=instrument))
    world.wait("2")
    assert [order.request.closes_position for order in world.account().live.values()] == [True]


@pytest.mark.parametrize("first", ["config", "database", "local"])
def test_the_file_and_the_door_are_one_person(first):
    """Who edits the file and then approves at the door has not asked anybody."""
    world = ruled(daily_total_loss={"loss_limit": money("500")})
    world.step(i.ArmAccount(account="A1"))
    world.step(i.ChangeRules(account="A1", rules=Rules(), actor=first))
    reply = world.step(i.ApproveRules(account="A1", actor="local"))
    assert denied_by(reply) == "second_person_required"
    assert denied_by(world.step(i.ApproveRules(account="A1", actor="bob"))) == ""
    assert world.account().rules == Rules()


def test_a_close_that_is_owed_is_not_taken_back():
    """A bot that cancels each close of a flatten could else keep its position for as long as it likes."""
    world = World()
    world.hold("10")
    world.flatten()
    (close,) = [cid for cid, order in world.account().live.items() if order.request.closes_position]
    reply = world.cancel(close)
    assert denied_by(reply) == "protection_required"
    assert "closes what is owed (flatten" in reply.message
    assert world.order(close).state == "approved"
    world.fill(close, "10", "100")
    assert world.position().qty == 0


def test_a_close_of_ones_own_is_taken_back_as_any_order():
    world = World()
    world.hold("10")
    world.close(id="C")
    assert denied_by(world.cancel("C")) == ""


def test_one_absurd_quote_flattens_nothing_and_a_second_one_does():
    world = ruled(daily_total_loss={"loss_limit": money("500")})
    world.hold("10", price="100")
    for price in ("100", "100", "1", "100", "100"):
        world.quote("AAPL", price, price)
        assert not world.account().obligations, price
    world.quote("AAPL", "1", "1")
    assert not world.account().obligations
    world.quote("AAPL", "1", "1")
    assert [each.kind for each in world.account().obligations.values()] == ["flatten"]


def test_a_lock_that_ends_while_nobody_trusts_the_clock_waits_without_a_record_and_ends_once_it_is_trusted():
    world = World()
    world.step(i.LockOut(account="A1", until=START + 600 * SECOND))
    world.step(i.ClockStepped(by=3_600 * SECOND))
    world.wait("600")
    before = world.state.seq
    world.wait("36000")
    assert (world.state.seq, world.trading) == (before, "reducing")
    world.step(i.TrustClock(reason="it was set by hand", actor="ann"))
    world.wait("1")
    assert world.trading == "active"
    assert not [name for name in world.state.timers if name.startswith("lock:")]
    world.assert_replays()


# --- a baseline that a person states --------------------------------------------------------------


def world_of_a_new_week() -> World:
    """Return a world that holds what nothing ever priced, at the open of a week of which nobody knows the equity."""
    world = World(has_weeks=True)
    world.hold("10")
    week = world.account().history.week
    while world.account().history.week == week:
        world.next_session()
    return world


def state_baseline(world: World, equity: str) -> None:
    world.step(i.StateBaseline(account="A1", equity=money(equity), reason="the broker's statement", actor="ann"))


def test_a_week_begins_on_the_equity_that_a_person_states():
    world = world_of_a_new_week()
    assert world.trading == "reducing"
    state_baseline(world, "100000")
    change(world, weekly_loss={"loss_limit": money("500")})
    for _ in range(2):
        world.quote("AAPL", "49.99", "50.01")
    assert [each.verdict.rule for each in world.of(e.RuleBreached)] == ["weekly_loss"]
    world.assert_replays()


def test_what_was_paid_in_since_the_open_is_not_in_the_equity_that_is_stated():
    world = world_of_a_new_week()
    world.step(i.CashTransferred(broker="paper", account="A1", transfer_id="T", amount=money("5000")))
    state_baseline(world, "100000")
    assert world.account().history.week_baseline == money("100000")


def test_a_later_day_of_the_week_moves_no_baseline_of_it():
    world = world_of_a_new_week()
    state_baseline(world, "100000")
    world.next_session()
    state_baseline(world, "90000")
    assert world.account().history.week_baseline == money("100000")


def test_a_stated_open_is_the_close_that_a_trailing_floor_hangs_on():
    world = world_of_a_new_week()
    state_baseline(world, "120000")
    change(world, max_drawdown={"loss_limit": money("20000"), "kind": DrawdownKind.END_OF_DAY})
    for _ in range(2):
        world.quote("AAPL", "99.99", "100.01")
    (breach,) = world.of(e.RuleBreached)
    assert (breach.verdict.rule, breach.verdict.limit) == ("max_drawdown", money("100000"))


# --- less than a lot beside what is covered -------------------------------------------------------


@pytest.mark.parametrize(
    "rule", [{"bracket": {"stop_ticks": 100}}, {"stop_loss_grace": {"grace": 5 * SECOND}}], ids=["bracket", "grace"]
)
def test_a_fraction_beside_a_covered_position_closes_nothing(rule):
    """No stop can be sent for it: the position was closed because of half a share."""
    world = ruled(**rule)
    world.hold("10")
    if "stop_loss_grace" in rule:
        world.sell("10", stop="90", id="S")
    for cid in list(world.account().live):
        world.accept(cid, f"b-{cid}")
    world.hold("0.5")
    world.wait(60)
    assert [order.leaves_qty for order in world.account().live.values()] == [qty("10")]
    assert ObligationKind.CLOSE not in [event.obligation.kind for event in world.journal(e.ObligationOpened)]


def test_the_time_without_a_stop_does_not_begin_with_a_fraction():
    world = ruled(stop_loss_grace={"grace": 5 * SECOND})
    world.hold("10")
    world.sell("10", stop="90", id="S")
    world.accept("S")
    world.hold("0.5")
    world.wait(60)
    world.cancel("S")
    world.gone("S")
    world.wait(5)
    assert world.journal(e.ObligationOpened) == []
    world.wait("0.000000001")
    assert [event.obligation.kind for event in world.journal(e.ObligationOpened)] == [ObligationKind.CLOSE]


def test_what_is_attached_to_an_odd_position_is_whole_lots():
    world = ruled(bracket={"stop_ticks": 100})
    world.hold("10")
    (stop,) = world.of(e.OrderApproved)
    world.accept(stop.request.client_order_id, "b-1")
    world.hold("3.5")
    assert [event.request.order_qty for event in world.of(e.OrderApproved)] == [qty("3")]


@pytest.mark.parametrize(("fill", "closed"), [("0.5", []), ("2.5", [qty("2")])])
def test_of_a_fill_during_a_lockout_whole_lots_are_closed(fill, closed):
    """The rest is less than a lot: an order for it would be denied for ever."""
    world = World()
    world.hold("10")
    world.step(i.LockOut(account="A1", until=world.at + 3600 * SECOND, actor="ann"))
    world.hold(fill)
    closes = world.of(e.OrderApproved)
    assert [event.request.order_qty for event in closes] == closed
    for event in closes:
        world.fill(event.request.client_order_id, event.request.order_qty, "100")
    assert (world.account().obligations, world.position().qty) == ({}, qty("10.5"))


# --- dust: below the lot counts as flat ----------------------------------------------------------


def test_a_flatten_that_leaves_dust_is_done_and_lets_go_of_the_account():
    world = World()
    world.hold("10.5")
    world.flatten()
    (close,) = world.of(e.OrderApproved)
    world.fill(close.request.client_order_id, "10", "100")
    world.gone(close.request.client_order_id)
    assert world.position().qty == qty("0.5")
    world.wait(5)
    world.reconcile()
    assert (world.account().obligations, world.trading) == ({}, "active")


def test_under_a_kill_dust_is_not_flattened_for_ever():
    world = World()
    world.hold("0.5")
    world.kill()
    (close,) = world.of(e.OrderApproved)
    world.reject(close.request.client_order_id)
    world.wait(5)
    world.reconcile()
    records = len(world.records)
    world.wait(60)
    world.reconcile()
    assert (world.account().obligations, len(world.records)) == ({}, records)


@pytest.mark.parametrize(
    "rule", [{"time_exit": {"max_hold": 5 * SECOND}}, {"stop_loss_grace": {"grace": 5 * SECOND}}], ids=["time", "stop"]
)
def test_no_rule_asks_for_the_close_of_dust(rule):
    """Closed it counts as, opened it would be found again: the account was left with a defect, and only reduced."""
    world = ruled(**rule)
    world.hold("0.5")
    world.wait(60)
    assert (world.account().restrictions, world.journal(e.ObligationOpened)) == ({}, [])
    world.hold("0.5")
    world.wait(60)
    assert [event.obligation.kind for event in world.journal(e.ObligationOpened)] == [ObligationKind.CLOSE]


def test_a_feed_is_not_stale_at_the_opening_of_its_market_nor_at_a_start():
    """What nothing was to come from overnight is not blindness: entries for the open would be cancelled for it."""
    world = ruled(stale_feed={"max_age": 30 * SECOND})
    for _ in range(2):
        world.quote("AAPL", "100")
    world.hold("10")
    world.buy("1", limit="90", id="B1")
    world.accept("B1")
    for status in (InstrumentStatus.CLOSED, InstrumentStatus.OPEN):
        world.step(i.ListInstrument(instrument=structs.replace(AAPL, status=status)))
        world.step(i.LookAgain(account="A1"))
        assert (world.trading, world.order("B1").state) == ("active", "working")
        world.wait(36_000 if status is InstrumentStatus.CLOSED else 30)
    assert world.trading == "active"

    world.restart()
    world.connect()
    world.reconcile()
    world.wait(30)
    assert (world.trading, world.order("B1").state) == ("active", "working")
    world.wait(1)
    assert (world.trading, world.order("B1").state) == ("reducing", "pending_cancel")

    world.restart()
    world.connect()
    world.reconcile()
    assert world.trading == "reducing"
    for _ in range(2):
        world.quote("AAPL", "100")
    assert world.trading == "active"
