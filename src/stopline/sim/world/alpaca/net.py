"""A transport over the world's network: each request and each frame is late, lost, doubled or overtaken.

A request whose answer is lost ends as production's does: with `NoAnswer` once its time is over, or
with a gateway's 504, though it was carried out. What cannot leave is `NotSent`.
"""

import asyncio
from collections.abc import Callable, Mapping
from typing import Final

from stopline.model.ids import AccountId
from stopline.model.numbers import Nanos
from stopline.ports.transport import Answer, NoAnswer, NotSent, StreamLost
from stopline.sim.world.alpaca.judging import RequestJudge
from stopline.sim.world.alpaca.server import Connection, Server
from stopline.sim.world.loop import VirtualLoop
from stopline.sim.world.wire import Session, Wire

GATEWAY: Final = Answer(504, {}, b'{"message": "simulated: the gateway gave up"}')
SPENT: Final = Answer(429, {}, b'{"code": 42910000, "message": "simulated: somebody else spent it"}')
GREETING: Final = 2
"""Frames with which a stream begins; they come in order, once."""


class HttpWire(Wire):
    """The network to Alpaca: requests that need no session, and one stream."""

    server: Server
    account: AccountId

    def connect(self, session: Session) -> bool:
        """Open a stream, in place of an older one."""
        before = self.session
        is_open = super().connect(session)
        if is_open and isinstance(before, StreamSession):
            before.connection.lose()
        return is_open

    def cut(self, detected_after: Nanos) -> None:
        """End the stream; what waits for an answer never gets one."""
        if isinstance(self.session, StreamSession):
            self.session.connection.lose()
        super().cut(detected_after)

    def ask(self, loop: VirtualLoop, carry_out: Callable[[], Answer], *, may_repeat: bool) -> "asyncio.Future[Answer]":
        """Send a request. Raises NotSent."""
        if not self.is_up:
            raise NotSent("simulated: there is no line")
        self.questions += 1
        answer: asyncio.Future[Answer] = loop.create_future()
        if self._falls(self.weather.request_lost, "F21 request lost"):
            return answer
        copies = 2 if may_repeat and self._falls(self.weather.request_twice, "F22 request twice") else 1
        for _ in range(copies):
            self._timeline.call_after(self._delay(), lambda: self._come(loop, carry_out, answer))
        return answer

    def greet(self, session: Session, deliver: Callable[[], None]) -> None:
        """Bring a frame of a stream's greeting."""
        self._last_due = max(self._timeline.now + self._delay(), self._last_due)
        self._run_in(session, self._last_due, deliver)

    def carry(self, deliver: Callable[[], None]) -> None:
        """Bring a frame to Alpaca."""
        self._timeline.call_after(self._delay(), deliver)

    def _come(self, loop: VirtualLoop, carry_out: Callable[[], Answer], answer: "asyncio.Future[Answer]") -> None:
        told = SPENT if self._timeline.now < self._spent_until else carry_out()
        if told is SPENT:
            self._count("F27 message budget spent")
        elif self._falls(self.weather.reply_lost, "F21 reply lost"):
            if self._chance.per_mille(500):
                return
            self._count("F21 answered 504 and done")
            told = GATEWAY

        def deliver() -> None:
            handle = asyncio.Handle(lambda: None if answer.done() else answer.set_result(told), (), loop)
            self._timeline.at(self._timeline.now + self._delay(), handle, loop)

        if self.weather.holds:
            self._held.append(deliver)
        else:
            deliver()


class StreamSession(Session):
    """One stream of one process. Its end is the last thing that it says."""

    connection: Connection


class WorldTransport:
    """The transport's port, for one process."""

    def __init__(self, wire: HttpWire, judge: RequestJudge) -> None:
        self._wire, self._judge = wire, judge

    async def request(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes | None, timeout_s: float
    ) -> Answer:
        """Send one request; raises NotSent and NoAnswer."""
        loop = asyncio.get_running_loop()
        assert isinstance(loop, VirtualLoop)
        self._judge.leaves(method, url, body)

        def carry_out() -> Answer:
            return self._judge.comes(method, url, body) or self._wire.server.answer(method, url, headers, body)

        try:
            async with asyncio.timeout(timeout_s):
                answer = await self._wire.ask(loop, carry_out, may_repeat=method != "PATCH")
        except (TimeoutError, asyncio.CancelledError) as error:
            self._judge.unanswered(method, url)
            if isinstance(error, TimeoutError):
                raise NoAnswer(f"no answer within {timeout_s:g} s") from None
            raise
        if answer is GATEWAY:
            self._judge.unanswered(method, url)
        return answer

    async def open_stream(self, url: str, timeout_s: float) -> "WorldStream":
        """Open a WebSocket; raises NotSent."""
        loop = asyncio.get_running_loop()
        assert isinstance(loop, VirtualLoop)
        return WorldStream(self._wire, loop)

    async def close(self) -> None:
        """Do nothing: what is under way is under way."""


class WorldStream:
    """One WebSocket. Raises NotSent where there is no line."""

    def __init__(self, wire: HttpWire, loop: VirtualLoop) -> None:
        self._wire, self._frames, self._greeted = wire, asyncio.Queue[bytes | None](), 0
        self._session = session = StreamSession(loop, lambda account, number, frame: self._frames.put_nowait(frame))
        if not wire.connect(session):
            raise NotSent("simulated: there is no line")
        session.connection = wire.server.open("/stream", self._say, lambda: wire.cut(0))
        loop.create_task(self._end())

    async def _end(self) -> None:
        await self._session.lost.wait()
        self._frames.put_nowait(None)

    def _say(self, frame: bytes) -> None:
        """Carry a frame of Alpaca's to the process; a new stream's greeting as any line does, in order."""
        wire, session = self._wire, self._session
        if not session.is_open:
            return
        if self._greeted < GREETING:
            self._greeted += 1
            wire.greet(session, lambda: self._frames.put_nowait(frame))
        elif wire.session is session:
            wire.report(wire.account, frame)

    async def send(self, frame: bytes) -> None:
        """Send a text frame; raises StreamLost."""
        if not self._session.is_open:
            raise StreamLost("simulated: the line was cut")
        self._wire.carry(lambda: self._session.connection.hear(frame))

    async def receive(self) -> bytes:
        """Return the next frame; raises StreamLost."""
        frame = await self._frames.get()
        if frame is None:
            raise StreamLost("simulated: the line was cut")
        return frame

    async def close(self) -> None:
        """End it."""
        if self._session.is_open:
            self._session.is_open = False
            self._session.connection.lose()
            if self._wire.session is self._session:
                self._wire.session = None
        self._session.lost.set()
