"""Whoever else is at work while bots trade: limits, flatten, locks, the kill switch; and what was promised to him.

Each act is asked for by one thread, one after the other, and what was answered with 200 must be in the journal for
ever after (I17): `Promises` remembers it over the lives of a data directory, `Witness` reads what became of it.
"""

import json
import threading
from collections.abc import Callable
from pathlib import Path

from msgspec import Struct

from stopline.cli.ladder.control import ControlRung
from stopline.cli.ladder.wanted import Lost, Wanted
from stopline.cli.outcome import Stop
from stopline.messages import events as e
from stopline.messages.events import Event
from stopline.model.account import TradingState
from stopline.stores.control_note import find
from stopline.stores.sqlite.layout import Layout
from tests.acceptance.evidence import Evidence, expect
from tests.acceptance.traffic import RETRY_S
from tests.acceptance.wire import Line, NoAnswer
from tests.failpoints.points import Scene

ACCOUNT = "paper"
LEAST = 9000
"""Dollars that one order may be worth at least; each change asks for one more."""
DOLLAR = 10**8
LOCKED_S = 1


class Promises(Struct):
    """What the clerk asked for and was told, over all lives of a directory."""

    asked_limit: int = 0
    told_limit: int = 0
    told_flattens: int = 0
    told_locks: int = 0
    told_kill: bool = False


class Witness(Evidence):
    """Evidence that also reads what became of the clerk's acts, and that nothing new is let in behind a lock."""

    def __init__(self, data_dir: Path) -> None:
        super().__init__(data_dir)
        self.limit = 0
        self.owed: set[int] = set()
        self.opened = 0
        self.locks = 0
        self.standing: dict[str, TradingState] = {}

    def _note(self, seq: int, at: int, event: Event) -> None:
        if isinstance(event, e.OrderApproved) and not event.reducing:
            barred = [key for key, state in self.standing.items() if state is not TradingState.ACTIVE]
            expect(not barred, f"record {seq}: an entry was approved while {barred} stood")
        super()._note(seq, at, event)
        if isinstance(event, e.LimitsChanged) and event.limits.max_order_notional:
            self.limit = event.limits.max_order_notional // DOLLAR - LEAST
        elif isinstance(event, e.RestrictionPlaced) and event.key in ("kill", "lock:self"):
            self.standing[event.key] = event.state
            self.locks += event.key == "lock:self"
        elif isinstance(event, e.RestrictionLifted):
            expect(event.key != "kill", f"record {seq}: the kill switch was released, and nobody did")
            self.standing.pop(event.key, None)
        elif isinstance(event, e.ObligationOpened):
            self.owed.add(event.obligation.obligation_id)
            self.opened += 1
        elif isinstance(event, e.ObligationClosed):
            expect(event.obligation_id in self.owed, f"record {seq}: obligation {event.obligation_id} ended twice")
            self.owed.discard(event.obligation_id)

    def expect_kept(self, promises: Promises) -> None:
        """All that the clerk was told is in the journal, and in the state that it folds to."""
        told, asked = promises.told_limit, promises.asked_limit
        expect(told <= self.limit <= asked, f"limit {told} was promised, {asked} asked for, {self.limit} is in force")
        expect(self.locks >= promises.told_locks, f"{promises.told_locks} locks were promised, {self.locks} are there")
        expect(not promises.told_kill or "kill" in self.standing, "the kill switch was pulled, and is not")
        expect(not promises.told_flattens or self.opened > 0, "a flatten was promised, and nothing is owed")
        known = self.state.accounts.get(ACCOUNT)
        open_now = set() if known is None else {each.obligation_id for each in known.obligations.values()}
        expect(open_now == self.owed, f"owed are {sorted(self.owed)}, the state says {sorted(open_now)}")


class Clerk(threading.Thread):
    """Acts once in a while, by the scene that is played."""

    def __init__(self, scene: Scene, port: int, data_dir: Path, promises: Promises) -> None:
        super().__init__(name=f"clerk {scene}", daemon=True)
        self._port, self._data_dir, self._promises = port, data_dir, promises
        self._act = self._act_of(scene)
        self._stopped = threading.Event()
        self.errors: list[BaseException] = []

    def stop(self) -> None:
        self._stopped.set()

    def run(self) -> None:
        try:
            while not self._stopped.is_set():
                with Line(self._port, "clerk") as line:
                    self._work(line)
        except BaseException as error:
            self.errors.append(error)

    def _work(self, line: Line) -> None:
        try:
            while not self._stopped.wait(0.01):
                self._act(line)
        except NoAnswer:
            self._stopped.wait(RETRY_S)

    def _act_of(self, scene: Scene) -> Callable[[Line], None]:
        return {
            Scene.FLATTEN: self._flatten,
            Scene.LOCK: self._lock,
            Scene.KILL: self._kill,
            Scene.CONTROL: self._kill_by_control,
        }.get(scene, self._limit)

    # --- what it asks for ----------------------------------------------------------------------

    def _limit(self, line: Line) -> None:
        promises = self._promises
        promises.asked_limit += 1
        wanted = promises.asked_limit
        answer = line.ask("PUT", "/api/risk/limits", {"max_order_size": LEAST + wanted})
        expect(answer.status in (200, 404, 503), f"limits: {answer}")
        if answer.status == 200:
            promises.told_limit = wanted

    def _flatten(self, line: Line) -> None:
        answer = line.ask("POST", "/api/flatten", {"reason": "home"})
        expect(answer.status in (200, 404, 409, 503), f"flatten: {answer}")
        if answer.status == 200:
            self._promises.told_flattens += bool(answer.json().get("closing") or answer.json().get("canceling"))
        self._stopped.wait(0.15)

    def _lock(self, line: Line) -> None:
        answer = line.ask("POST", "/api/risk/lockout", {"for_s": LOCKED_S, "reason": "a moment"})
        expect(answer.status in (200, 403, 404, 503), f"lock: {answer}")
        self._promises.told_locks += answer.status == 200
        self._stopped.wait(LOCKED_S + 0.2)

    def _kill(self, line: Line) -> None:
        if not self._has_traded(line):
            return
        answer = line.ask("POST", "/api/kill", {"reason": "enough"})
        expect(answer.status in (200, 404, 503), f"kill: {answer}")
        self._promises.told_kill |= answer.status == 200

    def _kill_by_control(self, line: Line) -> None:
        """By the socket in the data directory, as `stopline kill` does where HTTP is silent."""
        if not self._has_traded(line):
            return
        address = find(Layout(self._data_dir))
        if address is None:
            return
        try:
            ControlRung(address, 60.0).do(Wanted(word="kill", account=ACCOUNT, reason="enough"))
        except (Lost, Stop):  # nobody there, or he says that he could not
            return
        self._promises.told_kill = True

    def _has_traded(self, line: Line) -> bool:
        answer = line.ask("GET", "/api/positions")
        return answer.status == 200 and bool(json.loads(answer.body)["positions"])
