"""What lies on our own disk: records of the journal and the spool. Damage is named, and never half believed."""

import msgspec

from stopline.messages.upcast import decode_events, encode_events
from stopline.ports.journal import GENESIS, Record, chain_hash
from stopline.stores.spool import blocks
from tests.build import World
from tests.fuzz.target import Target


def try_record(raw: bytes) -> None:
    """Decode the body of a journal record."""
    try:
        events = decode_events(raw)
    except msgspec.MsgspecError as refused:
        assert str(refused)
        return
    assert decode_events(encode_events(events)) == events, raw


def try_spool(raw: bytes) -> None:
    """Read the bytes of a spool."""
    try:
        found = blocks.read(raw)
    except blocks.Damage as damage:
        assert str(damage)
        return
    if found is not None:
        assert found.end >= blocks.BEGIN
        assert found.count == 0 or found.records or found.end > blocks.BEGIN


def _some_spool() -> bytes:
    body = encode_events(())
    record = Record(1, 1, body, GENESIS, chain_hash(GENESIS, 1, 1, body))
    head = blocks.encode_header(1)
    return head + bytes(blocks.BEGIN - len(head)) + blocks.encode_entry(1, 0, [record])


def _some_bodies() -> tuple[bytes, ...]:
    world = World()
    return tuple(record.body for record in world.records[:6])


RECORDS = (
    Target("journal_record", try_record, ("stopline.messages.upcast",), _some_bodies()),
    Target("spool", try_spool, ("stopline.stores.spool.blocks",), (_some_spool(), _some_spool()[: blocks.BEGIN])),
)
