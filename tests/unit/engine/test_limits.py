"""Limits: versions, scopes, arming, cooling-off, second person (semantics.md section 10; reliability.md I14)."""

import pytest
from msgspec import structs

from stopline.engine.decide.limits import COOLING_OFF
from stopline.engine.strictest import LOOSER, MERGE, is_looser, resolve, stricter, symbol_is_looser
from stopline.messages import events as e
from stopline.messages import inputs as i
from stopline.messages import replies as r
from stopline.model.instrument import AssetClass
from stopline.model.limits import DEFAULT_LIMITS, Limits, RateWindow, ScopeKind, SymbolLimit
from stopline.model.numbers import SECOND
from tests.build import DAY, World, denied_by, money, qty, ratio

TEN = Limits(max_order_qty=qty("10"))
FIVE = Limits(max_order_qty=qty("5"))


# --- changing them ------------------------------------------


def test_a_change_is_an_event_with_its_version():
    world = World(limits=TEN)
    assert world.account().limits.version == 1
    assert world.change_limits(FIVE, actor="ann") == r.Done((("version", "2"),))
    (changed,) = world.of(e.LimitsChanged)
    assert (changed.version, changed.actor, changed.reason, changed.limits) == (2, "ann", "test", FIVE)
    book = world.account().limits
    assert (book.version, book.changed_by, book.changed_at) == (2, "ann", world.at)
    assert denied_by(world.buy("6", limit="100")) == "max_order_qty"
    assert world.of(e.OrderDenied)[0].evidence.limits_version == 2


def test_no_change_is_no_event():
    world = World(limits=TEN)
    assert world.change_limits(TEN) == r.Done((("version", "1"),))
    assert world.said == ()


def test_a_change_on_an_old_version_is_refused():
    world = World(limits=TEN)
    world.change_limits(FIVE)
    assert denied_by(world.change_limits(TEN, base_version=1)) == "stale_version"
    assert [type(event) for event in world.said] == [e.LimitsRefused]
    assert denied_by(world.change_limits(TEN, base_version=2)) == ""


@pytest.mark.parametrize(
    "limits",
    [
        Limits(max_order_qty=-1),
        Limits(daily_loss=0),
        Limits(daily_loss=-1),
        Limits(concentration=ratio("1.000001")),
        Limits(order_rate=(RateWindow(0, SECOND),)),
        Limits(order_rate=(RateWindow(1, 0),)),
        Limits(order_rate=(RateWindow(1, DAY),)),
        Limits(trade_frequency=(RateWindow(1, 3_601 * SECOND),)),
        Limits(allow=("ES*",)),
        Limits(deny=("",)),
    ],
    ids=str,
)
def test_limits_that_contradict_themselves_are_refused(limits):
    world = World(limits=TEN)
    assert denied_by(world.change_limits(limits)) == "bad_request"
    assert world.account().limits.own() == TEN


def test_a_floor_may_be_negative():
    assert denied_by(World().change_limits(Limits(drawdown_floor=money("-100")))) == ""


@pytest.mark.parametrize(
    ("scope", "scope_id"),
    [
        (ScopeKind.ACCOUNT, "A1"),
        (ScopeKind.SYMBOL, "AAPL"),
        (ScopeKind.STRATEGY, ""),
        (ScopeKind.USER, ""),
        (ScopeKind.GROUP, "other"),
        (ScopeKind.FIRM, "other"),
        (ScopeKind.FIRM, ""),
    ],
)
def test_scopes_that_cannot_be(scope, scope_id):
    world = World(group="desk", firm="house")
    assert denied_by(world.change_limits(TEN, scope=scope, scope_id=scope_id)) == "bad_request"


def test_of_an_account_that_nobody_knows():
    assert denied_by(World().step(i.ChangeLimits(account="nobody", limits=TEN))) == "unknown_account"
    assert denied_by(World().step(i.ArmAccount(account="nobody"))) == "unknown_account"
    assert denied_by(World().step(i.ApproveLimits(account="nobody", proposal_id=1))) == "unknown_account"


# --- the strictest wins ------------------------------------------


@pytest.mark.parametrize("scope", [ScopeKind.FIRM, ScopeKind.GROUP, ScopeKind.USER, ScopeKind.STRATEGY])
@pytest.mark.parametrize(("own", "other"), [("10", "5"), ("5", "10")])
def test_the_strictest_of_all_scopes_is_in_force(scope, own, other):
    world = World(limits=Limits(max_order_qty=qty(own)), firm="house", group="desk")
    names = {ScopeKind.FIRM: "house", ScopeKind.GROUP: "desk", ScopeKind.USER: "ann", ScopeKind.STRATEGY: "mean"}
    world.change_limits(Limits(max_order_qty=qty(other)), scope=scope, scope_id=names[scope])
    terms = {"actor": "ann", "strategy": "mean"}
    assert denied_by(world.buy("6", limit="100", **terms)) == "max_order_qty"
    assert denied_by(world.buy("5", limit="100", **terms)) == ""


def test_a_strategys_limit_binds_that_strategy_only():
    world = World(limits=TEN)
    world.change_limits(FIVE, scope=ScopeKind.STRATEGY, scope_id="mean")
    assert denied_by(world.buy("6", limit="100", strategy="mean")) == "max_order_qty"
    assert denied_by(world.buy("6", limit="100", strategy="other")) == ""
    assert denied_by(world.buy("6", limit="100")) == ""


def test_no_name_borrows_the_limits_of_another():
    """Strategy `a|b` of user `c` is not strategy `a` of user `b|c`, whoever comes first."""
    world = World()
    world.change_limits(FIVE, scope=ScopeKind.STRATEGY, scope_id="a")
    assert denied_by(world.buy("6", limit="100", strategy="a|b", actor="c")) == ""
    assert denied_by(world.buy("6", limit="100", strategy="a", actor="b|c")) == "max_order_qty"


@pytest.mark.parametrize("scope", [ScopeKind.USER, ScopeKind.STRATEGY])
def test_exposure_limits_of_a_scope_hold_from_its_first_order_on(scope):
    world = World()
    limits = Limits(max_position_qty=qty("10"))
    world.change_limits(limits, scope=scope, scope_id="mean")
    terms = {"strategy": "mean"} if scope is ScopeKind.STRATEGY else {"actor": "mean"}
    assert denied_by(world.buy("11", limit="100", **terms)) == "max_position"
    assert denied_by(world.buy("10", limit="100", **terms)) == ""
    assert denied_by(world.buy("1", limit="100", **terms)) == "max_position"
    assert denied_by(world.buy("1", limit="100")) == ""


@pytest.mark.parametrize("scope", [ScopeKind.FIRM, ScopeKind.GROUP])
def test_exposure_limits_of_a_group_or_firm_count_all_its_accounts(scope):
    world = World(firm="house", group="desk")
    world.open_account("A2", firm="house", group="desk")
    world.schedule("A2")
    world.reconcile("A2")
    world.change_limits(Limits(max_position_qty=qty("10")), scope=scope, scope_id=world_scope(scope))
    assert denied_by(world.buy("6", limit="100")) == ""
    assert denied_by(world.buy("5", limit="100", account="A2")) == "max_position"
    assert denied_by(world.buy("4", limit="100", account="A2")) == ""
    assert denied_by(world.buy("1", limit="100")) == "max_position"


def world_scope(scope: ScopeKind) -> str:
    return {ScopeKind.FIRM: "house", ScopeKind.GROUP: "desk"}[scope]


@pytest.mark.parametrize("scope", [ScopeKind.FIRM, ScopeKind.GROUP])
def test_rates_per_symbol_of_a_group_or_firm_are_counted(scope):
    world = World(firm="house", group="desk")
    limits = Limits(order_rate_per_symbol=(RateWindow(2, SECOND),))
    world.change_limits(limits, scope=scope, scope_id=world_scope(scope))
    assert [denied_by(world.buy("1", limit="100")) for _ in range(3)] == ["", "", "order_rate"]
    assert denied_by(world.buy("1", "TSLA", limit="100")) == ""


def test_a_symbols_limit_and_its_products():
    world = World(limits=Limits(max_position_qty=qty("10")))
    world.symbol_limit("AAPL", max_position_qty=qty("5"))
    assert denied_by(world.buy("6", limit="100")) == "max_position"
    assert denied_by(world.buy("6", "TSLA", limit="100")) == ""
    world.symbol_limit("fut:ES", max_position_qty=qty("2"))
    assert denied_by(world.buy("2", "ES2026-12", limit="6900")) == ""
    assert denied_by(world.buy("1", "ES2027-03", limit="6900")) == "max_position"
    assert world.account().limits.version == 3


def test_a_symbols_limit_is_kept_under_one_name():
    world = World()
    world.symbol_limit("eq:US:AAPL", max_position=money("100"))
    world.symbol_limit("AAPL", max_position=money("200"))
    assert list(world.account().limits.symbols) == ["AAPL"]


@pytest.mark.parametrize(
    "limit", [{"max_position": -1}, {"max_position_qty": -1}, {"concentration": ratio("1.1")}], ids=str
)
def test_symbol_limits_that_cannot_be(limit):
    assert denied_by(World().symbol_limit("AAPL", **limit)) == "bad_request"


# --- armed ------------------------------------------


def armed(limits: Limits = TEN) -> World:
    world = World(limits=limits)
    world.step(i.ArmAccount(account="A1", actor="ann"))
    return world


def test_until_armed_changes_apply_at_once():
    world = World(limits=FIVE)
    assert isinstance(world.change_limits(TEN), r.Done)
    assert denied_by(world.buy("10", limit="100")) == ""


def test_armed_tightening_applies_at_once():
    world = armed()
    assert isinstance(world.change_limits(FIVE), r.Done)
    assert denied_by(world.buy("6", limit="100")) == "max_order_qty"


def test_armed_loosening_waits_for_the_cooling_off_time():
    world = armed(FIVE)
    reply = world.change_limits(TEN, actor="ann")
    assert reply == r.Proposed(1, world.at + COOLING_OFF)
    assert world.account().limits.own() == FIVE
    assert [alert.alert_type for alert in world.of(e.AlertRaised)] == ["LIMITS_PROPOSED"]
    world.restart()
    world.connect()
    world.reconcile()
    world.wait(str(COOLING_OFF // SECOND - 1))
    assert world.account().limits.own() == FIVE
    world.wait("1")
    assert world.account().limits.own() == TEN
    assert world.account().limits.proposals == {}
    assert world.state.timers == {}
    world.assert_replays()


def test_armed_loosening_needs_a_second_person_to_go_sooner():
    world = armed(FIVE)
    world.change_limits(TEN, actor="ann")
    approve = i.ApproveLimits(account="A1", proposal_id=1, actor="ann")
    assert denied_by(world.step(approve)) == "second_person_required"
    assert denied_by(world.step(structs.replace(approve, proposal_id=2))) == "not_allowed"
    assert denied_by(world.step(structs.replace(approve, actor="bob"))) == ""
    assert world.account().limits.own() == TEN
    assert denied_by(world.step(structs.replace(approve, actor="cid"))) == "not_allowed"


def test_loosening_is_barred_while_the_account_is_restricted():
    world = armed(FIVE)
    world.change_limits(TEN, actor="ann")
    world.step(i.TripBreaker(account="A1"))
    assert denied_by(world.change_limits(structs.replace(FIVE, max_order_qty=qty("6")))) == "not_allowed"
    assert denied_by(world.step(i.ApproveLimits(account="A1", proposal_id=1, actor="bob"))) == "not_allowed"
    world.wait(str(COOLING_OFF // SECOND))
    assert world.account().limits.own() == FIVE, "a proposal that comes due meanwhile lapses"
    assert world.account().limits.proposals == {}
    assert isinstance(world.change_limits(Limits(max_order_qty=1)), r.Done), "tightening is always possible"


def test_what_was_tightened_meanwhile_stays_tight():
    """A proposal to loosen one limit must not bring back what another change took away after it."""
    world = armed(Limits(max_order_qty=qty("5"), max_position_qty=qty("100")))
    world.change_limits(Limits(max_order_qty=qty("10"), max_position_qty=qty("100")), actor="ann")
    world.change_limits(Limits(max_order_qty=qty("5"), max_position_qty=qty("20")), actor="bob")
    world.step(i.ApproveLimits(account="A1", proposal_id=1, actor="bob"))
    assert world.account().limits.own().max_position_qty == qty("20")


def test_a_limit_that_was_tightened_since_is_not_loosened_by_an_older_word():
    world = armed(FIVE)
    world.change_limits(TEN, actor="ann")
    world.change_limits(Limits(max_order_qty=qty("2")), actor="ann")
    world.wait(str(COOLING_OFF // SECOND))
    assert world.account().limits.own().max_order_qty == qty("2")
    (closed,) = world.journal(e.ProposalClosed)
    assert (closed.applied, "tightened meanwhile" in closed.reason) == (False, True)
    assert (world.account().limits.proposals, world.state.timers) == ({}, {})
    assert denied_by(world.buy("3", limit="100")) == "max_order_qty"
    world.assert_replays()


def test_a_symbol_limit_that_was_tightened_since_stays():
    world = armed()
    world.symbol_limit("AAPL", max_position_qty=qty("5"))
    world.symbol_limit("AAPL", max_position_qty=qty("6"), actor="ann")
    world.symbol_limit("AAPL", max_position_qty=qty("1"), actor="ann")
    world.step(i.ApproveLimits(account="A1", proposal_id=1, actor="bob"))
    assert world.account().limits.symbols["AAPL"].max_position_qty == qty("1")
    assert [each.applied for each in world.journal(e.ProposalClosed)] == [False]


def test_of_two_loosenings_of_one_limit_the_later_wins():
    world = armed(FIVE)
    world.change_limits(TEN, actor="ann")
    world.change_limits(Limits(max_order_qty=qty("20")), actor="ann")
    for number in (1, 2):
        world.step(i.ApproveLimits(account="A1", proposal_id=number, actor="bob"))
    assert world.account().limits.own().max_order_qty == qty("20")


def test_the_limits_of_a_firm_wait_if_any_of_its_accounts_is_armed():
    world = World(firm="house")
    world.open_account("A2", firm="house")
    world.schedule("A2")
    world.reconcile("A2")
    world.change_limits(FIVE, scope=ScopeKind.FIRM, scope_id="house")
    world.step(i.ArmAccount(account="A1"))
    reply = world.change_limits(TEN, account="A2", scope=ScopeKind.FIRM, scope_id="house")
    assert isinstance(reply, r.Proposed)
    assert denied_by(world.buy("6", limit="100")) == "max_order_qty"


def test_a_loosening_of_a_firm_lapses_while_any_of_its_accounts_is_restricted():
    world = World(firm="house")
    world.open_account("A2", firm="house")
    world.schedule("A2")
    world.reconcile("A2")
    world.change_limits(FIVE, scope=ScopeKind.FIRM, scope_id="house")
    world.step(i.ArmAccount(account="A1"))
    world.change_limits(TEN, scope=ScopeKind.FIRM, scope_id="house")
    world.step(i.TripBreaker(account="A2"))
    world.wait(str(COOLING_OFF // SECOND))
    assert [(each.applied, "'A2' is reducing" in each.reason) for each in world.journal(e.ProposalClosed)] == [
        (False, True)
    ]
    assert world.state.scopes["firm:house"].limits.own() == FIVE


def test_symbol_limits_wait_too():
    world = armed()
    assert isinstance(world.symbol_limit("AAPL", max_position_qty=qty("5")), r.Done)
    assert isinstance(world.symbol_limit("AAPL", max_position_qty=qty("6"), actor="ann"), r.Proposed)
    world.step(i.ApproveLimits(account="A1", proposal_id=1, actor="bob"))
    assert world.account().limits.symbols["AAPL"].max_position_qty == qty("6")


# --- what is looser ------------------------------------------

WINDOW = RateWindow(10, 60 * SECOND)
# field: (stricter, looser); None is in both places where it is the loosest or the strictest there is
DIRECTIONS = {
    "enabled": (True, False),
    "daily_loss": (1, 2),
    "drawdown_floor": (2, 1),
    "max_order_qty": (1, 2),
    "max_order_notional": (1, 2),
    "max_position": (1, 2),
    "max_position_qty": (1, 2),
    "max_contracts": (1, 2),
    "max_open_positions": (1, 2),
    "gross_exposure": (1, 2),
    "net_exposure": (1, 2),
    "concentration": (1, 2),
    "sector_concentration": (1, 2),
    "tag_concentration": (1, 2),
    "leverage": (1, 2),
    "buying_power": (True, False),
    "open_risk": (True, False),
    "stop_required": (True, False),
    "short_sale": (False, True),
    "allow": (("eq:US:AAPL",), ("eq:US:AAPL", "eq:US:TSLA")),
    "deny": (("eq:US:AAPL", "eq:US:TSLA"), ("eq:US:AAPL",)),
    "session_hours": (True, False),
    "quote_max_age": (1, 2),
    "quote_max_spread": (1, 2),
    "quote_min_size": (2, 1),
    "price_collar": (1, 2),
    "self_match": (True, False),
    "duplicate_window": (2, 1),
    "trade_frequency": ((RateWindow(1, SECOND),), (RateWindow(2, SECOND),)),
    "order_rate": ((RateWindow(1, SECOND),), (RateWindow(2, SECOND),)),
    "order_rate_per_user": ((RateWindow(1, SECOND),), (RateWindow(2, SECOND),)),
    "order_rate_per_client": ((RateWindow(1, SECOND),), (RateWindow(2, SECOND),)),
    "order_rate_per_strategy": ((RateWindow(1, SECOND),), (RateWindow(2, SECOND),)),
    "order_rate_per_symbol": ((RateWindow(1, SECOND),), (RateWindow(2, SECOND),)),
    "trades_per_session": (1, 2),
    "breaker_expiry": (2, 1),
    "breakers_reset_with_session": (False, True),
    "reject_burst": (RateWindow(5, 60 * SECOND), RateWindow(10, 60 * SECOND)),
    "money_classes": ((AssetClass.EQUITY, AssetClass.CRYPTO), (AssetClass.EQUITY,)),
}


def test_every_field_has_a_direction():
    assert DIRECTIONS.keys() == set(Limits.__struct_fields__)
    assert MERGE.keys() == set(Limits.__struct_fields__)
    assert LOOSER.keys() <= MERGE.keys()


@pytest.mark.parametrize("name", DIRECTIONS)
def test_the_direction_of(name):
    tight, loose = (structs.replace(Limits(), **{name: value}) for value in DIRECTIONS[name])
    assert is_looser(tight, loose)
    assert not is_looser(loose, tight)
    assert not is_looser(tight, tight)
    both, wanted = getattr(stricter(tight, loose), name), DIRECTIONS[name][0]
    if isinstance(wanted, tuple) and not isinstance(wanted, RateWindow):
        assert name == "allow" or set(both) >= set(wanted)
    else:
        assert both == wanted


NOTHING_IS_LOOSEST = [
    name
    for name in DIRECTIONS
    if getattr(Limits(), name) in (None, ()) and name not in ("breaker_expiry", "short_sale", "money_classes")
]


@pytest.mark.parametrize("name", NOTHING_IS_LOOSEST)
def test_taking_a_limit_away_is_looser(name):
    limits = structs.replace(Limits(), **{name: DIRECTIONS[name][1]})
    assert is_looser(limits, Limits())
    assert not is_looser(Limits(), limits)


@pytest.mark.parametrize(
    ("old", "new", "looser"),
    [
        ({"breaker_expiry": None}, {"breaker_expiry": 1}, True),
        ({"breaker_expiry": 1}, {"breaker_expiry": None}, False),
        ({"short_sale": None}, {"short_sale": True}, True),
        ({"short_sale": None}, {"short_sale": False}, False),
        ({"short_sale": False}, {"short_sale": None}, True),
        ({"reject_burst": WINDOW}, {"reject_burst": RateWindow(5, SECOND)}, True),  # ten in a minute no longer trip
        ({"reject_burst": WINDOW}, {"reject_burst": RateWindow(10, 61 * SECOND)}, False),
        ({"reject_burst": WINDOW}, {"reject_burst": RateWindow(10, 59 * SECOND)}, True),
        ({"order_rate": (WINDOW,)}, {"order_rate": (RateWindow(5, SECOND),)}, True),
        ({"order_rate": (WINDOW,)}, {"order_rate": (WINDOW, RateWindow(5, SECOND))}, False),
        ({"order_rate": (WINDOW,)}, {"order_rate": (RateWindow(9, 61 * SECOND),)}, False),
        ({"allow": ()}, {"allow": ("eq:US:AAPL",)}, False),
        ({"allow": ("eq:US:AAPL",)}, {"allow": ("eq:US:TSLA",)}, True),
        ({"deny": ("eq:US:AAPL",)}, {"deny": ("eq:US:TSLA",)}, True),
        ({"daily_loss": 5, "max_order_qty": 5}, {"daily_loss": 4, "max_order_qty": 6}, True),
    ],
    ids=str,
)
def test_what_is_looser(old, new, looser):
    assert is_looser(Limits(**old), Limits(**new)) is looser


def test_a_field_that_nobody_knows_would_be_a_loosening(monkeypatch):
    monkeypatch.delitem(MERGE, "leverage")
    assert is_looser(Limits(leverage=2), Limits(leverage=1))


@pytest.mark.parametrize("name", SymbolLimit.__struct_fields__)
def test_the_direction_of_symbol_limits(name):
    tight, loose = SymbolLimit(**{name: 1}), SymbolLimit(**{name: 2})
    assert symbol_is_looser(tight, loose)
    assert symbol_is_looser(loose, SymbolLimit())
    assert not symbol_is_looser(loose, tight)
    assert not symbol_is_looser(SymbolLimit(), loose)


def test_allow_lists_of_two_layers_both_hold():
    both = stricter(Limits(allow=("eq:US:*",)), Limits(allow=("eq:US:AAPL", "eq:US:TSLA")))
    assert both.allow == ("eq:US:*&eq:US:AAPL", "eq:US:*&eq:US:TSLA")
    world = World(limits=Limits(allow=("eq:US:*",)), firm="house")
    world.change_limits(Limits(allow=("*AAPL", "fut:*")), scope=ScopeKind.FIRM, scope_id="house")


def test_resolving_keeps_the_only_layer():
    assert resolve((DEFAULT_LIMITS,)) == DEFAULT_LIMITS
    assert resolve((Limits(), DEFAULT_LIMITS)) == structs.replace(DEFAULT_LIMITS)


# --- tightening re-tests working orders ------------------------------------------


def test_tightening_cancels_the_newest_first():
    world = World()
    for n in range(4):
        world.buy("5", limit="100", id=f"B{n}")
    world.change_limits(Limits(max_position_qty=qty("12")))
    cancels = [(event.client_order_id, event.cause) for event in world.of(e.CancelRequested)]
    assert cancels == [("B3", "limits_tightened"), ("B2", "limits_tightened")]


def test_tightening_looks_at_each_order_by_itself_too():
    world = World()
    world.buy("5", limit="100", id="B1")
    world.buy("2", limit="100", id="B2")
    world.change_limits(Limits(max_order_qty=qty("4")))
    assert [event.client_order_id for event in world.of(e.CancelRequested)] == ["B1"]


def test_tightening_leaves_exits_alone():
    world = World()
    world.hold("10")
    world.sell("10", stop="90", id="P1")
    world.buy("5", limit="80", id="B1")
    world.change_limits(Limits(max_order_qty=1, max_position_qty=qty("10")))
    assert [event.client_order_id for event in world.of(e.CancelRequested)] == ["B1"]


def test_tightening_a_firms_limit_looks_at_all_its_accounts():
    world = World(firm="house")
    world.open_account("A2", firm="house")
    world.schedule("A2")
    world.reconcile("A2")
    world.buy("5", limit="100", id="B1")
    world.buy("5", limit="100", id="B2", account="A2")
    world.change_limits(Limits(max_order_qty=qty("4")), scope=ScopeKind.FIRM, scope_id="house")
    assert [(event.account, event.client_order_id) for event in world.of(e.CancelRequested)] == [
        ("A1", "B1"),
        ("A2", "B2"),
    ]


@pytest.mark.parametrize("scope", [ScopeKind.FIRM, ScopeKind.STRATEGY])
def test_tightening_a_scopes_exposure_cancels_the_newest_that_is_too_much(scope):
    world = World(firm="mean")
    for n in range(3):
        world.buy("5", limit="100", id=f"B{n}", strategy="mean")
    world.change_limits(Limits(max_position_qty=qty("10")), scope=scope, scope_id="mean")
    assert [event.client_order_id for event in world.of(e.CancelRequested)] == ["B2"]


def test_a_limit_passed_by_price_alone_cancels_and_flattens_nothing():
    world = World(limits=Limits(max_position=money("1000")))
    world.quote("AAPL", "100")
    world.hold("9", price="100")
    world.buy("1", limit="100", id="B1")
    world.quote("AAPL", "150")
    assert world.said == ()
    assert denied_by(world.buy("1", limit="150")) == "max_position"


@pytest.mark.parametrize("kind", ["group", "firm"])
def test_an_account_takes_what_it_holds_and_works_along_into_another_group_or_firm(kind):
    world = World(**{kind: "old"})
    world.quote("AAPL", "100", "100.02")
    world.hold("10")
    world.buy("5", limit="100", id="B1")
    world.accept("B1")
    world.open_account("A1", **{kind: "new"})
    sums = {key: scope.positions["eq:US:AAPL"] for key, scope in world.state.scopes.items()}
    left, joined = sums[f"{kind}:old"], sums[f"{kind}:new"]
    assert (left.qty, left.working_buys, left.buy_money) == (0, 0, 0)
    assert (joined.qty, joined.working_buys) == (qty("10"), qty("5"))
    assert joined.buy_money == world.position().buy_money
    world.gone("B1")
    world.hold("-10")
    assert (joined.qty, joined.working_buys, joined.buy_money) == (0, 0, 0), "nothing less than nothing is left"
    world.open_account("A1")
    assert (joined.qty, joined.working_buys) == (0, 0)
    world.assert_replays()


def test_what_an_account_brings_into_a_group_counts_in_the_groups_limits_at_once():
    world = World()
    world.quote("AAPL", "100", "100.02")
    world.hold("10")
    world.open_account("A2", group="desk")
    world.change_limits(Limits(max_position_qty=qty("12")), scope=ScopeKind.GROUP, scope_id="desk", account="A2")
    world.open_account("A1", group="desk")
    assert denied_by(world.buy("3", limit="100")) == "max_position"
    assert denied_by(world.buy("2", limit="100")) == ""
