"""Which of two sets of rules is looser, rule by rule.

A number of which nobody says in which direction it is tighter counts as loosened when it
changes (reliability.md S8: an unknown field is a loosening).
"""

from typing import Any, Final

from stopline.model.breach import Mode
from stopline.model.rules import Rules, RuleTerms

_STRICTNESS: Final = {Mode.SHADOW: 0, Mode.WARN: 1, Mode.ENFORCE: 2}
_LESS_IS_TIGHTER: Final = frozenset({"loss_limit", "limit", "grace", "count", "max_age", "max_hold"})
_MORE_IS_TIGHTER: Final = frozenset({"buffer", "before", "before_reset"})
_YES_IS_TIGHTER: Final = frozenset({"flatten"})


def loosened(old: Rules, new: Rules) -> tuple[str, ...]:
    """Return the names of the rules that `new` sets looser than `old`, or takes away."""
    return tuple(name for name in Rules.__struct_fields__ if _is_looser(getattr(old, name), getattr(new, name)))


def _is_looser(old: RuleTerms | None, new: RuleTerms | None) -> bool:
    if old is None or old == new:
        return False
    if new is None:
        return True
    return any(
        _field_is_looser(name, getattr(old, name), getattr(new, name))
        for name in old.__struct_fields__
        if getattr(old, name) != getattr(new, name)
    )


def _field_is_looser(name: str, old: Any, new: Any) -> bool:
    """Return whether a field that changed is looser now. None is no limit at all."""
    if name == "mode":
        return _STRICTNESS[new] < _STRICTNESS[old]
    if name in _YES_IS_TIGHTER:
        return bool(old)
    if name in _LESS_IS_TIGHTER | _MORE_IS_TIGHTER:
        if old is None or new is None:
            return new is None
        return bool(new > old) if name in _LESS_IS_TIGHTER else bool(new < old)
    return True
