"""Accounts as rules see them, each in a line. Numbers are texts as people write them.

rule = armed("daily_realized_loss", loss_limit=money("500"))
assert fires(rule, account(realized="-500"))
"""

from typing import Any

from msgspec import structs

from stopline.measures.pnl import money_of
from stopline.measures.window import Sample
from stopline.model.breach import Action, ActionKind, RuleVerdict
from stopline.model.calendar import Session
from stopline.model.instrument import Instrument
from stopline.model.numbers import SECOND
from stopline.model.rules import TERMS, Rules
from stopline.rules import RULES
from stopline.rules.base import Rule
from stopline.state.history import Increase, Trip
from stopline.state.rates import RateLog
from stopline.state.situation import HeldPosition, Situation
from tests.unit.checks.build import AAPL, CL_MAY, ES_DEC, ES_MAR, MES_DEC, MSFT, money, qty, ratio

__all__ = ["AAPL", "CL_MAY", "ES_DEC", "ES_MAR", "MES_DEC", "MSFT", "money", "qty", "ratio"]

NOW = 1_767_718_800 * SECOND
"""2026-01-06T17:00:00Z, a Tuesday."""
OPENED = NOW - 5 * 3_600 * SECOND
RESETS = NOW + 5 * 3_600 * SECOND
SESSION = Session("2026-01-06", OPENED, RESETS, "2026a")
MIN = 60 * SECOND


def armed(name: str, **terms: Any) -> Rule:
    """Return a rule by its name, set to these terms."""
    (kind,) = [rule for rule in RULES if rule.name == name]
    rule = kind.arm(Rules(**{name: TERMS[name](**terms)}))
    assert rule is not None
    assert kind.arm(Rules()) is None
    return rule


def held(
    instrument: Instrument, size: str, *, entry: str = "100", mark: str | None = None, **more: Any
) -> HeldPosition:
    """Return a position of so many at an entry price; with a mark, a trusted one unless said otherwise.

    What was opened today has its session basis at entry; `session` says another.
    """
    signed, cost = qty(size), money_of(qty(size), money(entry), instrument.multiplier)
    session = more.pop("session", None)
    found = HeldPosition(instrument, signed, cost, opened_at=NOW - MIN)
    if mark is not None:
        value = money_of(signed, money(mark), instrument.multiplier)
        basis = cost if session is None else money_of(signed, money(session), instrument.multiplier)
        found = structs.replace(
            found,
            mark=money(mark),
            is_trusted=True,
            value=value,
            open_pnl=value - cost,
            unrealized_pnl=value - basis,
        )
    return structs.replace(found, **more)


def account(*positions: HeldPosition, realized: str = "0", **more: Any) -> Situation:
    """Return an account with these positions, opened in this order."""
    increases = tuple(Increase(each.instrument.instrument_id, abs(each.qty)) for each in positions)
    base: dict[str, Any] = {"session": SESSION, "increases": increases, "realized_pnl": money(realized)}
    return Situation("A1", NOW, positions=positions, **(base | more))


def times(*ages_s: int) -> RateLog:
    """Return instants so many seconds ago, oldest first."""
    log = RateLog()
    for age in ages_s:
        log.append(NOW - age * SECOND)
    return log


def trip(number: int, realized: str, *, ago_s: int = 0, instrument: Instrument = ES_DEC) -> Trip:
    """Return a trade that was closed so many seconds ago."""
    closed = NOW - ago_s * SECOND
    return Trip(number, instrument.instrument_id, closed - MIN, closed, money(realized))


def samples(*pairs: tuple[int, str]) -> tuple[Sample, ...]:
    """Return figures so many seconds ago, oldest first."""
    return tuple(Sample(NOW - age * SECOND, money(value)) for age, value in pairs)


def one(rule: Rule, seen: Situation) -> RuleVerdict:
    """Return the only verdict."""
    (verdict,) = rule.evaluate(seen)
    assert verdict.rule == rule.name
    assert verdict.reason
    assert verdict.actions
    return verdict


def fires(rule: Rule, seen: Situation) -> bool:
    return bool(rule.evaluate(seen))


def kinds(verdict: RuleVerdict) -> list[str]:
    return [str(action.kind) for action in verdict.actions]


def closes(verdict: RuleVerdict) -> dict[str, int]:
    """Return how much of which instrument a verdict asks to close."""
    closing = (ActionKind.CLOSE_POSITION, ActionKind.REDUCE_EXCESS)
    assert all(action.kind in closing for action in verdict.actions)
    return {action.instrument_id: action.qty for action in verdict.actions}


def until(verdict: RuleVerdict) -> int:
    """Return until when a verdict takes no new risk."""
    (action,) = [each for each in verdict.actions if each.until or each.kind in (ActionKind.LOCK, ActionKind.COOLDOWN)]
    return action.until


def attached(verdict: RuleVerdict) -> Action:
    (action,) = verdict.actions
    assert action.kind is ActionKind.ATTACH
    return action
