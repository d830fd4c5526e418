"""The human units of the account rules: text to exact scaled ints.

ticks 20 · windows of an hour at most 3 / 1 min · tiers {100.00: 5 min} · products {ES: 2} · days [mon, fri]
"""

from typing import Final

from stopline.config.units import (
    DURATION,
    DURATION_FIX,
    DURATION_UNITS,
    WINDOW_FIX,
    Unfit,
    items_of,
    number_of,
    read_duration,
    read_money,
    read_positive_money,
    read_qty,
    read_ratio,
    read_share,
    read_time_of_day,
    read_window,
    read_zone,
    text_of,
    word_of,
    words_of,
)
from stopline.model.breach import Mode, RuleScope
from stopline.model.limits import RateWindow
from stopline.model.numbers import SECOND, Nanos, Qty, Ratio, parse_scaled
from stopline.model.rules import ContractTier, DrawdownKind, LossTier
from stopline.model.week import WeekTerms

LONGEST_RULE_WINDOW: Final = 3_600 * SECOND
"""How far back anything is counted or measured in a sliding window: nothing older is kept."""
WEEKDAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def read_times(value: object) -> int:
    """Read how often, at least once: `3`."""
    return number_of(value, lambda text: parse_scaled(text, 0), "write a whole number such as 3", least=1)


def read_ticks(value: object) -> int:
    """Read a number of ticks above zero: `20`."""
    return number_of(value, lambda text: parse_scaled(text, 0), "write a whole number of ticks such as 20", least=1)


def read_positive_share(value: object) -> Ratio:
    """Read a share of a whole above zero: `25 %`."""
    share = read_share(value)
    if share == 0:
        raise Unfit("is nothing", "write a share above zero such as 25 %")
    return share


def read_grace(value: object) -> Nanos:
    """Read a duration that may be none at all: `0 s`, `2 min`."""
    text = text_of(value, DURATION_FIX)
    match = DURATION.fullmatch(text)
    if match and match[2] in DURATION_UNITS and not match[1].strip("0."):
        return 0
    return read_duration(value)


def read_rule_rate(value: object) -> RateWindow:
    """Read a rate window of an hour at most: `10 / 1 min`."""
    window = read_window(value)
    _within_an_hour(window.window)
    return window


def read_rule_rates(value: object) -> tuple[RateWindow, ...]:
    """Read rate windows of an hour at most."""
    return tuple(read_rule_rate(each) for each in items_of(value, WINDOW_FIX))


def read_rule_window(value: object) -> Nanos:
    """Read a duration of an hour at most."""
    return _within_an_hour(read_duration(value))


def _within_an_hour(window: Nanos) -> Nanos:
    if window > LONGEST_RULE_WINDOW:
        raise Unfit("a window is longer than an hour", "write an hour at most: 1 h")
    return window


def read_products(value: object) -> dict[str, Qty]:
    """Read how much of which product: `{ES: 2, "fut:NQ": 1}`."""
    fix = "write products or symbols, each with the most of it: {ES: 2, NQ: 1}"
    return {name: read_qty(each) for name, each in _entries(value, fix).items()}


def read_tiers(value: object) -> tuple[LossTier, ...]:
    """Read what a loss costs in time: `{100.00: 5 min, 500.00: 1 h}`."""
    fix = "write losses, each with its cooldown: {100.00: 5 min, 500.00: 1 h}"
    return tuple(
        LossTier(read_positive_money(loss), read_duration(each)) for loss, each in _entries(value, fix).items()
    )


def read_contract_tiers(value: object) -> tuple[ContractTier, ...]:
    """Read a scaling plan: `{1500.00: 3, 2000.00: 5}`, contracts from so much profit on."""
    fix = "write profits, each with its contracts: {1500.00: 3, 2000.00: 5}"
    return tuple(ContractTier(read_money(profit), read_ratio(each)) for profit, each in _entries(value, fix).items())


def _entries(value: object, fix: str) -> dict[str, object]:
    if not isinstance(value, dict) or not value:
        raise Unfit("is empty or has nothing below it", fix)
    return value


def read_weekdays(value: object) -> tuple[int, ...]:
    """Read days of the week: `[mon, tue]`; 0 is Monday."""
    fix = f"write days: [{', '.join(WEEKDAYS)}]"
    return tuple(WEEKDAYS.index(word_of(each, WEEKDAYS, fix)) for each in items_of(value, fix))


def read_weekly_reset(value: object) -> WeekTerms:
    """Read when a trading week ends: `mon` (with the day's reset), or `sun 17:00 America/Chicago`."""
    fix = "write a day (mon, with that day's reset), or day, time and zone (sun 17:00 America/Chicago)"
    day, *rest = text_of(value, fix).split() or [""]
    if len(rest) not in (0, 2):
        raise Unfit(f"{value!r} is no weekly reset", fix)
    time, zone = (read_time_of_day(rest[0]), read_zone(rest[1])) if rest else ("", "")
    return WeekTerms(WEEKDAYS.index(word_of(day, WEEKDAYS, fix)), time, zone)


def read_mode(value: object) -> Mode:
    """Read what becomes of a rule's verdicts."""
    return Mode(word_of(value, Mode, f"write {words_of(Mode)}"))


def read_drawdown_kind(value: object) -> DrawdownKind:
    """Read what a drawdown is measured from."""
    return DrawdownKind(word_of(value, DrawdownKind, f"write {words_of(DrawdownKind)}"))


def read_rule_scope(value: object) -> RuleScope:
    """Read whether each position is measured, or the account as a whole."""
    scopes = (RuleScope.POSITION, RuleScope.ACCOUNT)
    return RuleScope(word_of(value, scopes, f"write {words_of(scopes)}"))
