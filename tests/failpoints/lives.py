"""One data directory over many lives, each of which ends at a named point; what must hold is looked at after each.

What is asked of the disk is what the kill -9 loop asks (tests/acceptance/evidence.py), and what the clerk was told.
"""

import random
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import apsw

from stopline.stores.spool import blocks
from tests.acceptance.evidence import Violation
from tests.acceptance.kill9 import KILLED, Directory
from tests.acceptance.nursery import CONFIG, PATIENCE_S, ForkedDaemon, Nursery, Stuck
from tests.acceptance.traffic import Trigger
from tests.acceptance.wire import Line
from tests.failpoints.clerk import Clerk, Promises, Witness
from tests.failpoints.points import BEGINS, Point, Scene

ENOUGH = 10
"""Approvals that are heard of before a scene goes on."""
WARM = (Scene.STOP, Scene.LOCKED, Scene.HEALING, Scene.RELOAD)
"""Scenes that begin once enough was traded."""
SPOOLS = (Scene.LOCKED, Scene.HEALING)
"""Scenes whose point a start must not pass already, by taking over what a kill left in the spool."""


class Lives(Directory):
    """A data directory whose processes are killed at named points."""

    def __init__(self, nursery: Nursery, root: Path, name: str, draw: random.Random, plant: str = "") -> None:
        super().__init__(nursery, root, name, draw, plant)
        self.evidence: Witness = Witness(self._data_dir)
        self.promises = Promises()
        self._config = root / f"{name}.yaml"
        self._config.write_bytes(CONFIG.read_bytes())
        self._changes = 0
        self._is_used = False

    def die_at(self, point: Point, nth: int, number: str, patience_s: float = PATIENCE_S) -> None:
        """Start, play the point's scene until the process kills itself there, and look at what is on the disk."""
        if point.scene is Scene.SPOOLED:
            self._leave_a_spool(f"{number}-before")
        elif point.scene is not Scene.FRESH and (not self._is_used or (point.scene in SPOOLS and self._has_spooled())):
            self._trade_once(f"{number}-before")
        self._is_used = True
        before = set(self.evidence.paper_fills)
        daemon = self._nursery.fork(
            self._data_dir, self._port, self._log, self._plant, arm=point.name, nth=nth, config=self._settings(point)
        )
        try:
            self._play(point, daemon, number, patience_s)
            code = daemon.wait()
        except BaseException:
            daemon.kill()
            daemon.wait()
            with suppress(Stuck):  # what its files prove is the better finding
                self._look(None, before)
            raise
        if code != KILLED:
            raise Violation(f"the process ended by itself, with {code}:\n{self._last_words()}")
        self._look(None, before)

    def _look(self, seen: tuple[int, str] | None, fills_before: set[str]) -> None:
        super()._look(seen, fills_before)
        self.evidence.expect_kept(self.promises)

    def _wait_for_what_is_owed(self, line: Line) -> None:
        """The last life is left alone until nothing is owed any more."""
        self._until(lambda: not line.get("/api/risk/obligations")["open"], "what was owed is done")

    # --- scenes --------------------------------------------------------------------------------

    def _play(self, point: Point, daemon: ForkedDaemon, number: str, patience_s: float) -> None:
        if point.scene in BEGINS:
            daemon.hear_point(patience_s)
            return
        with self._people(point.scene, number) as wrong, ExitStack() as held:
            if point.scene in WARM:
                self._until_enough()
            if point.scene is Scene.STOP:
                daemon.terminate()
            elif point.scene is Scene.LOCKED:
                held.enter_context(self._journal_held())
            elif point.scene is Scene.HEALING:
                with self._journal_held():
                    self._until(self._has_spooled, "something is in the spool")
            elif point.scene is Scene.RELOAD:
                self._change_settings()
            _hear_point(daemon, wrong, patience_s)

    def _until_enough(self) -> None:
        """Denials do not count: a lock of the scene before may stand for a moment yet."""
        enough = self._approved() + ENOUGH
        self._until(lambda: self._approved() >= enough, "enough was traded")

    def _approved(self) -> int:
        with self.ledger.lock:
            answers = [asked.answer for asked in self.ledger.asked.values()]
        return sum(answer is not None and answer.status == 201 for answer in answers)

    @contextmanager
    def _people(self, scene: Scene, number: str) -> Iterator[Callable[[], list[BaseException]]]:
        """Bots and the clerk are at work; what went wrong with them can be asked for, and is raised at the end."""
        bots = self._bots(number, Trigger(lambda: None))
        clerk = Clerk(scene, self._port, self._data_dir, self.promises)
        clerk.start()
        try:
            yield lambda: [*self.ledger.violations, *clerk.errors]
        finally:
            for each in (*bots, clerk):
                each.stop()
            for each in (*bots, clerk):
                each.join(PATIENCE_S)
            for error in (*self.ledger.violations, *clerk.errors):
                raise error

    @contextmanager
    def _journal_held(self) -> Iterator[None]:
        """Hold the journal as another program would."""
        other = apsw.Connection(str(self._data_dir / "journal.db"))
        other.set_busy_timeout(int(PATIENCE_S * 1000))
        other.execute("BEGIN IMMEDIATE")
        try:
            yield
        finally:
            other.execute("ROLLBACK")
            other.close()

    def _has_spooled(self) -> bool:
        found = blocks.read((self._data_dir / "spool.bin").read_bytes())
        return found is not None and bool(found.records)

    def _trade_once(self, number: str) -> None:
        """A life that trades and is killed by us, for the next one to find something."""
        before = set(self.evidence.paper_fills)
        daemon = self._nursery.fork(self._data_dir, self._port, self._log, self._plant)
        try:
            with self._people(Scene.TRADE, number):
                self._until_enough()
                daemon.kill()
        finally:
            daemon.kill()
            daemon.wait()
        self._look(None, before)

    def _leave_a_spool(self, number: str) -> None:
        """A life that is killed while the journal is another's and the spool holds what it said."""
        before = set(self.evidence.paper_fills)
        daemon = self._nursery.fork(self._data_dir, self._port, self._log, self._plant)
        try:
            with self._people(Scene.TRADE, number):
                self._until_enough()
                with self._journal_held():
                    self._until(self._has_spooled, "something is in the spool")
                    daemon.kill()
        finally:
            daemon.kill()
            daemon.wait()
        self._look(None, before)

    def _settings(self, point: Point) -> Path:
        return self._config if point.scene is Scene.RELOAD else CONFIG

    def _change_settings(self) -> None:
        self._changes += 1
        text = CONFIG.read_text(encoding="utf-8")
        self._config.write_text(text.replace("100000.00", f"{100000 + self._changes}.00"), encoding="utf-8")

    def _until(self, happened: Callable[[], bool], what: str) -> None:
        ends = time.monotonic() + PATIENCE_S
        while not happened():
            if self.ledger.violations:
                return
            if time.monotonic() > ends:
                raise Stuck(f"not within {PATIENCE_S} s: {what}\n{self._last_words()}")
            time.sleep(0.004)


def _hear_point(daemon: ForkedDaemon, wrong: Callable[[], list[BaseException]], patience_s: float) -> None:
    """Wait until it has killed itself at the point; who works beside it may fail before."""
    ends = time.monotonic() + patience_s
    while not wrong():
        try:
            daemon.hear_point(0.5)
        except Stuck:
            if time.monotonic() > ends:
                raise
        else:
            return
