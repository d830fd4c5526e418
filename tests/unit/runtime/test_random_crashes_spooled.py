"""The same promises with a spool, fills and exits: nothing that was acknowledged while the journal refused is lost.

Beside I01, I03, I06 and I12 of `test_random_crashes`:
I11  no exit flips the position, and none is sent twice, whichever process sent it
I17  a cancel or an exit that was answered is known to every later process
"""

import asyncio
from collections.abc import Iterator
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stopline.messages import inputs as i
from stopline.messages.events import Event, OrderApproved
from stopline.messages.replies import Decided, Done
from stopline.messages.upcast import decode_events
from stopline.model.fill import Fill
from stopline.model.numbers import PRICE_ONE, QTY_ONE
from stopline.model.order import Side
from stopline.ports.desk import DeskUnavailable
from stopline.ports.journal import Journal, Record
from stopline.ports.spool import Spool, SpoolRefused
from stopline.runtime import commit
from stopline.runtime.reconcile import Reconciler
from stopline.runtime.recover import merge_spool
from tests.twins.spool import MemorySpool
from tests.unit.runtime.rig import AAPL, CAPABILITIES, Rig
from tests.unit.runtime.test_random_crashes import Story, World

CASH = 100_000 * PRICE_ONE
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("order"), st.integers(0, 9)),
        st.tuples(st.just("cancel"), st.integers(0, 9)),
        st.tuples(st.just("fill"), st.integers(0, 3)),
        st.tuples(st.just("exit"), st.integers(0, 9)),
        st.tuples(st.just("fate"), st.sampled_from(["answer lost", "message lost", "rejected"])),
        st.tuples(st.just("refuse"), st.sampled_from([1, 2, 5, 30])),
        st.tuples(st.just("spool refuses"), st.none()),
        st.tuples(st.just("crash"), st.booleans()),
        st.tuples(st.just("settle"), st.none()),
        st.tuples(st.just("turn"), st.integers(1, 9)),
    ),
    max_size=30,
)


class WatchedSpool(MemorySpool):
    """Looks, when it is emptied, whether the journal has it all."""

    def __init__(self, world: World) -> None:
        super().__init__()
        self.world = world

    async def clear(self) -> None:
        if self.kept and self.kept[-1] not in self.world.journal.records:
            self.world.broken.append("the spool was emptied before the journal had it all")
        await super().clear()


class FillingWorld(World):
    """A broker that also fills, beside a journal and a spool that outlive every process."""

    def __init__(self) -> None:
        super().__init__()
        self.spool = WatchedSpool(self)
        self.sides: dict[str, Side] = {}
        self.fills: list[Fill] = []
        self.merged = 0

    @property
    def position(self) -> int:
        return sum(fill.qty if fill.side is Side.BUY else -fill.qty for fill in self.fills)

    def durable(self) -> list[Event]:
        return [*self.journal.events(), *(event for each in self.spool.kept for event in decode_events(each.body))]

    async def place(self, order: OrderApproved) -> None:
        self.sides[order.routed_order_id] = order.request.side
        if not order.reducing and order not in self.journal.events():
            self.broken.append(f"new risk by the spool: {order.routed_order_id}")
        await super().place(order)

    def fill(self, which: int) -> None:
        if not self.live:
            return
        routed = list(self.live)[which % len(self.live)]
        del self.live[routed]
        fill = Fill(
            "paper", f"{routed}-f", AAPL, self.sides[routed], QTY_ONE, 100 * PRICE_ONE, 0, 10**18, routed,
        )  # fmt: skip
        self.fills.append(fill)
        if self.position < 0:
            self.broken.append(f"I11: {routed} flipped the position")
        self.tell(i.FillReported(broker="paper", fill=fill))

    async def query(self, account: str, routed_order_id: str) -> None:
        for fill in self.fills:
            if fill.routed_order_id == routed_order_id:
                self.tell(i.FillReported(broker="paper", fill=fill))
                return
        await super().query(account, routed_order_id)

    async def reconcile(self, account: str) -> None:
        await asyncio.sleep(0)
        for fill in self.fills:
            self.tell(i.FillReported(broker="paper", fill=fill))
        held = ((AAPL, self.position, self.position // QTY_ONE * 100 * PRICE_ONE),) if self.position else ()
        cash = CASH - self.position // QTY_ONE * 100 * PRICE_ONE
        self.tell(
            i.AccountReconciled(broker="paper", account=account, cash=cash, positions=held, working=tuple(self.live))
        )

    async def new_process(self) -> Rig:
        is_first = not self.journal.records
        told = await merge_spool(self.journal, self.spool)
        self.merged += told is not None
        rig = Rig(self.journal, spool=self.spool)
        rig.dispatcher.use({"paper": self})
        self.tell = rig.loop.tell
        if is_first:
            return await rig.start()
        reconciler = Reconciler(rig.dispatcher.carry_out, lambda: rig.state, rig.clock)
        rig.loop.subscribe(reconciler.hear)
        rig.loop.start()
        await rig.loop.ask(i.StartEngine(code_version="test", config_version="test"))
        if told is not None:
            rig.loop.tell(told)
        rig.loop.tell(i.BrokerConnected(broker="paper", capabilities=CAPABILITIES))
        return rig

    async def kill(self, rig: Rig, is_written: bool) -> None:
        await super().kill(rig, is_written)
        self.spool.failures = []


class FillingStory(Story):
    patience_s = 30.0

    def __init__(self) -> None:
        super().__init__()
        self.filling = self.world = FillingWorld()
        self.canceled: set[str] = set()
        self.exits: set[str] = set()

    async def cancel(self, rig: Rig, name: str) -> None:
        try:
            if isinstance(await rig.loop.ask(i.CancelOrder(account="paper", client_order_id=name)), Done):
                self.canceled.add(name)
        except DeskUnavailable:
            return

    async def exit(self, rig: Rig, name: str) -> None:
        ask = i.ClosePosition(account="paper", symbol="AAPL", qty=QTY_ONE, client_order_id=name)
        try:
            if isinstance(reply := await rig.loop.ask(ask), Decided):
                assert name not in self.decided, "I03"
                self.decided[name] = reply.decision
                if isinstance(reply.decision, OrderApproved):
                    self.exits.add(name)
                else:
                    assert reply.decision.check == "trading_state", "denied only until our book was compared"
        except DeskUnavailable:
            return

    async def do(self, rig: Rig, what: str, which: object) -> bool:
        if what == "exit":
            self.callers.append(asyncio.ensure_future(self.exit(rig, f"x{which}")))
        elif what == "fill":
            self.filling.fill(int(str(which)))
        elif what == "spool refuses":
            self.filling.spool.failures.append(SpoolRefused("full"))
        else:
            return False
        return True

    async def rest(self, rig: Rig) -> None:
        async with asyncio.timeout(self.patience_s):
            while True:
                await rig.settle()
                account = rig.state.accounts["paper"]
                held = account.positions.get(AAPL)
                working = {order.routed_order_id for order in account.live.values()}
                same = (held.qty if held else 0) == self.filling.position and working == set(self.filling.live)
                if same and not rig.loop.refused and not len(rig.dispatcher._inquiries):
                    break
                await asyncio.sleep(0.002)
        assert self.filling.broken == []
        for name in self.exits | self.canceled:
            assert rig.order(name) is not None, f"I17: {name} was answered, and nobody knows it"
        for name in self.canceled:
            assert not rig.order(name).is_live, f"I17: {name} was cancelled"


@settings(max_examples=200)
@given(STEPS)
def test_any_story_with_a_spool_keeps_the_promises(steps: list[tuple[str, object]]):
    with patch.multiple(commit, FIRST_RETRY_S=0.001, LONGEST_RETRY_S=0.004):
        asyncio.run(FillingStory().run(steps))


async def says_first(self: Any, records: list[Record]) -> bool:
    """Planted: what goes to the spool is said while it is on its way there."""
    if not self.spools or self._spool is None:
        return False
    for said in self._in_flight:
        if said.answer is not None and not said.answer.done():
            said.answer.set_result(said.reply)
    return await HONEST(self, records)


async def drops(journal: Journal, spool: Spool) -> None:
    """Planted: a start begins with an empty spool."""
    await spool.clear()


HONEST = commit.Committer._append_to_spool
PLANTED = {
    "answers before the spool": lambda: patch.object(commit.Committer, "_append_to_spool", says_first),
    "starts without the spool": lambda: patch(f"{__name__}.merge_spool", drops),
    "risk goes by the spool": lambda: patch.object(commit, "adds_risk", lambda said: False),
}


def stories() -> Iterator[list[tuple[str, object]]]:
    """Yield a cancel and an exit while the journal refuses, and a death some moments later."""
    refuses: list[tuple[str, object]] = [
        ("order", 0), ("order", 1), ("order", 2), ("settle", None), ("fill", 1), ("settle", None),
        ("refuse", 30), ("order", 3), ("turn", 9), ("turn", 9),
    ]  # fmt: skip
    for turns in range(1, 30):
        yield [*refuses, ("cancel", 0), ("exit", 0), ("turn", turns), ("crash", False)]


def fails_somewhere() -> bool:
    for steps in stories():
        try:
            with patch.multiple(commit, FIRST_RETRY_S=0.001, LONGEST_RETRY_S=0.004):
                asyncio.run(FillingStory().run(steps))
        except (Exception, BaseExceptionGroup):
            return True
    return False


@pytest.mark.parametrize("bug", PLANTED)
def test_control_a_planted_bug_is_found(bug: str):
    assert not fails_somewhere()
    with PLANTED[bug](), patch.object(FillingStory, "patience_s", 1.0):
        assert fails_somewhere()
