"""Every worked example of semantics.md, sections 1 to 5 and 8 to 12, is a test of its name.

`EXAMPLES` maps what the page says to the test that shows it. What stands in [brackets]
there stands in brackets here. The examples of sections 6 and 7 (account rules,
enforcement) come with the rules.
"""

import sys

import pytest

from stopline.checks import CHECKS
from stopline.config.load import load
from stopline.measures.exposure import worst_qty
from stopline.messages import effects as f
from stopline.messages import events as e
from stopline.messages import inputs as i
from stopline.messages import replies as r
from stopline.model.limits import DEFAULT_LIMITS, Limits, ScopeKind
from stopline.model.numbers import (
    MAX_SCALED,
    SECOND,
    NumberRefused,
    parse_money,
    parse_price,
    parse_qty,
    parse_rounded,
)
from stopline.model.patterns import defect, names
from stopline.views.positions import position_body
from tests.build import AAPL, BTC, CL_MAY, ES_DEC, ES_MAR, MES_DEC, START, World, denied_by, money, qty, ratio, usd
from tests.unit.checks.build import equity, future

EXAMPLES = {
    # section 1
    "`NaN`, `Infinity`, `1e400`, `1E+999999`, full-width digits, `true`: refused before any arithmetic": (
        "test_numbers_that_are_none_are_refused_at_the_edge"
    ),
    "what a broker reports is never refused for fineness": "test_a_brokers_figure_is_rounded_and_flagged",
    "dust below the lot counts as flat": "test_dust_counts_as_flat",
    "prices may be zero or negative (WTI, 2020-04-20: -37.63); limits use absolute values": "test_wti_at_minus_37_63",
    "P&L of a move = (price change / tick_size) * tick_value * qty": "test_a_move_is_worth_its_ticks",
    "no rate means no new risk": "test_no_rate_no_new_risk",
    "`ES*` must not hit Eversource; at ProjectX `NQM` is crude oil": "test_es_star_does_not_hit_eversource",
    "[ESZ6 + ESH7 count together]": "test_esz6_and_esh7_count_together",
    "unknown instrument: denied": "test_an_unknown_instrument_is_denied",
    # section 2
    "`Current + PendingBuys - PendingSells` lets a limit of 100 reach 200": (
        "test_effective_position_would_let_twice_the_limit_through"
    ),
    "a group's worst case is the sum of its accounts' highs and of their lows": "test_a_group_adds_highs_and_lows",
    "a fill, cancel, reject or expiry releases exactly its leaves": "test_exactly_the_leaves_are_released",
    # section 3
    "[limit 12, p=+12: SELL 24 passes the limit (worst 12); a further SELL 12 is not reducing]": (
        "test_sell_24_passes_and_a_further_sell_12_is_not_reducing"
    ),
    "[strategy X +50 in an account at +50: strategy Y's sell of 50 is no reduction for Y]": (
        "test_strategy_ys_sell_is_no_reduction_for_y"
    ),
    "long 10, stop 10, SELL 10": "test_a_close_behind_a_stop_calls_the_stop_back",
    "no orphan stop opens a new position": "test_no_orphan_stop_opens_a_position",
    "an in-place replace of a reducing order counts max(old, new); for limits, replace counts old plus new": (
        "test_replace_counts_old_plus_new_and_in_place_the_larger"
    ),
    "while `p` itself is not proven, only cancels and broker-native close or reduce-only pass": (
        "test_while_the_position_is_not_proven_only_cancels_pass"
    ),
    # section 4
    "[a resting BUY must not fill after the breaker]": "test_a_resting_buy_must_not_fill_after_the_breaker",
    "release needs a second person, or in a one-person install 15 minutes and a reason": (
        "test_the_kill_switch_is_released_by_two_or_after_15_minutes"
    ),
    "`409 condition_persists` while its cause still holds; the baseline never moves": "test_condition_persists",
    "`reject_burst` counts broker rejections (default 10 in 60 s)": "test_ten_rejections_in_a_minute",
    # section 5
    "exactly at the limit passes unless noted": "test_exactly_at_the_limit_passes",
    "day P&L at or below -limit (at denies)": "test_a_daily_loss_exactly_at_the_limit_denies",
    "`Order size exceeds limit: $17500.00 > $1000.00`": "test_order_size_exceeds_limit",
    "message `rate limit exceeded`": "test_fifteen_quick_orders",
    "`BUY 100 TSLA @ 250`: the report names both order size and the TSLA position limit of 3,000": (
        "test_the_report_names_both"
    ),
    "[1 MES is 34,500: no default may deny every futures order]": "test_one_mes_is_34_500_and_no_default_denies_it",
    "the seeded symbols": "test_the_seeded_symbols",
    "BUY limit, SELL max(limit, bid), MARKET at ask or bid plus a buffer": "test_order_notional",
    # section 8
    "same id, same body: same answer, forever; different body: 409": "test_same_id_same_answer",
    "a timeout is not a rejection: unknown, exposure reserved, never re-sent under a new id": (
        "test_a_timeout_is_not_a_rejection"
    ),
    "a late fill is always booked": "test_a_late_fill_is_booked",
    "fills are deduplicated by (broker, account, exec id)": "test_a_fill_counts_once",
    "a bust or correction names the exec id it replaces": "test_a_bust_restores_pnl_exactly",
    "orders and fills we did not send are booked as external and count everywhere": "test_external_counts_everywhere",
    # section 9
    "[long 100 bought at 150, yesterday's close 100, now 100.5: +50, not -4,950.]": "test_plus_50_and_not_minus_4950",
    "missed baseline: rebuilt, else `reducing` until an admin states it": "test_an_unknown_baseline_is_stated",
    "transfers shift the baseline": "test_transfers_are_no_pnl",
    "an unpriced position shows as unpriced, never as zero": "test_unpriced_is_never_zero",
    "[stub bid 0.01] (section 6): an untrusted mark never flattens": "test_a_stub_bid_of_a_cent_trips_nothing",
    # section 10
    "until armed, changes apply at once; armed, loosening waits": "test_loosening_an_armed_account_waits",
    "tightening re-tests working orders, the newest cancelled first": "test_tightening_cancels_the_newest_first",
    # section 12
    "worst price of a market order: ask or bid moved 1 %": "test_order_notional",
    "cost released = cost * closed // held, the last close takes the rest": "test_the_last_close_takes_the_rest",
    "brokers see `routed_order_id` = `sl<epoch>-<seq>`": "test_routed_ids",
    "every scaled int is below 2**63": "test_nothing_reaches_2_to_the_63",
    "`order_rate` ignores exits and cancels": "test_the_order_rate_ignores_exits",
    # section 13
    "Redis INCR + 1 s TTL lets 2x through at a window edge": "test_no_window_edge_lets_twice_the_rate_through",
    "concentration includes what is held and working": "test_concentration_includes_what_is_held",
}


def test_every_example_is_shown():
    here = vars(sys.modules[__name__])
    assert [test for test in EXAMPLES.values() if not callable(here.get(test))] == []
    shown = {name for name in here if name.startswith("test_")} - {"test_every_example_is_shown"}
    assert shown == set(EXAMPLES.values())


# --- section 1: numbers, money, time ------------------------------------------


@pytest.mark.parametrize(
    "text", ["NaN", "Infinity", "-inf", "1e400", "1E+999999", "\uff11\uff12", "true", "True", "0x10", "1_000", " 1", ""]
)
def test_numbers_that_are_none_are_refused_at_the_edge(text):
    for parse in (parse_price, parse_qty, parse_money):
        with pytest.raises(NumberRefused):
            parse(text)


def test_a_brokers_figure_is_rounded_and_flagged():
    assert parse_rounded("33.333333333333", 8) == (33_3333_3333, True)
    assert parse_rounded("33.33333333", 8) == (33_3333_3333, False)


def test_dust_counts_as_flat():
    world = World()
    world.hold("10")
    world.reconcile(positions=((AAPL.instrument_id, qty("10.999999999"), 0),))
    assert world.trading == "active"


def test_wti_at_minus_37_63():
    world = World(cash="1000000", limits=Limits(max_order_notional=money("40000"), money_classes=(CL_MAY.asset_class,)))
    world.quote("CL2020-05", "10")
    world.hold("10", "CL2020-05", price="10")
    world.quote("CL2020-05", "-37.63")
    assert world.pnl() == ("0.00", "-476300.00", "-476300.00")
    assert denied_by(world.buy("1", "CL2020-05", limit="-37.63")) == ""
    assert world.order("O1").reserve_price == money("37.63")
    assert denied_by(world.buy("1", "CL2020-05", limit="-40.01")) == "max_order_notional"
    assert denied_by(world.buy("1", "AAPL", limit="-0.01")) == "order_well_formed"


def test_a_move_is_worth_its_ticks():
    for instrument, price, moved, worth in (
        (ES_DEC, "6900.00", "6901.00", "50.00"),
        (MES_DEC, "6900.00", "6900.25", "1.25"),
        (AAPL, "175.00", "174.99", "-0.01"),
    ):
        world = World()
        world.hold("1", instrument.symbol, price)
        world.quote(instrument.symbol, moved)
        ticks = (money(moved) - money(price)) // instrument.tick_size
        assert usd(ticks * instrument.tick_value) == worth
        assert world.pnl()[2] == worth


def test_no_rate_no_new_risk():
    world = World(currency="EUR")
    assert denied_by(world.buy("1", limit="100")) == "order_well_formed"
    world.hold("10")
    assert denied_by(world.sell("10", limit="100")) == ""


def test_es_star_does_not_hit_eversource():
    eversource, es = equity("ES"), ES_DEC
    nq, crude = future("NQ", "2026-12", "20"), future("NQM", "2026-12", "1000")
    assert defect("ES*")
    assert not names("ES*", eversource)
    assert names("fut:ES*", es)
    assert not names("fut:ES*", eversource)
    assert names("fut:NQ", nq)
    assert not names("fut:NQ", crude)
    world = World(instruments=(eversource, es), limits=Limits(deny=("fut:ES",)))
    assert denied_by(world.buy("1", "eq:US:ES", limit="60")) == ""
    assert denied_by(world.buy("1", "ES2026-12", limit="6900")) == "instrument_allowed"


def test_esz6_and_esh7_count_together():
    world = World(limits=Limits(max_position_qty=qty("3")))
    world.hold("1", ES_DEC.symbol, "6900")
    assert denied_by(world.buy("3", ES_MAR.symbol, limit="6950")) == "max_position"
    assert denied_by(world.buy("2", ES_MAR.symbol, limit="6950")) == ""
    assert denied_by(world.buy("1", ES_DEC.symbol, limit="6900")) == "max_position"
    assert denied_by(world.buy("3", MES_DEC.symbol, limit="6900")) == "", "another product"


def test_an_unknown_instrument_is_denied():
    world = World()
    assert denied_by(world.buy("1", "XXXX", limit="1")) == "order_well_formed"


# --- section 2: exposure is an interval ---------------------------------------


def test_effective_position_would_let_twice_the_limit_through():
    """Document 001: Current + PendingBuys - PendingSells. A resting sell would make room for a buy."""
    world = World(limits=Limits(max_position_qty=qty("100")))
    world.hold("100", price="10")
    assert denied_by(world.sell("100", limit="10.50", id="S1")) == ""
    body = position_body(world.account(), world.position(), world.state)
    assert body.effective_position == "0", "by document 001 there is room for 100 more"
    assert denied_by(world.buy("100", limit="10")) == "max_position", "the buy may fill and the sell never"
    assert denied_by(world.buy("1", limit="10")) == "max_position"
    assert (body.highest, body.lowest) == ("100", "0")


def test_a_group_adds_highs_and_lows():
    world = World(group="desk")
    world.open_account("A2", group="desk")
    world.schedule("A2")
    world.reconcile("A2")
    world.change_limits(Limits(max_position_qty=qty("100")), scope=ScopeKind.GROUP, scope_id="desk")
    world.hold("80")
    assert denied_by(world.buy("30", limit="100", account="A2")) == "max_position"
    assert denied_by(world.buy("20", limit="100", account="A2")) == ""


@pytest.mark.parametrize("end", ["fill", "cancel", "reject", "expire"])
def test_exactly_the_leaves_are_released(end):
    world = World()
    world.buy("10", limit="100", id="B1")
    world.buy("7", limit="90", id="B2")
    world.fill("B1", "4", "100")
    assert world.position().working_buys == qty("13")
    {
        "fill": lambda: world.fill("B1", "6", "100"),
        "cancel": lambda: world.gone("B1"),
        "reject": lambda: world.reject("B1"),
        "expire": lambda: world.gone("B1", "expired"),
    }[end]()
    assert (world.position().working_buys, world.position().buy_money) == (qty("7"), money("630"))


# --- section 3: reducing orders -----------------------------------------------


def test_sell_24_passes_and_a_further_sell_12_is_not_reducing():
    world = World(limits=Limits(max_position_qty=qty("12")))
    world.hold("12")
    first = world.check("sell", "24", limit="100")
    assert (first.approved, first.reducing) == (True, False)
    assert denied_by(world.sell("24", limit="100")) == ""
    position = world.position()
    assert worst_qty(position.highest, position.lowest) == qty("12")
    further = world.check("sell", "12", limit="100")
    assert (further.approved, further.reducing, further.check) == (False, False, "max_position")
    assert position.lowest - qty("12") == qty("-24")


def test_strategy_ys_sell_is_no_reduction_for_y():
    world = World()
    world.change_limits(Limits(max_position_qty=qty("49")), scope=ScopeKind.STRATEGY, scope_id="Y")
    world.buy("50", limit="100", id="X1", strategy="X")
    world.fill("X1", "50", "100")
    assert world.position().qty == qty("50")
    assert world.check("sell", "50", limit="100", strategy="Y").reducing, "it reduces the account's position"
    assert denied_by(world.sell("50", limit="100", strategy="Y")) == "max_position", "and opens Y's"
    assert denied_by(world.sell("50", limit="100", strategy="X")) == ""


@pytest.mark.parametrize("way", [lambda world: world.close(id="OUT"), lambda world: world.sell("10", id="OUT")])
def test_a_close_behind_a_stop_calls_the_stop_back(way):
    world = World()
    world.hold("10")
    world.sell("10", stop="90", id="STOP")
    assert denied_by(way(world)) == ""
    assert world.order("OUT").state == "pending_release"
    world.gone("STOP")
    assert world.order("OUT").is_at_broker
    world.fill("OUT", "10", "100")
    assert (world.position().qty, world.order("STOP").state) == (0, "canceled")


def test_no_orphan_stop_opens_a_position():
    world = World()
    world.hold("10")
    world.sell("10", stop="90", id="STOP")
    world.hold("-10")
    assert [event.client_order_id for event in world.of(e.CancelRequested)] == ["STOP"]


def test_replace_counts_old_plus_new_and_in_place_the_larger():
    world = World(limits=Limits(max_position_qty=qty("20")))
    world.buy("10", limit="100", id="B1")
    world.accept("B1")
    assert denied_by(world.replace("B1", "11")) == "max_position"
    assert denied_by(world.replace("B1", "10", limit="101")) == ""
    assert world.position().working_buys == qty("20")
    world = World()
    world.hold("10")
    world.sell("10", stop="90", id="STOP")
    world.accept("STOP")
    world.step(i.TripBreaker(account="A1"))
    assert denied_by(world.replace("STOP", "10", stop="95")) == ""
    assert world.position().working_sells == qty("10")


def test_while_the_position_is_not_proven_only_cancels_pass():
    world = World()
    world.hold("10")
    world.connect(native_close=False)
    world.buy("1", limit="50", id="B1")
    world.disconnect()
    assert denied_by(world.close()) == "trading_state"
    assert denied_by(world.sell("1", limit="100")) == "trading_state"
    assert denied_by(world.cancel("B1")) == ""
    world = World()
    world.hold("10")
    world.connect(native_close=True)
    world.disconnect()
    assert denied_by(world.close()) == ""


# --- section 4: trading state --------------------------------------------------


def test_a_resting_buy_must_not_fill_after_the_breaker():
    world = World(limits=Limits(daily_loss=money("5000")))
    world.quote("AAPL", "100")
    world.hold("100")
    world.buy("10", limit="50", id="RESTING")
    world.accept("RESTING")
    world.quote("AAPL", "50")
    assert world.trading == "reducing"
    assert [effect.routed_order_id for effect in world.asked(f.CancelAtBroker)] == [world.routed("RESTING")]
    assert world.order("RESTING").state == "pending_cancel"


def test_the_kill_switch_is_released_by_two_or_after_15_minutes():
    world = World()
    world.kill(actor="ann")
    release = i.ReleaseKill(account="A1", reason="checked", actor="ann")
    assert denied_by(world.step(release)) == "second_person_required"
    world.wait("900")
    assert denied_by(world.step(release)) == ""
    world.kill(actor="ann")
    assert denied_by(world.step(i.ReleaseKill(account="A1", reason="checked", actor="bob"))) == ""


def test_condition_persists():
    world = World(limits=Limits(daily_loss=money("5000")))
    world.quote("AAPL", "100")
    world.hold("100")
    world.quote("AAPL", "50")
    baseline = world.account().day.baseline
    assert denied_by(world.step(i.ResetBreaker(breaker_id=1))) == "condition_persists"
    world.quote("AAPL", "51")
    assert denied_by(world.step(i.ResetBreaker(breaker_id=1))) == ""
    assert world.account().day.baseline == baseline


def test_ten_rejections_in_a_minute():
    assert (DEFAULT_LIMITS.reject_burst.count, DEFAULT_LIMITS.reject_burst.window) == (10, 60 * SECOND)
    world = World(limits=Limits(reject_burst=DEFAULT_LIMITS.reject_burst))
    for n in range(10):
        assert world.trading == "active"
        world.buy("1", limit="100", id=f"B{n}")
        world.reject(f"B{n}")
    assert world.trading == "reducing"


# --- section 5: pre-trade checks -------------------------------------------------


@pytest.mark.parametrize(
    ("limits", "at", "above"),
    [
        (Limits(max_order_qty=qty("10")), ("10", "100"), ("11", "100")),
        (Limits(max_order_notional=money("1000")), ("10", "100"), ("10", "100.01")),
        (Limits(max_position=money("1000")), ("10", "100"), ("10", "100.01")),
        (Limits(max_position_qty=qty("10")), ("10", "100"), ("11", "100")),
        (Limits(concentration=ratio("0.01")), ("10", "100"), ("10", "100.01")),
        (Limits(leverage=ratio("0.01")), ("10", "100"), ("10", "100.01")),
        (Limits(gross_exposure=ratio("0.01")), ("10", "100"), ("10", "100.01")),
        (Limits(net_exposure=ratio("0.01")), ("10", "100"), ("10", "100.01")),
        (Limits(buying_power=True), ("2000", "100"), ("2000", "100.01")),
    ],
    ids=str,
)
def test_exactly_at_the_limit_passes(limits, at, above):
    assert denied_by(World(limits=limits).buy(at[0], limit=at[1])) == ""
    assert denied_by(World(limits=limits).buy(above[0], limit=above[1])) != ""


def test_a_daily_loss_exactly_at_the_limit_denies():
    for mark, check in (("50.01", ""), ("50.00", "daily_loss")):
        world = World(limits=Limits(daily_loss=money("5000"), enabled=True))
        world.quote("AAPL", "100")
        world.hold("100")
        world.quote("AAPL", mark)
        findings = world.check("buy", "1", limit="50").findings
        assert [finding.check for finding in findings if finding.status == "denied"] == (
            ["trading_state", check] if check else []
        )


def defaults() -> World:
    """Return the default account, with the seeded symbols of the configuration that ships."""
    settings = load()
    (terms,) = settings.accounts
    world = World(limits=settings.limits[terms.account], cash=terms.opening_cash)
    for symbol, limit in settings.symbol_limits[terms.account].items():
        world.step(i.ChangeSymbolLimit(account="A1", symbol=symbol, limit=limit))
    return world


def test_order_size_exceeds_limit():
    world = defaults()
    reply = world.buy("100", "AAPL", limit="175.00", id="TEST-001")
    assert isinstance(reply.decision, e.OrderDenied)
    assert reply.decision.message == "Order size exceeds limit: $17500.00 > $1000.00"


def test_fifteen_quick_orders():
    world = defaults()
    replies = [world.buy("1", "SPY", limit="450") for _ in range(15)]
    assert [denied_by(reply) for reply in replies] == [""] * 10 + ["order_rate"] * 5
    assert all("rate limit exceeded" in reply.decision.message for reply in replies[10:])


def test_the_report_names_both():
    reply = defaults().buy("100", "TSLA", limit="250")
    failed = {finding.check: finding for finding in reply.decision.findings if finding.status == "denied"}
    assert {"max_order_notional", "max_position"} <= set(failed)
    assert usd(failed["max_position"].limit) == "3000.00"


def test_one_mes_is_34_500_and_no_default_denies_it():
    world = defaults()
    assert denied_by(world.buy("1", MES_DEC.symbol, limit="6900")) == ""
    assert usd(world.order("O1").reserved_money) == "34500.00"
    assert denied_by(world.buy("1", ES_DEC.symbol, limit="6900")) == ""
    assert denied_by(world.sell("1", MES_DEC.symbol, limit="6950")) == ""


SEEDED = """
    AAPL 10000 MSFT 10000 GOOGL 10000 AMZN 10000 NVDA 5000 META 7500 TSLA 3000 SPY 10000 QQQ 10000 IWM 10000
    DIA 10000 AMD 5000 INTC 7500 NFLX 5000 JPM 10000 BAC 7500 WFC 7500 V 10000 MA 10000 XOM 10000 CVX 10000
    JNJ 10000 PG 10000 KO 10000 WMT 10000
""".split()


def test_the_seeded_symbols():
    settings = load()
    (limits,) = settings.symbol_limits.values()
    found = {symbol: usd(limit.max_position) for symbol, limit in limits.items()}
    assert found == {name: f"{most}.00" for name, most in zip(SEEDED[::2], SEEDED[1::2], strict=True)}
    assert settings.limits[settings.accounts[0].account] == DEFAULT_LIMITS


@pytest.mark.parametrize(
    ("side", "terms", "worth"),
    [
        ("buy", {"limit": "100"}, "1000.00"),
        ("buy", {"limit": "50"}, "500.00"),
        ("sell", {"limit": "120"}, "1200.00"),
        ("sell", {"limit": "50"}, "990.00"),
        ("buy", {}, "1020.10"),  # the ask of 101 and one percent
        ("sell", {}, "999.90"),  # the bid of 99 and one percent
        ("buy", {"stop": "110"}, "1100.00"),
        ("buy", {"stop": "90"}, "1020.10"),
    ],
    ids=str,
)
def test_order_notional(side, terms, worth):
    world = World(limits=Limits(max_order_notional=money("1")))
    world.quote("AAPL", "99", "101")
    found = world.check(side, "10", **terms)
    (finding,) = [one for one in found.findings if one.check == "max_order_notional"]
    assert usd(finding.observed) == worth


# --- section 8: an order's life ---------------------------------------------------


def test_same_id_same_answer():
    world = World(limits=Limits(max_order_qty=qty("5")))
    world.buy("6", limit="100", id="B1")
    seq = world.outcome.seq
    world.change_limits(Limits())
    for _ in range(3):
        assert world.buy("6", limit="100", id="B1") == r.Repeated("A1", "B1", seq)
    assert denied_by(world.buy("5", limit="100", id="B1")) == "client_order_id_conflict"


def test_a_timeout_is_not_a_rejection():
    world = World()
    world.buy("5", limit="100", id="B1")
    world.sent("B1")
    world.lose("B1")
    assert world.order("B1").state == "unknown"
    assert world.position().working_buys == qty("5")
    assert [type(effect) for effect in world.outcome.effects] == [f.QueryOrder, f.Notify]


def test_a_late_fill_is_booked():
    world = World()
    world.buy("5", limit="100", id="B1")
    world.gone("B1")
    world.fill("B1", "5", "100")
    assert world.position().qty == qty("5")


def test_a_fill_counts_once():
    world = World()
    for _ in range(3):
        world.hold("5", exec_id="X1")
    assert world.position().qty == qty("5")


def test_a_bust_restores_pnl_exactly():
    """Sold at a cent into a stub quote; the venue breaks the trade the next day (reliability.md N5)."""
    world = World()
    world.quote("AAPL", "100")
    world.hold("100", price="100")
    world.hold("-100", price="0.01", exec_id="STUB")
    assert usd(world.account().cash) == "90001.00"
    world.next_session()
    world.bust("STUB")
    world.quote("AAPL", "100")
    assert usd(world.account().equity()) == "100000.00"
    assert usd(world.position().cost) == "10000.00"
    assert world.position().qty == qty("100")
    world.assert_replays()


def test_external_counts_everywhere():
    world = World(limits=Limits(max_position_qty=qty("10")))
    world.hold("8")
    assert [type(event) for event in world.said] == [e.ExternalFilled, e.AlertRaised]
    assert denied_by(world.buy("3", limit="100")) == "max_position"
    assert denied_by(world.buy("2", limit="100")) == ""


# --- section 9: P&L and day --------------------------------------------------------


def test_plus_50_and_not_minus_4950():
    world = World()
    world.hold("100", price="150")
    world.quote("AAPL", "100")
    world.next_session()
    world.quote("AAPL", "100.5")
    assert world.pnl() == ("0.00", "50.00", "50.00")
    assert usd(world.account().valuation.open_pnl) == "-4950.00", "against entry cost it is another figure"
    world.hold("-100", price="100.5")
    assert world.pnl() == ("50.00", "0.00", "50.00")


def test_an_unknown_baseline_is_stated():
    world = World()
    world.hold("10")
    world.next_session()
    assert world.trading == "reducing"
    world.step(i.StateBaseline(account="A1", equity=money("100000")))
    assert world.trading == "active"


def test_transfers_are_no_pnl():
    world = World()
    world.step(i.CashTransferred(broker="paper", account="A1", transfer_id="T1", amount=money("-40000")))
    assert world.pnl() == ("0.00", "0.00", "0.00")
    assert usd(world.account().equity()) == "60000.00"


def test_unpriced_is_never_zero():
    world = World()
    world.hold("10")
    body = position_body(world.account(), world.position(), world.state)
    assert (body.unpriced, body.market_value, body.unrealized_pnl) == (True, None, None)
    assert world.account().equity() is None


def test_a_stub_bid_of_a_cent_trips_nothing():
    world = World(limits=DEFAULT_LIMITS)
    world.quote("AAPL", "99.95", "100.05")
    world.hold("100")
    equity_before = world.account().equity()
    world.quote("AAPL", "0.01", "200000")
    world.quote("AAPL", "0.01", one_sided=True)
    assert world.trading == "active"
    assert world.account().equity() == equity_before
    assert world.journal(e.BreakerTripped) == []
    assert denied_by(world.buy("1")) == "max_order_notional", "nothing can value it"


# --- section 10: limits --------------------------------------------------------------


def test_loosening_an_armed_account_waits():
    world = World(limits=Limits(max_order_qty=qty("5")))
    assert isinstance(world.change_limits(Limits(max_order_qty=qty("6"))), r.Done)
    world.step(i.ArmAccount(account="A1"))
    assert isinstance(world.change_limits(Limits(max_order_qty=qty("5"))), r.Done)
    assert isinstance(world.change_limits(Limits(max_order_qty=qty("6"))), r.Proposed)
    assert denied_by(world.buy("6", limit="100")) == "max_order_qty"


def test_tightening_cancels_the_newest_first():
    world = World()
    for n in range(3):
        world.buy("5", limit="100", id=f"B{n}")
    world.change_limits(Limits(max_position_qty=qty("10")))
    assert [event.client_order_id for event in world.of(e.CancelRequested)] == ["B2"]


# --- section 12: definitions ------------------------------------------------------------


def test_the_last_close_takes_the_rest():
    world = World()
    world.hold("1", price="0.00000001")
    world.hold("2", price="0.00000002")
    released = []
    for _ in range(3):
        before = world.position().cost
        world.hold("-1", price="0.00000003")
        released.append(before - world.position().cost)
    assert released == [5 * 1 // 3, 4 * 1 // 2, 2]
    assert world.position().realized_entry == 9 - 5


def test_routed_ids():
    world = World()
    world.buy("1", limit="100", id="B1")
    assert world.routed("B1") == f"sl1-{world.outcome.seq}"


@pytest.mark.parametrize(
    ("size", "price"), [("9223372036", "92233720368"), ("1000000000", "1000"), ("1", "92233720368")]
)
def test_nothing_reaches_2_to_the_63(size, price):
    world = World()
    reply = world.buy(size, limit=price)
    if denied_by(reply) == "":
        assert world.position().buy_money <= MAX_SCALED
        world.buy(size, limit=price)
        assert world.position().buy_money <= MAX_SCALED
    else:
        assert denied_by(reply) == "order_well_formed"
    world.assert_replays()


def test_the_order_rate_ignores_exits():
    world = World(limits=Limits(order_rate=DEFAULT_LIMITS.order_rate))
    world.hold("100")
    for _ in range(20):
        assert denied_by(world.sell("1", limit="101")) == ""
    for n in range(10):
        assert denied_by(world.buy("1", limit="90", id=f"B{n}")) == ""
        world.cancel(f"B{n}")
    assert denied_by(world.buy("1", limit="90")) == "order_rate"
    assert denied_by(world.sell("1", limit="101")) == ""


# --- section 13: departures ---------------------------------------------------------------


def test_no_window_edge_lets_twice_the_rate_through():
    """A counter that lives for a second takes ten at its end and ten more right after it."""
    world = World(limits=Limits(order_rate=DEFAULT_LIMITS.order_rate))
    world.wait("0.999")
    assert [denied_by(world.buy("1", limit="90")) for _ in range(10)] == [""] * 10
    world.wait("0.002")
    assert [denied_by(world.buy("1", limit="90")) for _ in range(10)] == ["order_rate"] * 10
    world.wait("0.998")
    assert denied_by(world.buy("1", limit="90")) == ""
    assert world.at - START == 1_999 * SECOND // 1_000


def test_concentration_includes_what_is_held():
    world = World(limits=Limits(concentration=ratio("0.25")))
    world.quote("AAPL", "100")
    world.hold("200", price="100")
    assert denied_by(world.buy("40", limit="100")) == ""
    assert denied_by(world.buy("11", limit="100")) == "concentration", "an order of 1.1 % is not the point"
    assert denied_by(world.buy("10", limit="100")) == ""
    assert len(CHECKS) == 26
    assert BTC.asset_class == "crypto"
