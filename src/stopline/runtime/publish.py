"""What is durable goes out: effects first, then answers, then those who listen.

Source     architecture.md promise 5; reliability.md I17.
"""

import logging
from collections.abc import Callable

from stopline.messages.effects import Effect
from stopline.model.numbers import Nanos
from stopline.ports.clock import EngineClock
from stopline.ports.desk import Subscriber
from stopline.ports.journal import Record
from stopline.runtime.repeats import Repeats
from stopline.runtime.said import Said

CarryOut = Callable[[tuple[Effect, ...], bool], None]
"""Called with the effects of a durable record, and whether it is late."""
BatchSubscriber = Callable[[list[Said]], None]
log = logging.getLogger(__name__)


class Publisher:
    """Everyone who hears of durable records, in the order in which they hear it."""

    def __init__(self, durable_seq: int, clock: EngineClock, repeats: Repeats, carry_out: CarryOut) -> None:
        self._clock, self._repeats = clock, repeats
        self.carry_out = carry_out
        self._subscribers: tuple[Subscriber, ...] = ()
        self._batch_subscribers: tuple[BatchSubscriber, ...] = ()
        self.durable_seq = durable_seq
        self.durable_at: Nanos = 0
        """When the newest durable record was decided."""
        self.last_commit_at: Nanos = 0

    def subscribe(self, subscriber: Subscriber) -> Callable[[], None]:
        """Hear every durable record, in order; returns the unsubscribe."""
        self._subscribers = (*self._subscribers, subscriber)

        def unsubscribe() -> None:
            self._subscribers = tuple(other for other in self._subscribers if other is not subscriber)

        return unsubscribe

    def subscribe_batches(self, subscriber: BatchSubscriber) -> None:
        """Hear every durable batch at once, before its records are heard one by one."""
        self._batch_subscribers = (*self._batch_subscribers, subscriber)

    def publish(self, durable: list[Said]) -> None:
        """Let the world hear a durable batch."""
        for said in durable:
            if said.record is not None:
                self.last_commit_at = self._clock.at()
                self.durable_seq, self.durable_at = said.record.seq, said.record.at
                self._repeats.keep(said.record.seq, said.record.at, said.events)
            if said.effects:
                self.carry_out(said.effects, said.is_late)
            if said.answer is not None and not said.answer.done():
                said.answer.set_result(said.reply)
        for hear_batch in self._batch_subscribers:
            hear_batch(durable)
        for said in durable:
            if said.record is not None:
                for subscriber in self._subscribers:
                    _tell(subscriber, said.record, said)


def _tell(subscriber: Subscriber, record: Record, said: Said) -> None:
    try:
        subscriber(record.seq, record.at, said.events)
    except Exception:
        log.exception("a subscriber raised on record %d", record.seq)
