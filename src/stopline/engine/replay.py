"""Fold a journal into a state, and turn the durable state into bytes and back.

Fold(journal) gives a byte-identical state hash however it was split, whoever runs it
(reliability.md I12): dicts keep the order in which events made them.
"""

from collections.abc import Sequence
from hashlib import sha256

import msgspec
from msgspec import structs

from stopline.engine.apply import apply
from stopline.engine.assemble import forget_armed
from stopline.engine.held.watch import watch_all
from stopline.engine.severity import settle_severity
from stopline.engine.valuation import revalue_all
from stopline.messages.events import Event
from stopline.model.numbers import Nanos
from stopline.state.history import Recent
from stopline.state.market import Market, Valuation
from stopline.state.state import STATE_SCHEMA, State

_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(State)


def fold(state: State, seq: int, at: Nanos, events: Sequence[Event]) -> None:
    """Apply one record. Raises ValueError for a gap."""
    if seq != state.seq + 1:
        raise ValueError(f"record {seq} does not follow {state.seq}")
    for event in events:
        apply(state, event, seq, at)
    state.seq = seq
    state.at = at


def go_live(state: State) -> None:
    """After recovery: begin to value positions. Nothing is priced until quotes arrive."""
    state.is_live = True
    state.market = Market()
    forget_armed(state)
    settle_severity(state)
    revalue_all(state)
    watch_all(state)


def encode_state(state: State) -> bytes:
    """Return the durable state as bytes: no quotes, no valuations, no cached checks, no idle time."""
    durable = structs.replace(
        state,
        at=0,
        accounts={
            name: structs.replace(account, valued=Valuation(), armed={}, recent=Recent())
            for name, account in state.accounts.items()
        },
        scopes={key: structs.replace(scope, valuation=Valuation()) for key, scope in state.scopes.items()},
        market=Market(),
        is_live=False,
        store_failing="",
    )
    return _encoder.encode(durable)


def decode_state(data: bytes, at: Nanos = 0) -> State:
    """Return the state of `encode_state`; `at` is the instant of its last record."""
    state = _decoder.decode(data)
    state.at = at
    return state


def state_hash(state: State) -> bytes:
    """Return the SHA-256 of the durable state."""
    return encoded_hash(encode_state(state))


def encoded_hash(data: bytes) -> bytes:
    """Return the `state_hash` of a state, as `encode_state` wrote it."""
    digest = sha256(STATE_SCHEMA.encode())
    digest.update(data)
    return digest.digest()
