"""What every broker promises (ports/broker.py), run over each of them.

To add a broker: a bench in tests/contract/brokers/, and a line in BENCHES.
"""

import asyncio
from collections.abc import AsyncIterator

import pytest

from stopline.messages import inputs as i
from stopline.model.numbers import parse_money, parse_price, parse_qty
from stopline.model.order import Side
from stopline.ports.broker import BrokerUnreachable
from tests.contract.brokers.alpaca import AlpacaBench
from tests.contract.brokers.bench import AAPL, ACCOUNT, Bench, MakeBench, about, approved, change, of
from tests.contract.brokers.paper import PaperBench
from tests.contract.brokers.scripted import ScriptedBench

BENCHES: dict[str, MakeBench] = {"twin": ScriptedBench, "paper": PaperBench, "alpaca": AlpacaBench}


@pytest.fixture(params=BENCHES)
async def bench(request, tmp_path) -> AsyncIterator[Bench]:
    made = BENCHES[request.param](tmp_path)
    await made.start()
    yield made
    await made.stop()


async def place(bench: Bench, routed: str = "sl1-1", **terms) -> None:
    await bench.broker.place(approved(routed, **terms))
    await bench.settle()


async def picture(bench: Bench) -> i.AccountReconciled:
    """Return the account as the broker says it is."""
    bench.said.clear()
    await bench.broker.reconcile(ACCOUNT)
    await bench.settle()
    (found,) = of(bench.said, i.AccountReconciled)
    return found


# --- start ---------------------------------------------------------------------------------------


async def test_start_says_who_is_there_then_how_the_account_stands(bench):
    first, *rest = bench.said
    assert first == i.BrokerConnected(broker=bench.broker.name, capabilities=bench.broker.capabilities)
    assert rest == [
        i.AccountReconciled(
            broker=bench.broker.name, account=ACCOUNT, cash=parse_money("100000"), positions=(), working=()
        )
    ]


async def test_reports_come_through_the_inbox_and_never_in_line(bench):
    callers = []
    hear = bench.hear

    def inbox(report):
        callers.append(asyncio.current_task())
        hear(report)

    bench.hear = inbox
    await bench.restart()
    me = asyncio.current_task()
    await place(bench)
    await bench.broker.cancel(ACCOUNT, "sl1-1")
    await bench.settle()
    assert len(callers) >= 4
    assert me not in callers


# --- place ---------------------------------------------------------------------------------------


async def test_an_order_is_acknowledged_and_works(bench):
    await place(bench)
    (accepted,) = about(bench.said, "sl1-1")
    assert isinstance(accepted, i.OrderAccepted)
    assert accepted.account == ACCOUNT and accepted.broker_order_id
    found = await picture(bench)
    assert (found.working, found.positions, found.cash) == (("sl1-1",), (), parse_money("100000"))


async def test_broker_order_ids_differ(bench):
    await place(bench, "sl1-1")
    await place(bench, "sl1-2")
    assert len({each.broker_order_id for each in of(bench.said, i.OrderAccepted)}) == 2


async def test_the_same_id_again_is_the_same_order(bench):
    await place(bench)
    bench.said.clear()
    await place(bench)
    assert [each.routed_order_id for each in of(bench.said, i.OrderAccepted)] == ["sl1-1"], "it is said again"
    assert (await picture(bench)).working == ("sl1-1",)
    await bench.fill("sl1-1", "10", "100")
    assert (await picture(bench)).positions == ((AAPL.instrument_id, parse_qty("10"), parse_money("1000")),)


async def test_the_same_id_at_once_is_the_same_order(bench):
    await asyncio.gather(*(bench.broker.place(approved("sl1-1")) for _ in range(5)))
    await bench.settle()
    await bench.fill("sl1-1", "10", "100")
    assert sum(each.fill.qty for each in of(bench.said, i.FillReported)) == parse_qty("10")
    assert (await picture(bench)).working == ()


async def test_the_same_id_after_its_end_makes_no_new_order(bench):
    await place(bench)
    await bench.broker.cancel(ACCOUNT, "sl1-1")
    await bench.settle()
    bench.said.clear()
    await place(bench)
    assert of(bench.said, i.OrderAccepted) == []
    assert [each.outcome for each in of(bench.said, i.OrderGone)] == ["canceled"]
    assert (await picture(bench)).working == ()


# --- fills ---------------------------------------------------------------------------------------


async def test_a_fill_says_everything(bench):
    await place(bench)
    bench.said.clear()
    await bench.fill("sl1-1", "4", "100")
    reported, *cash = bench.said
    assert isinstance(reported, i.FillReported)
    fill = reported.fill
    assert reported.broker == bench.broker.name
    assert (fill.account, fill.routed_order_id, fill.instrument_id) == (ACCOUNT, "sl1-1", AAPL.instrument_id)
    assert (fill.side, fill.qty, fill.price, fill.fee) == (Side.BUY, parse_qty("4"), parse_price("100"), 0)
    assert fill.exec_id and not fill.replaces
    known = i.AccountReported(broker=bench.broker.name, account=ACCOUNT, cash=parse_money("99600"))
    assert cash in ([known], []), "a broker that cannot tell cash as of this fill says nothing of it"
    assert (await picture(bench)).cash == known.cash


async def test_partial_fills_add_up_and_have_ids_of_their_own(bench):
    await place(bench)
    for size in ("4", "5", "1"):
        await bench.fill("sl1-1", size, "100")
    fills = [each.fill for each in of(bench.said, i.FillReported)]
    assert [fill.qty for fill in fills] == [parse_qty(size) for size in ("4", "5", "1")]
    assert len({fill.exec_id for fill in fills}) == 3
    found = await picture(bench)
    assert found.positions == ((AAPL.instrument_id, parse_qty("10"), parse_money("1000")),)
    assert (found.cash, found.working) == (parse_money("99000"), ())


async def test_a_position_that_closes_is_gone_and_its_cash_is_there(bench):
    await place(bench, "sl1-1", limit="100")
    await bench.fill("sl1-1", "10", "100")
    await place(bench, "sl1-2", side="sell", limit="110")
    await bench.fill("sl1-2", "10", "110")
    found = await picture(bench)
    assert (found.positions, found.cash) == ((), parse_money("100100"))


async def test_a_short_position_has_a_negative_cost(bench):
    await place(bench, side="sell", limit="100")
    await bench.fill("sl1-1", "10", "100")
    found = await picture(bench)
    assert found.positions == ((AAPL.instrument_id, -parse_qty("10"), -parse_money("1000")),)
    assert found.cash == parse_money("101000")


# --- cancel --------------------------------------------------------------------------------------


async def test_cancel_ends_the_order_with_what_had_filled(bench):
    await place(bench)
    await bench.fill("sl1-1", "3", "100")
    bench.said.clear()
    await bench.broker.cancel(ACCOUNT, "sl1-1")
    await bench.settle()
    gone = of(bench.said, i.OrderGone)[-1]
    assert (gone.account, gone.routed_order_id, gone.outcome, gone.cum_qty) == (
        ACCOUNT,
        "sl1-1",
        "canceled",
        parse_qty("3"),
    )
    assert (await picture(bench)).working == ()


@pytest.mark.parametrize("case", ["unknown", "filled", "of another account"])
async def test_cancel_of_what_does_not_work_is_refused(bench, case):
    await place(bench)
    if case == "filled":
        await bench.fill("sl1-1", "10", "100")
    bench.said.clear()
    routed = "sl9-9" if case == "unknown" else "sl1-1"
    account = "A2" if case == "of another account" else ACCOUNT
    await bench.broker.cancel(account, routed)
    await bench.settle()
    (refused,) = of(bench.said, i.CancelRefused)
    assert (refused.account, refused.routed_order_id) == (account, routed)
    assert refused.reason
    if case == "unknown":
        (gone,) = of(bench.said, i.OrderGone)
        assert (gone.outcome, bench.said.index(gone)) == ("expired", 0), "the proof comes before the refusal"
    if case == "of another account":
        assert (await picture(bench)).working == ("sl1-1",)


async def test_cancel_of_a_canceled_order_says_its_end_again(bench):
    await place(bench)
    for _ in range(2):
        bench.said.clear()
        await bench.broker.cancel(ACCOUNT, "sl1-1")
        await bench.settle()
        assert [each.outcome for each in of(bench.said, i.OrderGone)] == ["canceled"]


# --- replace -------------------------------------------------------------------------------------


async def test_replace_says_the_terms_that_stand(bench):
    await place(bench)
    bench.said.clear()
    await bench.broker.replace("sl1-1", change(approved("sl1-1"), "7", "99"))
    await bench.settle()
    assert bench.said == [
        i.OrderAmended(
            account=ACCOUNT,
            routed_order_id="sl1-1",
            order_qty=parse_qty("7"),
            limit_price=parse_price("99"),
            stop_price=None,
        )
    ]
    await bench.fill("sl1-1", "7", "99")
    assert (await picture(bench)).working == ()


@pytest.mark.parametrize("case", ["unknown", "filled", "canceled"])
async def test_replace_of_what_does_not_work_is_refused(bench, case):
    await place(bench)
    if case == "filled":
        await bench.fill("sl1-1", "10", "100")
    if case == "canceled":
        await bench.broker.cancel(ACCOUNT, "sl1-1")
    await bench.settle()
    bench.said.clear()
    routed = "sl9-9" if case == "unknown" else "sl1-1"
    await bench.broker.replace(routed, change(approved(routed), "7"))
    await bench.settle()
    refused = of(bench.said, i.ReplaceRefused)[0]
    assert (refused.account, refused.routed_order_id) == (ACCOUNT, routed)
    assert refused.reason


async def test_replace_to_what_has_filled_leaves_nothing_working(bench):
    await place(bench)
    await bench.fill("sl1-1", "6", "100")
    await bench.broker.replace("sl1-1", change(approved("sl1-1"), "5"))
    await bench.settle()
    assert of(bench.said, i.OrderAmended)[-1].order_qty == parse_qty("6")
    assert (await picture(bench)).working == ()


# --- query ---------------------------------------------------------------------------------------


async def ask(bench: Bench, routed: str, account: str = ACCOUNT) -> list:
    await bench.settle()
    bench.said.clear()
    await bench.broker.query(account, routed)
    await bench.settle()
    return list(bench.said)


@pytest.mark.parametrize(("routed", "account"), [("sl9-9", ACCOUNT), ("sl1-1", "A2")], ids=["unknown", "not his"])
async def test_query_of_what_never_came_says_expired(bench, routed, account):
    await place(bench)
    (gone,) = await ask(bench, routed, account)
    assert isinstance(gone, i.OrderGone)
    assert (gone.account, gone.routed_order_id, gone.outcome, gone.cum_qty) == (account, routed, "expired", 0)


async def test_query_of_a_working_order_says_its_fills_and_that_it_works(bench):
    await place(bench)
    await bench.fill("sl1-1", "4", "100")
    before = of(bench.said, i.FillReported)
    said = await ask(bench, "sl1-1")
    assert of(said, i.FillReported) == before, "the same execution under the same id"
    assert len(of(said, i.OrderAccepted)) == 1
    assert of(said, i.OrderGone) == []


async def test_query_of_a_replaced_order_says_its_terms(bench):
    """A replace of unknown outcome: the broker's terms answer it."""
    await place(bench)
    await bench.broker.replace("sl1-1", change(approved("sl1-1"), "7", "99"))
    (amended,) = of(await ask(bench, "sl1-1"), i.OrderAmended)
    assert (amended.order_qty, amended.limit_price) == (parse_qty("7"), parse_price("99"))


async def test_query_of_a_filled_order_says_its_fills(bench):
    await place(bench)
    await bench.fill("sl1-1", "4", "100")
    await bench.fill("sl1-1", "6", "100")
    said = await ask(bench, "sl1-1")
    assert sum(each.fill.qty for each in of(said, i.FillReported)) == parse_qty("10")
    assert of(said, i.OrderAccepted) == []


async def test_query_of_a_filled_order_answers_a_replace_that_was_lost_on_its_way(bench):
    await place(bench)
    await bench.fill("sl1-1", "10", "100")
    said = await ask(bench, "sl1-1")
    kinds = [type(each) for each in said]
    assert kinds.index(i.FillReported) < kinds.index(i.ReplaceRefused)


async def test_query_of_a_canceled_order_says_fills_before_its_end(bench):
    await place(bench)
    await bench.fill("sl1-1", "4", "100")
    await bench.broker.cancel(ACCOUNT, "sl1-1")
    said = await ask(bench, "sl1-1")
    kinds = [type(each) for each in said]
    assert kinds.index(i.FillReported) < kinds.index(i.OrderGone)
    assert of(said, i.OrderGone)[0].cum_qty == parse_qty("4")


# --- reconcile and restart ---------------------------------------------------------------------------


async def test_reconcile_says_fills_before_the_picture(bench):
    await place(bench)
    await bench.fill("sl1-1", "4", "100")
    await picture(bench)
    assert isinstance(bench.said[-1], i.AccountReconciled)
    assert [each.fill.qty for each in of(bench.said, i.FillReported)] == [parse_qty("4")]


async def test_reconcile_of_an_account_nobody_has_is_unreachable(bench):
    with pytest.raises(BrokerUnreachable):
        await bench.broker.reconcile("A9")


async def test_a_restart_finds_the_book_as_it_was(bench):
    await place(bench, "sl1-1")
    await bench.fill("sl1-1", "4", "100")
    await place(bench, "sl1-2", limit="90")
    await place(bench, "sl1-3", limit="80")
    await bench.broker.cancel(ACCOUNT, "sl1-3")
    await bench.settle()
    before = of(bench.said, i.FillReported)
    await bench.restart()
    assert isinstance(bench.said[0], i.BrokerConnected)
    assert of(bench.said, i.FillReported) == before
    (found,) = of(bench.said, i.AccountReconciled)
    assert found.positions == ((AAPL.instrument_id, parse_qty("4"), parse_money("400")),)
    assert (found.cash, set(found.working)) == (parse_money("99600"), {"sl1-1", "sl1-2"})
    await bench.fill("sl1-1", "6", "100")
    await bench.broker.cancel(ACCOUNT, "sl1-2")
    await place(bench, "sl1-3")
    found = await picture(bench)
    assert found.positions == ((AAPL.instrument_id, parse_qty("10"), parse_money("1000")),)
    assert found.working == ()
    assert len({each.fill.exec_id for each in of(bench.said, i.FillReported)}) == 2


async def test_after_close_nothing_is_taken(bench):
    await bench.stop()
    with pytest.raises(BrokerUnreachable):
        await bench.broker.place(approved("sl1-1"))
    with pytest.raises(BrokerUnreachable):
        await bench.broker.cancel(ACCOUNT, "sl1-1")
    with pytest.raises(BrokerUnreachable):
        await bench.broker.query(ACCOUNT, "sl1-1")
    with pytest.raises(BrokerUnreachable):
        await bench.broker.reconcile(ACCOUNT)
