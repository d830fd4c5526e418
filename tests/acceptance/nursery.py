"""Daemons to be killed: the real command, and a quick one that is forked off with everything imported already.

`Nursery` is one Python that has imported Stopline and does nothing but fork. What it forks is
the real thing (bootstrap, journal, paper broker, market, door) on its own event loop and its
own files; it only skips the second that imports take. Run as a program, this module is that
Python: it reads commands from stdin, one JSON a line, and ends with its children at its end.
"""

import asyncio
import json
import os
import select
import signal
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tests.small import COMMAND, set_small

ROOT = Path(__file__).resolve().parents[2]
CONFIG = Path(__file__).with_name("kill9.yaml")
MARKET = "synthetic:7"
PATIENCE_S = 120.0


class Stuck(AssertionError):
    """Something did not happen in time."""


class Nursery:
    """The forking Python, seen from the test."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.acceptance.nursery"], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        self._said: dict[int, list[dict[str, Any]]] = defaultdict(list)
        self._half = b""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        assert self._process.stdin and self._process.stdout
        self._process.stdin.close()
        try:
            self._process.wait(PATIENCE_S)
        finally:
            self._process.kill()
            self._process.wait()
            self._process.stdout.close()

    def tell(self, **command: Any) -> None:
        assert self._process.stdin
        self._process.stdin.write(json.dumps(command).encode() + b"\n")
        self._process.stdin.flush()

    def hear(self, pid: int, what: str, timeout_s: float = PATIENCE_S) -> Any:
        """Return the next thing of a kind that was said about a process (0: about the nursery)."""
        ends = time.monotonic() + timeout_s
        while True:
            for said in self._said[pid]:
                if what in said:
                    self._said[pid].remove(said)
                    return said[what]
            if time.monotonic() > ends:
                raise Stuck(f"process {pid} did not say {what!r} within {timeout_s} s")
            self._listen(0.05)

    def _listen(self, timeout_s: float) -> None:
        assert self._process.stdout
        if not select.select([self._process.stdout], [], [], timeout_s)[0]:
            return
        heard = os.read(self._process.stdout.fileno(), 65536)
        if not heard:
            raise Stuck(f"the nursery has ended with {self._process.wait()}")
        *lines, self._half = (self._half + heard).split(b"\n")
        for line in lines:
            said = json.loads(line)
            self._said[said.pop("pid")].append(said)

    def fork(
        self,
        data_dir: Path,
        port: int,
        log: Path,
        plant: str = "",
        *,
        arm: str = "",
        nth: int = 1,
        config: Path = CONFIG,
        wall: Path | None = None,
    ) -> "ForkedDaemon":
        """Start one. It has the bug `plant`, and kills itself where it passes the point `arm` for the nth time.

        By as many nanoseconds as the file `wall` says is the machine's wall clock set away, in its eyes; the boot
        clock and all durations are as ever.
        """
        self.tell(fork=[str(data_dir), port, str(log), plant, arm, nth, str(config), str(wall or "")])
        return ForkedDaemon(self, self.hear(0, "born"), port)


class ForkedDaemon:
    """One forked process. Its pid stays its own until the nursery reaps it, so that no other can be hit."""

    def __init__(self, nursery: Nursery, pid: int, port: int) -> None:
        self._nursery, self.pid, self.port = nursery, pid, port
        self._is_open = False

    def kill(self) -> None:
        """End it at once; may be called from any thread, and again."""
        with suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)

    def hear_point(self, timeout_s: float = PATIENCE_S) -> str:
        """Return the point at which it killed itself; raises Stuck where it did not come there."""
        return str(self._nursery.hear(self.pid, "point", timeout_s))

    def wait(self) -> int:
        """Return its exit code once it is gone, minus the signal's number if one ended it."""
        self._nursery.tell(reap=self.pid)
        return int(self._nursery.hear(self.pid, "dead"))

    def terminate(self) -> None:
        os.kill(self.pid, signal.SIGTERM)

    def stand_still(self) -> None:
        """Stop it where it is, as a debugger, a suspended laptop or a paused machine does."""
        os.kill(self.pid, signal.SIGSTOP)

    def go_on(self) -> None:
        os.kill(self.pid, signal.SIGCONT)

    def state(self) -> tuple[int, str]:
        """Return the seq and the hash of its live state, once its door is open."""
        if not self._is_open:
            self._nursery.hear(self.pid, "open")
            self._is_open = True
        os.kill(self.pid, signal.SIGUSR1)
        seq, digest = self._nursery.hear(self.pid, "state")
        return seq, digest


class RealDaemon:
    """`stopline run` as a person starts it (on a small disk, with patience: tests/small.py)."""

    def __init__(
        self,
        data_dir: Path,
        port: int,
        log: Path,
        *options: str,
        config: Path | None = CONFIG,
        stopline: Sequence[str] = COMMAND,
    ) -> None:
        self.port = port
        command = [*stopline, "run", "--data-dir", str(data_dir), "--port", str(port)]
        command += ["--market", MARKET, *(("--config", str(config)) if config else ()), *options]
        with log.open("ab") as sink:
            self._process = subprocess.Popen(
                command, cwd=data_dir.parent, stdin=subprocess.DEVNULL, stdout=sink, stderr=sink
            )
        self.pid = self._process.pid

    def kill(self) -> None:
        self._process.kill()

    def terminate(self) -> None:
        self._process.terminate()

    def wait(self) -> int:
        return self._process.wait(PATIENCE_S)


Daemon = ForkedDaemon | RealDaemon


# --- inside the forking Python -------------------------------------------------------------------


def main() -> None:
    """Fork on command. One thread, no event loop: a fork copies nothing that is half done."""
    import gc

    from stopline import bootstrap
    from stopline.config.load import load
    from stopline.doors.native import app, serve
    from tests.acceptance import planted
    from tests.failpoints import arm

    set_small()
    settings = {str(CONFIG): load(CONFIG)}
    imported = (bootstrap, app, serve, planted, arm)
    gc.collect()
    gc.freeze()
    assert all(imported)
    children: set[int] = set()
    for line in sys.stdin.buffer:
        command = json.loads(line)
        if "fork" in command:
            pid = os.fork()
            if pid == 0:
                _live(settings, *command["fork"])
            children.add(pid)
            _say(0, born=pid)
        else:
            pid = command["reap"]
            _, status = os.waitpid(pid, 0)
            children.discard(pid)
            _say(pid, dead=os.waitstatus_to_exitcode(status))
    for pid in children:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)


def _live(
    known: dict[str, Any], data_dir: str, port: int, log: str, plant: str, arm: str, nth: int, config: str, wall: str
) -> None:
    """Be a daemon, and never come back."""
    from msgspec import structs

    from stopline import bootstrap
    from stopline.config.load import load
    from tests.acceptance import planted
    from tests.failpoints import arm as failpoints
    from tests.failpoints.points import POINTS

    code = 1
    try:
        sink = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        os.dup2(sink, 2)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        planted.plant(plant)
        if arm:
            failpoints.arm(POINTS[arm], nth, lambda: _say(os.getpid(), point=arm))
        if wall:
            _set_wall_clock(Path(wall))
        settings = known.get(config) or load(Path(config))
        bootstrap.serve(structs.replace(settings, data_dir=Path(data_dir), port=port), _open)
        code = 0
    except BaseException:
        import traceback

        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(code)


def _set_wall_clock(by: Path) -> None:
    """Let the wall clock be away by what a file says, whenever it is read."""
    from stopline.runtime.clocks import SystemWallClock

    SystemWallClock.now = lambda self: time.time_ns() + int(by.read_text())  # type: ignore[method-assign]


def _open(serving: Any, system: Any) -> None:
    """Say where the door is, and on SIGUSR1 what the state is."""
    from stopline.engine.replay import state_hash

    asked: set[asyncio.Task[None]] = set()

    async def tell() -> None:
        seq, digest = await system.desk.look(lambda state, at: (state.seq, state_hash(state).hex()))
        _say(os.getpid(), state=[seq, digest])

    def on_signal() -> None:
        task = asyncio.get_running_loop().create_task(tell())
        asked.add(task)
        task.add_done_callback(asked.discard)

    asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, on_signal)
    _say(os.getpid(), open=serving.port)


def _say(pid: int, **what: Any) -> None:
    """Write one short line at once, so that those of several processes never mix."""
    os.write(1, json.dumps({"pid": pid, **what}).encode() + b"\n")


if __name__ == "__main__":
    main()
