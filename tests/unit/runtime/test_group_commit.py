"""Nothing is said before it is on disk; what arrives while one commit runs shares the next."""

import asyncio

import pytest

from stopline.messages import inputs as i
from stopline.messages.events import OrderApproved
from stopline.messages.replies import Decided, Repeated
from stopline.model.order import OrderState
from stopline.ports.desk import DeskUnavailable
from stopline.runtime import commit
from tests.unit.runtime.rig import Rig, buy, quote, until


async def turns(n: int = 20) -> None:
    for _ in range(n):
        await asyncio.sleep(0)


async def test_a_reply_comes_only_after_its_record_is_durable(rig: Rig):
    gate = rig.journal.hold()
    heard = []
    rig.loop.subscribe(lambda seq, at, events: heard.append(seq))
    asked = asyncio.ensure_future(rig.loop.ask(buy("a")))
    await turns()
    assert rig.order("a").state is OrderState.APPROVED, "the state moves at once"
    assert not asked.done() and not heard and not rig.broker.calls
    gate.set()
    reply = await asked
    assert isinstance(reply, Decided) and isinstance(reply.decision, OrderApproved)
    await rig.settle()
    assert heard[0] == rig.order("a").seq
    assert [what for what, _ in rig.broker.calls] == ["place"]


async def test_a_writer_that_answers_before_the_commit_is_caught(rig: Rig, monkeypatch: pytest.MonkeyPatch):
    """The planted bug: the test above must see it."""
    say_durable = rig.loop.publisher.publish

    async def hasty(self: commit.Committer) -> bool:
        said, self._in_flight = self._in_flight, []
        say_durable(said)
        await asyncio.sleep(0)
        return True

    monkeypatch.setattr(commit.Committer, "_append", hasty)
    gate = rig.journal.hold()
    asked = asyncio.ensure_future(rig.loop.ask(buy("a")))
    await turns()
    assert asked.done(), "with the bug, an answer comes though the journal holds the record back"
    assert rig.journal.head().seq < rig.order("a").seq
    gate.set()


async def test_all_that_arrives_during_a_commit_shares_the_next(rig: Rig):
    gate = rig.journal.hold()
    first = asyncio.ensure_future(rig.loop.ask(buy("first")))
    await turns()
    rest = [asyncio.ensure_future(rig.loop.ask(buy(f"n{n}"))) for n in range(100)]
    await turns()
    assert rig.journal.attempts and not rig.journal.batches
    gate.set()
    await asyncio.gather(first, *rest)
    assert rig.journal.batches[:2] == [1, 100]


async def test_what_nobody_waits_for_shares_the_commit_of_another(rig: Rig, monkeypatch: pytest.MonkeyPatch):
    """Promise 7: that an order was sent is journaled lazily."""
    monkeypatch.setattr(commit, "LAZY_S", 3600.0)
    await rig.loop.ask(buy("a"))
    await until(lambda: rig.order("a").state is OrderState.SENT)
    await turns()
    assert rig.journal.batches == [1], "the approval; that it was sent waits"
    await rig.loop.ask(buy("b"))
    assert rig.journal.batches == [1, 2]


async def test_what_nobody_waits_for_does_not_wait_for_ever(rig: Rig):
    await rig.loop.ask(buy("a"))
    await until(lambda: sum(rig.journal.batches) == 2)
    assert rig.order("a").state is OrderState.SENT


async def test_records_are_gapless_and_in_order_of_arrival(rig: Rig):
    await asyncio.gather(*(rig.loop.ask(buy(f"n{n}")) for n in range(50)))
    decided = [e.request.client_order_id for e in rig.journal.events() if isinstance(e, OrderApproved)]
    assert decided == [f"n{n}" for n in range(50)]
    assert [r.seq for r in rig.journal.records] == list(range(1, len(rig.journal.records) + 1))


async def test_a_look_waits_for_what_was_asked_before_it(rig: Rig):
    gate = rig.journal.hold()
    asked = asyncio.ensure_future(rig.loop.ask(buy("a")))
    seen = asyncio.ensure_future(rig.loop.look(lambda state, at: list(state.accounts["paper"].live)))
    await turns()
    assert not seen.done()
    assert rig.loop.peek(lambda state, at: list(state.accounts["paper"].live)) == ["a"]
    later = asyncio.ensure_future(rig.loop.ask(buy("b")))
    gate.set()
    assert await seen == ["a"], "it shows what was there when its turn came"
    await asyncio.gather(asked, later)


async def test_a_look_that_raises_raises_at_its_caller_only(rig: Rig):
    with pytest.raises(ZeroDivisionError):
        await rig.loop.look(lambda state, at: 1 // 0)
    assert isinstance(await rig.loop.ask(buy("a")), Decided)


async def test_a_subscriber_that_raises_hurts_nobody(rig: Rig):
    heard: list[int] = []

    def broken(seq: int, at: int, events: object) -> None:
        raise RuntimeError("planted")

    rig.loop.subscribe(broken)
    unsubscribe = rig.loop.subscribe(lambda seq, at, events: heard.append(seq))
    await rig.loop.ask(buy("a"))
    assert heard
    unsubscribe()
    await rig.settle()
    count = len(heard)
    await rig.loop.ask(buy("b"))
    assert len(heard) == count


async def test_a_caller_who_left_does_not_stop_the_loop(rig: Rig):
    gate = rig.journal.hold()
    asked = asyncio.ensure_future(rig.loop.ask(buy("a")))
    await turns()
    asked.cancel()
    gate.set()
    assert isinstance(await rig.loop.ask(buy("b")), Decided)
    assert rig.order("a") is not None


async def test_the_same_order_again_gets_the_record_of_its_decision(rig: Rig):
    await rig.loop.ask(buy("a"))
    reply = await rig.loop.ask(buy("a"))
    assert isinstance(reply, Repeated)
    at, events = rig.loop.recorded(reply.seq)
    assert isinstance(events[0], OrderApproved) and events[0].request.client_order_id == "a"
    rig.loop._repeats._recent.clear()
    assert rig.loop.recorded(reply.seq) == (at, events), "from the journal the same as from memory"
    for seq in (0, rig.loop.durable_seq + 1):
        with pytest.raises(KeyError):
            rig.loop.recorded(seq)


async def test_a_full_inbox_refuses_entries_and_admits_exits_and_reports():
    rig = await Rig(inbox_limit=5).start()
    gate = rig.journal.hold()
    asked = [asyncio.ensure_future(rig.loop.ask(buy(f"n{n}"))) for n in range(5)]
    await turns()
    with pytest.raises(DeskUnavailable) as refusal:
        await rig.loop.ask(buy("one more"))
    assert refusal.value.reason == "overloaded"
    cancel = asyncio.ensure_future(rig.loop.ask(i.CancelOrder(account="paper", client_order_id="n0")))
    kill = asyncio.ensure_future(rig.loop.ask(i.Kill(account="paper")))
    await turns()
    assert rig.state.accounts["paper"].severity == 3
    gate.set()
    await asyncio.gather(*asked, cancel, kill)
    assert rig.order("one more") is None
    await rig.stop()


async def test_a_kill_overtakes_orders_that_wait(rig: Rig):
    orders = [asyncio.ensure_future(rig.loop.ask(buy(f"n{n}"))) for n in range(20)]
    kill = asyncio.ensure_future(rig.loop.ask(i.Kill(account="paper")))
    replies = await asyncio.gather(*orders, kill)
    assert not any(isinstance(r.decision, OrderApproved) for r in replies[:-1] if isinstance(r, Decided))


async def test_quotes_make_no_records(rig: Rig):
    seq = rig.loop.durable_seq
    rig.loop.tell(i.QuoteReceived(quote=quote(rig.clock.now, 99, 101)))
    await rig.loop.quiet()
    assert rig.loop.durable_seq == seq
    assert rig.state.market.quotes["eq:US:AAPL"].bid is not None


async def test_after_stop_nothing_is_decided():
    rig = await Rig().start()
    await rig.stop()
    with pytest.raises(DeskUnavailable) as refusal:
        await rig.loop.ask(buy("late"))
    assert refusal.value.reason == "shutting_down"
