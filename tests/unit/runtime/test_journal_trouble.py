"""A refused append keeps everything and says nothing; a lost one ends the process; a broken step is made good."""

import asyncio
import logging
from typing import Any

import pytest

from stopline.engine.replay import state_hash
from stopline.messages import inputs as i
from stopline.messages.events import BreakerTripped, OrderExpired
from stopline.messages.replies import Decided, Repeated
from stopline.model.order import OrderState
from stopline.ports.desk import DeskUnavailable
from stopline.ports.journal import JournalLost, JournalRefused
from stopline.runtime import commit
from stopline.runtime.recover import fold_journal
from stopline.runtime.refusals import account_of
from tests.unit.runtime.rig import MemoryJournal, Rig, apple, buy, until

FULL = JournalRefused("store_full", "the disk is full")


async def test_a_refused_batch_is_unsaid_unsent_and_kept(rig: Rig):
    rig.journal.failures = [FULL, FULL]
    with pytest.raises(DeskUnavailable) as refusal:
        await rig.loop.ask(buy("a"))
    assert refusal.value.reason == "store_unavailable"
    assert "store_full" in str(refusal.value) and "cancels included" in str(refusal.value)
    assert rig.order("a").state is OrderState.APPROVED, "the state already counts it"
    await until(lambda: rig.state.store_failing == "store_full")
    assert not rig.broker.calls
    for refused in (buy("b"), i.CancelOrder(account="paper", client_order_id="a"), i.Kill(account="paper")):
        with pytest.raises(DeskUnavailable, match="cancels included"):
            await rig.loop.ask(refused)
    with pytest.raises(DeskUnavailable):
        await rig.loop.look(lambda state, at: None)
    assert rig.order("b") is None
    await until(lambda: not rig.loop.refused)
    await rig.settle()
    assert rig.state.store_failing == ""
    assert rig.broker.calls == [], "its caller was told 503: it is never sent"
    expired = [event for event in rig.journal.events() if isinstance(event, OrderExpired)]
    assert [event.client_order_id for event in expired] == ["a"]
    assert "never sent" in expired[0].reason


async def test_asked_again_after_the_trouble_the_id_has_its_decision(rig: Rig):
    rig.journal.failures = [FULL]
    with pytest.raises(DeskUnavailable):
        await rig.loop.ask(buy("a"))
    await until(lambda: not rig.loop.refused)
    await rig.settle()
    assert isinstance(await rig.loop.ask(buy("a")), Repeated)
    assert rig.order("a").state is OrderState.EXPIRED
    assert isinstance(await rig.loop.ask(buy("b")), Decided)
    await rig.settle()
    assert [what for what, _ in rig.broker.calls] == ["place"]


async def test_reports_are_taken_while_the_journal_refuses(rig: Rig):
    await rig.loop.ask(buy("a"))
    await rig.settle()
    rig.journal.failures = [FULL] * 3
    with pytest.raises(DeskUnavailable):
        await rig.loop.ask(buy("b"))
    rig.loop.tell(i.OrderAccepted(account="paper", routed_order_id=rig.order("a").routed_order_id))
    await until(lambda: rig.order("a").state is OrderState.WORKING)
    assert rig.loop.refused
    await until(lambda: not rig.loop.refused)
    await rig.settle()
    assert state_hash(fold_journal(rig.journal)) == state_hash(rig.state)


async def test_callers_still_in_line_hear_503_too(rig: Rig):
    gate = rig.journal.hold()
    rig.journal.failures = [FULL]
    asked = [asyncio.ensure_future(rig.loop.ask(buy(f"n{n}"))) for n in range(200)]
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    gate.set()
    answers = await asyncio.gather(*asked, return_exceptions=True)
    assert all(isinstance(answer, DeskUnavailable) for answer in answers)
    await until(lambda: not rig.loop.refused)
    await rig.settle()
    assert rig.broker.calls == []


@pytest.mark.parametrize("failure", [JournalLost("fsync failed"), ValueError("a defect of the adapter")])
async def test_a_lost_journal_ends_the_process_and_is_not_tried_again(rig: Rig, failure: Exception):
    rig.journal.failures = [failure]
    attempts = rig.journal.attempts
    with pytest.raises(DeskUnavailable):
        await rig.loop.ask(buy("a"))
    assert len(rig.aborted) == 1 and "lost" in rig.aborted[0]
    with pytest.raises(DeskUnavailable):
        await rig.loop.ask(buy("b"))
    await asyncio.sleep(0.1)
    assert rig.journal.attempts == attempts + 1
    assert rig.broker.calls == []


async def test_while_an_append_hangs_no_entry_queues_behind_it(rig: Rig, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(commit, "SLOW_S", 0.02)
    gate = rig.journal.hold()
    first = asyncio.ensure_future(rig.loop.ask(buy("a")))
    await until(lambda: rig.loop._committer.is_slow)
    with pytest.raises(DeskUnavailable, match="store_slow"):
        await rig.loop.ask(buy("b"))
    cancel = asyncio.ensure_future(rig.loop.ask(i.CancelOrder(account="paper", client_order_id="a")))
    monkeypatch.setattr(commit, "SLOW_S", 60.0)
    gate.set()
    assert isinstance(await first, Decided)
    await cancel
    assert isinstance(await rig.loop.ask(buy("c")), Decided)


async def test_who_waits_for_quiet_does_not_wait_for_a_lost_journal(rig: Rig):
    gate = rig.journal.hold()
    rig.journal.failures = [JournalLost("fsync failed")]
    rig.loop.tell(i.TripBreaker(account="paper"))
    waiting = asyncio.ensure_future(rig.loop.quiet())
    await asyncio.sleep(0.01)
    gate.set()
    await asyncio.wait_for(waiting, 60)
    assert rig.aborted


def breaking_on(rig: Rig, client_order_id: str) -> Any:
    step = rig.step

    def broken(state: Any, message: i.Input, at: int) -> Any:
        if isinstance(message, i.SubmitOrder) and message.client_order_id == client_order_id:
            state.accounts["paper"].cash = -1  # half done
            raise RuntimeError("planted")
        return step(state, message, at)

    return broken


async def test_an_exception_in_step_drops_the_state_and_makes_it_again(rig: Rig, caplog: pytest.LogCaptureFixture):
    await rig.loop.ask(buy("before"))
    before = rig.state
    rig.step = breaking_on(rig, "poison")
    gate = rig.journal.hold()
    in_flight = asyncio.ensure_future(rig.loop.ask(buy("in flight")))
    await asyncio.sleep(0)
    poison = asyncio.ensure_future(rig.loop.ask(buy("poison")))
    behind = asyncio.ensure_future(rig.loop.ask(buy("behind")))
    with caplog.at_level(logging.CRITICAL), pytest.raises(DeskUnavailable) as refusal:
        await poison
    assert refusal.value.reason == "internal"
    assert not behind.done() and not in_flight.done()
    gate.set()
    await in_flight
    reply = await behind
    assert rig.state is not before
    assert rig.order("before") and rig.order("in flight") and rig.order("poison") is None
    assert rig.state.accounts["paper"].cash > 0
    assert "step raised" in caplog.text
    tripped = [event for event in rig.journal.events() if isinstance(event, BreakerTripped)]
    assert [event.actor for event in tripped] == ["engine"] and "planted" in tripped[0].reason
    assert isinstance(reply, Decided) and rig.order("behind") is None, "the account may only reduce"
    await rig.settle()
    assert state_hash(fold_journal(rig.journal)) == state_hash(rig.state)


async def test_a_state_that_cannot_be_made_again_ends_the_process():
    journal = MemoryJournal()
    rig = await Rig(journal).start()
    rig.step = breaking_on(rig, "poison")
    journal.records[2] = journal.records[3]
    with pytest.raises(DeskUnavailable):
        await rig.loop.ask(buy("poison"))
    await until(lambda: rig.aborted)
    assert "made again" in rig.aborted[0]
    await rig.stop()


async def test_when_even_the_breaker_breaks_the_process_ends(rig: Rig):
    def broken(state: Any, message: i.Input, at: int) -> Any:
        raise RuntimeError("planted")

    rig.step = broken
    with pytest.raises(DeskUnavailable):
        await rig.loop.ask(buy("poison"))
    await until(lambda: rig.aborted)


def test_account_of_an_input():
    assert account_of(buy("a")) == "paper"
    assert account_of(i.CheckOrder(order=buy("a"))) == "paper"
    assert account_of(i.ListInstrument(instrument=apple())) == ""
