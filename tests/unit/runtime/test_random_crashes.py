"""Any story of orders, lost messages, refusing disks and dying processes keeps four promises.

I01  nothing reaches the broker whose approval is not on disk before it
I03  no order reaches it twice, and a repeated request has its decision
I12  the live state is what its journal says
I06  when all is well again, both sides agree on what works
"""

import asyncio
from collections.abc import Callable
from unittest.mock import patch

from hypothesis import given, settings
from hypothesis import strategies as st

from stopline.engine.replay import state_hash
from stopline.messages import inputs as i
from stopline.messages.events import Event, OrderApproved, OrderDenied
from stopline.messages.replies import Decided, Repeated
from stopline.ports.broker import BrokerRejected, BrokerUnreachable, SendOutcomeUnknown
from stopline.ports.desk import DeskUnavailable
from stopline.ports.journal import JournalRefused
from stopline.runtime import commit
from stopline.runtime.reconcile import Reconciler
from stopline.runtime.recover import fold_journal
from tests.unit.runtime.rig import CAPABILITIES, MemoryJournal, ObedientBroker, Rig, buy

STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("order"), st.integers(0, 9)),
        st.tuples(st.just("cancel"), st.integers(0, 9)),
        st.tuples(st.just("fate"), st.sampled_from(["answer lost", "message lost", "unreachable", "rejected"])),
        st.tuples(st.just("refuse"), st.integers(1, 2)),
        st.tuples(st.just("crash"), st.booleans()),
        st.tuples(st.just("settle"), st.none()),
        st.tuples(st.just("turn"), st.integers(1, 5)),
    ),
    max_size=25,
)


class World(ObedientBroker):
    """The broker and the disk, which outlive every process."""

    def __init__(self) -> None:
        super().__init__()
        self.journal = MemoryJournal()
        self.fates: list[str] = []
        self.tried: set[str] = set()
        self.live: dict[str, str] = {}
        self.broken: list[str] = []
        self.tell: Callable[[i.Input], None] = lambda message: None

    def durable(self) -> list[Event]:
        """Return what is on disk now."""
        return self.journal.events()

    async def place(self, order: OrderApproved) -> None:
        routed, name = order.routed_order_id, order.request.client_order_id
        on_disk = [e.routed_order_id for e in self.durable() if isinstance(e, OrderApproved)]
        if routed not in on_disk:
            self.broken.append(f"I01: {routed} came before its approval was on disk")
        if routed in self.tried or name in self.live.values():
            self.broken.append(f"I03: {routed} came twice")
        await asyncio.sleep(0)
        fate = self.fates.pop(0) if self.fates else ""
        if fate == "unreachable":
            raise BrokerUnreachable("no route")
        self.tried.add(routed)
        if fate == "message lost":
            raise SendOutcomeUnknown("cut off")
        if fate == "rejected":
            raise BrokerRejected("no")
        self.live[routed] = name
        if fate == "answer lost":
            raise SendOutcomeUnknown("cut off")
        self.tell(i.OrderAccepted(account="paper", routed_order_id=routed))

    async def cancel(self, account: str, routed_order_id: str) -> None:
        await asyncio.sleep(0)
        if self.live.pop(routed_order_id, None) is None:
            raise BrokerRejected("no such order")
        self._say_gone(routed_order_id, "canceled")

    async def query(self, account: str, routed_order_id: str) -> None:
        await asyncio.sleep(0)
        if routed_order_id in self.live:
            self.tell(i.OrderAccepted(account=account, routed_order_id=routed_order_id))
        else:
            self._say_gone(routed_order_id, "expired")

    async def reconcile(self, account: str) -> None:
        await asyncio.sleep(0)
        cash = 100_000 * 10**8
        self.tell(
            i.AccountReconciled(broker="paper", account=account, cash=cash, positions=(), working=tuple(self.live))
        )

    def _say_gone(self, routed: str, outcome: str) -> None:
        self.tell(i.OrderGone(account="paper", routed_order_id=routed, outcome=outcome, cum_qty=0))

    async def new_process(self) -> Rig:
        is_first = not self.journal.records
        rig = Rig(self.journal)
        rig.dispatcher.use({"paper": self})
        self.tell = rig.loop.tell
        if is_first:
            await rig.start()
        else:
            reconciler = Reconciler(rig.dispatcher.carry_out, lambda: rig.state, rig.clock)
            rig.loop.subscribe(reconciler.hear)
            rig.loop.start()
            await rig.loop.ask(i.StartEngine(code_version="test", config_version="test"))
            rig.loop.tell(i.BrokerConnected(broker="paper", capabilities=CAPABILITIES))
        return rig

    async def kill(self, rig: Rig, is_written: bool) -> None:
        """End a process as a power cut would: a batch under way reaches the disk, or it does not."""
        self.tell = lambda message: None
        if not is_written:
            self.journal.hold()
        else:
            await asyncio.sleep(0)
        for task in rig.loop._tasks:
            task.cancel()
        await asyncio.gather(*rig.loop._tasks, return_exceptions=True)
        await rig.dispatcher.close()
        self.journal.gate, self.journal.failures = None, []


class Story:
    def __init__(self) -> None:
        self.world = World()
        self.decided: dict[str, OrderApproved | OrderDenied] = {}
        self.callers: list[asyncio.Task[None]] = []

    async def order(self, rig: Rig, name: str) -> None:
        try:
            reply = await rig.loop.ask(buy(name))
        except DeskUnavailable:
            return
        if isinstance(reply, Repeated):
            _, events = rig.loop.recorded(reply.seq)
            decisions = [e for e in events if isinstance(e, OrderApproved | OrderDenied)]
            (found,) = [decision for decision in decisions if decision.request.client_order_id == name]
            assert self.decided.setdefault(name, found) == found, "I03"
        elif isinstance(reply, Decided) and isinstance(reply.decision, OrderApproved | OrderDenied):
            assert name not in self.decided, "I03"
            self.decided[name] = reply.decision

    async def cancel(self, rig: Rig, name: str) -> None:
        try:
            await rig.loop.ask(i.CancelOrder(account="paper", client_order_id=name))
        except DeskUnavailable:
            return

    async def run(self, steps: list[tuple[str, object]]) -> None:
        rig = await self.world.new_process()
        for what, which in steps:
            if await self.do(rig, what, which):
                continue
            if what == "order":
                self.callers.append(asyncio.ensure_future(self.order(rig, f"n{which}")))
            elif what == "cancel":
                self.callers.append(asyncio.ensure_future(self.cancel(rig, f"n{which}")))
            elif what == "fate":
                self.world.fates.append(str(which))
            elif what == "refuse":
                self.world.journal.failures += [JournalRefused("store_full", "full")] * int(str(which))
            elif what == "settle":
                await self.rest(rig)
            elif what == "turn":
                for _ in range(int(str(which))):
                    await asyncio.sleep(0)
            else:
                await self.world.kill(rig, bool(which))
                await self.leave()
                rig = await self.world.new_process()
        await self.rest(rig)
        await self.leave()
        await rig.stop()

    async def do(self, rig: Rig, what: str, which: object) -> bool:
        """Take a step that only another kind of story knows."""
        return False

    async def rest(self, rig: Rig) -> None:
        """Let everything come to an end that has one; then both sides must agree."""
        async with asyncio.timeout(60):
            while True:
                await rig.settle()
                working = {order.routed_order_id for order in rig.state.accounts["paper"].live.values()}
                if working == set(self.world.live) and not rig.loop.refused and not len(rig.dispatcher._inquiries):
                    break
                await asyncio.sleep(0.002)
        assert self.world.broken == []
        assert state_hash(fold_journal(self.world.journal)) == state_hash(rig.state), "I12"
        held = rig.state.accounts["paper"].positions.get("eq:US:AAPL")
        assert (held.working_buys if held else 0) == len(self.world.live) * 10**9, "I08"

    async def leave(self) -> None:
        for caller in self.callers:
            if not caller.done():
                caller.cancel()
        for outcome in await asyncio.gather(*self.callers, return_exceptions=True):
            if isinstance(outcome, Exception):
                raise outcome
        self.callers = []


@settings(max_examples=400)
@given(STEPS)
def test_any_story_keeps_the_promises(steps: list[tuple[str, object]]):
    with patch.multiple(commit, FIRST_RETRY_S=0.001, LONGEST_RETRY_S=0.004):
        asyncio.run(Story().run(steps))
