"""Records that were said before: recent ones from memory, older ones from the journal; and ids decided long ago.

The engine remembers the ids of two trading days. An older one is found in the journal's
unique index before `step`, so that the same order never gets a second decision.

Source     semantics.md sections 8 and 12 (ids); reliability.md F41.
"""

from msgspec.structs import replace

from stopline.engine.decide.submit import asks_the_same, known_id, request_of
from stopline.messages.events import Event, OrderApproved, OrderDenied
from stopline.messages.inputs import ClosePosition, Input, SubmitOrder
from stopline.messages.replies import Refused, Repeated, Reply
from stopline.messages.upcast import decode_events
from stopline.model.numbers import Nanos
from stopline.ports.journal import Journal
from stopline.state.state import State

KEPT = 4096
MAY_REPEAT: frozenset[type] = frozenset({SubmitOrder, ClosePosition})


class Repeats:
    """What was decided before, by seq and by id."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._recent: dict[int, tuple[Nanos, tuple[Event, ...]]] = {}
        self._oldest = 0
        """The first seq in `_recent`. The first key of a dict that loses its first keys is slow to find."""

    def keep(self, seq: int, at: Nanos, events: tuple[Event, ...]) -> None:
        """Keep a durable record at hand: the newest, and all that the journal does not have yet."""
        self._oldest = self._oldest or seq
        self._recent[seq] = (at, events)
        while self._oldest <= seq - KEPT and self._oldest <= self._journal.head().seq:
            self._recent.pop(self._oldest, None)
            self._oldest += 1

    def read(self, seq: int) -> tuple[Nanos, tuple[Event, ...]]:
        """Return (at, events) of a durable record; raises KeyError."""
        recent = self._recent.get(seq)
        if recent is not None:
            return recent
        for record in self._journal.read(after_seq=seq - 1, until_seq=seq):
            return record.at, decode_events(record.body)
        raise KeyError(seq)

    def find(self, state: State, message: Input) -> Reply | None:
        """Return the answer to an order whose id was decided before the engine's memory; None to all others."""
        assert isinstance(message, SubmitOrder | ClosePosition)
        account = state.accounts.get(message.account) if message.client_order_id else None
        if account is None or not account.forgot_ids or known_id(account, message.client_order_id):
            return None
        seq = self._journal.find_decision(message.account, message.client_order_id)
        if seq is None:
            return None
        for event in self.read(seq)[1]:
            if isinstance(event, OrderApproved | OrderDenied) and _is_about(event, message):
                if _asks_the_same(state, event, message):
                    return Repeated(message.account, message.client_order_id, seq)
                break
        return Refused(
            "client_order_id_conflict",
            f"client_order_id {message.client_order_id!r} was already used for another order",
            "send a new order under a new client_order_id; repeat the old body to read its decision",
            (message.client_order_id,),
        )


def _is_about(event: OrderApproved | OrderDenied, message: SubmitOrder | ClosePosition) -> bool:
    asked = event.request
    return asked.account == message.account and asked.client_order_id == message.client_order_id


def _asks_the_same(state: State, event: OrderApproved | OrderDenied, message: SubmitOrder | ClosePosition) -> bool:
    asked = event.request
    instrument_id = state.symbols.get(message.symbol, "")
    if isinstance(message, ClosePosition):
        return asked.closes_position and asked.instrument_id == instrument_id and message.qty in (None, asked.order_qty)
    request = request_of(state, message)
    if not asked.instrument_id and isinstance(event, OrderDenied):
        return event.symbol == message.symbol and asks_the_same(asked, replace(request, instrument_id=""))
    return asks_the_same(asked, request)
