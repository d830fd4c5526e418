"""Several daemons on one data directory: `python -m tests.acceptance.doubled --rounds 1000`.

In each round three start at once on what the last round left. One of them may decide, the others must say who has the
directory and end; and while the one stands still (SIGSTOP), a fourth must not take over either. Then it goes on,
trades, and is killed.

Source     reliability.md section 2.5 (F44), I07, G6.
"""

import argparse
import tempfile
import time
from pathlib import Path

from stopline.stores.tools import verify
from tests.acceptance.evidence import Evidence, expect
from tests.acceptance.kill9 import KILLED
from tests.acceptance.nursery import PATIENCE_S, ForkedDaemon, Nursery, Stuck
from tests.acceptance.wire import HeldPort, Line, NoAnswer

AT_ONCE = 3
IN_USE = "is in use by"


def run(rounds: int, root: Path) -> int:
    """Do so many rounds; returns how many were refused. Raises Violation."""
    refused = 0
    with Nursery() as nursery:
        held = [HeldPort() for _ in range(AT_ONCE + 1)]
        try:
            house = _House(nursery, root, [port.number for port in held])
            for number in range(rounds):
                refused += house.round(number)
        finally:
            for port in held:
                port.close()
    found = verify(root / "data")
    expect(found.intact, found.message)
    return refused


class _House:
    """One data directory that several want."""

    def __init__(self, nursery: Nursery, root: Path, ports: list[int]) -> None:
        self._nursery, self._root, self._ports = nursery, root, ports
        self._evidence = Evidence(root / "data")

    def round(self, number: int) -> int:
        """Start several at once; returns how many were refused."""
        daemons = [self._fork(index) for index in range(AT_ONCE)]
        owner = self._who_is_ready(daemons)
        others = [daemon for daemon in daemons if daemon is not owner]
        for daemon in others:
            self._expect_refused(daemon)
        owner.stand_still()
        late = self._fork(AT_ONCE)
        self._expect_refused(late)
        owner.go_on()
        with Line(owner.port) as line:
            order = {
                "client_order_id": f"r{number}",
                "symbol": "KO",
                "side": "BUY",
                "quantity": 1,
                "order_type": "MARKET",
            }
            answer = line.ask("POST", "/api/order", order)
        expect(answer.status == 201, f"the owner of the directory does not trade: {answer}")
        owner.kill()
        expect(owner.wait() == KILLED, "the owner of the directory ended by itself")
        self._evidence.read()
        expect(self._evidence.state.epoch == number + 1, f"{number + 1} took it, {self._evidence.state.epoch} decided")
        self._evidence.expect_answer(f"r{number}", answer)
        return len(others) + 1

    def _fork(self, index: int) -> ForkedDaemon:
        return self._nursery.fork(self._root / "data", self._ports[index], self._root / f"{index}.log")

    def _who_is_ready(self, daemons: list[ForkedDaemon]) -> ForkedDaemon:
        ends = time.monotonic() + PATIENCE_S
        while time.monotonic() < ends:
            for daemon in daemons:
                if _is_ready(daemon.port):
                    return daemon
            time.sleep(0.005)
        raise Stuck(f"none of {len(daemons)} became ready: {[self._words(daemon) for daemon in daemons]}")

    def _expect_refused(self, daemon: ForkedDaemon) -> None:
        code = daemon.wait()
        expect(code == 1, f"a second process on the directory ended with {code}")
        expect(IN_USE in self._words(daemon), f"it does not say who has it: {self._words(daemon)}")

    def _words(self, daemon: ForkedDaemon) -> str:
        return (self._root / f"{self._ports.index(daemon.port)}.log").read_text(errors="replace")[-2000:]


def _is_ready(port: int) -> bool:
    try:
        with Line(port) as line:
            return line.ask("GET", "/ready").status == 200
    except NoAnswer:
        return False


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=100)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="doubled-") as folder:
        began = time.monotonic()
        refused = run(options.rounds, Path(folder))
        print(
            f"{options.rounds} rounds in {time.monotonic() - began:.0f} s: one decided in each, {refused} were refused"
        )


if __name__ == "__main__":
    main()
