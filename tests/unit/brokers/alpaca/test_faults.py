"""What goes wrong between us and Alpaca: lost answers, a stream that drops or repeats, a broker that dies."""

import asyncio
from collections.abc import Callable

import httpx2
import pytest
from msgspec import structs

from stopline.brokers.alpaca.timing import Timing
from stopline.dialects.alpaca.replace import ReplaceOrder
from stopline.messages import inputs as i
from stopline.messages.events import OrderApproved
from stopline.model.numbers import parse_money, parse_price, parse_qty
from stopline.model.order import OrderType, Side
from stopline.ports.broker import BrokerRejected, RateLimited, SendOutcomeUnknown
from stopline.sim.alpaca.faults import Fault, Kind
from stopline.sim.alpaca.simulator import Simulator
from tests.contract.brokers.alpaca import PATIENCE_S, AlpacaBench
from tests.contract.brokers.bench import AAPL, ACCOUNT, about, approved, change, of


@pytest.fixture
async def bench(tmp_path):
    made = AlpacaBench(tmp_path)
    await made.start()
    made.said.clear()
    yield made
    await made.stop()


def fault(bench: AlpacaBench, kind: str, **more: object) -> None:
    bench.sim.front.faults.add(Fault(kind=Kind(kind), **more))


async def until(is_so: Callable[[], object], what: str = "it") -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not is_so():
            await asyncio.sleep(0.005)


async def place(bench: AlpacaBench, routed: str = "sl1-1", *args: str, **terms: object) -> None:
    await bench.broker.place(approved(routed, *args, **terms))
    await bench.settle()


async def picture(bench: AlpacaBench) -> i.AccountReconciled:
    bench.said.clear()
    await bench.broker.reconcile(ACCOUNT)
    await bench.settle()
    return of(bench.said, i.AccountReconciled)[-1]


async def ask(bench: AlpacaBench, routed: str) -> list:
    bench.said.clear()
    await bench.broker.query(ACCOUNT, routed)
    await bench.broker.settle()
    return list(bench.said)


def orders(bench: AlpacaBench) -> int:
    return len(bench.sim.house.book.orders)


def filled(bench: AlpacaBench) -> int:
    fills = {each.fill.exec_id: each.fill for each in of(bench.said, i.FillReported)}
    return sum(fill.qty for fill in fills.values())


# --- lost answers ------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["lost_reply", "gateway_timeout"])
async def test_an_accepted_order_with_a_lost_answer_is_one_order_and_unknown_in_between(bench, kind):
    fault(bench, kind, method="POST")
    fault(bench, "lost_event", times=2)
    with pytest.raises(SendOutcomeUnknown):
        await bench.broker.place(approved("sl1-1"))
    assert about(bench.said, "sl1-1") == [], "nothing is claimed of it"
    assert orders(bench) == 1
    said = await ask(bench, "sl1-1")
    assert [each.routed_order_id for each in of(said, i.OrderAccepted)] == ["sl1-1"]
    await bench.broker.place(approved("sl1-1"))
    assert orders(bench) == 1


@pytest.mark.parametrize("kind", ["lost_reply", "gateway_timeout"])
async def test_the_stream_may_settle_it_before_anybody_asks(bench, kind):
    fault(bench, kind, method="POST")
    with pytest.raises(SendOutcomeUnknown):
        await bench.broker.place(approved("sl1-1"))
    await bench.settle()
    assert len(of(bench.said, i.OrderAccepted)) == 1


async def test_the_same_id_after_a_lost_answer_and_a_restart_makes_no_second_order(bench):
    fault(bench, "lost_reply", method="POST")
    with pytest.raises(SendOutcomeUnknown):
        await bench.broker.place(approved("sl1-1"))
    await bench.restart()
    await place(bench)
    assert orders(bench) == 1


async def test_an_order_that_is_not_found_is_dead_only_after_the_horizon(bench):
    now = [100.0]
    bench.terms |= {"horizon_s": 30.0, "timing": Timing(now=lambda: now[0])}
    await bench.restart()
    fault(bench, "lost_request", method="POST")
    with pytest.raises(SendOutcomeUnknown):
        await bench.broker.place(approved("sl1-1"))
    assert await ask(bench, "sl1-1") == []
    with pytest.raises(SendOutcomeUnknown, match="may still be on its way"):
        await bench.broker.cancel(ACCOUNT, "sl1-1")
    now[0] += 29
    assert await ask(bench, "sl1-1") == []
    now[0] += 2
    (gone,) = await ask(bench, "sl1-1")
    assert isinstance(gone, i.OrderGone) and (gone.outcome, gone.cum_qty) == ("expired", 0)


async def test_an_order_that_was_there_is_not_given_up_because_it_is_not_found_for_once(bench, monkeypatch):
    """It would count as expired, and be cancelled by the next picture: a stop that protects, perhaps."""

    async def nothing(client_order_id: str) -> None:
        return None

    await place(bench)
    monkeypatch.setattr(bench.broker._client, "order_by_client_id", nothing)
    said = await ask(bench, "sl1-1")
    assert of(said, i.OrderGone) == []
    assert [each.routed_order_id for each in of(said, i.OrderAccepted)] == ["sl1-1"], "it is found by Alpaca's own id"
    monkeypatch.setattr(bench.broker._client, "order", nothing)
    assert await ask(bench, "sl1-1") == []


async def test_an_order_that_comes_after_it_was_given_up_is_cancelled(bench):
    fault(bench, "latency", method="POST", ms=1_000)
    sending = asyncio.ensure_future(bench.broker.place(approved("sl1-1")))
    await until(lambda: bench.sim.front.faults.set[0].seen, "the order on its way")
    (gone,) = await ask(bench, "sl1-1")
    assert gone.outcome == "expired"
    await sending
    await until(lambda: not bench.sim.house.book.working, "its cancel")
    await bench.settle()
    assert (await picture(bench)).working == ()


async def test_one_that_comes_unheard_after_it_was_given_up_is_cancelled_by_the_next_picture(bench):
    fault(bench, "latency", method="POST", ms=500)
    fault(bench, "lost_event", times=2)
    sending = asyncio.ensure_future(bench.broker.place(approved("sl1-1")))
    await until(lambda: bench.sim.front.faults.set[0].seen, "the order on its way")
    (gone,) = await ask(bench, "sl1-1")
    assert gone.outcome == "expired"
    await until(lambda: bench.sim.house.book.working, "the order")
    await bench.broker.reconcile(ACCOUNT)
    await until(lambda: not bench.sim.house.book.working, "its cancel")
    await sending


async def test_one_that_came_after_an_earlier_run_gave_it_up_is_cancelled(bench):
    await place(bench)
    bench.terms["given_up"] = ("sl1-1",)
    await bench.restart()
    await until(lambda: not bench.sim.house.book.working, "its cancel")


async def test_another_order_under_our_id_is_not_taken_for_ours(bench):
    await place(bench, "sl1-1", size="10")
    bench.broker._book = type(bench.broker._book)("alpaca", ACCOUNT, bench.broker._symbols)
    with pytest.raises(BrokerRejected, match="another order"):
        await bench.broker.place(approved("sl1-1", size="11"))


async def test_a_lost_answer_to_a_replace_is_settled_by_asking(bench):
    await place(bench)
    fault(bench, "lost_reply", method="PATCH")
    fault(bench, "lost_event", times=3)
    bench.said.clear()
    with pytest.raises(SendOutcomeUnknown):
        await bench.broker.replace("sl1-1", change(approved("sl1-1"), "7", "99"))
    await bench.broker.settle()
    assert of(bench.said, i.OrderAmended) == of(bench.said, i.ReplaceRefused) == []
    (amended,) = of(await ask(bench, "sl1-1"), i.OrderAmended)
    assert (amended.order_qty, amended.limit_price) == (parse_qty("7"), parse_price("99"))


async def test_a_replaced_order_that_ended_unseen_works_no_more(bench):
    await place(bench)
    await bench.broker.replace("sl1-1", change(approved("sl1-1"), "7", "99"))
    await bench.settle()
    (newest,) = bench.sim.house.book.open_orders()
    fault(bench, "lost_event")
    bench.sim.house.cancel(newest.id, bench.sim.at())
    await bench.broker.reconcile(ACCOUNT)
    await bench.broker.settle()
    assert of(bench.said, i.AccountReconciled)[-1].working == ()
    (gone,) = of(bench.said, i.OrderGone)
    assert (gone.routed_order_id, gone.outcome) == ("sl1-1", "canceled")


async def test_a_cancel_that_meets_a_replace_cancels_what_took_its_place(bench):
    await place(bench)
    fault(bench, "lost_event", times=2)
    (old,) = bench.sim.house.book.open_orders()
    bench.sim.house.replace(old.id, ReplaceOrder(limit_price=parse_price("99")), bench.sim.at())
    await bench.broker.cancel(ACCOUNT, "sl1-1")
    await until(lambda: of(bench.said, i.OrderGone), "its end")
    assert of(bench.said, i.CancelRefused) == []
    assert bench.sim.house.book.open_orders() == []


@pytest.mark.parametrize("kind", ["replace_rejected", "cancel_rejected"])
async def test_what_was_taken_and_then_rejected_did_not_happen(bench, kind):
    await place(bench)
    fault(bench, kind)
    bench.said.clear()
    if kind == "replace_rejected":
        await bench.broker.replace("sl1-1", change(approved("sl1-1"), "7", "99"))
    else:
        await bench.broker.cancel(ACCOUNT, "sl1-1")
    await bench.settle()
    refused = i.ReplaceRefused if kind == "replace_rejected" else i.CancelRefused
    assert [type(each) for each in about(bench.said, "sl1-1")] == [refused]
    (amended,) = of(await ask(bench, "sl1-1"), i.OrderAmended)
    assert (amended.order_qty, amended.limit_price) == (parse_qty("10"), parse_price("100"))


async def test_partial_fills_and_replaces_add_up(bench):
    await place(bench)
    await bench.fill("sl1-1", "4", "100")
    await bench.broker.replace("sl1-1", change(approved("sl1-1"), "12", "101"))
    await bench.settle()
    amended = of(bench.said, i.OrderAmended)[-1]
    assert (amended.order_qty, amended.limit_price) == (parse_qty("12"), parse_price("101"))
    await bench.fill("sl1-1", "3", "101")
    await bench.broker.replace("sl1-1", change(approved("sl1-1"), "9", "102"))
    await bench.settle()
    await bench.restart()
    said = await ask(bench, "sl1-1")
    assert of(said, i.OrderAmended)[-1].order_qty == parse_qty("9")
    await bench.fill("sl1-1", "2", "102")
    assert filled(bench) == parse_qty("9")
    found = await picture(bench)
    assert (found.working, found.positions[0][1]) == ((), parse_qty("9"))


# --- the stream ------------------------------------------------------------------------------------------


async def test_a_stream_that_drops_comes_back_and_what_it_missed_is_told(bench):
    await place(bench)
    fault(bench, "stream_drop")
    at = parse_price("100")
    bench.sim.take_quote(_quote(bench, at, "4"))
    await until(lambda: of(bench.said, i.AccountReconciled), "the picture after the reconnect")
    kinds = [type(each) for each in bench.said]
    assert kinds.index(i.BrokerDisconnected) < kinds.index(i.BrokerConnected) < kinds.index(i.FillReported)
    assert kinds.index(i.FillReported) < kinds.index(i.AccountReconciled)
    assert filled(bench) == parse_qty("4")


def _quote(bench: AlpacaBench, at: int, size: str):
    from stopline.sim.alpaca.market import hand_quote

    instrument = bench.sim.house.book.instruments["AAPL"]
    return hand_quote(instrument, at - AAPL.tick_size, at, parse_qty(size), None, bench.sim.at())


async def test_an_event_that_is_lost_in_silence_is_found_by_the_next_picture(bench):
    await place(bench, "sl1-1")
    await place(bench, "sl1-2", limit="90")
    fault(bench, "lost_event", times=2)
    bench.sim.take_quote(_quote(bench, parse_price("100"), "4"))
    await bench.broker.cancel(ACCOUNT, "sl1-2")
    await bench.broker.settle()
    assert filled(bench) == 0
    bench.said.clear()
    await bench.broker.reconcile(ACCOUNT)
    await bench.broker.settle()
    assert filled(bench) == parse_qty("4")
    assert [each.routed_order_id for each in of(bench.said, i.OrderGone)] == ["sl1-2"]
    (found,) = of(bench.said, i.AccountReconciled)
    assert (found.working, found.cash) == (("sl1-1",), parse_money("99600"))


async def test_an_order_that_ended_while_we_were_away_is_told_if_the_engine_counts_on_it(bench):
    await place(bench, "sl1-1")
    await bench.broker.close()
    (order,) = bench.sim.house.book.open_orders()
    bench.sim.house.cancel(order.id, bench.sim.at())
    bench.said.clear()
    bench.terms["expected"] = lambda account: ("sl1-1",)
    await bench._connect()
    assert [each.outcome for each in of(bench.said, i.OrderGone)] == ["canceled"]


@pytest.mark.parametrize("kind", ["duplicate_event", "reorder_events"])
async def test_events_twice_and_out_of_order_are_told_once_and_right(bench, kind):
    fault(bench, kind, times=0, ms=20)
    await bench.broker.place(approved("sl1-1"))
    for size in ("4", "5", "1"):
        bench.sim.take_quote(_quote(bench, parse_price("100"), size))
    bench.quote("50", "200")
    await until(lambda: filled(bench) == parse_qty("10"), "all fills")
    assert len(of(bench.said, i.OrderAccepted)) == 1
    found = await picture(bench)
    assert (found.cash, found.working) == (parse_money("99000"), ())
    assert found.positions == ((AAPL.instrument_id, parse_qty("10"), parse_money("1000")),)


async def test_an_order_that_is_sent_while_the_account_is_read_is_in_the_picture(bench, monkeypatch):
    list_orders = bench.broker._client.orders

    async def slow(query):
        listed = await list_orders(query)
        if bench.broker._book.find("sl1-1") is None:
            await bench.broker.place(approved("sl1-1"))
        return listed

    monkeypatch.setattr(bench.broker._client, "orders", slow)
    assert (await picture(bench)).working == ("sl1-1",)


async def test_an_update_that_cannot_be_dealt_with_is_a_gap_and_not_the_end(bench, monkeypatch):
    execute, fails = bench.broker._book.execute, [True]

    def broken(*args, **more):
        if fails:
            fails.clear()
            raise RuntimeError("planted")
        return execute(*args, **more)

    monkeypatch.setattr(bench.broker._book, "execute", broken)
    await place(bench)
    bench.said.clear()
    bench.sim.take_quote(_quote(bench, parse_price("100"), "4"))
    await until(lambda: of(bench.said, i.AccountReconciled), "the account is read again")
    assert filled(bench) == parse_qty("4")
    assert of(bench.said, i.BrokerDisconnected) == []


async def test_a_broker_that_is_killed_and_comes_back_reconciles(tmp_path):
    bench = AlpacaBench(tmp_path, state=tmp_path / "book.json")
    await bench.start()
    await place(bench, "sl1-1")
    await bench.fill("sl1-1", "4", "100")
    port = bench.sim.trading.port
    await bench.sim.stop()
    await until(lambda: of(bench.said, i.BrokerDisconnected), "the loss")
    bench.said.clear()
    bench.sim = Simulator(structs.replace(bench.options, port=port))
    await bench.sim.start()
    bench.quote("50", "200")
    await until(lambda: of(bench.said, i.AccountReconciled), "the picture")
    (found,) = of(bench.said, i.AccountReconciled)
    assert (found.working, found.cash) == (("sl1-1",), parse_money("99600"))
    bench._offset = bench.sim.hub.events - bench.broker.updates
    await bench.fill("sl1-1", "6", "100")
    assert (await picture(bench)).positions[0][1] == parse_qty("10")
    await bench.stop()


async def test_an_outage_is_said_and_ends(bench):
    fault(bench, "outage", times=0)
    bench.sim.hub.cut_all()
    await until(lambda: of(bench.said, i.BrokerDisconnected), "the outage")
    with pytest.raises(SendOutcomeUnknown):
        await bench.broker.place(approved("sl1-1"))
    bench.sim.front.faults.clear()
    bench.said.clear()
    await until(lambda: of(bench.said, i.AccountReconciled), "the end of it")
    # A last try that began during the outage may fail after it.
    line = [type(each) for each in bench.said if isinstance(each, i.BrokerDisconnected | i.BrokerConnected)]
    assert line[-1] is i.BrokerConnected
    at = [type(each) for each in bench.said].index
    assert at(i.BrokerConnected) < at(i.AccountReconciled)


async def test_wrong_keys_are_said_and_the_start_does_not_hang(bench, monkeypatch):
    await bench.broker.close()
    bench.options = structs.replace(bench.options, secret="wrong")
    bench.said.clear()
    await bench._connect()
    down = of(bench.said, i.BrokerDisconnected)
    assert down and "refuses the keys" in down[0].reason
    assert of(bench.said, i.BrokerConnected) == []


# --- others at the same account ------------------------------------------------------------------------


async def send_as_other(bench: AlpacaBench, **body: object) -> dict:
    """Send an order as another client of the same account."""
    keys = {"APCA-API-KEY-ID": bench.options.key, "APCA-API-SECRET-KEY": bench.options.secret}
    usual = {"symbol": "AAPL", "side": "buy", "type": "limit", "time_in_force": "day", "qty": "3", "limit_price": "60"}
    order = usual | body
    async with httpx2.AsyncClient(base_url=bench.sim.url, headers=keys) as client:
        answer = await client.post("/v2/orders", json={name: value for name, value in order.items() if value})
    assert answer.status_code == 200, answer.text
    if bench.broker._outbox is not None:
        await bench.settle()
    return answer.json()


async def test_orders_and_fills_of_others_are_seen_and_counted(bench):
    sent = await send_as_other(bench, client_order_id="mine-7")
    (seen,) = of(bench.said, i.ExternalOrderSeen)
    assert (seen.routed_order_id, seen.side, seen.order_type) == ("mine-7", Side.BUY, OrderType.LIMIT)
    assert (seen.order_qty, seen.cum_qty, seen.limit_price) == (parse_qty("3"), 0, parse_price("60"))
    assert sent["client_order_id"] == "mine-7"
    bench.sim.take_quote(_quote(bench, parse_price("60"), "2"))
    await bench.settle()
    (fill,) = of(bench.said, i.FillReported)
    assert (fill.fill.routed_order_id, fill.fill.qty) == ("mine-7", parse_qty("2"))
    found = await picture(bench)
    assert (found.working, found.positions[0][1]) == (("mine-7",), parse_qty("2"))


async def test_what_others_did_while_we_were_away_is_told_and_can_be_cancelled(bench):
    await bench.broker.close()
    bench.quote("99.99", "100")
    await send_as_other(bench, client_order_id="mine-8")
    await send_as_other(bench, client_order_id="mine-9", type="market", limit_price=None)
    bench.said.clear()
    await bench._connect()
    assert {each.routed_order_id for each in of(bench.said, i.ExternalOrderSeen)} == {"mine-8"}
    assert [each.fill.routed_order_id for each in of(bench.said, i.FillReported)] == ["mine-9"]
    await bench.broker.cancel(ACCOUNT, "mine-8")
    await bench.settle()
    assert [each.routed_order_id for each in of(bench.said, i.OrderGone)] == ["mine-8"]


async def test_legs_that_others_made_are_seen_one_by_one(bench):
    """Held legs too: a flatten must be able to name and cancel each of them."""
    bench.quote("99.99", "100")
    body = {"order_class": "bracket", "take_profit": {"limit_price": "120"}, "stop_loss": {"stop_price": "80"}}
    await send_as_other(bench, type="market", limit_price=None, client_order_id="entry", **body)
    found = await picture(bench)
    assert len(found.working) == 2 and "entry" not in found.working
    for leg in found.working:
        await bench.broker.cancel(ACCOUNT, leg)
    await bench.settle()
    assert (await picture(bench)).working == ()


async def test_a_share_that_nobody_listed_is_listed_before_it_is_spoken_of(bench):
    instrument = bench.sim.house.book.instruments["MSFT"]
    from stopline.sim.alpaca.market import hand_quote

    bench.sim.take_quote(
        hand_quote(instrument, parse_price("50"), parse_price("51"), parse_qty("100"), None, bench.sim.at())
    )
    await send_as_other(bench, symbol="MSFT", limit_price="40")
    kinds = [type(each) for each in bench.said]
    assert kinds.index(i.ListInstrument) < kinds.index(i.ExternalOrderSeen)
    (listed,) = of(bench.said, i.ListInstrument)
    assert (listed.instrument.instrument_id, listed.instrument.shortable) == ("eq:US:MSFT", None)


# --- the last line ---------------------------------------------------------------------------------------


async def test_a_suspension_whose_answer_got_lost_counts_as_one(bench):
    fault(bench, "lost_reply", method="PATCH")
    with pytest.raises(SendOutcomeUnknown):
        await bench.broker.suspend(True)
    assert bench.broker.is_suspended, "or nobody would take it back"
    fault(bench, "lost_reply", method="PATCH")
    with pytest.raises(SendOutcomeUnknown):
        await bench.broker.suspend(False)
    assert bench.broker.is_suspended
    await bench.broker.suspend(False)
    assert not bench.broker.is_suspended


# --- exits ---------------------------------------------------------------------------------------------


def reducing(order: OrderApproved) -> OrderApproved:
    return structs.replace(order, reducing=True)


async def test_a_reducing_order_can_open_nothing_at_alpaca(bench):
    """Our book may be wrong for a moment; a close that finds nothing to close is rejected, not a short."""
    with pytest.raises(BrokerRejected, match="insufficient qty"):
        await bench.broker.place(reducing(approved("sl1-1", side="sell", limit="100")))
    assert orders(bench) == 0


async def test_exits_and_cancels_use_what_entries_leave_of_the_budget(tmp_path):
    bench = AlpacaBench(tmp_path, rate_limit=60)
    await bench.start()
    placed = 0
    with pytest.raises(RateLimited, match="kept for cancels and exits"):
        while placed < 60:
            await bench.broker.place(approved(f"sl1-{placed}", size="1", limit="60"))
            placed += 1
    for number in range(placed):
        await bench.broker.cancel(ACCOUNT, f"sl1-{number}")
    await bench.settle()
    assert bench.sim.house.book.open_orders() == []
    assert placed > 10
    await bench.stop()


@pytest.mark.parametrize(
    ("terms", "kind"),
    [
        ({"limit": None}, "market"),
        ({"limit": None, "stop": "150"}, "stop"),
        ({"limit": "151", "stop": "150"}, "stop_limit"),
    ],
)
async def test_all_types_of_orders(bench, terms, kind):
    bench.quote("99.99", "100", "10")
    await place(bench, "sl1-1", **terms)
    if kind != "market":
        assert filled(bench) == 0
        for _ in range(2):
            bench.quote("150", "150.01", "10")
        await bench.settle()
    assert filled(bench) == parse_qty("10")


async def test_a_trailing_stop_trails_at_alpaca(bench):
    bench.quote("100", "100.02", "10")
    await place(bench, "sl1-1", limit=None)
    request = approved("sl1-2", side="sell", limit=None).request
    trailing = structs.replace(request, order_type=OrderType.TRAILING_STOP, trail_amount=parse_price("5"))
    await bench.broker.place(reducing(structs.replace(approved("sl1-2"), request=trailing)))
    for bid in ("100", "110", "106"):
        bench.quote(bid, f"{bid}.02", "10")
    await bench.settle()
    assert (await picture(bench)).working == ("sl1-2",)
    bench.quote("104", "104.02", "10")
    await bench.settle()
    assert (await picture(bench)).positions == ()
