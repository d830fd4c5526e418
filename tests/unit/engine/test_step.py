"""The only door: time, seq, replies, effects, rounds, replay (architecture.md promises 1, 2, 9 and 14)."""

import pytest

from stopline.engine import monitor, step
from stopline.engine.apply import APPLIERS, apply
from stopline.engine.decide import DECIDERS, decide
from stopline.engine.replay import fold, go_live, state_hash
from stopline.engine.turn import Turn
from stopline.messages import effects as f
from stopline.messages import events as e
from stopline.messages import inputs as i
from stopline.messages.decided import decided_ids
from stopline.messages.upcast import decode_events, encode_events
from stopline.model.account import AccountTerms
from stopline.model.limits import Limits
from stopline.state.state import State
from tests.build import AAPL, START, World, denied_by, qty
from tests.invariants import assert_bounded, assert_valued_from_scratch


def test_every_input_has_a_decider_and_every_event_an_applier():
    assert set(DECIDERS) == set(i.Input.__args__)
    assert set(APPLIERS) == set(e.Event.__args__)


def test_what_nobody_knows_is_a_defect():
    with pytest.raises(KeyError):
        decide(Turn(State(), 0, 1), object())
    with pytest.raises(KeyError):
        apply(State(), object(), 1, 0)


def test_time_never_runs_backwards():
    world = World()
    world.at -= 1
    with pytest.raises(ValueError, match="backwards"):
        world.buy("1", limit="100")


def test_a_step_that_says_nothing_takes_no_seq():
    world = World()
    before = world.state.seq
    world.quote("AAPL", "100")
    assert world.outcome.seq == world.state.seq == before
    world.buy("1", limit="100")
    assert world.outcome.seq == world.state.seq == before + 1


def test_seq_has_no_gaps():
    world = World()
    for n in range(20):
        world.buy("1", limit=str(100 + n))
        world.quote("AAPL", str(90 + n))
    assert [record.seq for record in world.records] == list(range(1, len(world.records) + 1))


def test_a_gap_in_the_journal_is_refused():
    state = State()
    with pytest.raises(ValueError, match="does not follow"):
        fold(state, 2, START, ())


def test_events_survive_the_journals_bytes():
    world = World()
    world.buy("1", limit="100", id="B1")
    world.fill("B1", "1", "100")
    assert decode_events(encode_events(world.said)) == world.said


def test_which_ids_a_record_decides():
    world = World()
    world.buy("1", limit="100", id="B1")
    assert decided_ids(world.said) == (("A1", "B1"),)
    world.buy("0.5", limit="100", id="B2")
    assert decided_ids(world.said) == (("A1", "B2"),)
    world.cancel("B1")
    assert decided_ids(world.said) == ()


def test_every_cancel_is_an_effect_with_its_lane():
    world = World()
    world.hold("10")
    world.sell("5", stop="90", id="P1")
    world.buy("1", limit="90", id="B1")
    world.cancel("P1")
    assert [effect.is_exit for effect in world.asked(f.CancelAtBroker)] == [True]
    world.cancel("B1")
    assert [effect.is_exit for effect in world.asked(f.CancelAtBroker)] == [False]
    world.cancel("B1")
    assert world.outcome.effects == ()


def test_alert_ids_count_up_without_gaps():
    world = World()
    for _ in range(3):
        world.hold("1")
        world.buy("0.5", limit="1")
    alerts = [alert.alert_id for alert in world.journal(e.AlertRaised)]
    assert alerts == list(range(1, len(alerts) + 1))


def test_several_alerts_of_one_step_have_ids_of_their_own():
    world = World()
    world.open_account("A2")
    world.reconcile("A2")
    world.disconnect()
    assert len({alert.alert_id for alert in world.of(e.AlertRaised)}) == 2


def test_a_third_wish_is_a_defect(monkeypatch):
    """Two rounds did not settle it: the account only reduces, and somebody is told."""

    def insatiable(turn, message, said):
        turn.alert("A1", "AGAIN", "INFO", "and again")

    world = World()
    monkeypatch.setattr(step, "monitor", insatiable)
    world.buy("1", limit="100")
    placed = world.of(e.RestrictionPlaced)
    assert [(event.key, str(event.state)) for event in placed] == [("defect", "reducing")]
    assert [alert.alert_type for alert in world.of(e.AlertRaised)][-1] == "DEFECT"
    alerts = [alert.alert_id for alert in world.journal(e.AlertRaised)]
    assert alerts == list(range(1, len(alerts) + 1))
    world.assert_replays()


def test_an_order_approved_in_a_record_that_locks_the_account_does_not_stay(monkeypatch):
    def lock(turn, message, said):
        if any(isinstance(event, e.OrderApproved) for event in said):
            monitor.trip_events(turn, turn.state.accounts["A1"], "MANUAL", 0, 0, "lock", "test", 0)
        monitor.monitor(turn, message, said)

    world = World()
    monkeypatch.setattr(step, "monitor", lock)
    world.buy("1", limit="100", id="B1")
    assert world.trading == "reducing"
    assert [event.client_order_id for event in world.of(e.CancelRequested)] == ["B1"]


# --- the runtime's inputs ------------------------------------------


def test_a_start_is_a_new_epoch_that_stands_in_ids():
    world = World()
    world.restart()
    world.connect()
    world.reconcile()
    world.buy("1", limit="100", id="B1")
    assert world.routed("B1") == f"sl2-{world.outcome.seq}"
    assert world.order("B1").decision_id == f"2-{world.outcome.seq}"


def test_an_account_keeps_its_broker_and_currency():
    world = World()
    terms = world.account().terms
    for change in ({"broker": "other"}, {"currency": "EUR"}):
        fields = {name: getattr(terms, name) for name in terms.__struct_fields__} | change
        assert denied_by(world.step(i.OpenAccount(terms=AccountTerms(**fields)))) == "not_allowed"
    world.step(i.OpenAccount(terms=terms))
    assert world.said == ()


def test_new_terms_of_an_account_hold_at_once():
    world = World(limits=Limits(buying_power=True), cash="1000")
    assert denied_by(world.buy("20", limit="100")) == ""
    world.cancel("O1")
    world.gone("O1")
    world.buy("4", "TSLA", limit="100")
    world.open_account("A1", cash="1000", margin_account=False)
    assert_valued_from_scratch(world.state)
    assert denied_by(world.buy("7", limit="100")) == "buying_power"
    assert denied_by(world.buy("6", limit="100")) == ""


def test_an_instrument_is_listed_once():
    world = World()
    world.step(i.ListInstrument(instrument=AAPL))
    assert world.said == ()


def test_a_wall_clock_step_is_told_and_changes_no_time():
    world = World()
    world.step(i.ClockStepped(by=3_600 * 10**9))
    assert [type(event).__name__ for event in world.said] == ["ClockSteppedBy", "RestrictionPlaced", "AlertRaised"]
    assert world.state.at == world.at


def test_a_failing_store_takes_no_new_risk_and_leaves_no_trace_but_an_alert():
    world = World()
    world.hold("10")
    world.step(i.StoreFailing(reason="disk full"))
    assert {type(event) for event in world.said} == {e.AlertRaised}
    assert denied_by(world.buy("1", limit="100")) == "connection"
    assert "disk full" in world.of(e.OrderDenied)[0].message
    assert denied_by(world.sell("5", limit="100")) == ""
    world.step(i.StoreFailing(reason=""))
    assert denied_by(world.buy("1", limit="90")) == ""
    world.assert_replays()


def test_a_timer_that_nobody_set_says_nothing():
    world = World()
    world.step(i.TimerDue(timer_id="breaker:1"))
    assert world.said == ()


# --- replay ------------------------------------------


def busy_day() -> World:
    """A world in which much has happened."""
    world = World(firm="house", group="desk", limits=Limits(daily_loss=10**14))
    world.open_account("A2", fifo=True, firm="house")
    world.schedule("A2")
    world.reconcile("A2")
    world.change_limits(Limits(leverage=10**9), scope="strategy", scope_id="mean")
    world.quote("AAPL", "99", "101")
    world.buy("10", limit="100", id="B1", strategy="mean", actor="ann", client="web")
    world.accept("B1")
    world.replace("B1", "12", limit="99")
    world.fill("B1", "4", "99", exec_id="X1", fee="1")
    world.amend("B1")
    world.buy("0.5", limit="1", id="D1")
    world.buy("7", "TSLA", limit="200", id="B2")
    world.lose("B2")
    world.hold("9", "ES2026-12", price="6900", account="A2")
    world.hold("-4", "ES2026-12", price="6910", account="A2")
    world.quote("ES2026-12", "6905")
    world.sell("4", stop="90", id="P1")
    world.step(i.MarkPnl())
    world.step(i.TripBreaker(account="A1", expires_at=world.at + 10**9))
    world.wait("2")
    world.bust("X1")
    world.next_session()
    world.buy("1", limit="100", id="B3")
    world.kill(keep_positions=True, actor="ann")
    return world


def test_replay_snapshots_and_batches_make_one_state():
    world = busy_day()
    world.assert_replays()
    assert_bounded(world.state)
    assert_valued_from_scratch(world.state)
    world.restart()
    world.assert_replays()


def test_idle_time_and_quotes_are_not_in_the_hash():
    world = busy_day()
    before = state_hash(world.state)
    world.wait("10")
    world.quote("AAPL", "98", "99")
    world.check("buy", "1", limit="90")
    assert state_hash(world.state) == before


def test_each_record_changes_the_hash():
    world = busy_day()
    state, hashes = State(), set()
    for record in world.records:
        fold(state, record.seq, record.at, decode_events(record.body))
        hashes.add(state_hash(state))
    assert len(hashes) == len(world.records)


def test_going_live_values_what_is_held_once_quotes_come():
    world = busy_day()
    state = world.folded()
    assert not state.is_live
    go_live(state)
    assert state.accounts["A2"].equity() is None
    assert state.accounts["A2"].valuation.contracts == qty("5") // 1000
