"""The gate: precedence, reports, unknown is denied, warnings, wider scopes (semantics.md sections 2, 3 and 5)."""

import pytest
from msgspec import structs

from stopline.checks import CHECKS
from stopline.checks.leverage import Leverage
from stopline.checks.max_order_notional import MaxOrderNotional
from stopline.checks.price_collar import PriceCollar
from stopline.engine import assemble
from stopline.engine.gate import NEVER_ONLY_WARN, WARN_EXITS
from stopline.engine.prices import worst_price
from stopline.messages import events as e
from stopline.messages import inputs as i
from stopline.messages import replies as r
from stopline.model.limits import DEFAULT_LIMITS, Limits, ScopeKind
from stopline.model.numbers import SECOND
from stopline.model.order import OrderType, Side
from stopline.state.market import QuoteRecord
from tests.build import AAPL, World, denied_by, money, qty, usd

NAMES = [check.name for check in CHECKS]

# --- precedence and reports ------------------------------------------


def test_the_first_failure_decides_and_the_report_lists_all():
    world = World(limits=DEFAULT_LIMITS)
    world.symbol_limit("TSLA", max_position=money("3000"))
    world.buy("100", "TSLA", limit="250")
    (denied,) = world.of(e.OrderDenied)
    assert denied.check == "max_order_notional"
    assert [finding.check for finding in denied.findings] == NAMES
    failed = {finding.check: finding for finding in denied.findings if finding.status == "denied"}
    assert set(failed) == {"max_order_notional", "max_position"}
    assert (usd(failed["max_position"].observed), usd(failed["max_position"].limit)) == ("25000.00", "3000.00")
    assert usd(failed["max_position"].headroom) == "-22000.00"
    assert denied.message == failed["max_order_notional"].reason
    assert {f.check for f in denied.findings if f.status == "not_armed"} >= {"drawdown", "max_contracts", "open_risk"}
    (alert,) = world.of(e.AlertRaised)
    assert (alert.alert_type, alert.severity, alert.symbol) == ("ORDER_REJECTED", "WARNING", "TSLA")


def test_an_approval_carries_its_evidence():
    world = World(limits=DEFAULT_LIMITS)
    world.quote("AAPL", "99", "101")
    world.hold("5", price="100")
    world.buy("2", limit="100", id="B1")
    world.buy("1", limit="100", id="B2", actor="ann", client="web-7")
    (approved,) = world.of(e.OrderApproved)
    evidence = approved.evidence
    assert (evidence.bid, evidence.ask, evidence.mark) == (money("99"), money("101"), money("100"))
    assert (evidence.position, evidence.working_buys, evidence.working_sells) == (qty("5"), qty("2"), 0)
    assert (usd(evidence.equity), usd(evidence.day_pnl), evidence.limits_version) == ("100000.00", "0.00", 1)
    assert (approved.actor, approved.client, approved.findings) == ("ann", "web-7", ())
    assert approved.decision_id == f"1-{world.outcome.seq}"
    assert approved.routed_order_id == f"sl1-{world.outcome.seq}"


def test_a_check_reserves_nothing_and_says_nothing():
    world = World(limits=DEFAULT_LIMITS)
    before = world.state.seq
    found = world.check("buy", "100", limit="175")
    assert (found.approved, found.check, found.max_passing_qty) == (False, "max_order_notional", qty("5"))
    assert [finding.check for finding in found.findings] == NAMES
    passed = world.check("buy", "5", limit="175")
    assert (passed.approved, passed.check, passed.max_passing_qty) == (True, "", qty("5"))
    assert (world.state.seq, world.position().working_buys) == (before, 0)


def test_a_check_and_the_decision_agree():
    world = World(limits=DEFAULT_LIMITS)
    for size in ("5", "6"):
        told = world.check("buy", size, limit="175", id=f"B{size}")
        reply = world.buy(size, limit="175", id=f"B{size}")
        assert denied_by(reply) == told.check
        if isinstance(reply.decision, e.OrderDenied):
            assert reply.decision.findings == told.findings


# --- the largest quantity that passes ------------------------------------------


@pytest.mark.parametrize(
    ("limits", "asked", "most"),
    [
        (Limits(max_order_qty=qty("7")), "10", "7"),
        (Limits(max_order_notional=money("999.99")), "10", "9"),
        (Limits(max_order_notional=money("99.99")), "10", "0"),
        (Limits(max_order_notional=money("1000"), max_position_qty=qty("3")), "20", "3"),
        (Limits(max_position=money("500"), max_order_qty=qty("9")), "10", "5"),
        (Limits(leverage=10**6, max_order_qty=qty("2000")), "3000", "1000"),
    ],
    ids=str,
)
def test_max_passing_qty_is_the_largest_that_passes_all_checks(limits, asked, most):
    world = World(limits=limits)
    world.buy(asked, limit="100")
    (denied,) = world.of(e.OrderDenied)
    assert denied.max_passing_qty == qty(most)
    if most != "0":
        assert denied_by(world.buy(denied.max_passing_qty, limit="100")) == ""


def test_max_passing_qty_may_be_what_reduces():
    world = World(limits=Limits(max_order_qty=qty("3")))
    world.hold("10")
    world.sell("20", limit="100")
    assert world.of(e.OrderDenied)[0].max_passing_qty == qty("10"), "ten reduce, whatever the limit"


def test_it_is_said_only_where_size_is_the_matter():
    world = World(limits=Limits(deny=("*",)))
    world.buy("10", limit="100")
    assert world.of(e.OrderDenied)[0].max_passing_qty is None
    world.buy("10", "NOPE", limit="100")
    assert world.of(e.OrderDenied)[0].max_passing_qty is None


# --- unknown is denied ------------------------------------------


def test_an_unknown_instrument_is_denied_and_remembered():
    world = World()
    world.buy("1", "NOPE", limit="100", id="B1")
    (denied,) = world.of(e.OrderDenied)
    assert (denied.check, denied.symbol) == ("order_well_formed", "NOPE")
    assert "NOPE" in denied.message
    assert isinstance(world.buy("1", "NOPE", limit="100", id="B1"), r.Repeated)
    assert denied_by(world.buy("1", "WRONG", limit="100", id="B1")) == "client_order_id_conflict"
    found = world.check("buy", "1", "NOPE", limit="100")
    assert not found.approved
    world.assert_replays()


def test_a_denied_id_stays_denied_though_the_instrument_is_listed_since():
    world = World(instruments=())
    world.buy("1", "AAPL", limit="100", id="B1")
    seq = world.outcome.seq
    world.step(i.ListInstrument(instrument=AAPL))
    assert world.buy("1", "AAPL", limit="100", id="B1") == r.Repeated("A1", "B1", seq)
    assert denied_by(world.buy("2", "AAPL", limit="100", id="B1")) == "client_order_id_conflict"
    assert denied_by(world.buy("1", "AAPL", limit="100", id="B2")) == ""


def test_an_unknown_account_is_refused_and_consumes_no_id():
    world = World()
    assert denied_by(world.buy("1", limit="100", account="nobody", id="B1")) == "unknown_account"
    assert world.said == ()
    unknown = i.CheckOrder(order=world.asking(Side.BUY, "1", account="nobody"))
    assert denied_by(world.step(unknown)) == "unknown_account"


@pytest.mark.parametrize("size", [0, 129])
def test_a_client_order_id_has_1_to_128_characters(size):
    world = World()
    assert denied_by(world.buy("1", limit="100", id="x" * size)) == "bad_request"
    assert world.said == ()
    assert denied_by(world.buy("1", limit="100", id="x" * 128)) == ""


@pytest.mark.parametrize("limit", ["max_order_notional", "max_position", "concentration", "leverage"])
def test_a_market_order_that_nothing_can_value_is_denied(limit):
    world = World(limits=Limits(**{limit: 10**6}))
    assert denied_by(world.buy("1")) == limit
    assert denied_by(world.check("buy", "1")) == limit


def test_no_equity_is_no_ratio():
    world = World(limits=Limits(leverage=2_000_000), cash="0")
    assert denied_by(world.buy("1", limit="100")) == "leverage"
    world = World(limits=Limits(leverage=2_000_000), cash="-1")
    assert denied_by(world.buy("1", limit="100")) == "leverage"


# --- an exception in a check ------------------------------------------


@pytest.mark.parametrize("where", ["observe", "explain"])
@pytest.mark.parametrize("kind", [MaxOrderNotional, Leverage, PriceCollar])
def test_a_check_that_raises_denies(monkeypatch, where, kind):
    def burst(*_: object) -> None:
        raise ZeroDivisionError

    world = World(limits=structs.replace(DEFAULT_LIMITS, enabled=False))
    world.quote("AAPL", "100")
    world.hold("1", price="100")
    # Check sets hold bound methods, shared by all accounts: they must be made with the planted one, and not outlive it.
    monkeypatch.setattr(assemble, "questions", assemble.questions.__wrapped__)
    monkeypatch.setattr(kind, where, burst)
    world.account().armed.clear()
    if where == "observe":
        reply = world.buy("1", limit="100")
        assert denied_by(reply) == kind.name
        assert "failed to judge" in reply.decision.message
    world.change_limits(structs.replace(DEFAULT_LIMITS, max_order_notional=1, leverage=1, price_collar=1))
    reply = world.buy("1", limit="110")
    assert denied_by(reply)
    failed = {finding.check: finding.reason for finding in reply.decision.findings if finding.status == "denied"}
    assert "failed to judge" in failed[kind.name]
    assert denied_by(world.close()) == "", "an exit asks for no limit, and goes"


def test_a_check_that_raises_for_a_scope_denies(monkeypatch):
    def burst(*_: object) -> None:
        raise ZeroDivisionError

    world = World()
    world.change_limits(Limits(leverage=10**9), scope=ScopeKind.STRATEGY, scope_id="mean")
    monkeypatch.setattr(Leverage, "explain", burst)
    assert denied_by(world.buy("1", limit="100", strategy="mean")) == "leverage"


# --- limits that only warn ------------------------------------------


def test_switched_off_limits_warn():
    world = World(limits=structs.replace(DEFAULT_LIMITS, enabled=False))
    assert denied_by(world.buy("100", limit="175")) == ""
    (approved,) = world.of(e.OrderApproved)
    assert {finding.check for finding in approved.findings} == {"max_order_notional", "max_position"}
    assert {finding.status for finding in approved.findings} == {"warned"}


def test_what_is_no_limit_denies_all_the_same():
    world = World(limits=structs.replace(DEFAULT_LIMITS, enabled=False))
    assert denied_by(world.buy("0.5", limit="175")) == "order_well_formed"
    world.step(i.TripBreaker(account="A1"))
    assert denied_by(world.buy("100", limit="175")) == "trading_state"
    assert world.check("buy", "100", limit="175").findings[6].status == "warned"


def test_lists_name_real_checks():
    assert set(NAMES) >= NEVER_ONLY_WARN
    assert set(NAMES) >= WARN_EXITS
    assert {check.name for check in CHECKS if check.binds_exits} == {
        "order_well_formed",
        "duplicate_order",
        "trading_state",
    }


# --- identity ------------------------------------------


def test_the_same_id_and_body_get_the_same_answer_forever():
    world = World(limits=Limits(max_order_qty=qty("5")))
    for size in ("5", "6"):
        world.buy(size, limit="100", id=f"B{size}")
        seq = world.outcome.seq
        world.change_limits(Limits(max_order_qty=qty("1") if size == "5" else qty("100")))
        assert world.buy(size, limit="100", id=f"B{size}") == r.Repeated("A1", f"B{size}", seq)
        assert world.said == ()


@pytest.mark.parametrize(
    "other",
    [
        {"limit": "101"},
        {"size": "4"},
        {"symbol": "TSLA"},
        {"side": "sell"},
        {"strategy": "mean"},
        {"stop": "100"},
        {"reduce_only": True},
        {"tags": "x"},
    ],
    ids=str,
)
def test_another_body_under_the_same_id_is_a_conflict(other):
    world = World()
    world.buy("5", limit="100", id="B1")
    terms = {"limit": "100", "id": "B1"} | {key: value for key, value in other.items() if key not in ("side", "size")}
    reply = world.step(world.asking(Side(other.get("side", "buy")), other.get("size", "5"), **terms))
    assert denied_by(reply) == "client_order_id_conflict"
    assert world.said == ()


def test_the_canonical_id_and_the_symbol_are_one_body():
    world = World()
    world.buy("5", "AAPL", limit="100", id="B1")
    assert isinstance(world.buy("5", "eq:US:AAPL", limit="100", id="B1"), r.Repeated)


def test_ids_are_per_account():
    world = World()
    world.open_account("A2")
    world.schedule("A2")
    world.reconcile("A2")
    assert denied_by(world.buy("5", limit="100", id="B1")) == ""
    assert denied_by(world.buy("4", limit="100", id="B1", account="A2")) == ""


def test_who_asks_is_not_part_of_the_body():
    world = World()
    world.buy("5", limit="100", id="B1", actor="ann", client="a")
    assert isinstance(world.buy("5", limit="100", id="B1", actor="bob", client="b"), r.Repeated)


# --- wider and narrower scopes ------------------------------------------


def test_a_reduction_of_the_account_is_none_for_a_strategy_that_holds_nothing():
    world = World()
    world.change_limits(Limits(max_position_qty=qty("10")), scope=ScopeKind.STRATEGY, scope_id="Y")
    world.buy("50", limit="100", id="B1", strategy="X")
    world.fill("B1", "50", "100")
    reply = world.sell("50", limit="100", strategy="Y")
    assert denied_by(reply) == "max_position"
    assert "strategy:A1:Y" in reply.decision.message
    assert denied_by(world.sell("10", limit="100", strategy="Y")) == ""
    assert denied_by(world.sell("40", limit="100", strategy="X")) == ""


def test_a_group_counts_the_sum_of_highs_and_of_lows():
    world = World(group="desk")
    world.open_account("A2", group="desk")
    world.schedule("A2")
    world.reconcile("A2")
    world.change_limits(Limits(max_position_qty=qty("10")), scope=ScopeKind.GROUP, scope_id="desk")
    world.hold("10")
    world.hold("-8", account="A2")
    assert denied_by(world.buy("8", limit="100")) == ""
    assert denied_by(world.buy("1", limit="100")) == "max_position"
    assert denied_by(world.sell("12", limit="100", account="A2")) == ""
    assert denied_by(world.sell("1", limit="100", account="A2")) == "max_position"


def test_a_group_counts_a_products_contracts_over_all_its_accounts():
    world = World(group="desk")
    world.open_account("A2", group="desk")
    world.schedule("A2")
    world.reconcile("A2")
    world.change_limits(Limits(max_position_qty=qty("10")), scope=ScopeKind.GROUP, scope_id="desk")
    world.hold("8", "ES2027-03", price="6900", account="A2")
    assert denied_by(world.buy("3", "ES2026-12", limit="6900")) == "max_position"
    assert denied_by(world.buy("2", "ES2026-12", limit="6900")) == ""


def test_a_groups_leverage_is_on_the_groups_equity():
    world = World(group="desk", cash="1000")
    world.open_account("A2", group="desk", cash="9000")
    world.schedule("A2")
    world.reconcile("A2")
    world.change_limits(Limits(leverage=10**6), scope=ScopeKind.GROUP, scope_id="desk")
    assert denied_by(world.buy("100", limit="100")) == ""
    assert denied_by(world.buy("1", limit="100")) == "leverage"


def test_findings_of_scopes_name_them():
    world = World()
    world.change_limits(Limits(max_position_qty=qty("10")), scope=ScopeKind.STRATEGY, scope_id="Y")
    found = world.check("buy", "11", limit="100", strategy="Y").findings
    assert found[-1].reason.startswith("strategy:A1:Y: ")
    assert found[-1].status == "denied"


# --- worst price ------------------------------------------

QUOTE = QuoteRecord("x", bid=money("99"), ask=money("101"), usable=True)
BELOW_ZERO = QuoteRecord("x", bid=money("-40"), ask=money("-38"), usable=True)


@pytest.mark.parametrize(
    ("kind", "side", "limit", "stop", "quote", "expected"),
    [
        (OrderType.LIMIT, 1, "100", None, QUOTE, "100"),
        (OrderType.LIMIT, 1, "500", None, QUOTE, "500"),
        (OrderType.LIMIT, 1, "100", None, None, "100"),
        (OrderType.LIMIT, -1, "100", None, QUOTE, "100"),
        (OrderType.LIMIT, -1, "50", None, QUOTE, "99"),
        (OrderType.LIMIT, -1, "50", None, None, "50"),
        (OrderType.LIMIT, 1, "-40", None, None, "40"),
        (OrderType.LIMIT, -1, "-30", None, BELOW_ZERO, "40"),
        (OrderType.MARKET, 1, None, None, QUOTE, "102.01"),
        (OrderType.MARKET, -1, None, None, QUOTE, "99.99"),
        (OrderType.MARKET, 1, None, None, None, None),
        (OrderType.MARKET, 1, None, None, BELOW_ZERO, "38.38"),
        (OrderType.STOP, 1, None, "110", QUOTE, "110"),
        (OrderType.STOP, 1, None, "100", QUOTE, "102.01"),
        (OrderType.STOP, -1, None, "90", QUOTE, "99.99"),
        (OrderType.STOP, -1, None, "90", None, "90"),
        (OrderType.STOP_LIMIT, 1, "111", "110", QUOTE, "111"),
        (OrderType.STOP_LIMIT, -1, "80", "90", QUOTE, "99"),
        (OrderType.TRAILING_STOP, -1, None, None, QUOTE, "99.99"),
        (OrderType.TRAILING_STOP, -1, None, None, None, None),
        (OrderType.TRAILING_STOP, 1, None, "105", QUOTE, "105"),
        (OrderType.LIMIT, 1, None, None, QUOTE, None),
        (OrderType.MARKET, 1, None, None, QuoteRecord("x"), None),
    ],
)
def test_worst_price(kind, side, limit, stop, quote, expected):
    found = worst_price(kind, side, limit and money(limit), stop and money(stop), quote)
    assert found == (None if expected is None else money(expected))


def test_what_is_reserved_is_never_less_than_the_mark():
    world = World()
    world.quote("AAPL", "99", "101")
    world.buy("10", limit="50", id="B1")
    assert world.position().buy_money == money("1000")
    world.buy("10", limit="110", id="B2")
    assert world.position().buy_money == money("2100")


def test_a_quote_that_is_stale_values_nothing():
    world = World(limits=Limits(quote_max_age=5 * SECOND, max_order_notional=money("100000")))
    world.quote("AAPL", "99", "101")
    world.wait("5")
    assert denied_by(world.buy("1")) == ""
    world.wait("0.000000001")
    assert denied_by(world.buy("1")) == "max_order_notional"
