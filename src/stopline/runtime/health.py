"""What is true of the process now: never `ok` while anything is worse.

`mode` is the strictest that holds anywhere: normal, reduce, cancel or halt; until the
first reconcile and the first quotes it is `starting`, and `ready` is false.

Source     reliability.md section 2.1 and I27; api.md (/health, /ready).
"""

from collections.abc import Callable, Iterator

from stopline.model.account import SEVERITY, TradingState
from stopline.model.ids import InstrumentId
from stopline.model.numbers import SECOND, Nanos
from stopline.ports.clock import EngineClock
from stopline.runtime.follow import Follower
from stopline.runtime.loop import Loop
from stopline.runtime.market import Market
from stopline.runtime.metrics import LoopLag
from stopline.state.account import AccountState

STALE_FEED: Nanos = 30 * SECOND
SLOW_LOOP_MS = 1000.0
UNPROVEN = frozenset({"connection", "mismatch"})
_MODES = {
    SEVERITY[state]: name for state, name in zip(TradingState, ("normal", "reduce", "cancel", "halt"), strict=True)
}


class Health:
    """Looks at everything and changes nothing."""

    def __init__(
        self,
        loop: Loop,
        clock: EngineClock,
        market: Market,
        follower: Follower,
        expected: Callable[[], tuple[InstrumentId, ...] | None],
    ) -> None:
        self._loop, self._clock, self._market, self._follower = loop, clock, market, follower
        self._expected = expected
        self.lag = LoopLag()
        self._has_started = False
        self._also: tuple[Callable[[], str], ...] = ()

    def also(self, problem: Callable[[], str]) -> None:
        """Ask this too for a problem; an empty text is none."""
        self._also = (*self._also, problem)

    def report(self) -> dict[str, object]:
        """Return the truth, as plain values for JSON."""
        state, at = self._loop.state, self._clock.at()
        missing = self.missing()
        problems = self._problems(at)
        mode = self._mode(missing)
        healthy = mode == "normal" and not missing and not problems
        return {
            "status": "ok" if healthy else mode if mode == "starting" else "degraded",
            "mode": mode,
            "ready": not missing,
            "waiting_for": missing,
            "problems": problems,
            "market": self._market.name,
            "clock": self._clock.name,
            "at": at,
            "epoch": state.epoch,
            "seq": state.seq,
            "durable_seq": self._loop.durable_seq,
            "projected_seq": self._follower.checkpoint,
            "store": self._loop.refused or "ok",
            "spool": "in use" if self._loop.spools else "ready" if self._loop.has_spool else "none",
            "journaled_seq": self._loop.journaled_seq,
            "last_commit_age_s": _age_s(self._loop.publisher.last_commit_at, at),
            "feed_age_s": _age_s(self._market.last_quote_at, at),
            "loop_lag_ms": self.lag.worst_ms,
            "counters": self._loop.counts(),
            "accounts": {name: _account(account) for name, account in state.accounts.items()},
            "brokers": {name: "connected" if b.connected else f"down: {b.reason}" for name, b in state.brokers.items()},
        }

    def missing(self) -> list[str]:
        """Return what readiness waits for; empty once everything is there."""
        state = self._loop.state
        waiting = [
            f"account {name}: {state.accounts[name].restrictions[key].reason}"
            for name in state.accounts
            for key in sorted(UNPROVEN & state.accounts[name].restrictions.keys())
        ]
        if not state.accounts:
            waiting.append("accounts")
        if not self._has_started:
            waiting += self._first_quotes()
        if self._loop.refused:
            waiting.append(f"the store: {self._loop.refused}")
        if self._loop.is_rebuilding:
            waiting.append("the state: it is made again after an internal error")
        if not waiting:
            self._has_started = True
        return waiting

    def _first_quotes(self) -> list[str]:
        expected = self._expected()
        if expected is None:
            return []
        unquoted = sorted(set(expected) - self._market.quoted)
        if unquoted:
            return [f"first quotes of {', '.join(unquoted[:5])}" + (" ..." if len(unquoted) > 5 else "")]
        return [] if self._market.quoted else ["a first quote"]

    def _mode(self, missing: list[str]) -> str:
        if missing and not self._has_started:
            return "starting"
        severity = max((account.severity for account in self._loop.state.accounts.values()), default=0)
        if self._loop.refused or self._loop.state.store_failing or self._loop.is_rebuilding:
            severity = max(severity, SEVERITY[TradingState.CANCEL_ONLY])
        return _MODES[severity]

    def _problems(self, at: Nanos) -> list[str]:
        problems = []
        if self._loop.refused:
            allowed = "only cancels, reducing orders, close, flatten and kill" if self._loop.spools else "nothing new"
            problems.append(f"the journal refuses appends ({self._loop.refused}): {allowed} can be decided")
        if self._market.error:
            problems.append(f"the feed failed: {self._market.error}")
        elif self._market.ended:
            problems.append("the feed has ended")
        elif self._market.quotes and at - self._market.last_quote_at > STALE_FEED:
            problems.append(f"no quote for {(at - self._market.last_quote_at) // SECOND} s")
        if self._follower.failure:
            problems.append(f"the tables stand at record {self._follower.checkpoint}: {self._follower.failure}")
        if self.lag.worst_ms > SLOW_LOOP_MS:
            problems.append(f"the event loop stood still for {self.lag.worst_ms:.0f} ms")
        if self._loop.step_failures:
            problems.append(f"{self._loop.step_failures} internal errors since the start: see the log")
        problems += [text for account in self._loop.state.accounts.values() for text in _not_done(account, at)]
        problems += [found for problem in self._also if (found := problem())]
        return problems


def _not_done(account: AccountState, at: Nanos) -> Iterator[str]:
    """Yield what is owed to an account for so long, or failed so often, that people were told."""
    for each in account.obligations.values():
        if each.escalations:
            what = f"{account.terms.account}: {each.kind} {each.instrument_id}".rstrip()
            yield f"{what} ({each.cause}) is not done after {(at - each.opened_at) // SECOND} s: {each.text}"


def _account(account: AccountState) -> dict[str, object]:
    why = [f"{key}: {restriction.reason}" for key, restriction in account.restrictions.items()]
    return {"trading_state": str(account.trading_state), "why": why}


def _age_s(then: Nanos, now: Nanos) -> float | None:
    return None if then == 0 else round((now - then) / SECOND, 3)
