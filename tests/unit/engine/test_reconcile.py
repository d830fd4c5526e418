"""Our book against the broker's: what agrees is proven, a difference is named (sections 4 and 8; F20, F21, F28)."""

import pytest

from stopline.messages import effects as f
from stopline.messages import events as e
from stopline.messages import inputs as i
from stopline.model.order import OrderType, Side
from tests.build import AAPL, TSLA, World, denied_by, money, qty, usd

HELD = (AAPL.instrument_id, qty("10"), money("1000"))


def kinds(world: World) -> list[str]:
    return [type(event).__name__ for event in world.said]


# --- connection ------------------------------------------


def test_until_the_broker_agrees_nothing_new_is_risked():
    world = World()
    world.open_account("A2")
    assert str(world.account("A2").trading_state) == "cancel_only"
    world.reconcile("A2")
    assert str(world.account("A2").trading_state) == "active"
    assert [type(event).__name__ for event in world.said] == ["AccountProven", "RestrictionLifted"]


def test_a_lost_connection_leaves_only_cancels():
    world = World()
    world.hold("10")
    world.connect(native_close=False)
    world.buy("1", limit="90", id="B1")
    world.disconnect(reason="cable")
    assert world.trading == "cancel_only"
    assert [(a.alert_type, a.severity) for a in world.of(e.AlertRaised)] == [("connection_lost", "WARNING")]
    assert denied_by(world.buy("1", limit="90")) == "trading_state"
    assert denied_by(world.sell("10", limit="90")) == "trading_state"
    assert denied_by(world.close()) == "trading_state"
    assert denied_by(world.cancel("B1")) == ""
    world.disconnect()
    assert world.said == ()


def test_a_broker_that_closes_natively_may_close_while_nothing_is_proven():
    world = World()
    world.hold("10")
    world.connect(native_close=True)
    world.disconnect()
    assert denied_by(world.sell("1", limit="90")) == "trading_state"
    assert denied_by(world.close()) == ""


def test_connected_again_is_not_proven_yet():
    world = World()
    world.disconnect()
    world.connect()
    assert world.trading == "cancel_only"
    world.reconcile()
    assert world.trading == "active"


def test_a_picture_from_before_the_line_was_cut_proves_nothing():
    world = World()
    world.disconnect()
    world.reconcile()
    assert world.trading == "cancel_only"
    world.connect()
    world.reconcile()
    assert world.trading == "active"


def test_one_brokers_trouble_is_not_anothers():
    world = World()
    world.open_account("A2", broker="other")
    world.connect("other")
    world.schedule("A2")
    world.reconcile("A2")
    world.disconnect("other")
    assert world.trading == "active"
    assert str(world.account("A2").trading_state) == "cancel_only"


def test_the_same_news_twice_says_nothing():
    world = World()
    world.connect()
    assert world.said == ()
    world.reconcile()
    assert world.said == ()


# --- positions ------------------------------------------


@pytest.mark.parametrize(
    ("theirs", "named"),
    [
        ((), ["AAPL"]),
        (((AAPL.instrument_id, qty("9"), 0),), ["AAPL"]),
        (((AAPL.instrument_id, qty("-10"), 0),), ["AAPL"]),
        ((HELD, (TSLA.instrument_id, qty("1"), 0)), ["TSLA"]),
        (((TSLA.instrument_id, qty("1"), 0),), ["AAPL", "TSLA"]),
        (((AAPL.instrument_id, qty("11"), 0), ("eq:US:NEW", qty("3"), 0)), ["AAPL", "NEW"]),
    ],
    ids=["missing is not flat", "less", "other side", "one more", "another", "one that nobody knows"],
)
def test_a_position_that_differs_is_a_mismatch(theirs, named):
    world = World()
    world.hold("10")
    world.reconcile(positions=theirs)
    assert world.trading == "cancel_only"
    (found,) = world.of(e.MismatchFound)
    assert len(found.differences) == len(named)
    assert all(name in text for name, text in zip(named, sorted(found.differences), strict=True))
    assert world.position().qty == qty("10"), "a snapshot never voids a fill"
    assert len(world.asked(f.Reconcile)) == 1
    before = len(world.records)
    world.reconcile(positions=theirs)
    assert len(world.records) == before, "the same difference is told once"
    world.reconcile(positions=(HELD,))
    assert world.trading == "active"
    world.assert_replays()


def test_dust_below_the_lot_counts_as_flat():
    world = World()
    world.hold("10")
    world.reconcile(positions=((AAPL.instrument_id, qty("10.999999999"), 0),))
    assert world.trading == "active"
    world.reconcile(positions=((AAPL.instrument_id, qty("11"), 0),))
    assert world.trading == "cancel_only"


def test_a_mismatch_survives_a_restart():
    world = World()
    world.reconcile(positions=(HELD,))
    world.restart()
    world.connect()
    world.reconcile(positions=(HELD,))
    assert world.trading == "cancel_only"
    assert set(world.account().restrictions) >= {"mismatch"}


# --- cash ------------------------------------------


def test_cash_that_differs_is_the_brokers_and_is_pnl():
    world = World()
    world.reconcile(cash=money("100012.34"))
    assert world.trading == "active"
    assert usd(world.account().cash) == "100012.34"
    assert usd(world.account().total_pnl()) == "12.34"
    assert [usd(event.difference) for event in world.of(e.CashReported)] == ["12.34"]
    assert [alert.alert_type for alert in world.of(e.AlertRaised)] == ["CASH_DIFFERENCE"]


def test_cash_after_a_fill():
    world = World()
    world.step(i.AccountReported(broker="paper", account="A1", cash=money("100000")))
    assert world.said == ()
    world.step(i.AccountReported(broker="paper", account="A1", cash=money("99999")))
    assert usd(world.account().total_pnl()) == "-1.00"
    world.step(i.AccountReported(broker="paper", account="nobody", cash=1))
    assert world.said == ()


def test_cash_of_a_mismatched_picture_is_not_taken():
    world = World()
    world.reconcile(positions=(HELD,), cash=money("1"))
    assert usd(world.account().cash) == "100000.00"


def test_a_transfer_is_no_pnl():
    world = World()
    paid = i.CashTransferred(broker="paper", account="A1", transfer_id="T1", amount=money("5000"))
    world.step(paid)
    world.step(paid)
    assert usd(world.account().cash) == "105000.00"
    assert world.pnl() == ("0.00", "0.00", "0.00")
    world.hold("10", price="100", fee="1")
    world.quote("AAPL", "101")
    world.step(i.CashTransferred(broker="paper", account="A1", transfer_id="T2", amount=money("-20000")))
    assert world.pnl() == ("-1.00", "10.00", "9.00")
    world.assert_replays()
    world.next_session()
    assert world.pnl() == ("0.00", "0.00", "0.00")


# --- orders ------------------------------------------


def test_an_order_that_works_here_and_not_there_is_a_mismatch_and_is_asked_after():
    world = World()
    world.buy("1", limit="90", id="B1")
    world.accept("B1")
    world.reconcile(working=())
    assert world.trading == "cancel_only"
    assert [query.routed_order_id for query in world.asked(f.QueryOrder)] == [world.routed("B1")]
    assert world.position().working_buys == qty("1"), "a missing report is no proof"
    world.gone("B1")
    world.reconcile()
    assert world.trading == "active"


def test_an_order_that_works_there_and_not_here_is_a_mismatch_until_it_is_booked():
    world = World()
    world.reconcile(working=("their-1",))
    assert world.trading == "cancel_only"
    world.step(seen())
    world.reconcile()
    assert world.trading == "active"
    assert world.position().working_buys == qty("7")


@pytest.mark.parametrize("state", ["approved", "sent"])
def test_an_order_on_its_way_is_no_mismatch(state):
    world = World()
    world.buy("1", limit="90", id="B1")
    if state == "sent":
        world.sent("B1")
    world.reconcile(working=())
    assert world.trading == "active"
    assert world.position().working_buys == qty("1")


def test_an_order_of_unknown_outcome_keeps_the_account_unproven():
    world = World()
    world.buy("1", limit="90", id="B1")
    world.lose("B1")
    world.reconcile(working=())
    assert world.trading == "cancel_only"
    assert [query.routed_order_id for query in world.asked(f.QueryOrder)] == [world.routed("B1")]


def test_a_cancel_under_way_for_an_order_that_never_left_is_doubt_and_no_lost_order():
    world = World()
    world.buy("1", limit="90", id="B1")
    world.cancel("B1")
    world.restart()
    world.connect()
    world.reconcile(working=())
    (mismatch,) = [event for event in world.said if isinstance(event, e.MismatchFound)]
    assert mismatch.differences == ("order B1 has an unknown outcome",)
    assert [query.routed_order_id for query in world.asked(f.QueryOrder)] == [world.routed("B1")]


# --- unknown outcome ------------------------------------------


def test_a_timeout_is_no_rejection():
    world = World()
    world.buy("5", limit="90", id="B1")
    world.sent("B1")
    world.lose("B1")
    assert world.order("B1").state == "unknown"
    assert world.position().working_buys == qty("5")
    assert [type(effect).__name__ for effect in world.outcome.effects] == ["QueryOrder", "Notify"]
    world.lose("B1")
    assert world.said == ()
    world.assert_replays()


def test_it_is_never_sent_again():
    world = World()
    world.buy("5", limit="90", id="B1")
    placed = len([effect for effect in world.effects if isinstance(effect, f.PlaceOrder)])
    world.lose("B1")
    world.restart()
    world.connect()
    world.reconcile(working=())
    world.buy("5", limit="90", id="B1")
    assert len([effect for effect in world.effects if isinstance(effect, f.PlaceOrder)]) == placed == 1


def test_a_restart_makes_unanswered_orders_unknown():
    world = World()
    for name in ("B1", "B2", "B3"):
        world.buy("5", limit="90", id=name)
    world.sent("B2")
    world.accept("B3")
    world.restart()
    assert [str(world.order(name).state) for name in ("B1", "B2", "B3")] == ["unknown", "unknown", "working"]
    assert len(world.asked(f.QueryOrder)) == 2
    assert world.asked(f.PlaceOrder) == []
    assert world.position().working_buys == qty("15")
    assert world.trading == "cancel_only"


@pytest.mark.parametrize("answer", ["accepted", "filled", "canceled", "rejected", "partly filled"])
def test_the_brokers_answer_resolves_it(answer):
    world = World()
    world.buy("5", limit="90", id="B1")
    world.lose("B1")
    {
        "accepted": lambda: world.accept("B1"),
        "filled": lambda: world.fill("B1", "5", "90"),
        "canceled": lambda: world.gone("B1"),
        "rejected": lambda: world.reject("B1"),
        "partly filled": lambda: world.fill("B1", "2", "90"),
    }[answer]()
    state, reserved = {
        "accepted": ("working", "5"),
        "filled": ("filled", "0"),
        "canceled": ("canceled", "0"),
        "rejected": ("rejected", "0"),
        "partly filled": ("unknown", "3"),  # it lived; nothing says that it still does
    }[answer]
    assert world.order("B1").state == state
    assert world.position().working_buys == qty(reserved)


@pytest.mark.parametrize("outcome", ["canceled", "expired", "rejected"])
def test_an_admin_may_resolve_it(outcome):
    world = World()
    world.buy("5", limit="90", id="B1")
    resolve = i.ResolveOrder(account="A1", client_order_id="B1", outcome=outcome, reason="phoned them", actor="ann")
    assert denied_by(world.step(resolve)) == "not_allowed", "it is not unknown"
    world.lose("B1")
    assert denied_by(world.step(resolve)) == ""
    assert world.order("B1").state == outcome
    assert "ann" in world.order("B1").reason
    assert world.position().working_buys == 0
    world.assert_replays()


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"outcome": "filled"}, "bad_request"),
        ({"reason": " "}, "bad_request"),
        ({"client_order_id": "nope"}, "unknown_order"),
        ({"account": "nobody"}, "unknown_account"),
    ],
    ids=str,
)
def test_what_an_admin_cannot_resolve(fields, code):
    world = World()
    world.buy("5", limit="90", id="B1")
    world.lose("B1")
    asked = {"account": "A1", "client_order_id": "B1", "outcome": "canceled", "reason": "phoned them"} | fields
    assert denied_by(world.step(i.ResolveOrder(**asked))) == code
    assert world.position().working_buys == qty("5")


def test_dead_by_the_broker_with_fills_that_never_reached_us_is_unknown():
    world = World()
    world.buy("5", limit="90", id="B1")
    world.accept("B1")
    world.fill("B1", "1", "90")
    world.gone("B1", cum="3")
    assert world.order("B1").state == "unknown"
    assert world.position().working_buys == qty("4")
    assert "FILLS_MISSING" in [alert.alert_type for alert in world.of(e.AlertRaised)]
    world.gone("B1", cum="3")
    assert world.said == ()
    world.fill("B1", "2", "90")
    world.gone("B1", cum="3")
    assert world.order("B1").state == "canceled"
    assert world.position().working_buys == 0


# --- what we did not send ------------------------------------------


def seen(**terms: object) -> i.ExternalOrderSeen:
    base: dict[str, object] = {
        "broker": "paper",
        "account": "A1",
        "routed_order_id": "their-1",
        "instrument_id": AAPL.instrument_id,
        "side": Side.BUY,
        "order_type": OrderType.LIMIT,
        "order_qty": qty("10"),
        "cum_qty": qty("3"),
        "limit_price": money("100"),
    }
    return i.ExternalOrderSeen(**(base | terms))


def test_an_order_that_we_did_not_send_counts_everywhere():
    world = World()
    world.step(seen())
    assert (world.position().working_buys, world.position().buy_money) == (qty("7"), money("700"))
    assert [alert.alert_type for alert in world.of(e.AlertRaised)] == ["EXTERNAL_ORDER"]
    world.step(seen())
    assert world.said == ()
    world.change_limits(max_position_qty=qty("8"))
    assert denied_by(world.buy("2", limit="90")) == "max_position"
    assert denied_by(world.buy("1", limit="90")) == ""
    world.assert_replays()


def test_its_first_fill_is_a_trade_for_the_rules_where_it_opens():
    """Rules look at trades that nobody asked us about; a stop that somebody placed at the broker is an exit."""
    world = World()
    world.step(seen(cum_qty=0))
    (cid,) = world.account().live
    world.fill(cid, "4", "100")
    world.wait(1)
    world.fill(cid, "6", "100")
    history = world.account().history
    assert (history.session_trades, history.trade_times.count) == (1, 1)
    world.step(seen(routed_order_id="their-2", side=Side.SELL, order_qty=qty("10"), cum_qty=0))
    (cid,) = world.account().live
    world.fill(cid, "10", "100")
    assert (world.position().qty, history.session_trades) == (0, 1)


def test_its_fills_and_its_end_find_it():
    world = World()
    world.step(seen())
    (cid,) = world.account().live
    world.fill(cid, "2", "100")
    assert (world.position().qty, world.position().working_buys) == (qty("2"), qty("5"))
    assert world.account().day.trades == 0
    world.gone(cid)
    assert world.position().working_buys == 0
    assert world.account().live == {}


def test_without_a_price_it_is_held_at_the_mark_or_hides_the_worst_case():
    market = {"order_type": OrderType.MARKET, "limit_price": None}
    world = World()
    world.quote("AAPL", "120")
    world.step(seen(**market))
    assert world.position().buy_money == money("840")
    world = World()
    world.step(seen(**market))
    assert world.position().unvalued_orders == 1
    assert world.account().equity() == money("100000")
    world.change_limits(leverage=10**9)
    assert denied_by(world.buy("1", "TSLA", limit="100")) == "leverage"


def test_a_breaker_cancels_it_too():
    world = World()
    world.step(seen())
    world.step(i.TripBreaker(account="A1"))
    assert len(world.of(e.CancelRequested)) == 1


def test_in_an_instrument_that_nobody_knows_it_is_critical():
    world = World()
    world.step(seen(instrument_id="eq:US:NEW"))
    assert [(a.alert_type, a.severity) for a in world.said] == [("EXTERNAL_ORDER", "CRITICAL")]


def test_of_an_account_that_nobody_knows_it_says_nothing():
    world = World()
    world.step(seen(account="nobody"))
    assert world.said == ()
    world.step(i.AccountReconciled(broker="paper", account="nobody", cash=0, positions=(), working=()))
    assert [alert.alert_type for alert in world.said] == ["UNKNOWN_ACCOUNT"]
