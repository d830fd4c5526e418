"""`kill -9` in a loop, on a daemon that trades: `python -m tests.acceptance.kill9 --cycles N --seed S`.

Each cycle starts a process on the data directory that the last one was killed on, lets bots
trade, kills it at a moment that was drawn, and looks at what is on the disk: before anything
is ready, while it recovers, on a count of answers, between a request and its answer. Every
tenth process is `python -m stopline run` itself, the others are forked (nursery.py).

Source     issue 2 (must be shown, 5); reliability.md F01-F05, I01, I03, I06, I12, I17, I18, G3.
"""

import argparse
import json
import random
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from msgspec import Struct, structs

from stopline.engine.replay import state_hash
from stopline.stores.sqlite import snapshots
from stopline.stores.tools import verify
from tests.acceptance.evidence import Evidence, Violation, expect
from tests.acceptance.nursery import PATIENCE_S, Daemon, ForkedDaemon, Nursery, RealDaemon, Stuck
from tests.acceptance.planted import BUGS
from tests.acceptance.traffic import Bot, Ledger, Trigger
from tests.acceptance.wire import HeldPort, Line, NoAnswer

BOTS = 4
PER_DIRECTORY = 25
"""Cycles before a new data directory is begun: the first starts on one are killed too."""
REAL_EVERY = 10
CLEAN_EVERY = 12
"""Now and then a process more is ended as it should be, and the next one starts from a snapshot and a tail."""
EARLY = 0.3
KILLED = -9
ANSWERS = (0, 20)
"""How many decisions a life that trades hears of at least, before the moment that was drawn may end it."""
STOPPING = 0.15
"""How many of those that trade are told to end and killed while they do."""
LIVE = "approved sent working partially_filled pending_cancel pending_replace pending_release unknown".split()


class Figures(Struct):
    """What was done and seen."""

    cycles: int = 0
    killed_early: int = 0
    """Before it was ready: while it opened, verified, recovered, reconciled."""
    killed_trading: int = 0
    killed_stopping: int = 0
    """Told to end, and killed while it finished, took its snapshot or let go."""
    ended_cleanly: int = 0
    real_commands: int = 0
    directories: int = 0
    records: int = 0
    decisions: int = 0
    acknowledged: int = 0
    repeats_compared: int = 0
    unanswered: int = 0
    broker_orders: int = 0
    broker_fills: int = 0
    found_at_broker: int = 0
    """Orders whose process was killed before it heard that they had arrived."""
    never_sent: int = 0
    """Orders that were approved and never sent, and stayed so (F02)."""
    live_states_compared: int = 0
    seconds: float = 0.0


class Directory:
    """One data directory over many lives."""

    def __init__(self, nursery: Nursery, root: Path, name: str, draw: random.Random, plant: str) -> None:
        self._nursery, self._root, self._name, self._draw, self._plant = nursery, root, name, draw, plant
        self._data_dir, self._log = root / name, root / f"{name}.log"
        self._held = HeldPort()
        self._port = self._held.number
        self._boot_s = {ForkedDaemon: 0.15, RealDaemon: 1.0}
        self.evidence, self.ledger = Evidence(self._data_dir), Ledger()
        self.figures = Figures(directories=1)

    def close(self) -> None:
        """Let go of its port."""
        self._held.close()

    def cycle(self, number: str, *, is_real: bool = False, is_early: bool = False, is_clean: bool = False) -> bool:
        """Start, trade, end, and look at what is on the disk; returns whether it was killed."""
        figures, before = self.figures, set(self.evidence.paper_fills)
        figures.cycles += not is_clean
        figures.real_commands += is_real
        daemon = self._start(is_real)
        try:
            trigger, bots, is_stopping = Trigger(daemon.kill), [], False
            if is_early:
                figures.killed_early += 1
                seen = None
                if self._draw.random() < 0.5:
                    bots = self._bots(number, trigger)
                time.sleep(self._draw.uniform(0, self._boot_s[type(daemon)] * 1.2))
            else:
                seen = self._wait_until_ready(daemon)
                is_stopping = not is_clean and self._draw.random() < STOPPING
                trigger = Trigger(daemon.kill) if is_clean or is_stopping else self._draw_trigger(daemon)
                bots = self._bots(number, trigger)
                enough = self.ledger.acknowledged + self._draw.randint(*ANSWERS)
                trigger.fired.wait(self._draw.uniform(0.02, 0.25))
                self._wait_until_answered(enough, trigger)
                if is_stopping:
                    daemon.terminate()
                    time.sleep(self._draw.uniform(0, 0.12))
                figures.killed_trading += not is_clean and not is_stopping
            wanted = (0,) if is_clean else (KILLED, 0) if is_stopping else (KILLED,)
            code = self._end(daemon, bots, wanted)
            figures.killed_stopping += is_stopping and code == KILLED
        except Stuck:
            # What keeps it from becoming ready may be a loss that its files prove: that is the finding.
            daemon.kill()
            self._look(None, before)
            raise
        finally:
            daemon.kill()
        self._look(seen, before)
        if is_clean:
            self._expect_snapshot()
        return code == KILLED

    def settle(self) -> None:
        """A last life: nothing works any more, and both books are equal to the last digit."""
        before = set(self.evidence.paper_fills)
        daemon = self._start(is_real=False)
        try:
            self._wait_until_ready(daemon)
            with Line(self._port) as line:
                self._wait_for_what_is_owed(line)
                self._repeat_all(line)
                self._cancel_all(line)
            assert isinstance(daemon, ForkedDaemon)
            seen = daemon.state()
            self._end(daemon, [], (0,))
        finally:
            daemon.kill()
        self._look(seen, before)
        self.evidence.expect_reconciled()
        self._expect_snapshot()
        found = verify(self._data_dir)
        expect(found.intact, found.message)
        again = Evidence(self._data_dir)
        again.read()
        same = state_hash(again.state) == state_hash(self.evidence.state)
        expect(same, "a fold in pieces is not the fold from genesis")
        self._count()

    def _wait_for_what_is_owed(self, line: Line) -> None:
        """Nothing is owed to whom only bots trade for."""

    # --- lives ---------------------------------------------------------------------------------

    def _start(self, is_real: bool) -> Daemon:
        if is_real:
            return RealDaemon(self._data_dir, self._port, self._log)
        return self._nursery.fork(self._data_dir, self._port, self._log, self._plant)

    def _bots(self, number: str, trigger: Trigger) -> list[Bot]:
        names = [f"{self._name}-{number}-{bot}" for bot in range(BOTS)]
        bots = [Bot(name, f"{self._draw.random()} {name}", self._port, self.ledger, trigger) for name in names]
        for bot in bots:
            bot.start()
        return bots

    def _draw_trigger(self, daemon: Daemon) -> Trigger:
        moment = self._draw.choice(["time", "answer", "request"])
        count = self._draw.randint(1, 60)
        if moment == "answer":
            return Trigger(daemon.kill, answers=count)
        if moment == "request":
            return Trigger(daemon.kill, requests=count)
        return Trigger(daemon.kill)

    def _wait_until_ready(self, daemon: Daemon) -> tuple[int, str] | None:
        """Return once it is reconciled and quoted, with what its state is by then (of a forked one)."""
        began = time.monotonic()
        with Line(self._port) as line:
            while not self._is_ready(line):
                if time.monotonic() - began > PATIENCE_S:
                    raise Stuck(f"not ready after {PATIENCE_S} s:\n{self._last_words()}")
                time.sleep(0.004)
        self._boot_s[type(daemon)] = time.monotonic() - began
        return daemon.state() if isinstance(daemon, ForkedDaemon) else None

    def _wait_until_answered(self, enough: int, trigger: Trigger) -> None:
        """A busy machine trades more slowly, not less."""
        ends = time.monotonic() + PATIENCE_S
        while self.ledger.acknowledged < enough and not trigger.fired.wait(0.005) and time.monotonic() < ends:
            if self.ledger.violations:
                return

    def _is_ready(self, line: Line) -> bool:
        try:
            return line.ask("GET", "/ready").status == 200
        except NoAnswer:
            return False

    def _end(self, daemon: Daemon, bots: list[Bot], wanted: tuple[int, ...]) -> int:
        """End it, by a kill unless only a clean end is wanted; an exit code that is not wanted is its own doing."""
        if wanted == (0,):
            for bot in bots:
                bot.stop()
            daemon.terminate()
            self.figures.ended_cleanly += 1
        else:
            daemon.kill()
        code = daemon.wait()
        for bot in bots:
            bot.stop()
        for bot in bots:
            bot.join(PATIENCE_S)
        for violation in self.ledger.violations:
            raise violation
        if code not in wanted:
            raise Violation(f"the process ended by itself, with {code}:\n{self._last_words()}")
        return code

    def _last_words(self) -> str:
        return self._log.read_text(errors="replace")[-3000:] if self._log.exists() else ""

    # --- what must hold ------------------------------------------------------------------------

    def _look(self, seen: tuple[int, str] | None, fills_before: set[str]) -> None:
        """Read what is on the disk now; a life that was ready has booked what the broker had before it."""
        evidence = self.evidence
        epochs_before = evidence.proven.copy()
        evidence.read(seen)
        self.ledger.check(evidence)
        self.figures.live_states_compared += seen is not None
        if evidence.proven - epochs_before:
            evidence.expect_booked(fills_before)
        else:
            expect(seen is None, "it was ready, and nothing says that the books were compared")

    def _expect_snapshot(self) -> None:
        newest = max((self._data_dir / "snapshots").iterdir())
        snapshot = snapshots.read(newest)
        expect(snapshot.seq == self.evidence.seq, f"the last snapshot is of {snapshot.seq}, not {self.evidence.seq}")
        same = snapshot.state_hash == state_hash(self.evidence.state)
        expect(same, f"the snapshot of {snapshot.seq} is not what replay makes")

    def _repeat_all(self, line: Line) -> None:
        """Ask for a sample of everything once more: answered ones get the same bytes, the others a first answer."""
        every = list(self.ledger.asked.values())
        for asked in self._draw.sample(every, min(len(every), 150)):
            self.ledger.note(asked, line.ask("POST", asked.path, asked.body))

    def _cancel_all(self, line: Line) -> None:
        ends = time.monotonic() + PATIENCE_S
        while live := _live_orders(line):
            if time.monotonic() > ends:
                raise Stuck(f"still live: {live}")
            for order_id in live:
                line.ask("DELETE", f"/api/order/{order_id}")
            time.sleep(0.02)

    def _count(self) -> None:
        evidence, ledger, figures = self.evidence, self.ledger, self.figures
        figures.records, figures.decisions = evidence.seq, len(evidence.decisions)
        figures.acknowledged, figures.unanswered = ledger.acknowledged, ledger.unanswered
        figures.repeats_compared = ledger.repeats
        figures.broker_orders, figures.broker_fills = len(evidence.paper_orders), len(evidence.paper_fills)
        figures.never_sent = sum(routed not in evidence.paper_orders for routed in evidence.approved)
        figures.found_at_broker = evidence.found_later()


def _live_orders(line: Line) -> list[str]:
    found, cursor = [], ""
    while True:
        page = line.get(f"/api/orders?limit=500{cursor}")
        found += [order["client_order_id"] for order in page["orders"] if order["state"] in LIVE]
        if page["next_cursor"] is None:
            return found
        cursor = f"&cursor={page['next_cursor']}"


def run(cycles: int, seed: int, *, plant: str = "", root: Path | None = None, log: Any = None) -> Figures:
    """Do all of it; raises Violation. `plant` names a bug that every forked process is given; `root` is kept."""
    began, draw, total = time.monotonic(), random.Random(seed), Figures()
    with ExitStack() as stack:
        folder = root or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="kill9-")))
        nursery = stack.enter_context(Nursery())
        for first in range(0, cycles, PER_DIRECTORY):
            directory = Directory(nursery, folder, f"d{first}", draw, plant)
            stack.callback(directory.close)
            for number in range(first, min(first + PER_DIRECTORY, cycles)):
                is_early = number == first or draw.random() < EARLY
                is_real = not plant and number % REAL_EVERY == REAL_EVERY // 2
                try:
                    name = f"{number}"
                    while not directory.cycle(name, is_real=is_real, is_early=is_early):
                        name += "+"  # it was told to end, and had by the time of the kill: that is none
                    if number % CLEAN_EVERY == CLEAN_EVERY - 1:
                        directory.cycle(f"{number}b", is_clean=True)
                except (Violation, Stuck) as error:
                    error.add_note(f"seed {seed}, cycle {number}, directory {first}, plant {plant!r}")
                    raise
                if log is not None:
                    log(
                        f"cycle {number}: record {directory.evidence.seq}, {directory.ledger.acknowledged} acknowledged"
                    )
            directory.settle()
            for name, figure in structs.asdict(directory.figures).items():
                setattr(total, name, getattr(total, name) + figure)
    total.seconds = round(time.monotonic() - began, 1)
    return total


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cycles", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--plant", choices=[*BUGS], default="", help="a bug that the loop must find")
    parser.add_argument("--keep", type=Path, help="an empty directory for the data, to look into afterwards")
    options = parser.parse_args()
    if options.keep is not None:
        options.keep.mkdir(parents=True)
    figures = run(
        options.cycles, options.seed, plant=options.plant, root=options.keep, log=lambda line: print(line, flush=True)
    )
    print(json.dumps(structs.asdict(figures), indent=2))


if __name__ == "__main__":
    main()
