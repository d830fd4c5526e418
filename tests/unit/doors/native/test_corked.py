"""One write per turn of the loop, in order; much at once is not kept back; closing loses nothing."""

import asyncio

from stopline.doors.native.corked import AT_ONCE, Corked


class Inside:
    """A transport that notes what it is asked."""

    def __init__(self) -> None:
        self.did: list[object] = []

    def write(self, data: bytes) -> None:
        self.did.append(data)

    def close(self) -> None:
        self.did.append("close")

    def abort(self) -> None:
        self.did.append("abort")

    def is_closing(self) -> bool:
        return "close" in self.did


async def test_what_one_turn_writes_goes_out_together():
    inside = Inside()
    corked = Corked(inside, asyncio.get_running_loop())
    corked.write(b"a")
    corked.write(b"b")
    assert inside.did == []
    await asyncio.sleep(0)
    corked.write(b"c")
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert inside.did == [b"ab", b"c"]


async def test_much_goes_out_at_once():
    inside = Inside()
    corked = Corked(inside, asyncio.get_running_loop())
    corked.write(b"a")
    corked.write(bytes(AT_ONCE))
    assert inside.did == [b"a" + bytes(AT_ONCE)]


async def test_closing_sends_what_waits_and_aborting_does_not():
    inside = Inside()
    corked = Corked(inside, asyncio.get_running_loop())
    corked.write(b"a")
    corked.close()
    assert inside.did == [b"a", "close"]
    assert corked.is_closing()
    corked.write(b"b")
    corked.abort()
    await asyncio.sleep(0)
    assert inside.did == [b"a", "close", "abort"]
