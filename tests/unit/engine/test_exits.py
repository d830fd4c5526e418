"""Close, flatten, kill: the ways out. None can flip a position; what stands in the way is named (section 3 and 4)."""

import pytest

from stopline.messages import effects as f
from stopline.messages import events as e
from stopline.messages import inputs as i
from stopline.messages import replies as r
from stopline.model.limits import Limits, ScopeKind
from stopline.model.order import OrderType, Side, TimeInForce
from tests.build import World, denied_by, money, qty


def closes(world: World) -> list[tuple[str, int]]:
    """Return side and size of the orders that the last step approved."""
    return [(str(event.request.side), event.request.order_qty) for event in world.of(e.OrderApproved)]


@pytest.mark.parametrize(("held", "side"), [("10", "sell"), ("-10", "buy")])
def test_close_sells_a_long_and_buys_a_short(held, side):
    world = World()
    world.hold(held)
    assert denied_by(world.close()) == ""
    (approved,) = world.of(e.OrderApproved)
    assert (approved.request.side, approved.request.order_qty) == (side, qty("10"))
    assert approved.request.order_type is OrderType.MARKET
    assert approved.reducing
    assert approved.request.reduce_only
    assert [type(effect) for effect in world.asked(f.PlaceOrder)] == [f.PlaceOrder]


@pytest.mark.parametrize(
    ("asked", "closed"),
    [
        ({"size": "4"}, "4"),
        ({"percent": "50"}, "5"),
        ({"percent": "25"}, "2"),  # 2.5 is no lot: less is closed, never more
        ({"percent": "100"}, "10"),
        ({}, "10"),
    ],
    ids=str,
)
def test_close_takes_a_part(asked, closed):
    world = World()
    world.hold("10")
    assert denied_by(world.close(**asked)) == ""
    assert closes(world) == [("sell", qty(closed))]


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"size": "11"}, "bad_request"),
        ({"size": "0"}, "bad_request"),
        ({"percent": "101"}, "bad_request"),
        ({"percent": "5"}, "bad_request"),
        ({"size": "5", "percent": "50"}, "bad_request"),
        ({"symbol": "TSLA"}, "no_position"),
        ({"symbol": "NOPE"}, "unknown_instrument"),
        ({"id": "x" * 129}, "bad_request"),
    ],
    ids=str,
)
def test_close_refuses_what_cannot_be(asked, code):
    world = World()
    world.hold("10")
    assert denied_by(world.close(**asked)) == code
    assert world.said == ()


def test_dust_is_closed_whole_whatever_the_lot():
    world = World()
    world.hold("10.000000001")
    assert denied_by(world.close()) == ""
    assert closes(world) == [("sell", qty("10.000000001"))]


@pytest.mark.parametrize(
    ("held", "protect"),
    [("10", lambda w: w.sell("10", stop="90", id="P1")), ("-10", lambda w: w.buy("10", stop="110", id="P1"))],
    ids=["long", "short"],
)
def test_close_calls_back_the_protective_order_in_its_way(held, protect):
    world = World()
    world.hold(held)
    assert denied_by(protect(world)) == ""
    assert denied_by(world.close(id="C1")) == ""
    assert world.order("C1").state == "pending_release"
    assert [(event.client_order_id, event.is_recall) for event in world.of(e.CancelRequested)] == [("P1", True)]
    assert world.asked(f.PlaceOrder) == [], "nothing goes beside the stop: both could fill"
    world.gone("P1")
    assert [effect.order.request.client_order_id for effect in world.asked(f.PlaceOrder)] == ["C1"]
    world.fill("C1", "10", "100")
    assert world.position().qty == 0
    assert world.order("P1").state == "canceled"
    world.assert_replays()


def test_close_is_possible_beside_a_stop_for_a_part():
    world = World()
    world.hold("10")
    world.sell("4", stop="90", id="P1")
    assert denied_by(world.close(size="6")) == ""
    assert world.of(e.CancelRequested) == []
    assert denied_by(world.close(size="1", id="C2")) == ""
    assert world.order("C2").state == "pending_release"


def test_a_cancel_that_is_not_confirmed_proves_nothing():
    world = World()
    world.hold("10")
    world.sell("10", stop="90", id="P1")
    world.cancel("P1")
    assert denied_by(world.close(id="C1")) == ""
    assert world.asked(f.PlaceOrder) == []
    world.gone("P1")
    assert world.order("P1").state == "canceled", "its owner cancelled it: it does not come back"
    assert len(world.asked(f.PlaceOrder)) == 1


def test_a_second_close_cannot_flip():
    world = World()
    world.hold("10")
    world.close(id="C1")
    assert denied_by(world.close(id="C2")) == "protective_order_working"
    assert world.position().lowest == 0


def test_a_close_sent_again_under_its_id_gets_its_answer():
    world = World()
    world.hold("10")
    world.close(id="C1")
    seq = world.outcome.seq
    assert world.close(id="C1") == r.Repeated("A1", "C1", seq)
    assert world.close(size="10", id="C1") == r.Repeated("A1", "C1", seq)
    assert denied_by(world.close(size="5", id="C1")) == "client_order_id_conflict"
    world.buy("1", limit="90", id="B1")
    assert denied_by(world.close(id="B1")) == "client_order_id_conflict"


def test_a_close_sent_again_gets_its_answer_whatever_became_of_the_position():
    world = World()
    world.hold("10")
    world.close(id="C1")
    seq = world.outcome.seq
    world.fill("C1", "10", "100")
    assert world.close(id="C1") == r.Repeated("A1", "C1", seq)
    assert denied_by(world.close(id="C2")) == "no_position"


def test_no_door_can_make_an_order_that_closes_by_itself():
    assert "closes_position" not in i.SubmitOrder.__struct_fields__


def test_close_is_free_of_every_limit():
    tight = Limits(
        max_order_qty=1,
        max_order_notional=1,
        max_position=1,
        max_position_qty=1,
        concentration=1,
        leverage=1,
        gross_exposure=1,
        net_exposure=1,
        max_open_positions=1,
        buying_power=True,
        stop_required=True,
        short_sale=False,
        deny=("*",),
        quote_max_age=1,
        price_collar=1,
        self_match=True,
        daily_loss=1,
        drawdown_floor=money("999999999"),
    )
    world = World()
    world.hold("10")
    world.change_limits(tight)
    assert denied_by(world.close(size="4")) == ""
    assert denied_by(world.sell("6", limit="50")) == ""
    warned = {finding.check for finding in world.of(e.OrderApproved)[0].findings}
    assert warned <= {"instrument_allowed", "quote_usable", "price_collar"}
    assert "instrument_allowed" in warned


# --- flatten ------------------------------------------


def test_flatten_cancels_everything_and_closes_shorts_first():
    world = World()
    world.hold("10", "AAPL")
    world.hold("-5", "TSLA")
    world.hold("2", "MSFT")
    world.buy("1", "SPY", limit="90", id="B1")
    assert denied_by(world.flatten(reason="home time")) == ""
    assert [event.client_order_id for event in world.of(e.CancelRequested)] == ["B1"]
    assert [(event.request.instrument_id, str(event.request.side)) for event in world.of(e.OrderApproved)] == [
        ("eq:US:TSLA", "buy"),
        ("eq:US:AAPL", "sell"),
        ("eq:US:MSFT", "sell"),
    ]
    routed = [event.routed_order_id for event in world.of(e.OrderApproved)]
    assert len(set(routed)) == 3
    assert [alert.alert_type for alert in world.of(e.AlertRaised)] == ["FLATTEN"]
    world.assert_replays()


def test_flatten_keeps_protection_while_no_close_may_be_sent():
    world = World()
    world.hold("10")
    world.sell("10", stop="90", id="P1")
    world.accept("P1", "b-1")
    world.buy("5", limit="90", id="B1")
    world.accept("B1", "b-2")
    world.reconcile(positions=(("eq:US:AAPL", qty("7"), 0),))
    assert world.trading == "cancel_only"
    reply = world.flatten()
    assert isinstance(reply, r.Done)
    assert (dict(reply.detail)["canceling"], dict(reply.detail)["not_closed"]) == ("B1", "AAPL")
    world.gone("B1")
    world.reconcile()
    assert [event.client_order_id for event in world.of(e.CancelRequested)] == ["P1"]
    world.gone("P1")
    assert [effect.order.request.order_type for effect in world.asked(f.PlaceOrder)] == [OrderType.MARKET]


def test_flatten_of_one_symbol_leaves_the_others():
    world = World()
    world.hold("10", "AAPL")
    world.hold("10", "TSLA")
    world.buy("1", "AAPL", limit="90", id="B1")
    world.buy("1", "TSLA", limit="90", id="B2")
    world.flatten("AAPL")
    assert [event.request.instrument_id for event in world.of(e.OrderApproved)] == ["eq:US:AAPL"]
    assert [event.client_order_id for event in world.of(e.CancelRequested)] == ["B1"]


def test_flatten_of_a_symbol_with_orders_only_cancels_them():
    world = World()
    world.buy("1", "AAPL", limit="90", id="B1")
    assert denied_by(world.flatten("AAPL")) == ""
    assert [event.client_order_id for event in world.of(e.CancelRequested)] == ["B1"]


def test_flatten_of_an_unknown_symbol_is_refused():
    world = World()
    assert denied_by(world.flatten("NOPE")) == "unknown_instrument"
    assert denied_by(World().step(i.Flatten(account="nobody"))) == "unknown_account"


@pytest.mark.parametrize("own", ["close-1-99.0", "external-sl1-1"])
def test_nobody_squats_on_the_ids_that_the_engine_makes(own):
    world = World()
    world.hold("10")
    assert denied_by(world.buy("1", limit="50", id=own)) == "bad_request"
    assert denied_by(world.close(id=own)) == "bad_request"
    assert world.said == ()


# --- kill ------------------------------------------


def test_kill_halts_cancels_entries_and_closes():
    world = World()
    world.hold("10")
    world.buy("5", limit="90", id="B1")
    reply = world.kill(reason="fat finger", actor="ann")
    assert isinstance(reply, r.Done)
    assert dict(reply.detail)["canceling"] == "B1"
    assert world.trading == "halted"
    assert [event.client_order_id for event in world.of(e.CancelRequested)] == ["B1"]
    assert closes(world) == [("sell", qty("10"))]
    placed, flattening = world.of(e.RestrictionPlaced)
    assert (placed.key, flattening.key) == ("kill", "flatten")
    assert (placed.key, placed.reason, placed.actor) == ("kill", "fat finger", "ann")
    assert denied_by(world.buy("1", limit="90")) == "trading_state"
    world.assert_replays()


def test_kill_may_keep_positions_and_protection():
    world = World()
    world.hold("10")
    world.sell("10", stop="90", id="P1")
    world.buy("5", limit="90", id="B1")
    world.kill(keep_positions=True)
    assert [event.client_order_id for event in world.of(e.CancelRequested)] == ["B1"]
    assert world.of(e.OrderApproved) == []
    assert world.order("P1").is_live


def world_with_a_stop_from_outside() -> World:
    """Return a world that is long 10, with a stop for it that somebody placed at the broker."""
    world = World()
    world.hold("10")
    world.step(
        i.ExternalOrderSeen(
            broker="paper", account="A1", routed_order_id="x-1", instrument_id="eq:US:AAPL", side=Side.SELL,
            order_type=OrderType.STOP, order_qty=qty("10"), cum_qty=0, limit_price=None, stop_price=money("90"),
        )
    )  # fmt: skip
    return world


def test_kill_that_keeps_positions_keeps_a_stop_that_was_placed_at_the_broker():
    world = world_with_a_stop_from_outside()
    world.buy("5", limit="90", id="B1")
    world.kill(keep_positions=True)
    assert [event.client_order_id for event in world.of(e.CancelRequested)] == ["B1"]


def test_kill_closes_past_a_stop_that_was_placed_at_the_broker():
    world = world_with_a_stop_from_outside()
    reply = world.kill()
    assert isinstance(reply, r.Done)
    close = dict(reply.detail)["closing"]
    assert [event.client_order_id for event in world.of(e.CancelRequested)] == ["external-x-1"]
    world.gone("external-x-1")
    assert [event.order.request.client_order_id for event in world.of(e.OrderReleased)] == [close]


def test_what_is_owed_takes_a_stop_that_was_placed_at_the_broker_only_for_a_close_that_may_go():
    world = world_with_a_stop_from_outside()
    world.disconnect()
    world.kill()
    world.wait(60)
    assert world.journal(e.CancelRequested) == []
    world.connect()
    world.reconcile()
    assert [event.client_order_id for event in world.of(e.CancelRequested)] == ["external-x-1"]


def test_kill_closes_past_the_own_stop():
    world = World()
    world.hold("10")
    world.sell("10", stop="90", id="P1")
    reply = world.kill()
    assert isinstance(reply, r.Done)
    (close,) = dict(reply.detail)["closing"].split(",")
    assert world.order("P1").is_recalled, "the protection is called back, not given up: the position is still there"
    world.gone("P1")
    world.fill(close, "10", "100")
    assert world.position().qty == 0
    assert not world.account().live


@pytest.mark.parametrize("way_out", [World.kill, World.flatten])
def test_kill_and_flatten_name_what_may_not_be_closed_now(way_out):
    world = World()
    world.hold("10")
    world.disconnect()
    reply = way_out(world)
    assert isinstance(reply, r.Done)
    assert (dict(reply.detail)["closing"], dict(reply.detail)["not_closed"]) == ("", "AAPL")
    told = [alert for alert in world.of(e.AlertRaised) if alert.alert_type == "NOT_CLOSED"]
    assert [(alert.severity, alert.symbol) for alert in told] == [("CRITICAL", "AAPL")]
    assert "AAPL is not being closed: the account is cancel_only" in told[0].message


@pytest.mark.parametrize("end", ["expired", "canceled", "rejected"])
def test_a_close_that_ends_without_having_closed_is_told(end):
    world = World()
    world.hold("10")
    world.close(id="C")
    world.fill("C", "4", "100")
    world.reject("C") if end == "rejected" else world.gone("C", end)
    told = [alert for alert in world.of(e.AlertRaised) if alert.alert_type == "NOT_CLOSED"]
    assert [(alert.severity, alert.symbol) for alert in told] == [("CRITICAL", "AAPL")]
    assert f"AAPL is not being closed any more: C is {end}" in told[0].message


def test_of_a_close_that_was_to_end_or_is_owed_nothing_is_told():
    world = World()
    world.hold("10")
    world.close(id="C")
    world.cancel("C")
    world.gone("C")
    assert world.of(e.AlertRaised) == [], "its owner cancelled it"
    world.flatten()
    (close,) = world.of(e.OrderApproved)
    world.gone(close.request.client_order_id, "expired")
    assert world.of(e.AlertRaised) == [], "it is tried again"


def test_a_denied_close_is_told_and_cancels_nothing():
    world = World()
    world.hold("10")
    world.buy("5", limit="90", id="B1")
    world.disconnect()
    assert denied_by(world.close()) == "trading_state"
    assert [alert.alert_type for alert in world.of(e.AlertRaised)] == ["NOT_CLOSED"]
    assert world.of(e.CancelRequested) == [], "nothing is coming that the entry could trade with"


def test_while_halted_only_close_and_flatten_reduce():
    world = World()
    world.hold("10")
    world.kill(keep_positions=True)
    assert denied_by(world.sell("10", limit="100")) == "trading_state"
    assert denied_by(world.close(size="4")) == ""
    assert denied_by(world.close(size="6")) == ""


def test_kill_of_an_unproven_account_does_not_pretend_to_close():
    world = World()
    world.hold("10")
    world.connect(native_close=False)
    world.disconnect()
    reply = world.kill()
    assert isinstance(reply, r.Done)
    assert dict(reply.detail)["closing"] == "", "a close that was denied closes nothing"


def test_kill_of_a_group_and_of_the_firm():
    for scope, terms in ((ScopeKind.GROUP, {"group": "desk"}), (ScopeKind.FIRM, {"firm": "house"})):
        world = World(**terms)
        world.open_account("A2", **terms)
        world.open_account("A3")
        for name in ("A2", "A3"):
            world.schedule(name)
            world.reconcile(name)
        world.hold("10")
        world.hold("5", account="A2")
        world.hold("5", account="A3")
        world.kill(scope=scope)
        assert [event.request.account for event in world.of(e.OrderApproved)] == ["A1", "A2"]
        assert len({event.routed_order_id for event in world.of(e.OrderApproved)}) == 2
        assert [str(world.account(name).trading_state) for name in ("A1", "A2", "A3")] == ["halted", "halted", "active"]
        assert denied_by(world.buy("1", limit="100", account="A2")) == "trading_state"
        world.restart()
        assert world.account("A2").severity == 3
        world.assert_replays()


@pytest.mark.parametrize(("scope", "kind"), [(ScopeKind.GROUP, "group"), (ScopeKind.FIRM, "firm")])
def test_who_leaves_a_killed_group_takes_the_kill_along(scope, kind):
    world = World(**{kind: "desk"})
    world.open_account("A2", **{kind: "desk"})
    world.kill(scope=scope, keep_positions=True, actor="ann")
    world.open_account("A1", **{kind: ""})
    assert world.trading == "halted"
    assert [event.key for event in world.of(e.RestrictionPlaced)] == ["kill"]
    assert denied_by(world.buy("1", limit="100")) == "trading_state"
    world.open_account("A1", **{kind: "other"})
    assert world.trading == "halted"
    world.assert_replays()
    assert denied_by(world.step(i.ReleaseKill(account="A1", reason="it is over", actor="bob"))) == ""
    assert (world.trading, str(world.account("A2").trading_state)) == ("active", "halted")


@pytest.mark.parametrize("scope", [ScopeKind.GROUP, ScopeKind.FIRM, ScopeKind.USER, ScopeKind.STRATEGY])
def test_kill_of_a_scope_that_the_account_is_not_in(scope):
    assert denied_by(World().kill(scope=scope)) == "bad_request"


def test_kill_survives_a_restart():
    world = World()
    world.kill()
    world.restart()
    world.connect()
    world.reconcile()
    assert world.trading == "halted"


def release(world: World, actor: str, reason: str = "checked") -> str:
    return denied_by(world.step(i.ReleaseKill(account="A1", reason=reason, actor=actor)))


def test_release_needs_a_second_person_or_a_quarter_of_an_hour():
    world = World()
    assert release(world, "bob") == "already_reset"
    world.kill(actor="ann")
    assert release(world, "ann") == "second_person_required"
    assert world.trading == "halted"
    assert world.said == ()
    world.wait("899.999999999")
    assert release(world, "ann") == "second_person_required"
    world.wait("0.000000001")
    assert release(world, "ann", reason=" ") == "bad_request"
    assert release(world, "ann") == ""
    assert world.trading == "active"


def test_release_by_a_second_person_is_at_once():
    world = World()
    world.kill(actor="ann")
    assert release(world, "bob") == ""
    assert world.trading == "active"


def test_release_lifts_the_kill_of_the_group_too_or_nothing():
    world = World(group="desk")
    world.kill(actor="ann")
    world.kill(actor="bob", scope=ScopeKind.GROUP)
    assert release(world, "bob") == "second_person_required", "bob may release ann's, not his own"
    assert "kill" in world.account().restrictions, "all or nothing"
    assert release(world, "cid") == ""
    assert world.trading == "active"


# --- who may reduce ------------------------------------------


@pytest.mark.parametrize(
    ("held", "working", "order", "reduces"),
    [
        ("10", [], ("sell", "10"), True),
        ("10", [], ("sell", "11"), False),
        ("10", [("sell", "4")], ("sell", "6"), True),
        ("10", [("buy", "5")], ("sell", "10"), True),
        ("10", [("buy", "5")], ("sell", "15"), False),  # the buy may never fill
        ("10", [], ("buy", "1"), False),
        ("-10", [], ("buy", "10"), True),
        ("-10", [], ("buy", "11"), False),
        ("-10", [("buy", "4")], ("buy", "6"), True),
        ("-10", [], ("sell", "1"), False),
        ("0", [], ("sell", "1"), False),
        ("0", [], ("buy", "1"), False),
    ],
    ids=str,
)
def test_reducing_means_provably_so(held, working, order, reduces):
    world = World()
    if held != "0":
        world.hold(held)
    for side, size in working:
        world.step(world.asking(Side(side), size, limit="90" if side == "buy" else "110"))
    side, size = order
    assert world.check(side, size, limit="100").reducing is reduces


@pytest.mark.parametrize("state", ["sent", "working", "unknown", "pending_cancel", "partially_filled"])
def test_orders_count_in_the_reducing_test_in_every_live_state(state):
    world = World()
    world.hold("12")
    world.sell("6", limit="100", id="S1")
    {
        "sent": lambda: world.sent("S1"),
        "working": lambda: world.accept("S1"),
        "unknown": lambda: world.lose("S1"),
        "pending_cancel": lambda: world.cancel("S1"),
        "partially_filled": lambda: world.fill("S1", "2", "100"),
    }[state]()
    assert world.order("S1").state == state
    assert denied_by(world.sell("6", limit="101", id="S2")) == ""
    assert world.order("S2").is_at_broker
    world.gone("S2")
    assert denied_by(world.sell("7", limit="101", id="S3")) == ""
    assert world.position().lowest == 0, "beside S1 the whole of it could flip: it goes for what there is"


def test_the_reduce_only_flag_is_a_demand_and_no_proof():
    world = World()
    world.hold("10")
    assert denied_by(world.buy("1", limit="100", reduce_only=True)) == "order_well_formed"
    assert denied_by(world.sell("11", limit="100", reduce_only=True)) == "order_well_formed"
    assert denied_by(world.sell("10", limit="100", reduce_only=True)) == ""


def test_an_exit_cancels_the_own_entries_it_would_trade_with():
    world = World(limits=Limits(self_match=True))
    world.hold("10")
    world.buy("5", limit="99", id="B1")
    world.buy("5", limit="101", id="B2")
    world.buy("5", "TSLA", limit="101", id="T1")
    assert denied_by(world.sell("10", limit="100", id="S1")) == ""
    assert [(event.resting, event.incoming) for event in world.of(e.SelfMatchAvoided)] == [("B2", "S1")]
    kinds = [type(effect).__name__ for effect in world.outcome.effects]
    assert kinds == ["CancelAtBroker", "PlaceOrder"], "the cancel goes first"


@pytest.mark.parametrize(("refuses", "canceled"), [(False, ["B1"]), (True, ["B1", "B2"])])
def test_where_the_broker_refuses_to_let_an_account_meet_itself_stops_are_cancelled_too(refuses, canceled):
    world = World(limits=Limits(self_match=True))
    world.connect(refuses_self_match=refuses)
    world.hold("10")
    world.buy("5", limit="99", id="B1")
    world.buy("5", stop="120", id="B2")
    assert denied_by(world.close()) == ""
    assert [event.resting for event in world.of(e.SelfMatchAvoided)] == canceled


def test_a_market_exit_cancels_every_own_entry_on_the_other_side():
    world = World()
    world.hold("10")
    world.buy("5", limit="99", id="B1")
    world.close()
    assert [event.client_order_id for event in world.of(e.CancelRequested)] == ["B1"]


# --- protection ------------------------------------------


def test_while_reducing_protection_is_not_taken_away():
    world = World()
    world.hold("10")
    world.sell("5", stop="90", id="P1")
    world.accept("P1")
    world.step(i.TripBreaker(account="A1", reason="enough"))
    assert world.order("P1").is_live
    assert denied_by(world.cancel("P1")) == "protection_required"
    assert denied_by(world.replace("P1", stop="89")) == "protection_required"
    assert denied_by(world.replace("P1", "4")) == "protection_required"
    assert denied_by(world.replace("P1", stop="91")) == ""


def test_while_reducing_protection_may_not_be_cancelled_and_the_answer_names_a_way_out():
    world = World()
    world.quote("AAPL", "100", "100.02")
    world.hold("10")
    world.sell("10", stop="90", id="P1")
    world.accept("P1")
    world.step(i.TripBreaker(account="A1", reason="enough"))
    refused = world.cancel("P1")
    assert isinstance(refused, r.Refused)
    assert "a stop_price at the market price triggers it" in refused.fix
    assert denied_by(world.replace("P1", stop="100")) == ""
    world.amend("P1")
    world.fill("P1", "10", "99.99")
    assert world.position().qty == 0


def test_while_active_a_stop_may_be_cancelled():
    world = World()
    world.hold("10")
    world.sell("5", stop="90", id="P1")
    assert denied_by(world.cancel("P1")) == ""


def test_where_a_stop_is_demanded_it_stays():
    world = World(limits=Limits(stop_required=True))
    world.hold("10")
    world.sell("5", stop="90", id="P1")
    world.accept("P1")
    assert denied_by(world.cancel("P1")) == "protection_required"
    world.hold("-10")
    assert denied_by(world.cancel("P1")) == "", "there is nothing left to protect"


@pytest.mark.parametrize(
    ("terms", "hold"),
    [
        pytest.param({}, "release", id="at market: it goes as soon as the stop is out of the way"),
        pytest.param({"limit": "174"}, "release", id="a limit that trades now"),
        pytest.param({"limit": "180"}, "price", id="a limit further away waits for its price; the stop stays"),
        pytest.param({"stop": "160"}, "price", id="a second stop"),
    ],
)
def test_a_sale_that_only_the_own_stop_stands_in_the_way_of_is_accepted(terms, hold):
    world = World()
    world.quote("AAPL", "175", "175.02")
    world.hold("5", "AAPL", "175")
    world.sell("5", stop="170", id="STOP")
    assert denied_by(world.sell("5", id="OUT", **terms)) == ""
    assert world.order("OUT").hold == hold
    assert world.order("STOP").is_recalled is (hold == "release")
    assert world.asked(f.PlaceOrder) == []
    assert world.position().live_sells == qty("5")


@pytest.mark.parametrize("time", [TimeInForce.IOC, TimeInForce.FOK])
def test_what_cannot_wait_is_refused_and_names_what_is_in_its_way(time):
    world = World()
    world.hold("5", "AAPL", "175")
    world.sell("5", stop="170", id="STOP")
    reply = world.sell("5", id="OUT", limit="170", time_in_force=time)
    assert isinstance(reply, r.Refused)
    assert (reply.code, reply.orders) == ("protective_order_working", ("STOP",))
    assert world.account().order("OUT") is None


def test_more_than_is_held_is_a_short_sale_for_the_gate():
    world = World()
    world.hold("5", "AAPL", "175")
    world.sell("5", stop="170", id="STOP")
    assert isinstance(world.sell("6", id="OUT", limit="180"), r.Decided)
    assert not world.of(e.CancelRequested)
