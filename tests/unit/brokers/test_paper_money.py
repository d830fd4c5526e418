"""The paper broker's cash, positions and margin: equal to the engine's, to the unit."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from stopline.brokers.paper.ledger import Ledger
from stopline.brokers.paper.records import PaperAccount
from stopline.messages import inputs as i
from stopline.model.account import AccountTerms, LotMethod
from stopline.model.fill import Fill
from stopline.model.instrument import Instrument
from stopline.model.numbers import parse_money, parse_qty
from stopline.model.order import Side
from stopline.venue.equities import equity
from stopline.venue.fees import FeeSchedule
from stopline.venue.futures import future
from tests.build import World
from tests.contract.brokers.bench import AAPL, ACCOUNT, ES, NOW, TERMS, approved, change, of
from tests.contract.brokers.paper import PaperBench

ZT = future("ZT", 2026, 3, NOW)
TRADED = (AAPL, ES, ZT)

fills = st.lists(
    st.tuples(
        st.sampled_from(TRADED),
        st.sampled_from(list(Side)),
        st.integers(1, 50_000_000_000),
        st.integers(1, 900_000_000_000),
        st.integers(0, 10**9),
    ),
    min_size=1,
    max_size=30,
)


@given(fills, st.sampled_from(list(LotMethod)))
def test_cash_cost_and_quantity_are_the_engines_to_the_unit(executions, method):
    """Odd sizes and prices, so that every rounding shows."""
    world = World(cash="100000", instruments=TRADED, fifo=method is LotMethod.FIFO)
    ledger = Ledger(lambda _: None, {each.instrument_id: each for each in TRADED}.get)
    ledger.accounts["A1"] = PaperAccount(
        AccountTerms("A1", "paper", opening_cash=parse_money("100000"), lot_method=method), parse_money("100000")
    )
    for number, (instrument, side, qty, price, fee) in enumerate(executions):
        fill = Fill("A1", f"E{number}", instrument.instrument_id, side, qty, price, fee, world.at)
        world.step(i.FillReported(broker="paper", fill=fill))
        ledger.book_fill(fill)
        account = world.account()
        assert ledger.accounts["A1"].cash == account.cash
        held = {name: (p.qty, p.cost) for name, p in account.positions.items() if p.qty}
        assert {name: (qty, cost) for name, qty, cost in ledger.positions("A1")} == held


# --- over the broker -------------------------------------------------------------------------------


@pytest.fixture
async def open_bench(tmp_path):
    benches = []

    async def open_bench(*, fees: FeeSchedule | None = None, instruments: tuple[Instrument, ...] = TRADED, **terms):
        options = {} if fees is None else {"fees": fees}
        account = structs.replace(TERMS, **terms)
        bench = PaperBench(tmp_path, accounts=(account,), instruments=instruments, **options)
        benches.append(bench)
        await bench.start()
        return bench

    yield open_bench
    for bench in benches:
        await bench.stop()


async def answer(bench: PaperBench, *args, **terms) -> str:
    """Place an order; return what became of it: accepted, or the code of its refusal."""
    bench.said.clear()
    await bench.broker.place(approved(*args, **terms))
    refused = of(bench.said, i.OrderRefused)
    return refused[0].code if refused else "accepted"


def cash(bench: PaperBench) -> int:
    return of(bench.said, i.AccountReported)[-1].cash


async def test_futures_move_cash_by_what_they_realize_only(open_bench):
    bench = await open_bench()
    await bench.broker.place(approved("B", size="2", limit="6900", instrument=ES))
    await bench.fill("B", "2", "6900")
    assert cash(bench) == parse_money("100000")
    await bench.broker.place(approved("S", "sell", size="1", limit="6910", instrument=ES))
    await bench.fill("S", "1", "6910")
    assert cash(bench) == parse_money("100500")
    bench.said.clear()
    await bench.broker.reconcile(ACCOUNT)
    (found,) = of(bench.said, i.AccountReconciled)
    assert found.positions == ((ES.instrument_id, parse_qty("1"), parse_money("345000")),)


async def test_fees_are_charged_per_share_and_per_contract(open_bench):
    bench = await open_bench(fees=FeeSchedule(parse_money("0.01"), parse_money("2.50")))
    await bench.broker.place(approved("A", limit="100"))
    await bench.fill("A", "10", "100")
    assert cash(bench) == parse_money("98999.90")
    await bench.broker.place(approved("E", size="2", limit="6900", instrument=ES))
    await bench.fill("E", "2", "6900")
    assert cash(bench) == parse_money("98994.90")
    assert [each.fill.fee for each in of(bench.said, i.FillReported)] == [parse_money("0.1"), parse_money("5")]


@pytest.mark.parametrize(("size", "said"), [("2000", "accepted"), ("2001", "insufficient_buying_power")])
async def test_half_of_the_money_buys_on_margin(open_bench, size, said):
    bench = await open_bench()
    assert await answer(bench, "B", size=size, limit="100") == said


@pytest.mark.parametrize(("size", "said"), [("1000", "accepted"), ("1001", "insufficient_buying_power")])
async def test_a_cash_account_pays_in_full(open_bench, size, said):
    bench = await open_bench(margin_account=False)
    assert await answer(bench, "B", size=size, limit="100") == said


@pytest.mark.parametrize(("size", "said"), [("4", "accepted"), ("5", "insufficient_buying_power")])
async def test_futures_take_their_margin(open_bench, size, said):
    bench = await open_bench()
    assert ES.initial_margin == parse_money("23100")
    assert await answer(bench, "B", size=size, limit="6900", instrument=ES) == said


async def test_working_orders_count_and_stop_counting_when_they_end(open_bench):
    bench = await open_bench()
    assert await answer(bench, "B1", size="1500", limit="100") == "accepted"
    assert await answer(bench, "B2", size="501", limit="100") == "insufficient_buying_power"
    await bench.broker.cancel(ACCOUNT, "B1")
    assert await answer(bench, "B3", size="501", limit="100") == "accepted"


async def test_a_sell_does_not_net_a_buy(open_bench):
    bench = await open_bench()
    assert await answer(bench, "B", size="1500", limit="100") == "accepted"
    assert await answer(bench, "S", "sell", size="2000", limit="100") == "accepted", "the worse side counts"
    assert await answer(bench, "S2", "sell", size="1", limit="100") == "insufficient_buying_power"


async def test_what_fills_goes_on_counting(open_bench):
    bench = await open_bench()
    await bench.broker.place(approved("B", size="2000", limit="100"))
    await bench.fill("B", "2000", "100")
    assert await answer(bench, "B2", size="10", limit="100") == "insufficient_buying_power"
    assert await answer(bench, "E", size="1", limit="6900", instrument=ES) == "insufficient_buying_power"


async def test_equity_is_at_the_mark(open_bench):
    bench = await open_bench()
    await bench.broker.place(approved("B", size="1000", limit="100"))
    await bench.fill("B", "1000", "100")
    await bench.quote("149.99", "150.01")
    assert await answer(bench, "fits", size="1000", limit="150", tif="ioc") == "accepted"
    assert await answer(bench, "too much", size="1001", limit="150") == "insufficient_buying_power"


async def test_an_exit_is_never_refused_for_money(open_bench):
    bench = await open_bench()
    await bench.broker.place(approved("B", size="2000", limit="100"))
    await bench.fill("B", "2000", "100")
    await bench.quote("9.99", "10.01", "1")
    assert await answer(bench, "entry", size="1", limit="10") == "insufficient_buying_power", "all is lost"
    assert await answer(bench, "exit", "sell", size="2000", limit=None) == "accepted"
    assert await answer(bench, "one more", "sell", size="1", limit="10") == "insufficient_buying_power"


async def test_an_exit_needs_no_price(open_bench):
    bench = await open_bench()
    await bench.broker.place(approved("B", size="10", limit="100"))
    await bench.fill("B", "10", "100")
    await bench.restart()
    assert await answer(bench, "exit", "sell", size="10", limit=None) == "accepted"
    await bench.broker.cancel(ACCOUNT, "exit")
    assert await answer(bench, "entry", size="10", limit=None) == "no_price"


async def test_a_replace_is_margined_without_the_order_itself(open_bench):
    bench = await open_bench()
    order = approved("B", size="2000", limit="100")
    await bench.broker.place(order)
    bench.said.clear()
    await bench.broker.replace("B", change(order, "2000", "99"))
    await bench.broker.replace("B", change(order, "2000", "100"))
    assert len(of(bench.said, i.OrderAmended)) == 2
    await bench.broker.replace("B", change(order, "2001", "100"))
    (refused,) = of(bench.said, i.ReplaceRefused)
    assert "initial margin would be 100050.00, equity is 100000.00" in refused.reason
    await bench.fill("B", "2000", "100")
    assert len(of(bench.said, i.FillReported)) == 1


SHORTS = {
    "margin account": ({}, {}, "accepted"),
    "cash account": ({"margin_account": False}, {}, "short_sale"),
    "not shortable": ({}, {"shortable": False}, "short_sale"),
    "nobody knows": ({}, {"shortable": None}, "accepted"),
}


@pytest.mark.parametrize(("terms", "instrument", "said"), SHORTS.values(), ids=SHORTS.keys())
async def test_shorts(open_bench, terms, instrument, said):
    traded = structs.replace(AAPL, **instrument)
    bench = await open_bench(instruments=(traded, ES), **terms)
    assert await answer(bench, "S", "sell", size="10", limit="100") == said
    assert await answer(bench, "F", "sell", size="1", limit="6900", instrument=ES) == "accepted"


REFUSED = {
    "unknown account": ({"account": "A9"}, "unknown_account"),
    "unknown instrument": ({"instrument": equity("NOPE")}, "unknown_instrument"),
    "bracket": ({"order_class": "bracket"}, "unsupported"),
    "money": ({"notional": 10**10}, "unsupported"),
    "no margin known": ({"instrument": future("YM", 2013, 12, 0), "limit": "15000"}, "margin_unknown"),
    "other currency": ({"instrument": structs.replace(equity("EUR"), currency="EUR")}, "currency"),
    "off tick": ({"limit": "100.001"}, "bad_price"),
    "no quantity": ({"size": "0"}, "bad_quantity"),
    "at the open": ({"tif": "opg"}, "unsupported"),
}


@pytest.mark.parametrize(("terms", "code"), REFUSED.values(), ids=REFUSED.keys())
async def test_what_it_cannot_do_it_rejects(open_bench, terms, code):
    instrument = terms.get("instrument", AAPL)
    listed = TRADED if instrument.symbol == "NOPE" else (*TRADED, instrument)
    bench = await open_bench(instruments=listed)
    assert await answer(bench, "X", **terms) == code
    bench.said.clear()
    await bench.broker.query(terms.get("account", ACCOUNT), "X")
    assert [each.code for each in of(bench.said, i.OrderRefused)] == [code], "and says so whenever it is asked"
    await bench.restart()
    bench.said.clear()
    await bench.broker.query(terms.get("account", ACCOUNT), "X")
    assert [each.code for each in of(bench.said, i.OrderRefused)] == [code], "also after a restart"


async def test_each_account_has_its_own_money(tmp_path):
    other = structs.replace(TERMS, account="A2", opening_cash=parse_money("500"))
    bench = PaperBench(tmp_path, accounts=(TERMS, other))
    await bench.start()
    assert await answer(bench, "B1", size="10", limit="100", account="A2") == "accepted"
    assert await answer(bench, "B2", size="11", limit="100", account="A2") == "insufficient_buying_power"
    await bench.fill("B1", "10", "100")
    assert of(bench.said, i.AccountReported)[-1] == i.AccountReported(
        broker="paper", account="A2", cash=parse_money("-500")
    )
    assert await answer(bench, "B3", size="2000", limit="100") == "accepted"
    await bench.stop()
