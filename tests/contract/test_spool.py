"""What every spool promises (ports/spool.py), run over each of them."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stopline.ports.spool import Spool, SpoolRefused
from stopline.stores.spool import open_spool
from tests.journals import EMPTY, alert, bind, denials
from tests.twins.spool import MemorySpool

SMALL = 2**18
SPOOLS: dict[str, Callable[[Path], Spool]] = {
    "memory": lambda _: MemorySpool(),
    "file": lambda path: open_spool(path / "spool.bin", SMALL),
}


@pytest.fixture(params=SPOOLS)
async def spool(request, tmp_path) -> AsyncIterator[Spool]:
    opened = SPOOLS[request.param](tmp_path)
    yield opened
    await opened.close()


async def test_a_new_one_is_empty(spool):
    assert spool.records() == ()
    assert not spool.torn


async def test_it_gives_back_what_it_took_in_order_and_whole(spool):
    """The chain and the decided ids too: the journal takes the very same records later."""
    records = denials(EMPTY, 5)
    assert records[0].decided_ids
    await spool.append(records[:2])
    await spool.append(records[2:])
    assert spool.records() == tuple(records)


async def test_an_empty_batch_is_nothing(spool):
    await spool.append([])
    assert spool.records() == ()


async def test_cleared_it_is_empty_and_takes_more(spool):
    records = denials(EMPTY, 4)
    await spool.append(records[:3])
    await spool.clear()
    assert spool.records() == ()
    await spool.append(records[3:])
    assert spool.records() == (records[3],)
    await spool.clear()
    await spool.clear()
    assert spool.records() == ()


async def test_what_does_not_fit_is_refused_whole_and_the_rest_stays(spool):
    first, *more = denials(EMPTY, 1_200, "x" * 300)
    await spool.append([first])
    with pytest.raises(SpoolRefused, match="full"):
        await spool.append(more)
    assert spool.records() == (first,)
    await spool.append(more[:3])
    assert spool.records() == (first, *more[:3])


async def test_a_body_may_be_any_bytes(spool):
    record = bind(EMPTY, [alert(1, "\x00SPE1'; STOPSPL1\n")], ids=[("A1", "a\x00b"), ("A2", "é")])
    await spool.append([record])
    assert spool.records() == (record,)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(steps=st.lists(st.integers(0, 6), max_size=12))
async def test_whatever_is_done_a_new_opening_finds_the_same(tmp_path_factory, steps):
    """0 empties it, another number appends so many; after each step it is closed and opened."""
    path = tmp_path_factory.mktemp("spool", numbered=True) / "spool.bin"
    twin, last = MemorySpool(), EMPTY
    for step in steps:
        opened = open_spool(path, SMALL)
        assert opened.records() == twin.records()
        assert not opened.torn
        if step:
            records = denials(last, step)
            last = records[-1]
            await opened.append(records)
            await twin.append(records)
        else:
            await opened.clear()
            await twin.clear()
        await opened.close()
    opened = open_spool(path, SMALL)
    assert opened.records() == twin.records()
    await opened.close()
