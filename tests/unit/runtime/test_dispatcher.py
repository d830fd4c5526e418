"""What leaves, in which order, and what a failure to send proves."""

import asyncio
from typing import Any

import pytest
from msgspec import structs

from stopline.messages import inputs as i
from stopline.messages.effects import CancelAtBroker, PlaceOrder, QueryOrder, Reconcile
from stopline.model.fill import Fill
from stopline.model.limits import Limits
from stopline.model.numbers import PRICE_ONE, QTY_ONE
from stopline.model.order import OrderState, Side
from stopline.ports.broker import (
    BrokerRejected,
    BrokerUnreachable,
    OwnOrderInTheWay,
    RateLimited,
    SendOutcomeUnknown,
)
from stopline.runtime import dispatcher as dispatcher_module
from stopline.runtime.lanes import Lanes, Outbound
from stopline.runtime.reconcile import QUIET_FOR, find_doubts
from tests.unit.runtime.rig import AAPL, Rig, buy, until


def calls(rig: Rig, what: str) -> int:
    return sum(1 for call, _ in rig.broker.calls if call == what)


async def test_an_order_that_left_is_journaled_as_sent(rig: Rig):
    await rig.loop.ask(buy("a"))
    await rig.settle()
    assert rig.order("a").state is OrderState.SENT
    assert rig.broker.placed[0].request.client_order_id == "a"


FAILURES = [
    pytest.param(BrokerRejected("no"), OrderState.REJECTED, "no", id="rejected"),
    pytest.param(BrokerUnreachable("no route"), OrderState.EXPIRED, "never sent", id="did not leave"),
    pytest.param(SendOutcomeUnknown("cut off"), OrderState.UNKNOWN, "cut off", id="may have arrived"),
    pytest.param(OSError("reset"), OrderState.UNKNOWN, "reset", id="unforeseen"),
]


@pytest.mark.parametrize(("failure", "state", "reason"), FAILURES)
async def test_what_a_failure_to_place_proves(rig: Rig, failure: Exception, state: OrderState, reason: str):
    rig.broker.plans["place"] = [failure]
    await rig.loop.ask(buy("a"))
    await rig.settle()
    order = rig.order("a")
    assert order.state is state
    assert reason in order.reason
    assert calls(rig, "place") == 1
    held = rig.state.accounts["paper"].positions["eq:US:AAPL"].working_buys
    assert held == (QTY_ONE if state is OrderState.UNKNOWN else 0), "unknown stays reserved, proven dead does not"


async def test_a_broker_that_does_not_answer_in_time_leaves_the_order_unknown(rig: Rig):
    async def hang() -> None:
        await asyncio.sleep(60)

    rig.dispatcher._timeout_s = 0.02
    rig.broker.plans["place"] = [hang]
    await rig.loop.ask(buy("a"))
    await rig.settle()
    assert rig.order("a").state is OrderState.UNKNOWN


async def test_an_unknown_order_is_asked_after_until_proven_and_never_sent_again(rig: Rig):
    rig.broker.plans["place"] = [SendOutcomeUnknown("cut off")]
    rig.broker.plans["query"] = [SendOutcomeUnknown("cut off again")]
    await rig.loop.ask(buy("a"))
    while calls(rig, "query") < 3:
        await asyncio.sleep(0.005)
    routed = rig.order("a").routed_order_id
    rig.loop.tell(i.OrderGone(account="paper", routed_order_id=routed, outcome="expired", cum_qty=0))
    await rig.settle()
    asked = calls(rig, "query")
    await asyncio.sleep(0.15)
    assert calls(rig, "query") == asked
    assert calls(rig, "place") == 1
    assert rig.order("a").state is OrderState.EXPIRED


async def test_an_entry_waits_for_a_message_budget(rig: Rig):
    rig.broker.plans["place"] = [RateLimited("slow down"), RateLimited("slow down")]
    await rig.loop.ask(buy("a"))
    await rig.settle()
    assert calls(rig, "place") == 3
    assert rig.order("a").state is OrderState.SENT


async def test_an_entry_does_not_wait_for_ever(rig: Rig, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(dispatcher_module, "ENTRY_PATIENCE_S", 0.02)
    rig.broker.plans["place"] = [RateLimited("slow down")] * 100
    await rig.loop.ask(buy("a"))
    await rig.settle()
    assert rig.order("a").state is OrderState.EXPIRED


@pytest.mark.parametrize("is_exit", [False, True])
async def test_an_entry_whose_turn_comes_late_is_not_sent_any_more(
    rig: Rig, monkeypatch: pytest.MonkeyPatch, is_exit: bool
):
    monkeypatch.setattr(dispatcher_module, "ENTRY_TURN_S", 0.02)
    go = asyncio.Event()
    rig.broker.at_once = 1
    rig.dispatcher.use({"paper": rig.broker})
    await rig.loop.ask(i.FillReported(broker="paper", fill=outside(rig)))
    rig.broker.plans["place"] = [go.wait]
    await rig.loop.ask(buy("a"))
    await until(lambda: calls(rig, "place") == 1)
    late = buy("b", price=90)
    await rig.loop.ask(structs.replace(late, side=Side.SELL) if is_exit else late)
    await asyncio.sleep(0.05)
    go.set()
    await rig.settle()
    assert rig.order("b").state is (OrderState.SENT if is_exit else OrderState.EXPIRED)
    assert calls(rig, "place") == 1 + is_exit


async def test_a_cancel_meets_its_order_before_it_left(rig: Rig):
    started = asyncio.Event()
    go = asyncio.Event()

    async def slow() -> None:
        started.set()
        await go.wait()

    rig.broker.plans["place"] = [slow] * 8
    for n in range(9):
        await rig.loop.ask(buy(f"n{n}"))
    await started.wait()
    await rig.loop.ask(i.CancelOrder(account="paper", client_order_id="n8"))
    await until(lambda: rig.order("n8").state is OrderState.CANCELED)
    go.set()
    await rig.settle()
    assert calls(rig, "place") == 8 and calls(rig, "cancel") == 0


def outside(rig: Rig) -> Fill:
    return Fill("paper", "x1", AAPL, Side.BUY, QTY_ONE, 100 * PRICE_ONE, 0, rig.clock.at())


async def holds_one(rig: Rig) -> None:
    """A long position of one share, and nine entries below it, at the broker."""
    await rig.loop.ask(i.FillReported(broker="paper", fill=outside(rig)))
    for n in range(9):
        await working(rig, f"e{n}")
    rig.broker.calls.clear()


async def test_an_exit_that_would_meet_own_entries_goes_once_they_are_gone(rig: Rig):
    await holds_one(rig)
    rig.broker.plans["place"] = [OwnOrderInTheWay("wash trade")] * 2
    await rig.loop.ask(i.ClosePosition(account="paper", symbol="AAPL", client_order_id="out"))
    await rig.settle()
    assert calls(rig, "place") == 3
    assert rig.order("out").state is OrderState.SENT
    assert calls(rig, "cancel") == 9


async def test_an_exit_that_is_put_off_holds_up_nobody_and_can_be_cancelled(rig: Rig, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(dispatcher_module, "PUT_OFF_S", 60.0)
    rig.broker.at_once = 1
    await holds_one(rig)
    rig.broker.plans["place"] = [OwnOrderInTheWay("wash trade")]
    await rig.loop.ask(i.ClosePosition(account="paper", symbol="AAPL", client_order_id="out"))
    await until(lambda: calls(rig, "cancel") == 9, "the cancels of what is in its way")
    assert rig.order("out").state is OrderState.APPROVED and not rig.dispatcher.is_idle
    await rig.loop.ask(i.CancelOrder(account="paper", client_order_id="out"))
    await rig.settle()
    assert rig.order("out").state is OrderState.CANCELED
    assert calls(rig, "place") == 1


async def test_an_exit_is_not_put_off_for_ever_and_an_entry_not_at_all(rig: Rig, monkeypatch: pytest.MonkeyPatch):
    rig.broker.plans["place"] = [OwnOrderInTheWay("wash trade")]
    await rig.loop.ask(buy("in"))
    await rig.settle()
    assert rig.order("in").state is OrderState.REJECTED
    monkeypatch.setattr(dispatcher_module, "PUT_OFF_S", 0.001)
    monkeypatch.setattr(dispatcher_module, "EXIT_PATIENCE_S", 0.01)
    await rig.loop.ask(i.FillReported(broker="paper", fill=outside(rig)))
    rig.broker.plans["place"] = [OwnOrderInTheWay("wash trade")] * 100
    await rig.loop.ask(i.ClosePosition(account="paper", symbol="AAPL", client_order_id="out"))
    await rig.settle()
    assert rig.order("out").state is OrderState.REJECTED


async def test_a_cancel_is_tried_until_taken(rig: Rig):
    await rig.loop.ask(buy("a"))
    await rig.settle()
    rig.broker.plans["cancel"] = [BrokerUnreachable("no route"), SendOutcomeUnknown("cut"), RateLimited("slow")]
    await rig.loop.ask(i.CancelOrder(account="paper", client_order_id="a"))
    await rig.settle()
    assert calls(rig, "cancel") == 4
    assert rig.order("a").state is OrderState.PENDING_CANCEL


async def test_cancels_that_are_not_taken_hold_up_no_close(rig: Rig):
    rig.broker.at_once = 1
    rig.dispatcher.use({"paper": rig.broker})
    await rig.loop.ask(i.FillReported(broker="paper", fill=outside(rig)))
    await working(rig, "e")
    rig.broker.plans["cancel"] = [SendOutcomeUnknown("cut")] * 10_000
    await rig.loop.ask(i.CancelOrder(account="paper", client_order_id="e"))
    await until(lambda: calls(rig, "cancel") == 1)
    await rig.loop.ask(i.ClosePosition(account="paper", symbol="AAPL", client_order_id="out"))
    await until(lambda: rig.order("out").state is OrderState.SENT, "the close")
    asked = calls(rig, "cancel")
    await until(lambda: calls(rig, "cancel") > asked, "the cancel, again")
    rig.broker.plans["cancel"].clear()
    await rig.settle()


async def test_a_cancel_that_waits_for_its_next_try_is_asked_for_once(rig: Rig):
    await working(rig, "e")
    rig.dispatcher._first_pause_s = 60.0
    rig.broker.plans["cancel"] = [SendOutcomeUnknown("cut")]
    await rig.loop.ask(i.CancelOrder(account="paper", client_order_id="e"))
    await until(lambda: calls(rig, "cancel") == 1)
    rig.dispatcher.carry_out((CancelAtBroker("paper", "paper", rig.order("e").routed_order_id),))
    await rig.settle()
    assert calls(rig, "cancel") == 2, "at once, in the place of the one that waits"


async def test_a_refused_cancel_is_reported(rig: Rig):
    await rig.loop.ask(buy("a"))
    await rig.settle()
    rig.broker.plans["cancel"] = [BrokerRejected("too late")]
    await rig.loop.ask(i.CancelOrder(account="paper", client_order_id="a"))
    await rig.settle()
    assert rig.order("a").state is OrderState.WORKING


@pytest.mark.parametrize("failure", [BrokerRejected("no"), BrokerUnreachable("no route")])
async def test_a_replace_that_did_not_happen_is_refused(rig: Rig, failure: Exception):
    await working(rig, "a")
    rig.broker.plans["replace"] = [failure]
    await rig.loop.ask(i.ReplaceOrder(account="paper", client_order_id="a", order_qty=2 * QTY_ONE))
    await rig.settle()
    assert rig.order("a").pending is None and rig.order("a").order_qty == QTY_ONE


async def test_a_replace_of_unknown_outcome_counts_both_and_is_asked_after_when_it_was_quiet_for_long(rig: Rig):
    await working(rig, "a")
    rig.broker.plans["replace"] = [SendOutcomeUnknown("cut off")]
    await rig.loop.ask(i.ReplaceOrder(account="paper", client_order_id="a", order_qty=2 * QTY_ONE))
    await rig.settle()
    assert rig.order("a").state is OrderState.PENDING_REPLACE
    assert rig.state.accounts["paper"].positions["eq:US:AAPL"].working_buys >= 2 * QTY_ONE
    at, routed = rig.clock.at(), rig.order("a").routed_order_id
    assert find_doubts(rig.state, "paper", at, False) == [], "an answer now could cross the replace"
    assert find_doubts(rig.state, "paper", at + QUIET_FOR, False) == [QueryOrder("paper", "paper", routed)]


async def working(rig: Rig, name: str) -> None:
    await rig.loop.ask(buy(name))
    await rig.settle()
    rig.loop.tell(i.OrderAccepted(account="paper", routed_order_id=rig.order(name).routed_order_id))
    await rig.settle()
    assert rig.order(name).state is OrderState.WORKING


async def test_an_order_for_a_broker_nobody_knows_never_leaves():
    rig = await Rig().start()
    rig.dispatcher._lanes.clear()
    await rig.loop.ask(buy("a"))
    await rig.settle()
    assert rig.order("a").state is OrderState.EXPIRED
    await rig.stop()


async def test_nothing_leaves_after_a_kill(rig: Rig):
    go = asyncio.Event()

    async def slow() -> None:
        await go.wait()

    rig.broker.plans["place"] = [slow] * 8
    for n in range(30):
        await rig.loop.ask(buy(f"n{n}"))
    await until(lambda: calls(rig, "place") == 8)
    await rig.loop.ask(i.Kill(account="paper"))
    go.set()
    await rig.settle()
    assert calls(rig, "place") == 8, "what waited in the lanes was withdrawn"
    assert sorted({rig.order(f"n{n}").state for n in range(8, 30)}) == [OrderState.CANCELED]


# --- the lanes alone ---------------------------------------------------------------------------


async def approval(reducing: bool, routed: str) -> PlaceOrder:
    """Borrow a real approval and give it another id: only the gate makes one."""
    rig = await Rig().start(Limits())
    await rig.loop.ask(buy("a"))
    await rig.settle()
    order: Any = rig.broker.placed[0]
    await rig.stop()
    return PlaceOrder("paper", structs.replace(order, routed_order_id=routed, reducing=reducing))


def closing(exit_: PlaceOrder, routed: str) -> PlaceOrder:
    """The same as flatten and kill would send it."""
    request = structs.replace(exit_.order.request, closes_position=True)
    return PlaceOrder("paper", structs.replace(exit_.order, request=request, routed_order_id=routed))


async def test_closes_go_before_cancels_before_exits_before_entries_before_questions():
    entry, exit_ = await approval(False, "entry"), await approval(True, "exit")
    close = closing(exit_, "close")
    went: list[Outbound] = []
    go = asyncio.Event()

    async def carry_out(effect: Outbound) -> None:
        await go.wait()
        went.append(effect)

    lanes = Lanes(carry_out, on_withdrawn=lambda place: None, workers=1)
    first = QueryOrder("paper", "paper", "first")
    lanes.add(first)
    await asyncio.sleep(0)
    cancel = CancelAtBroker("paper", "paper", "other")
    question = Reconcile("paper", "paper")
    for effect in (question, entry, exit_, cancel, close):
        lanes.add(effect)
    go.set()
    while len(lanes):
        await asyncio.sleep(0)
    assert went == [first, close, cancel, exit_, entry, question]
    await lanes.close()


async def test_one_thing_at_a_time_for_one_order():
    underway: list[str] = []
    worst = 0

    async def carry_out(effect: Outbound) -> None:
        nonlocal worst
        assert isinstance(effect, QueryOrder | CancelAtBroker)
        underway.append(effect.routed_order_id)
        worst = max(worst, underway.count(effect.routed_order_id))
        await asyncio.sleep(0.001)
        underway.remove(effect.routed_order_id)

    lanes = Lanes(carry_out, on_withdrawn=lambda place: None, workers=8)
    for n in range(20):
        lanes.add(QueryOrder("paper", "paper", f"o{n % 2}"))
        lanes.add(CancelAtBroker("paper", "paper", f"o{n % 2}"))
    while len(lanes):
        await asyncio.sleep(0.001)
    assert worst == 1
    await lanes.close()
