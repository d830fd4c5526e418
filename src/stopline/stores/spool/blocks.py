"""The spool's bytes: two headers, then entries, each checksummed and at the start of a sector. No I/O.

header   magic, generation, checksum. Two slots; the newer one counts. To empty the spool is to
         write the other slot with the next generation: entries of older ones are nobody's
         (and are zeroed afterwards, so that what is left of them passes for nothing else).
entry    magic, generation, index, length, checksum over all of it, then the records.

An entry that does not hold, with none behind it, is torn: it was never finished, so nobody
was told of it. With a good one behind it, it is damage.
"""

from collections.abc import Sequence
from hashlib import sha256
from struct import Struct as Packing
from typing import Final

import msgspec
from msgspec import Struct

from stopline.model.ids import AccountId, ClientOrderId
from stopline.ports.journal import Record

SECTOR: Final = 512
SLOTS: Final = (0, 4096)
BEGIN: Final = 8192
"""Where entries begin."""
_HEADER: Final = Packing(">8sQ16s")
_ENTRY: Final = Packing(">4sQII16s")
_HEADER_MAGIC: Final = b"STOPSPL1"
_ENTRY_MAGIC: Final = b"SPE1"

_Row = tuple[int, int, bytes, bytes, bytes, tuple[tuple[AccountId, ClientOrderId], ...]]
_decoder = msgspec.msgpack.Decoder(tuple[_Row, ...])
_encoder = msgspec.msgpack.Encoder()


class Damage(ValueError):
    """What was finished once does not hold any more."""


class Found(Struct, frozen=True):
    """What a spool's bytes hold. `end` is where the next entry goes, as number `count`."""

    generation: int
    records: tuple[Record, ...] = ()
    count: int = 0
    end: int = BEGIN
    torn: bool = False


class _Entry(Struct, frozen=True):
    generation: int
    index: int
    size: int
    """Its room, in whole sectors."""
    payload: bytes


def slot_of(generation: int) -> int:
    """Return where the header of a generation goes."""
    return SLOTS[generation % 2]


def encode_header(generation: int) -> bytes:
    """Return a header."""
    return _HEADER.pack(_HEADER_MAGIC, generation, _sum(_HEADER_MAGIC, generation.to_bytes(8, "big")))


def encode_entry(generation: int, index: int, records: Sequence[Record]) -> bytes:
    """Return an entry, filled up to whole sectors."""
    rows = [(each.seq, each.at, each.body, each.prev_hash, each.hash, each.decided_ids) for each in records]
    payload = _encoder.encode(rows)
    head = _ENTRY.pack(_ENTRY_MAGIC, generation, index, len(payload), bytes(16))[:-16]
    entry = head + _sum(head, payload) + payload
    return entry + bytes(-len(entry) % SECTOR)


def read(content: bytes) -> Found | None:
    """Return what these bytes hold, None if they never were a spool; raises Damage."""
    first = _entry_at(content, BEGIN)
    known = [generation for at in SLOTS if (generation := _header_at(content, at)) is not None]
    if first is not None and first.index == 0:
        # A header may be damaged: the entry says of itself which generation it is of.
        known.append(first.generation)
    if not known:
        if content.count(0) != len(content):
            raise Damage("its header does not hold")
        return None
    return _read_entries(content, max(known))


def _read_entries(content: bytes, generation: int) -> Found:
    records: list[Record] = []
    at, index = BEGIN, 0
    while (entry := _entry_at(content, at)) is not None and (entry.generation, entry.index) == (generation, index):
        records += (Record(*row) for row in _decoder.decode(entry.payload))
        at, index = at + entry.size, index + 1
    if _is_behind(content, at + SECTOR, generation, index):
        raise Damage(f"entry {index + 1} does not hold, and there are later ones")
    left = _generation_at(content, at)
    torn = any(content[at : at + SECTOR]) and not 0 < left < generation
    return Found(generation, tuple(records), index, at, torn)


def _is_behind(content: bytes, at: int, generation: int, index: int) -> bool:
    """Whether an entry that was written later is still good."""
    while (at := content.find(_ENTRY_MAGIC, at)) >= 0:
        if at % SECTOR == 0:
            entry = _entry_at(content, at)
            if entry is not None and entry.generation == generation and entry.index > index:
                return True
        at += 1
    return False


def _generation_at(content: bytes, at: int) -> int:
    """Return which generation wrote the entry that begins there, whether or not it is whole; 0 if none did."""
    if content[at : at + 4] != _ENTRY_MAGIC:
        return 0
    return int.from_bytes(content[at + 4 : at + 12], "big")


def _header_at(content: bytes, at: int) -> int | None:
    if len(content) < at + _HEADER.size:
        return None
    magic, generation, check = _HEADER.unpack_from(content, at)
    good = magic == _HEADER_MAGIC and check == _sum(magic, generation.to_bytes(8, "big"))
    return int(generation) if good else None


def _entry_at(content: bytes, at: int) -> _Entry | None:
    if len(content) < at + _ENTRY.size:
        return None
    magic, generation, index, length, check = _ENTRY.unpack_from(content, at)
    begin = at + _ENTRY.size
    payload = content[begin : begin + length]
    if magic != _ENTRY_MAGIC or len(payload) < length or check != _sum(content[at : begin - 16], payload):
        return None
    size = _ENTRY.size + length
    return _Entry(generation, index, size + -size % SECTOR, payload)


def _sum(*parts: bytes) -> bytes:
    return sha256(b"".join(parts)).digest()[:16]
