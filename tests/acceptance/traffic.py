"""Bots that trade while they are cut off again and again, and remember every answer they were given."""

import json
import random
import threading
import time
from collections.abc import Callable
from typing import Any

from msgspec import Struct, field

from stopline.messages import events as e
from tests.acceptance.evidence import Evidence, expect
from tests.acceptance.wire import Answer, Line, NoAnswer

PRICES = {"AAPL": 175, "MSFT": 380, "KO": 58, "TSLA": 250}
LIMIT_OFFSETS = (-8, -3, -1, 1, 2, 3)
"""Percent above (or below) the start price, so that some limits rest and some trade at once."""
RETRY_S = 0.003
DECIDED = (201, 403)


class Asked(Struct):
    """A request under an id of its own: what was sent, and what was answered if anything was."""

    order_id: str
    path: str
    body: bytes
    answer: Answer | None = None
    is_checked: bool = False
    is_cut: bool = False
    """Sent, and nobody waits for its answer any more."""


class Ledger(Struct):
    """What bots know of one data directory, over all its processes."""

    asked: dict[str, Asked] = field(default_factory=dict)
    cancels: list[str] = field(default_factory=list)
    """Ids whose cancel was answered with 200, not looked up yet."""
    replaces: list[tuple[str, str]] = field(default_factory=list)
    """(id, decision_id) of changes that were let go, not looked up yet."""
    lock: Any = field(default_factory=threading.Lock)
    acknowledged: int = 0
    repeats: int = 0
    unanswered: int = 0
    violations: list[BaseException] = field(default_factory=list)

    def note(self, asked: Asked, answer: Answer | None) -> None:
        """Write down an answer; the second one to the same request must be the first one again, byte for byte."""
        with self.lock:
            if answer is None or answer.status == 503:
                self.unanswered += 1
                asked.is_cut = True
                return
            if answer.status not in DECIDED:
                # A close may find nothing to close, or less than a lot; an order may only be in the way of own exits.
                expect(answer.status in (409, 422), f"{asked} was answered {answer}")
                is_blocked = answer.status == 409 and b'"protective_order_working"' in answer.body
                may_refuse = asked.path.endswith("/close") or is_blocked
                expect(may_refuse and asked.answer is None, f"{asked} was answered {answer}")
                self.asked.pop(asked.order_id, None)
                return
            self.acknowledged += 1
            if asked.answer is None:
                asked.answer = answer
            else:
                self.repeats += 1
                same = (asked.answer.status, asked.answer.body) == (answer.status, answer.body)
                expect(same, f"{asked.order_id} was answered {asked.answer} first, and now {answer}")

    def check(self, evidence: Evidence) -> None:
        """Every answer that was given is in the journal (I17)."""
        with self.lock:
            for asked in self.asked.values():
                if asked.answer is not None and not asked.is_checked:
                    evidence.expect_answer(asked.order_id, asked.answer)
                    asked.is_checked = True
            for order_id in self.cancels:
                # What Stopline holds ends with the answer; what the broker has is asked for.
                evidence.expect_said(order_id, e.CancelRequested, e.OrderCanceled)
            for order_id, decision_id in self.replaces:
                evidence.expect_said(order_id, e.ReplaceApproved, decision_id=decision_id)
            self.cancels.clear()
            self.replaces.clear()


class Trigger:
    """Kills at the moment that was drawn: after so many answers, or between a request and its answer."""

    def __init__(self, kill: Callable[[], None], *, answers: int = 0, requests: int = 0) -> None:
        self._kill, self._answers, self._requests = kill, answers, requests
        self._lock = threading.Lock()
        self.fired = threading.Event()

    def sent(self) -> None:
        self._requests = self._count(self._requests)

    def answered(self) -> None:
        self._answers = self._count(self._answers)

    def _count(self, left: int) -> int:
        with self._lock:
            if left == 1:
                self._kill()
                self.fired.set()
            return max(left - 1, 0)


class Bot(threading.Thread):
    """One client: connects, trades, is cut off, connects again."""

    def __init__(self, name: str, seed: str, port: int, ledger: Ledger, trigger: Trigger) -> None:
        super().__init__(name=name, daemon=True)
        self._random = random.Random(seed)
        self._port, self._ledger, self._trigger = port, ledger, trigger
        self._stopped = threading.Event()
        self._count = 0

    def stop(self) -> None:
        self._stopped.set()

    def run(self) -> None:
        try:
            while not self._stopped.is_set():
                with Line(self._port, self.name) as line:
                    while not self._stopped.is_set():
                        self._trade(line)
        except BaseException as error:
            self._ledger.violations.append(error)

    def _trade(self, line: Line) -> None:
        try:
            self._act(line)
        except NoAnswer:
            time.sleep(RETRY_S)

    def _act(self, line: Line) -> None:
        chance = self._random.random()
        if chance < 0.62:
            self._ask(line, self._new_order())
        elif chance < 0.75:
            self._repeat(line)
        elif chance < 0.85:
            self._cancel(line)
        elif chance < 0.92:
            self._replace(line)
        else:
            self._ask(line, self._new_close())

    # --- what it asks --------------------------------------------------------------------------

    def _new_order(self) -> Asked:
        draw = self._random
        symbol, kind = draw.choice([*PRICES]), draw.choice("LIMIT LIMIT LIMIT MARKET STOP".split())
        side = draw.choice(["BUY", "SELL"])
        order: dict[str, Any] = {"symbol": symbol, "side": side, "quantity": draw.choice([1, 1, 2, 5, 20, 60])}
        order |= {"order_type": kind, "time_in_force": draw.choice(["DAY", "DAY", "GTC", "IOC"])}
        if kind == "LIMIT":
            order["price"] = f"{PRICES[symbol] * (100 + draw.choice(LIMIT_OFFSETS)) / 100:.2f}"
        elif kind == "STOP":
            away = 101 if side == "BUY" else 99
            order |= {"stop_price": f"{PRICES[symbol] * away / 100:.2f}", "time_in_force": "DAY"}
        return self._note("/api/order", order)

    def _new_close(self) -> Asked:
        symbol = self._random.choice([*PRICES])
        return self._note(f"/api/positions/{symbol}/close", {"percent": self._random.choice(["50", "100"])})

    def _note(self, path: str, body: dict[str, Any]) -> Asked:
        self._count += 1
        order_id = f"{self.name}-{self._count}"
        asked = Asked(order_id, path, json.dumps({"client_order_id": order_id, **body}).encode())
        with self._ledger.lock:
            self._ledger.asked[order_id] = asked
        return asked

    def _ask(self, line: Line, asked: Asked) -> None:
        answer = None
        try:
            line.send("POST", asked.path, asked.body)
            self._trigger.sent()
            answer = line.receive()
            self._trigger.answered()
        finally:
            self._ledger.note(asked, answer)

    def _repeat(self, line: Line) -> None:
        """Send again what was sent before, answered or not, by this process or one before it."""
        asked = self._pick(lambda each: each.path == "/api/order" or each.answer is not None or each.is_cut)
        if asked is not None:
            asked.is_cut = False
            self._ask(line, asked)

    def _cancel(self, line: Line) -> None:
        asked = self._pick(lambda each: each.answer is not None and each.answer.status == 201)
        if asked is not None:
            answer = line.ask("DELETE", f"/api/order/{asked.order_id}")
            expect(answer.status in (200, 403, 404, 409, 503), f"cancel of {asked.order_id}: {answer}")
            if answer.status == 200:
                with self._ledger.lock:
                    self._ledger.cancels.append(asked.order_id)

    def _replace(self, line: Line) -> None:
        asked = self._pick(
            lambda each: each.answer is not None and each.answer.status == 201 and b'"price"' in each.body
        )
        if asked is not None:
            answer = line.ask("PATCH", f"/api/order/{asked.order_id}", {"quantity": self._random.choice([1, 2, 3, 30])})
            expect(answer.status in (200, 403, 404, 409, 422, 503), f"change of {asked.order_id}: {answer}")
            if answer.status == 200:
                with self._ledger.lock:
                    self._ledger.replaces.append((asked.order_id, answer.json()["decision_id"]))

    def _pick(self, wanted: Callable[[Asked], bool]) -> Asked | None:
        """Return one of the last requests, or now and then of all, that is wanted."""
        with self._ledger.lock:
            every = list(self._ledger.asked.values())
        recent = every if self._random.random() < 0.2 else every[-60:]
        fitting = [each for each in recent if wanted(each)]
        return self._random.choice(fitting) if fitting else None
