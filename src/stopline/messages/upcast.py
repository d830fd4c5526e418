"""Old events to new ones. The chain is verified over the stored bytes first; only then is anything upcast.

There is one schema so far. A later one adds a step `(from_version) -> function` here,
and a golden journal of the old version to the tests.
"""

from collections.abc import Sequence

import msgspec

from stopline.messages.events import SCHEMA_VERSION, Event

_decoder = msgspec.msgpack.Decoder(tuple[Event, ...])
_encoder = msgspec.msgpack.Encoder()


class UnknownSchema(ValueError):
    """A journal written by a newer Stopline."""


def encode_events(events: Sequence[Event]) -> bytes:
    """Return the bytes that the journal stores and chains for one record."""
    return _encoder.encode(events)


def decode_events(body: bytes, schema_version: int = SCHEMA_VERSION) -> tuple[Event, ...]:
    """Return a record's events.

    Raises UnknownSchema for a version this code does not know, and msgspec.DecodeError for
    bytes that are no events.
    """
    if schema_version != SCHEMA_VERSION:
        raise UnknownSchema(
            f"the journal holds events of schema {schema_version}, this Stopline reads {SCHEMA_VERSION}"
        )
    try:
        return _decoder.decode(body)
    except UnicodeDecodeError as fault:
        raise msgspec.DecodeError(f"text that is not UTF-8: {fault}") from None
