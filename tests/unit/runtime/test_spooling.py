"""While the journal refuses, who wants out can leave: cancels and exits go by the spool, new risk does not."""

import asyncio
from collections.abc import AsyncIterator, Awaitable
from typing import Any

import pytest

from stopline.engine.replay import state_hash
from stopline.messages import inputs as i
from stopline.messages.events import AlertRaised, OrderApproved, OrderExpired
from stopline.messages.replies import Decided, Done, Repeated
from stopline.messages.upcast import decode_events
from stopline.model.fill import Fill
from stopline.model.numbers import PRICE_ONE, QTY_ONE
from stopline.model.order import OrderState, OrderType, Side
from stopline.ports.desk import DeskUnavailable
from stopline.ports.journal import JournalCorrupt, JournalLost, JournalRefused
from stopline.ports.spool import SpoolLost, SpoolRefused
from stopline.runtime import commit
from stopline.runtime.recover import fold_journal, merge_spool, recover
from tests.twins.spool import MemorySpool
from tests.unit.runtime.rig import AAPL, MemoryJournal, Rig, buy
from tests.unit.runtime.test_journal_trouble import until

FULL = JournalRefused("store_full", "the disk is full")


class Refusing(MemoryJournal):
    """Refuses every append while `refusal` is set."""

    refusal: Exception | None = None

    async def append(self, records: Any) -> None:
        if self.refusal is not None:
            self.attempts += 1
            await asyncio.sleep(0)
            raise self.refusal
        await super().append(records)


@pytest.fixture
async def rig() -> AsyncIterator[Rig]:
    made = await Rig(Refusing(), spool=MemorySpool()).start()
    yield made
    heal(made)
    await made.stop()


def spool_of(rig: Rig) -> MemorySpool:
    spool = rig.loop._committer._spool
    assert isinstance(spool, MemorySpool)
    return spool


def refuse(rig: Rig, refusal: Exception = FULL) -> None:
    assert isinstance(rig.journal, Refusing)
    rig.journal.refusal = refusal


def heal(rig: Rig) -> None:
    assert isinstance(rig.journal, Refusing)
    rig.journal.refusal = None


async def healed(rig: Rig) -> None:
    heal(rig)
    await until(lambda: not rig.loop.refused)
    await rig.settle()


async def hold(rig: Rig, qty: int = 10) -> None:
    """Come to hold some AAPL."""
    await rig.loop.ask(buy("entry", qty))
    await rig.settle()
    order = rig.order("entry").routed_order_id
    rig.loop.tell(i.OrderAccepted(account="paper", routed_order_id=order, broker_order_id="b1"))
    fill = Fill("paper", "x1", AAPL, Side.BUY, qty * QTY_ONE, 100 * PRICE_ONE, 0, rig.clock.at(), order)
    rig.loop.tell(i.FillReported(broker="paper", fill=fill))
    await rig.settle()


async def work(rig: Rig, name: str) -> None:
    """Come to have an order working."""
    await rig.loop.ask(buy(name))
    await rig.settle()
    routed = rig.order(name).routed_order_id
    rig.loop.tell(i.OrderAccepted(account="paper", routed_order_id=routed, broker_order_id=name))
    await rig.settle()


def sell(name: str, qty: int) -> i.SubmitOrder:
    return i.SubmitOrder(
        account="paper",
        client_order_id=name,
        symbol="AAPL",
        side=Side.SELL,
        order_qty=qty * QTY_ONE,
        order_type=OrderType.LIMIT,
        limit_price=100 * PRICE_ONE,
    )


async def denied_503(attempt: Awaitable[object]) -> str:
    with pytest.raises(DeskUnavailable) as refusal:
        await attempt
    assert refusal.value.reason == "store_unavailable"
    return str(refusal.value)


async def test_new_risk_waits_and_who_wants_out_can_leave(rig: Rig):
    await hold(rig)
    await work(rig, "resting")
    refuse(rig)
    told = await denied_503(rig.loop.ask(buy("a")))
    assert "store_full" in told and "flatten and kill still work" in told
    rig.broker.calls.clear()
    assert isinstance(await rig.loop.ask(i.CancelOrder(account="paper", client_order_id="resting")), Done)
    assert isinstance(await rig.loop.ask(sell("half", 5)), Decided)
    reply = await rig.loop.ask(i.ClosePosition(account="paper", symbol="AAPL", qty=5 * QTY_ONE, client_order_id="rest"))
    assert isinstance(reply, Decided) and isinstance(reply.decision, OrderApproved)
    await until(lambda: len(rig.broker.calls) == 3)
    assert [what for what, _ in rig.broker.calls] == ["cancel", "place", "place"]
    assert rig.loop.refused == "store_full", "and the journal still refuses"
    assert "flatten and kill still work" in await denied_503(rig.loop.ask(buy("b")))
    assert rig.order("b") is None, "it consumed no id"
    await healed(rig)
    assert isinstance(await rig.loop.ask(buy("b")), Decided)


async def test_kill_and_flatten_work(rig: Rig):
    await hold(rig)
    await work(rig, "resting")
    refuse(rig)
    await denied_503(rig.loop.ask(buy("a")))
    rig.broker.calls.clear()
    assert isinstance(await rig.loop.ask(i.Flatten(account="paper")), Done)
    assert isinstance(await rig.loop.ask(i.Kill(account="paper", reason="out")), Done)
    await until(lambda: rig.broker.calls[:2] and rig.broker.placed[-1].request.closes_position)
    assert rig.state.accounts["paper"].severity == 3
    await healed(rig)


async def test_nothing_is_said_or_sent_before_it_is_in_the_spool(rig: Rig):
    """I17 and I01, by looking at every moment at which somebody outside hears something."""
    await hold(rig)
    refuse(rig)
    await denied_503(rig.loop.ask(buy("a")))
    spool, said = spool_of(rig), []

    async def look() -> None:
        said.append({each.request.client_order_id for each in approvals(spool)})

    rig.broker.plans["place"] = [look]
    rig.loop.subscribe(lambda seq, at, events: said.append(seq in {each.seq for each in spool.kept}))
    await rig.loop.ask(sell("exit", 4))
    await until(lambda: len(said) >= 2)
    assert {"a", "exit"} in said, "in the spool with all before it when the broker was called"
    assert False not in said
    await healed(rig)


def approvals(spool: MemorySpool) -> list[OrderApproved]:
    events = [event for record in spool.kept for event in decode_events(record.body)]
    return [event for event in events if isinstance(event, OrderApproved)]


async def test_the_journal_gets_it_all_in_order_and_the_spool_is_emptied(rig: Rig):
    await hold(rig)
    refuse(rig)
    await denied_503(rig.loop.ask(buy("a")))
    await rig.loop.ask(sell("exit", 4))
    await rig.settle()
    spooled = list(spool_of(rig).kept)
    assert spooled and not set(spooled) & set(rig.journal.records)
    await healed(rig)
    assert rig.journal.records[spooled[0].seq - 1 : spooled[-1].seq] == spooled
    assert (spool_of(rig).kept, spool_of(rig).clears) == ([], 1)
    assert state_hash(fold_journal(rig.journal)) == state_hash(rig.state)
    assert rig.loop.journaled_seq == rig.loop.durable_seq == rig.state.seq
    expired = [event for event in rig.journal.events() if isinstance(event, OrderExpired)]
    assert [event.client_order_id for event in expired] == ["a"], "told 503, so never sent"
    alerts = [event for event in rig.journal.events() if isinstance(event, AlertRaised)]
    told = [event.message for event in alerts if event.alert_type == "STORE_RECOVERED"]
    assert len(told) == 1 and f"records {spooled[0].seq} to" in told[0] and "store_full" in told[0]


async def test_reports_and_questions_go_on(rig: Rig):
    await work(rig, "resting")
    refuse(rig)
    await denied_503(rig.loop.ask(buy("a")))
    order = rig.order("resting").routed_order_id
    fill = Fill("paper", "x9", AAPL, Side.BUY, QTY_ONE, 100 * PRICE_ONE, 0, rig.clock.at(), order)
    rig.loop.tell(i.FillReported(broker="paper", fill=fill))
    held = await rig.loop.look(lambda state, at: state.accounts["paper"].positions[AAPL].qty)
    assert held == QTY_ONE
    assert isinstance(await rig.loop.ask(sell("out", 1)), Decided), "what filled meanwhile can be left"
    at, events = rig.loop.recorded(rig.loop.durable_seq)
    assert events and at
    await healed(rig)
    assert state_hash(fold_journal(rig.journal)) == state_hash(rig.state)


async def test_other_changes_wait(rig: Rig):
    await hold(rig)
    refuse(rig)
    await denied_503(rig.loop.ask(buy("a")))
    for message in (
        i.ReplaceOrder(account="paper", client_order_id="entry", order_qty=QTY_ONE),
        i.ReleaseKill(account="paper", reason="why not"),
        i.ArmAccount(account="paper"),
        sell("too much", 11),
    ):
        await denied_503(rig.loop.ask(message))
    await healed(rig)


async def test_an_order_decided_before_is_answered_as_before(rig: Rig):
    await hold(rig)
    refuse(rig)
    await denied_503(rig.loop.ask(buy("a")))
    assert isinstance(await rig.loop.ask(buy("entry", 10)), Repeated)
    assert isinstance(await rig.loop.ask(sell("exit", 4)), Decided)
    assert isinstance(await rig.loop.ask(sell("exit", 4)), Repeated)
    await healed(rig)
    assert isinstance(await rig.loop.ask(sell("exit", 4)), Repeated)


async def test_an_exit_that_shared_the_refused_batch_is_not_lost(rig: Rig):
    await hold(rig)
    refuse(rig)
    entry = asyncio.ensure_future(rig.loop.ask(buy("a")))
    leave = asyncio.ensure_future(rig.loop.ask(sell("exit", 4)))
    await denied_503(entry)
    assert isinstance(await leave, Decided)
    await until(lambda: rig.broker.placed[-1].request.client_order_id == "exit")
    await healed(rig)
    assert [order.request.client_order_id for order in rig.broker.placed] == ["entry", "exit"]


async def test_what_the_state_decides_by_itself_meanwhile_adds_no_risk(rig: Rig):
    """The gate denies it already; and if it did not, an approval that no caller waits for would be void."""
    await hold(rig)
    refuse(rig)
    await denied_503(rig.loop.ask(buy("a")))
    honest = rig.step

    def say(state: Any, message: i.Input, at: int) -> Any:
        if not isinstance(message, i.TimerDue):
            return honest(state, message, at)
        state.store_failing = ""
        return honest(state, buy("by itself"), at)

    rig.step = say
    rig.loop.tell(i.TimerDue(timer_id="x"))
    await until(lambda: rig.order("by itself") is not None)
    await rig.settle()
    assert rig.order("by itself").state is OrderState.EXPIRED
    assert "by itself" not in [order.request.client_order_id for order in rig.broker.placed]
    await healed(rig)


async def test_what_comes_while_the_journal_catches_up_follows_it(rig: Rig):
    """And the spool is emptied only then."""
    await hold(rig)
    refuse(rig)
    await rig.loop.ask(sell("first", 4))
    gate = rig.journal.hold()
    heal(rig)
    await until(lambda: rig.journal.appending)
    assert isinstance(await rig.loop.ask(sell("second", 4)), Decided)
    spool = spool_of(rig)
    spooled, clear, cleared = list(spool.kept), spool.clear, []

    async def clearing() -> None:
        cleared.append(spool.kept[-1] in rig.journal.records)
        await clear()

    spool.clear = clearing  # type: ignore[method-assign]
    gate.set()
    await until(lambda: not rig.loop.refused)
    await rig.settle()
    assert cleared == [True]
    assert rig.journal.records[spooled[0].seq - 1 : spooled[-1].seq] == spooled
    assert state_hash(fold_journal(rig.journal)) == state_hash(rig.state)


async def test_a_journal_that_refuses_again_while_it_catches_up_is_waited_for(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
):
    await hold(rig)
    refuse(rig)
    await rig.loop.ask(sell("first", 4))
    gate, append = rig.journal.hold(), rig.journal.append
    answers: list[bool] = []

    async def once_then_not(records: Any) -> None:
        answers.append(len(answers) != 1)
        if not answers[-1]:
            raise FULL
        await append(records)

    monkeypatch.setattr(rig.journal, "append", once_then_not)
    heal(rig)
    await until(lambda: rig.journal.appending)
    await rig.loop.ask(sell("second", 4))
    gate.set()
    await until(lambda: not rig.loop.refused)
    await rig.settle()
    assert answers[:3] == [True, False, True]
    assert state_hash(fold_journal(rig.journal)) == state_hash(rig.state)


# --- a spool that fails too ------------------------------------------------------------------


async def test_a_spool_that_is_full_refuses_and_the_rest_is_as_without(rig: Rig):
    await hold(rig)
    refuse(rig)
    await denied_503(rig.loop.ask(buy("a")))
    assert isinstance(await rig.loop.ask(sell("first", 4)), Decided)
    spool_of(rig).failures = [SpoolRefused("the spool is full")]
    assert "cancels included" in await denied_503(rig.loop.ask(sell("second", 4)))
    assert "cancels included" in await denied_503(rig.loop.ask(i.Kill(account="paper")))
    with pytest.raises(DeskUnavailable):
        await rig.loop.look(lambda state, at: None)
    await healed(rig)
    placed = [order.request.client_order_id for order in rig.broker.placed]
    assert placed == ["entry", "first"], "who was told 503 is believed to have left it at that"
    assert rig.order("second").state is OrderState.EXPIRED
    assert state_hash(fold_journal(rig.journal)) == state_hash(rig.state)
    assert isinstance(await rig.loop.ask(sell("third", 4)), Decided)


async def test_a_spool_that_cannot_confirm_ends_the_process(rig: Rig):
    await hold(rig)
    refuse(rig)
    spool_of(rig).failures = [SpoolLost("fsync failed")]
    with pytest.raises(DeskUnavailable):
        await rig.loop.ask(sell("exit", 4))
    assert len(rig.aborted) == 1


async def test_a_journal_lost_while_it_heals_ends_the_process(rig: Rig):
    await hold(rig)
    refuse(rig)
    await rig.loop.ask(sell("exit", 4))
    refuse(rig, JournalLost("fsync failed"))
    await until(lambda: rig.aborted)
    with pytest.raises(DeskUnavailable):
        await rig.loop.ask(sell("more", 1))


async def test_what_the_journal_may_never_take_is_not_acknowledged(rig: Rig):
    """`store_error` may be about the record itself: from the spool it could not be merged either."""
    await hold(rig)
    refuse(rig, JournalRefused("store_error", "it does not fit"))
    assert "cancels included" in await denied_503(rig.loop.ask(sell("exit", 4)))
    assert spool_of(rig).kept == []
    await healed(rig)


# --- slow ------------------------------------------------------------------------------------


async def test_while_an_append_hangs_exits_go_by_the_spool(rig: Rig, monkeypatch: pytest.MonkeyPatch):
    """F12: what was decided in time stands; no new risk behind it; leaving needs no journal."""
    monkeypatch.setattr(commit, "SLOW_S", 0.02)
    monkeypatch.setattr(commit, "GRACE_S", 0.01)
    await hold(rig)
    gate = rig.journal.hold()
    assert isinstance(await rig.loop.ask(buy("in time")), Decided)
    assert rig.loop.refused == "store_slow"
    assert "store_slow" in await denied_503(rig.loop.ask(buy("too late")))
    assert isinstance(await rig.loop.ask(sell("exit", 4)), Decided)
    await until(lambda: rig.broker.placed[-1].request.client_order_id == "exit")
    gate.set()
    await until(lambda: not rig.loop.refused)
    await rig.settle()
    assert [order.request.client_order_id for order in rig.broker.placed] == ["entry", "in time", "exit"]
    assert state_hash(fold_journal(rig.journal)) == state_hash(rig.state)
    assert len({record.seq for record in rig.journal.records}) == len(rig.journal.records)


async def test_a_hanging_append_may_still_be_refused(rig: Rig, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(commit, "SLOW_S", 0.02)
    monkeypatch.setattr(commit, "GRACE_S", 0.01)
    await hold(rig)
    gate = rig.journal.hold()
    rig.journal.failures = [FULL]
    await rig.loop.ask(sell("exit", 4))
    gate.set()
    await until(lambda: not rig.loop.refused)
    await rig.settle()
    assert state_hash(fold_journal(rig.journal)) == state_hash(rig.state)


async def test_where_both_hang_an_entry_is_void_and_an_exit_waits(rig: Rig, monkeypatch: pytest.MonkeyPatch):
    """I20: a decision that nobody could store in time is none."""
    monkeypatch.setattr(commit, "SLOW_S", 0.02)
    monkeypatch.setattr(commit, "GRACE_S", 0.01)
    await hold(rig)
    gate, spool = rig.journal.hold(), spool_of(rig)
    append = spool.append

    async def hanging(records: Any) -> None:
        await gate.wait()
        await append(records)

    monkeypatch.setattr(spool, "append", hanging)
    leave = asyncio.ensure_future(rig.loop.ask(sell("exit", 4)))
    await denied_503(rig.loop.ask(buy("in time")))
    assert not leave.done()
    gate.set()
    assert isinstance(await leave, Decided)
    await until(lambda: not rig.loop.refused)
    await rig.settle()
    assert [order.request.client_order_id for order in rig.broker.placed] == ["entry", "exit"]


# --- a state made again, and the next process ------------------------------------------------


async def test_the_state_is_made_again_from_journal_and_spool(rig: Rig):
    await hold(rig)
    refuse(rig)
    await denied_503(rig.loop.ask(buy("a")))
    await rig.loop.ask(sell("exit", 4))
    await rig.settle()
    honest, before = rig.step, state_hash(rig.state)

    def broken(state: Any, message: i.Input, at: int) -> Any:
        if isinstance(message, i.CancelOrder):
            raise RuntimeError("planted")
        return honest(state, message, at)

    rig.step = broken
    with pytest.raises(DeskUnavailable, match="nothing was decided"):
        await rig.loop.ask(i.CancelOrder(account="paper", client_order_id="exit"))
    assert state_hash(rig.state) == before
    await until(lambda: rig.state.accounts["paper"].severity == 1)
    assert rig.order("exit") is not None
    await healed(rig)
    assert state_hash(fold_journal(rig.journal)) == state_hash(rig.state)


async def crashed(rig: Rig) -> tuple[MemoryJournal, MemorySpool]:
    """Return what a `kill -9` would leave now."""
    journal, spool = MemoryJournal(), MemorySpool()
    journal.records, spool.kept = list(rig.journal.records), list(spool_of(rig).kept)
    return journal, spool


async def test_the_next_process_knows_what_was_sent_and_sends_nothing_again(rig: Rig):
    await hold(rig)
    await work(rig, "resting")
    refuse(rig)
    await denied_503(rig.loop.ask(buy("a")))
    await rig.loop.ask(sell("exit", 4))
    await rig.loop.ask(i.CancelOrder(account="paper", client_order_id="resting"))
    routed = rig.order("exit").routed_order_id
    journal, spool = await crashed(rig)
    told = await merge_spool(journal, spool)
    assert told is not None and told.last_seq == journal.records[-1].seq
    assert spool.kept == []
    again = Rig(journal, rig.clock, spool=spool)
    again.loop.start()
    await again.loop.ask(i.StartEngine(code_version="2", config_version="2"))
    again.loop.tell(told)
    await again.settle()
    assert again.order("exit").routed_order_id == routed
    assert again.order("exit").state in (OrderState.UNKNOWN, OrderState.WORKING)
    assert again.order("resting").state is OrderState.PENDING_CANCEL
    assert again.order("a").state is OrderState.EXPIRED, "its caller was told 503"
    assert again.broker.placed == []
    assert ("query", routed) in again.broker.calls
    assert isinstance(await again.loop.ask(sell("exit", 4)), Repeated)
    await again.stop()


async def test_what_the_journal_has_already_is_not_taken_twice(rig: Rig):
    """Killed between the append and the emptying, or with only a part appended."""
    await hold(rig)
    refuse(rig)
    for n in range(4):
        await rig.loop.ask(sell(f"exit-{n}", 1))
    _, spool = await crashed(rig)
    await healed(rig)
    full = list(rig.journal.records)
    last = spool.kept[-1].seq
    for cut in range(spool.kept[0].seq - 1, last + 1):
        journal, again = MemoryJournal(), MemorySpool()
        journal.records, again.kept = full[:cut], list(spool.kept)
        assert await merge_spool(journal, again) is not None
        assert journal.records == full[: max(cut, last)]
        assert again.kept == []
        recover(journal)
    assert await merge_spool(rig.journal, MemorySpool()) is None


async def test_a_spool_that_does_not_continue_the_journal_is_refused(rig: Rig):
    await hold(rig)
    refuse(rig)
    await rig.loop.ask(sell("exit", 4))
    journal, spool = await crashed(rig)
    journal.records.pop()
    with pytest.raises(JournalCorrupt, match="older copy"):
        await merge_spool(journal, spool)
    other = await Rig(clock=rig.clock).start()
    for n in range(len(rig.journal.records) + 3 - len(other.journal.records)):
        await other.loop.ask(buy(f"n{n}"))
    await other.stop()
    with pytest.raises(JournalCorrupt, match="does not continue this journal"):
        await merge_spool(other.journal, spool)
    assert spool.kept, "and nothing was thrown away"


async def test_a_journal_that_still_refuses_at_the_start_leaves_the_spool_as_it_is(rig: Rig):
    await hold(rig)
    refuse(rig)
    await rig.loop.ask(sell("exit", 4))
    journal, spool = await crashed(rig)
    kept = list(spool.kept)
    journal.failures = [FULL]
    with pytest.raises(JournalRefused, match="nothing is lost") as refusal:
        await merge_spool(journal, spool)
    assert refusal.value.reason == "store_full"
    assert spool.kept == kept
