"""Which of two limits is stricter, field by field; and whether a change loosens.

Each field of Limits has a direction here; a field that is missing makes the tests red,
and an unknown field counts as a loosening (reliability.md S8).
"""

from collections.abc import Callable
from typing import Any, Final

from stopline.model.limits import Limits, RateWindow, SymbolLimit
from stopline.model.numbers import Nanos

Merge = Callable[[Any, Any], Any]


def _least(one: int | None, other: int | None) -> int | None:
    if one is None or other is None:
        return other if one is None else one
    return min(one, other)


def _most(one: int | None, other: int | None) -> int | None:
    if one is None or other is None:
        return other if one is None else one
    return max(one, other)


def _either(one: bool, other: bool) -> bool:
    return one or other


def _forbid_wins(one: bool | None, other: bool | None) -> bool | None:
    """None leaves it to the class and the account: stricter than allowed, looser than forbidden."""
    if one is False or other is False:
        return False
    return None if one is None or other is None else True


def _union(one: tuple[Any, ...], other: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple(dict.fromkeys((*one, *other)))


def _narrower(one: tuple[str, ...], other: tuple[str, ...]) -> tuple[str, ...]:
    """Allow patterns of two layers: both must match, written as one layer each in `a&b`."""
    if not one or not other:
        return one or other
    return one if one == other else tuple(f"{first}&{second}" for first in one for second in other)


def _tightest_window(one: RateWindow | None, other: RateWindow | None) -> RateWindow | None:
    if one is None or other is None:
        return other if one is None else one
    return min(one, other, key=lambda window: (window.count, -window.window))


MERGE: Final[dict[str, Merge]] = {
    "enabled": _either,
    "daily_loss": _least,
    "drawdown_floor": _most,
    "max_order_qty": _least,
    "max_order_notional": _least,
    "max_position": _least,
    "max_position_qty": _least,
    "max_contracts": _least,
    "max_open_positions": _least,
    "gross_exposure": _least,
    "net_exposure": _least,
    "concentration": _least,
    "sector_concentration": _least,
    "tag_concentration": _least,
    "leverage": _least,
    "buying_power": _either,
    "open_risk": _either,
    "stop_required": _either,
    "short_sale": _forbid_wins,
    "allow": _narrower,
    "deny": _union,
    "session_hours": _either,
    "quote_max_age": _least,
    "quote_max_spread": _least,
    "quote_min_size": _most,
    "price_collar": _least,
    "self_match": _either,
    "duplicate_window": _most,
    "trade_frequency": _union,
    "order_rate": _union,
    "order_rate_per_user": _union,
    "order_rate_per_client": _union,
    "order_rate_per_strategy": _union,
    "order_rate_per_symbol": _union,
    "trades_per_session": _least,
    "breaker_expiry": _most,
    "breakers_reset_with_session": lambda one, other: one and other,
    "reject_burst": _tightest_window,
    "money_classes": _union,
}

NOT_ON_SCOPES: Final[dict[str, Any]] = {
    "max_position": None,
    "max_position_qty": None,
    "max_contracts": None,
    "max_open_positions": None,
    "gross_exposure": None,
    "net_exposure": None,
    "concentration": None,
    "sector_concentration": None,
    "tag_concentration": None,
    "leverage": None,
    "buying_power": False,
}
"""Fields that are measured on the scope's own positions, so they do not join the account's set."""


def stricter(one: Limits, other: Limits) -> Limits:
    """Return the strictest of both, field by field."""
    return Limits(**{name: merge(getattr(one, name), getattr(other, name)) for name, merge in MERGE.items()})


def resolve(layers: tuple[Limits, ...]) -> Limits:
    """Return the strictest of all layers."""
    resolved = layers[0]
    for layer in layers[1:]:
        resolved = stricter(resolved, layer)
    return resolved


def resolve_symbol(layers: tuple[SymbolLimit, ...]) -> SymbolLimit:
    """Return the strictest of the limits on a symbol, its canonical id and its product."""
    resolved = SymbolLimit()
    for layer in layers:
        resolved = SymbolLimit(
            _least(resolved.max_position, layer.max_position),
            _least(resolved.concentration, layer.concentration),
            _least(resolved.max_position_qty, layer.max_position_qty),
        )
    return resolved


def is_looser(old: Limits, new: Limits) -> bool:
    """Return whether `new` lets anything pass that `old` does not."""
    return any(_field_is_looser(name, getattr(old, name), getattr(new, name)) for name in Limits.__struct_fields__)


def _field_is_looser(name: str, old: Any, new: Any) -> bool:
    if old == new:
        return False
    special = LOOSER.get(name)
    if special is not None:
        return special(old, new)
    merge = MERGE.get(name)
    # Stricter or equal, iff the strictest of both is the new one.
    return merge is None or bool(merge(old, new) != new)


def _lost_some(old: tuple[Any, ...], new: tuple[Any, ...]) -> bool:
    return not set(old) <= set(new)


def _admits_more(old: tuple[str, ...], new: tuple[str, ...]) -> bool:
    return bool(old) and (not new or not set(new) <= set(old))


def _lost_a_window(old: tuple[RateWindow, ...], new: tuple[RateWindow, ...]) -> bool:
    """Each old window must be covered by a new one that is as long and allows no more."""
    return not all(any(n.window >= o.window and n.count <= o.count for n in new) for o in old)


def _closes_sooner(old: Nanos | None, new: Nanos | None) -> bool:
    """A breaker that stays open until somebody resets it (None) is the strictest."""
    return new is not None and (old is None or new < old)


def _shorts_more(old: bool | None, new: bool | None) -> bool:
    """None leaves it to the class and the account: between forbidden and allowed."""
    rank = {False: 0, None: 1, True: 2}
    return rank[new] > rank[old]


def _counts_less(old: RateWindow | None, new: RateWindow | None) -> bool:
    if old is None or new is None:
        return old is not None
    return new.window < old.window or new.count > old.count


LOOSER: Final[dict[str, Callable[[Any, Any], bool]]] = {
    "breaker_expiry": _closes_sooner,
    "short_sale": _shorts_more,
    "reject_burst": _counts_less,
    "allow": _admits_more,
    "deny": _lost_some,
    "money_classes": _lost_some,
    "trade_frequency": _lost_a_window,
    "order_rate": _lost_a_window,
    "order_rate_per_user": _lost_a_window,
    "order_rate_per_client": _lost_a_window,
    "order_rate_per_strategy": _lost_a_window,
    "order_rate_per_symbol": _lost_a_window,
}


def symbol_is_looser(old: SymbolLimit, new: SymbolLimit) -> bool:
    """The same for a symbol's limit."""
    return resolve_symbol((old, new)) != new
