"""Damage to the spool's bytes, everywhere: what is read is what was written, or it is said that it cannot be."""

from hypothesis import given
from hypothesis import strategies as st

from stopline.ports.journal import Record
from stopline.stores.spool import blocks
from stopline.stores.spool.blocks import BEGIN, SECTOR, Damage, encode_entry, encode_header, read, slot_of
from tests.journals import EMPTY, denials

RECORDS = tuple(denials(EMPTY, 6, "x" * 200))
BATCHES = (RECORDS[:1], RECORDS[1:4], RECORDS[4:5], RECORDS[5:])
ROOM = 2**14


def spool(generation: int = 1, batches: tuple[tuple[Record, ...], ...] = BATCHES, over: bytes = b"") -> bytearray:
    """Return the bytes of a spool; `over` is what an earlier generation left."""
    content = bytearray(over or bytes(BEGIN + ROOM))
    header = encode_header(generation)
    at = slot_of(generation)
    content[at : at + len(header)] = header
    at = BEGIN
    for index, batch in enumerate(batches):
        entry = encode_entry(generation, index, batch)
        content[at : at + len(entry)] = entry
        at += len(entry)
    return content


def ends(batches: tuple[tuple[Record, ...], ...] = BATCHES) -> list[int]:
    """Return where each entry ends."""
    at, found = BEGIN, []
    for index, batch in enumerate(batches):
        at += len(encode_entry(1, index, batch))
        found.append(at)
    return found


def test_what_was_written_is_read():
    found = read(bytes(spool()))
    assert found is not None
    assert (found.records, found.count, found.end, found.torn) == (RECORDS, 4, ends()[-1], False)


def test_zeros_were_never_a_spool():
    assert read(b"") is None
    assert read(bytes(ROOM)) is None


def test_every_flipped_bit_is_found_or_harmless():
    """F09: never another record, never one that is missing in the middle; at the end it is said to be torn."""
    good, harmless, torn, damaged = bytes(spool()), 0, 0, 0
    for offset in range(ends()[-1]):
        bad = bytearray(good)
        bad[offset] ^= 1 << offset % 8
        try:
            found = read(bytes(bad))
        except Damage:
            damaged += 1
            continue
        assert found is not None
        if found.torn:
            assert found.records == RECORDS[: len(RECORDS) - len(BATCHES[-1])]
            assert offset >= ends()[-2]
            torn += 1
        else:
            assert found.records == RECORDS, f"byte {offset}"
            harmless += 1
    assert damaged and torn and harmless


def test_a_write_cut_at_every_byte_is_torn_and_leaves_what_was_before():
    """F05: the last entry reached the disk in part; it was never acknowledged."""
    whole, before = bytes(spool()), spool(batches=BATCHES[:-1])
    begin, end = ends()[-2:]
    for cut in range(begin, end):
        found = read(bytes(before[:begin]) + whole[begin:cut] + bytes(before[cut:]))
        assert found is not None
        if whole[cut:end].count(0) == end - cut:
            assert found.records == RECORDS, "only the filling was missing"
            continue
        assert found.records == RECORDS[:5]
        assert found.torn is (cut > begin)
        assert (found.count, found.end) == (3, begin)


@given(st.sets(st.integers(0, 3)))
def test_sectors_of_the_last_entry_that_never_came(lost: set[int]):
    """A power cut writes the sectors of one entry in any order."""
    content = spool(batches=(RECORDS[:1], RECORDS[1:6]))
    begin, end = BEGIN + len(encode_entry(1, 0, RECORDS[:1])), ends((RECORDS[:1], RECORDS[1:6]))[-1]
    sectors = range(begin, end, SECTOR)
    for number in lost:
        at = sectors[number % len(sectors)]
        content[at : at + SECTOR] = bytes(SECTOR)
    found = read(bytes(content))
    assert found is not None
    assert found.records == (RECORDS[:1] if lost else RECORDS)


def test_what_an_older_generation_left_is_nobodys():
    """Emptied, then killed before what was there was zeroed."""
    old = bytes(spool(1))
    found = read(bytes(spool(2, (), over=old)))
    assert found is not None
    assert (found.generation, found.records, found.torn) == (2, (), False)
    found = read(bytes(spool(2, BATCHES[:1], over=old)))
    assert found is not None
    assert found.records == RECORDS[:1]


def test_a_torn_header_falls_back_to_what_the_journal_has_already():
    """Killed while it was emptied: the records are read once more, and merged once more (they are known)."""
    content, header = spool(1), encode_header(2)
    for cut in range(len(header)):
        at = slot_of(2)
        content[at : at + cut] = header[:cut]
        found = read(bytes(content))
        assert found is not None
        assert (found.generation, found.records) == (1, RECORDS)


def test_a_damaged_header_does_not_hide_what_came_after_it():
    content = spool(2, BATCHES, over=bytes(spool(1, BATCHES[:2])))
    content[slot_of(2) + 12] ^= 1
    found = read(bytes(content))
    assert found is not None
    assert (found.generation, found.records) == (2, RECORDS)


def test_without_headers_it_is_damaged():
    content = spool(batches=())
    content[slot_of(1)] ^= 1
    try:
        read(bytes(content))
    except Damage as damage:
        assert "header" in str(damage)
    else:
        raise AssertionError("it was believed")


def test_an_entry_begins_with_a_sector():
    """A write of one entry touches no sector of another."""
    assert all(end % SECTOR == 0 for end in ends())
    assert BEGIN % SECTOR == 0
    assert min(abs(one - other) for one in blocks.SLOTS for other in (*blocks.SLOTS, BEGIN) if one != other) >= 4096
