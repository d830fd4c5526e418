"""What an account's rules measure now, for who only looks: the readings that they are judged on."""

from msgspec import Struct

from stopline.engine.enforce.judging import rules_of
from stopline.engine.situation import live_situation
from stopline.model.numbers import Nanos
from stopline.model.verdict import Unit
from stopline.state.account import AccountState
from stopline.state.state import State


class Measure(Struct, frozen=True, gc=False):
    """One scope that a rule measured. `observed` None: nothing can judge it now. Both are scaled by `unit`."""

    key: str
    unit: Unit
    observed: int | None
    limit: int


def measured(state: State, account: AccountState, at: Nanos) -> dict[str, tuple[Measure, ...]]:
    """Return what each armed rule measures; a rule that fails measures nothing (its breach says that it fails)."""
    seen, found = live_situation(state, account, at), {}
    for rule in rules_of(account):
        try:
            found[rule.name] = tuple(
                Measure(reading.key, rule.unit, reading.observed, reading.limit) for reading in rule.readings(seen)
            )
        except Exception:
            found[rule.name] = ()
    return found
