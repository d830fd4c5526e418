"""How far an account is from what each of its rules acts at, and where a trailing floor would stand tomorrow.

With a buffer a rule acts before the limit: both are shown. What is left is left until it acts.

Source     semantics.md section 6 (packs; headroom shows both); ux.md (headroom bars).
"""

from collections.abc import Iterator
from typing import Final

from msgspec import Struct

from stopline.engine.rulebook import arm_rules
from stopline.engine.situation import live_situation
from stopline.model.breach import Mode
from stopline.model.numbers import Nanos
from stopline.model.rules import BufferedTerms
from stopline.model.verdict import Unit
from stopline.rules.base import Reading, Rule
from stopline.state.account import AccountState
from stopline.state.situation import Situation
from stopline.state.state import State

_SHOWN: Final = frozenset({Unit.MONEY, Unit.QTY, Unit.COUNT, Unit.RATIO})
_PER_MILLE: Final = 1000


class RuleRow(Struct, frozen=True, gc=False):
    """One reading of one rule, before it is text. `limit` is the limit itself, `acts_at` where the rule acts."""

    rule: str
    mode: Mode
    scope: str
    unit: Unit
    used: int | None
    limit: int
    acts_at: int
    left: int | None
    per_mille: int | None
    projected: int | None


def rule_rows(account: AccountState, state: State, at: Nanos) -> Iterator[RuleRow]:
    """Yield a row per armed rule and scope that has a distance; a rule that fails is no row (its breach tells)."""
    rules = arm_rules(account.rules)
    if not rules:
        return
    seen = live_situation(state, account, at)
    for rule in rules:
        if rule.unit not in _SHOWN or rule.name in _NO_DISTANCE:
            continue
        try:
            readings = list(rule.readings(seen))
        except Exception:
            continue
        for reading in readings:
            yield _row(rule, reading, seen)


_NO_DISTANCE: Final = frozenset(
    {"session_block", "connection_guard", "symbol_block", "bracket", "cooldown_after_loss", "position_mismatch"}
)
"""Rules that something is either out of bounds of, or not."""


def _row(rule: Rule, reading: Reading, seen: Situation) -> RuleRow:
    used, acts_at, terms = reading.observed, reading.limit, rule.terms
    limit = acts_at
    if isinstance(terms, BufferedTerms):
        limit = acts_at - rule.cushion(seen)
    left = None
    if used is not None:
        left = used - acts_at if rule.falls else acts_at - used
    held = next((each.instrument.symbol for each in seen.positions if each.instrument.instrument_id == reading.key), "")
    return RuleRow(
        rule.name, terms.mode, held or reading.key or "account", rule.unit, used, limit, acts_at, left,
        _share_used(rule, used, acts_at, left, acts_at - limit), rule.projected(seen),
    )  # fmt: skip


def _share_used(rule: Rule, used: int | None, acts_at: int, left: int | None, buffer: int) -> int | None:
    """Return how much is used up, in tenths of a percent: of the loss until the rule acts, else of the limit."""
    if used is None or left is None:
        return None
    whole = getattr(rule.terms, "loss_limit", 0) - buffer if rule.falls else acts_at
    if whole <= 0:
        return _PER_MILLE if left <= 0 else None
    gone = whole - left if rule.falls else used
    return min(max(-(-gone * _PER_MILLE // whole), 0), _PER_MILLE)
