"""Bugs to plant in a forked daemon, so that the kill -9 loop can show that it finds each of them.

They replace a function of the runtime in that process alone. A kill leaves what was written
in the hands of the operating system, synced or not: so what is planted for "durability
switched off" is the order of things, answer first and commit after.
"""

import asyncio
from collections.abc import Callable
from typing import Any

SLOW_DISK_S = 0.008
"""How much longer a commit takes than an answer, where a bug does not wait for it."""


def reply_before_commit() -> None:
    """Callers hear their decisions while these are on their way to the disk."""
    from stopline.runtime.commit import Committer

    async def make_durable(self: Any, records: list[Any]) -> bool:
        for said in self._in_flight:
            if said.answer is not None and not said.answer.done():
                said.answer.set_result(said.reply)
        await asyncio.sleep(SLOW_DISK_S)
        return await honest(self, records)

    honest = Committer._make_durable
    Committer._make_durable = make_durable  # type: ignore[method-assign]


def send_before_commit() -> None:
    """Orders leave for the broker while their approvals are on their way to the disk."""
    from stopline.runtime.commit import Committer

    async def make_durable(self: Any, records: list[Any]) -> bool:
        carry_out = self._on_durable.__self__.carry_out
        for said in self._in_flight:
            carry_out(said.effects, False)
            said.effects = ()
        await asyncio.sleep(SLOW_DISK_S)
        return await honest(self, records)

    honest = Committer._make_durable
    Committer._make_durable = make_durable  # type: ignore[method-assign]


def report_before_commit() -> None:
    """The paper broker says what it did while that is on its way to its own disk."""
    from stopline.brokers.paper.outbox import Outbox

    async def write(self: Any) -> None:
        await asyncio.sleep(SLOW_DISK_S)
        await honest(self)

    def add(self: Any, *reports: Any) -> None:
        for report in reports:
            self._inbox(report)
        honest_add(self)

    honest, honest_add = Outbox._write, Outbox.add
    Outbox._write, Outbox.add = write, add  # type: ignore[method-assign]


def send_again() -> None:
    """After a start, what was approved and perhaps never sent is sent."""
    from stopline.messages.effects import PlaceOrder
    from stopline.messages.upcast import decode_events
    from stopline.runtime import reconcile, recover
    from stopline.runtime.dispatcher import Dispatcher

    def fold_journal(journal: Any, *rest: Any) -> Any:
        journals.append(journal)
        return honest_fold(journal, *rest)

    def find_doubts(state: Any, name: str, *rest: Any) -> list[Any]:
        effects: list[Any] = []
        for order in state.accounts[name].live.values():
            if order.approved_epoch < state.epoch and not order.broker_order_id:
                record = next(iter(journals[-1].read(order.seq - 1, order.seq)))
                effects += [
                    PlaceOrder(state.accounts[name].terms.broker, event)
                    for event in decode_events(record.body)
                    if getattr(event, "routed_order_id", "") == order.routed_order_id
                ]
        return effects + honest(state, name, *rest)

    journals: list[Any] = []
    Dispatcher._is_wanted = lambda self, account, routed: True  # type: ignore[method-assign]
    honest, honest_fold = reconcile.find_doubts, recover.fold_journal
    reconcile.find_doubts, recover.fold_journal = find_doubts, fold_journal


def forget_ids() -> None:
    """A start forgets which ids were decided before it."""
    _forget(lambda account: account.decided.clear())


def forget_rates() -> None:
    """A start forgets when entries were accepted: the limits on rates begin anew."""
    from stopline.state.rates import RateLog

    def forget(account: Any) -> None:
        account.entry_times = RateLog()

    _forget(forget)


def _forget(forget: Callable[[Any], None]) -> None:
    from stopline.runtime import recover

    def go_live(state: Any) -> None:
        for account in state.accounts.values():
            forget(account)
        honest(state)

    honest = recover.go_live
    recover.go_live = go_live


BUGS: dict[str, Callable[[], None]] = {
    bug.__name__: bug
    for bug in (reply_before_commit, send_before_commit, report_before_commit, send_again, forget_ids, forget_rates)
}


def plant(name: str) -> None:
    """Plant a bug in this process; an empty name plants none."""
    if name:
        BUGS[name]()
