"""A process ends anywhere; the next one finds every acknowledged decision and sends nothing twice."""

import asyncio
from typing import Any

import pytest
from msgspec.structs import replace

from stopline.engine.replay import encode_state, state_hash
from stopline.messages import events as e
from stopline.messages import inputs as i
from stopline.messages.effects import CancelAtBroker, QueryOrder
from stopline.messages.replies import Decided, Repeated
from stopline.model.order import OrderState
from stopline.ports.desk import DeskUnavailable
from stopline.ports.journal import JournalCorrupt, JournalRefused
from stopline.runtime import reconcile
from stopline.runtime.reconcile import Reconciler, find_doubts
from stopline.runtime.recover import fold_journal, load_snapshot, recover
from stopline.runtime.snapshots import Snapshots
from stopline.state.state import State
from tests.unit.runtime.rig import CAPABILITIES, MemoryJournal, Rig, buy, until


async def crash_after(stage: str) -> MemoryJournal:
    """Run a process that dies at a stage of one order's way, and return what is on its disk."""
    rig = await Rig().start()

    async def die() -> None:
        await asyncio.sleep(60)

    if stage == "decided":
        rig.broker.plans["place"] = [die]
    await rig.loop.ask(buy("a"))
    await until(lambda: rig.broker.calls)
    if stage == "sent":
        await rig.settle()
        assert rig.order("a").state is OrderState.SENT
    if stage == "cancel asked":
        rig.broker.plans["cancel"] = [die]
        await rig.settle()
        await rig.loop.ask(i.CancelOrder(account="paper", client_order_id="a"))
        await until(lambda: ("cancel", rig.order("a").routed_order_id) in rig.broker.calls)
    journal = MemoryJournal()
    journal.records = list(rig.journal.records)
    await rig.stop()
    return journal


async def restart(journal: MemoryJournal) -> Rig:
    rig = Rig(journal)
    reconciler = Reconciler(rig.dispatcher.carry_out, lambda: rig.state, rig.clock)
    rig.loop.subscribe(reconciler.hear)
    rig.loop.start()
    await rig.loop.ask(i.StartEngine(code_version="test", config_version="test"))
    rig.loop.tell(i.BrokerConnected(broker="paper", capabilities=CAPABILITIES))
    return rig


@pytest.mark.parametrize("stage", ["decided", "sent"])
async def test_an_order_without_proof_is_asked_after_and_never_sent_again(stage: str):
    rig = await restart(await crash_after(stage))
    routed = rig.order("a").routed_order_id
    while not {("query", routed), ("reconcile", "paper")} <= set(rig.broker.calls):
        await asyncio.sleep(0.001)
    assert ("place", routed) not in rig.broker.calls
    assert rig.order("a").is_live, "reserved until proven"
    rig.loop.tell(i.OrderGone(account="paper", routed_order_id=routed, outcome="expired", cum_qty=0))
    await rig.settle()
    assert rig.order("a").state is OrderState.EXPIRED
    assert isinstance(await rig.loop.ask(buy("a")), Repeated)
    await rig.settle()
    assert not [call for call in rig.broker.calls if call[0] == "place"]
    await rig.stop()


async def test_a_cancel_that_may_be_lost_is_asked_for_again():
    rig = await restart(await crash_after("cancel asked"))
    routed = rig.order("a").routed_order_id
    await until(lambda: {("cancel", routed), ("query", routed)} <= set(rig.broker.calls))
    await rig.stop()


async def test_in_one_process_only_what_waits_too_long_is_in_doubt(rig: Rig):
    await rig.loop.ask(buy("a"))
    await rig.settle()
    assert find_doubts(rig.state, "paper", rig.clock.at(), False) == []
    overdue = rig.clock.at() + 31 * 10**9
    routed = rig.order("a").routed_order_id
    assert find_doubts(rig.state, "paper", overdue, False) == [QueryOrder("paper", "paper", routed)]
    await rig.loop.ask(i.CancelOrder(account="paper", client_order_id="a"))
    assert find_doubts(rig.state, "paper", rig.clock.at(), False) == []
    assert find_doubts(rig.state, "paper", overdue, False) == [
        QueryOrder("paper", "paper", routed),
        CancelAtBroker("paper", "paper", routed, False),
    ]


async def test_what_is_not_on_disk_yet_is_not_asked_about_or_canceled(rig: Rig):
    """Simulation seed 691: a cancel that was refused for want of a disk went to the broker minutes later."""
    await rig.loop.ask(buy("a"))
    await rig.settle()
    rig.clock.move(10**9)
    rig.journal.failures = [JournalRefused("store_full", "full")] * 1_000
    with pytest.raises(DeskUnavailable):
        await rig.loop.ask(i.CancelOrder(account="paper", client_order_id="a"))
    overdue = rig.clock.at() + 31 * 10**9
    assert rig.order("a").state == "pending_cancel"
    assert len(find_doubts(rig.state, "paper", overdue, False)) == 2
    assert find_doubts(rig.state, "paper", overdue, False, rig.loop.durable_before) == []
    rig.journal.failures = []
    await rig.settle()
    assert len(find_doubts(rig.state, "paper", overdue, False, rig.loop.durable_before)) == 2


async def test_asks_again_every_so_often(rig: Rig):
    reconciler = Reconciler(rig.dispatcher.carry_out, lambda: rig.state, rig.clock, every_s=0.01)
    task = asyncio.ensure_future(reconciler.run())
    while rig.broker.calls.count(("reconcile", "paper")) < 3:
        await asyncio.sleep(0.005)
    task.cancel()


async def test_a_picture_that_differs_is_asked_for_again_soon(monkeypatch: pytest.MonkeyPatch):
    """Failpoints, lock scene: the cancel of an order that was never sent made a picture differ for a minute."""
    monkeypatch.setattr(reconcile, "SOON_S", 0.01)
    rig = await restart(await crash_after("cancel asked"))
    await rig.settle()
    reconciler = Reconciler(rig.dispatcher.carry_out, lambda: rig.state, rig.clock, every_s=10_000.0)
    rig.loop.subscribe(reconciler.hear)
    task = asyncio.ensure_future(reconciler.run())
    routed = rig.order("a").routed_order_id
    account = rig.state.accounts["paper"]
    picture = i.AccountReconciled(broker="paper", account="paper", cash=account.cash, positions=(), working=())
    rig.loop.tell(picture)
    await rig.settle()
    assert "mismatch" in account.restrictions, "its fate is not known yet"
    rig.loop.tell(i.OrderGone(account="paper", routed_order_id=routed, outcome="expired", cum_qty=0))
    await rig.settle()
    asked = rig.broker.calls.count(("reconcile", "paper"))
    await until(lambda: rig.broker.calls.count(("reconcile", "paper")) > asked)
    rig.loop.tell(picture)
    await rig.settle()
    assert "mismatch" not in account.restrictions
    task.cancel()
    await rig.stop()


async def test_a_cancel_that_died_with_a_process_is_asked_for_soon_after_what_came_up_meanwhile(
    monkeypatch: pytest.MonkeyPatch,
):
    """Failpoints, seeds 12 to 14: an order that was amended in the record of the new session worked on for a minute."""
    monkeypatch.setattr(reconcile, "SOON_S", 0.01)
    rig = await restart(await crash_after("cancel asked"))
    await rig.settle()
    durable_before = rig.order("a").updated_at
    rig.broker.calls.clear()
    reconciler = Reconciler(
        rig.dispatcher.carry_out, lambda: rig.state, rig.clock, every_s=10_000.0, durable_before=lambda: durable_before
    )
    task = asyncio.ensure_future(reconciler.run())
    reconciler.hear(1, 0, (e.BrokerStatusChanged("paper", True, ""),))
    await rig.settle()
    routed = rig.order("a").routed_order_id
    assert ("cancel", routed) not in rig.broker.calls, "what came up of it is not on disk"
    durable_before += 1
    await until(lambda: ("cancel", routed) in rig.broker.calls)
    task.cancel()
    await rig.stop()


async def test_while_books_differ_every_order_at_the_broker_is_asked_after(rig: Rig):
    """Failpoints, seed 1: an order that the broker did not have, and had said so, counted as working for ever."""
    await rig.loop.ask(buy("a"))
    await rig.settle()
    routed, account = rig.order("a").routed_order_id, rig.state.accounts["paper"]
    rig.loop.tell(i.OrderAccepted(account="paper", routed_order_id=routed))
    await rig.settle()
    assert find_doubts(rig.state, "paper", rig.clock.at(), True) == []
    rig.loop.tell(i.AccountReconciled(broker="paper", account="paper", cash=account.cash, positions=(), working=()))
    await rig.loop.quiet()
    assert "mismatch" in account.restrictions
    for is_new_session in (True, False):
        found = find_doubts(rig.state, "paper", rig.clock.at(), is_new_session)
        assert found == [QueryOrder("paper", "paper", routed)]


async def test_books_that_agree_are_not_asked_for_soon(rig: Rig, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(reconcile, "SOON_S", 0.0)
    reconciler = Reconciler(rig.dispatcher.carry_out, lambda: rig.state, rig.clock, every_s=10_000.0)
    task = asyncio.ensure_future(reconciler.run())
    await rig.settle()
    asked = rig.broker.calls.count(("reconcile", "paper"))
    reconciler.hear(1, 0, (e.MismatchFound("paper", "paper", ("of a moment ago",)),))
    for _ in range(50):
        await asyncio.sleep(0)
    await rig.settle()
    assert rig.broker.calls.count(("reconcile", "paper")) == asked
    task.cancel()


@pytest.mark.parametrize("cut", range(0, 60, 7))
async def test_whatever_prefix_is_on_disk_folds_to_what_was_decided(cut: int):
    rig = await Rig().start()
    await asyncio.gather(*(rig.loop.ask(buy(f"n{n}")) for n in range(20)))
    await rig.settle()
    whole = rig.journal.records
    rig.journal.records = whole[:cut]
    state = recover(rig.journal)
    assert state.seq == min(cut, len(whole)) and state.is_live
    rig.journal.records = whole
    assert state_hash(fold_journal(rig.journal)) == state_hash(rig.state)
    await rig.stop()


async def test_a_record_that_was_changed_is_named():
    rig = await Rig().start()
    await rig.stop()
    rig.journal.records[4] = replace(rig.journal.records[4], at=1)
    with pytest.raises(JournalCorrupt) as damage:
        recover(rig.journal)
    assert damage.value.seq == 5


# --- snapshots ---------------------------------------------------------------------------------


@pytest.fixture
async def snapped(rig: Rig) -> Rig:
    await asyncio.gather(*(rig.loop.ask(buy(f"n{n}")) for n in range(10)))
    await rig.settle()
    assert await Snapshots(rig.journal, 0).take(rig.loop.durable_seq - 3)
    return rig


async def test_snapshot_and_tail_make_the_state_that_the_whole_journal_makes(snapped: Rig):
    snapshot = snapped.journal.snapshot
    assert snapshot is not None
    from_snapshot = fold_journal(snapped.journal)
    snapped.journal.snapshot = None
    assert encode_state(from_snapshot) == encode_state(fold_journal(snapped.journal)) == encode_state(snapped.state)
    assert from_snapshot.at == snapped.journal.records[-1].at


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param({"state_schema": "0"}, id="another schema"),
        pytest.param({"hash": bytes(32)}, id="another journal"),
        pytest.param({"state": b"\x00"}, id="no state"),
        pytest.param({"state": encode_state(State())}, id="another state"),
        pytest.param({"state_hash": bytes(32)}, id="another hash"),
    ],
)
async def test_a_snapshot_that_does_not_fit_is_left_aside(snapped: Rig, damage: dict[str, Any]):
    assert snapped.journal.snapshot is not None
    snapped.journal.snapshot = replace(snapped.journal.snapshot, **damage)
    assert load_snapshot(snapped.journal, snapped.loop.durable_seq).seq == 0
    assert state_hash(fold_journal(snapped.journal)) == state_hash(snapped.state)


async def test_a_snapshot_newer_than_asked_for_is_left_aside(snapped: Rig):
    assert load_snapshot(snapped.journal, 2).seq == 0
    assert fold_journal(snapped.journal, 2).seq == 2


async def test_a_snapshot_is_taken_when_enough_has_come(rig: Rig):
    snapshots = Snapshots(rig.journal, rig.loop.durable_seq, every=10)
    rig.loop.publisher.subscribe_batches(lambda durable: snapshots.heard(rig.loop.durable_seq))
    for n in range(12):
        assert isinstance(await rig.loop.ask(buy(f"n{n}")), Decided)
    await rig.settle()
    while rig.journal.snapshot is None:
        await asyncio.sleep(0.01)
    await snapshots.close(rig.loop.durable_seq, rig.state)
    assert rig.journal.snapshot.seq == rig.loop.durable_seq


async def test_processes_that_die_young_leave_a_snapshot_all_the_same(rig: Rig):
    snapshots = Snapshots(rig.journal, rig.loop.durable_seq, every=5)
    snapshots.heard(rig.loop.durable_seq)
    assert rig.journal.snapshot is None
    await snapshots.begin()
    snapshots.heard(rig.loop.durable_seq)
    while rig.journal.snapshot is None:
        await asyncio.sleep(0.01)
    await snapshots.close(rig.loop.durable_seq, rig.state)


async def test_a_state_that_is_not_its_journal_gets_no_snapshot(rig: Rig):
    rig.state.accounts["paper"].cash += 1
    await Snapshots(rig.journal, 0).close(rig.loop.durable_seq, rig.state)
    assert rig.journal.snapshot is None
