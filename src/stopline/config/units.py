"""The human units of the configuration: text to exact scaled ints, and back.

money 5000.00 · ratio 0.25 or 25 % · quantity 0.5 · duration 5 s · window 10 / 1 s · none
"""

import re
from collections.abc import Callable
from importlib import resources
from typing import Final, TypeVar

from stopline.model.account import LotMethod
from stopline.model.breach import Mode, RuleScope
from stopline.model.instants import render_duration
from stopline.model.instrument import AssetClass, InstrumentStatus
from stopline.model.limits import RateWindow
from stopline.model.market_hours import HoursRefused, LocalSpan, parse_hours, render_hours
from stopline.model.numbers import (
    MAX_SCALED,
    RATIO_ONE,
    SECOND,
    Money,
    Nanos,
    NumberRefused,
    Qty,
    Ratio,
    parse_money,
    parse_percent,
    parse_qty,
    parse_ratio,
    parse_scaled,
    render_money,
    render_percent,
    render_qty,
    render_ratio,
)
from stopline.model.patterns import defect
from stopline.model.rules import DrawdownKind, LossTier

T = TypeVar("T")
NONE: Final = "none"
LONGEST_RULE_WINDOW: Final = 3_600 * SECOND
"""How far back anything is counted or measured in a sliding window: nothing older is kept."""
WEEKDAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_UNITS: Final = {
    "ns": 1,
    "us": 1_000,
    "ms": 1_000_000,
    "s": SECOND,
    "min": 60 * SECOND,
    "h": 3_600 * SECOND,
    "d": 86_400 * SECOND,
}
_DURATION: Final = re.compile(r"([0-9.]+)\s*([a-z]+)", re.ASCII)
_WINDOW: Final = re.compile(r"([0-9]+)\s*/\s*(?:([0-9.]+)\s*)?([a-z]+)", re.ASCII)
_DURATION_FIX: Final = "write a number and a unit: 250 ms, 5 s, 15 min, 1 h, 1 d"
_WINDOW_FIX: Final = "write how many in which time: 10 / 1 s, or a list of such: [10 / 1 s, 100 / 1 min]"


class Unfit(ValueError):
    """A value that does not fit its setting. `fix` never repeats the value, which may be a secret."""

    def __init__(self, problem: str, fix: str) -> None:
        super().__init__(problem)
        self.problem = problem
        self.fix = fix


def _text(value: object, fix: str) -> str:
    """Return the text of a value; refuse what is none."""
    if value is None:
        raise Unfit("has no value", f"{fix}, or take the line out")
    if not isinstance(value, str):
        raise Unfit("is a list or has settings below it", fix)
    return value.strip()


def optional(read: Callable[[object], T]) -> Callable[[object], T | None]:
    """Return a reader that takes `none` as well: the limit is not armed."""

    def read_or_none(value: object) -> T | None:
        if value == NONE:
            return None
        try:
            return read(value)
        except Unfit as unfit:
            raise Unfit(unfit.problem, f"{unfit.fix} (or `none`)") from None

    read_or_none.__wrapped__ = read  # type: ignore[attr-defined]
    return read_or_none


def _number(value: object, parse: Callable[[str], int], fix: str, *, least: int = 0) -> int:
    text = _text(value, fix)
    try:
        number = parse(text)
    except NumberRefused as refused:
        raise Unfit(str(refused), fix) from None
    if number < least:
        raise Unfit(f"{text!r} is too small", fix)
    return number


def read_money(value: object) -> Money:
    """Read an amount that is not negative: `5000.00`."""
    return _number(value, parse_money, "write an amount such as 5000.00")


def read_positive_money(value: object) -> Money:
    """Read an amount above zero."""
    return _number(value, parse_money, "write an amount above zero such as 5000.00", least=1)


def read_signed_money(value: object) -> Money:
    """Read an amount of either sign: an equity floor may lie below zero."""
    return _number(value, parse_money, "write an amount such as 95000.00", least=-MAX_SCALED)


def read_price(value: object) -> int:
    """Read a price step: `0.01`."""
    return _number(value, parse_money, "write a number above zero such as 0.01", least=1)


def read_multiplier(value: object) -> int:
    """Read what a point of price is worth: `50`."""
    return _number(value, parse_money, "write what a point is worth, such as 50", least=1)


def read_qty(value: object) -> Qty:
    """Read a quantity: `100`, `0.5`."""
    return _number(value, parse_qty, "write a quantity such as 100")


def read_positive_qty(value: object) -> Qty:
    """Read a quantity above zero."""
    return _number(value, parse_qty, "write a quantity above zero such as 1", least=1)


def read_count(value: object) -> int:
    """Read a whole number: `10`."""
    return _number(value, lambda text: parse_scaled(text, 0), "write a whole number such as 10")


def read_port(value: object) -> int:
    """Read a TCP port; 0 lets the system choose one."""
    fix = "write a port from 0 to 65535, such as 8082"
    port = _number(value, lambda text: parse_scaled(text, 0), fix)
    if port > 65_535:
        raise Unfit(f"{port} is no port", fix)
    return port


def read_times(value: object) -> int:
    """Read how often, at least once: `3`."""
    return _number(value, lambda text: parse_scaled(text, 0), "write a whole number such as 3", least=1)


def read_ticks(value: object) -> int:
    """Read a number of ticks above zero: `20`."""
    return _number(value, lambda text: parse_scaled(text, 0), "write a whole number of ticks such as 20", least=1)


def read_ratio(value: object) -> Ratio:
    """Read a ratio: `2.0`, or `200 %`."""
    return _ratio(value, "write a ratio such as 2.0, or 200 %")


def read_share(value: object) -> Ratio:
    """Read a share of a whole, at most 100 %: `25 %`, or `0.25`."""
    fix = "write a share such as 25 %, or 0.25"
    ratio = _ratio(value, fix)
    if ratio > RATIO_ONE:
        raise Unfit(f"{render_percent(ratio)} % is more than the whole", fix)
    return ratio


def read_positive_share(value: object) -> Ratio:
    """Read a share of a whole above zero: `25 %`."""
    share = read_share(value)
    if share == 0:
        raise Unfit("is nothing", "write a share above zero such as 25 %")
    return share


def _ratio(value: object, fix: str) -> Ratio:
    if isinstance(value, str) and value.rstrip().endswith("%"):
        return _number(value.rstrip()[:-1], parse_percent, fix)
    return _number(value, parse_ratio, fix)


def read_duration(value: object) -> Nanos:
    """Read a duration with its unit: `250 ms`, `5 s`, `15 min`, `1 h`, `1 d`."""
    text = _text(value, _DURATION_FIX)
    match = _DURATION.fullmatch(text)
    number, unit = match.groups() if match else (text, "")
    return _nanos(text, number, unit, _DURATION_FIX)


def read_grace(value: object) -> Nanos:
    """Read a duration that may be none at all: `0 s`, `2 min`."""
    text = _text(value, _DURATION_FIX)
    match = _DURATION.fullmatch(text)
    if match and match[2] in _UNITS and not match[1].strip("0."):
        return 0
    return read_duration(value)


def _nanos(text: str, number: str, unit: str, fix: str) -> Nanos:
    if unit not in _UNITS:
        raise Unfit(f"{text!r} is no duration" if not unit else f"{unit!r} is no unit of time", fix)
    try:
        scaled = parse_scaled(number, 9) * _UNITS[unit]
    except NumberRefused as refused:
        raise Unfit(str(refused), fix) from None
    nanos, rest = divmod(scaled, SECOND)
    if rest or not 0 < nanos <= MAX_SCALED:
        raise Unfit(f"{text!r} is too short, too fine or too long", fix)
    return nanos


def read_window(value: object) -> RateWindow:
    """Read a rate window: `10 / 1 s`."""
    text = _text(value, _WINDOW_FIX)
    match = _WINDOW.fullmatch(text)
    if match is None:
        raise Unfit(f"{text!r} is no rate", _WINDOW_FIX)
    count, length, unit = match.groups()
    if int(count) < 1 or len(count) > 9:
        raise Unfit(f"{text!r} allows none, or too many to count", _WINDOW_FIX)
    return RateWindow(int(count), _nanos(text, length or "1", unit, _WINDOW_FIX))


def read_windows(value: object) -> tuple[RateWindow, ...]:
    """Read one rate window, or a list of them, or `none`."""
    return tuple(read_window(each) for each in _items(value, _WINDOW_FIX))


def read_rule_rate(value: object) -> RateWindow:
    """Read a rate window of an hour at most: `10 / 1 min`."""
    window = read_window(value)
    _within_an_hour(window.window)
    return window


def read_rule_rates(value: object) -> tuple[RateWindow, ...]:
    """Read rate windows of an hour at most."""
    return tuple(read_rule_rate(each) for each in _items(value, _WINDOW_FIX))


def read_rule_window(value: object) -> Nanos:
    """Read a duration of an hour at most."""
    return _within_an_hour(read_duration(value))


def _within_an_hour(window: Nanos) -> Nanos:
    if window > LONGEST_RULE_WINDOW:
        raise Unfit("a window is longer than an hour", "write an hour at most: 1 h")
    return window


def read_patterns(value: object) -> tuple[str, ...]:
    """Read one pattern of instruments, or a list of them, or `none`."""
    fix = "write canonical ids, products or symbols: [AAPL, eq:US:*, fut:ES]"
    patterns = tuple(_text(each, fix) for each in _items(value, fix))
    for pattern in patterns:
        if problem := defect(pattern):
            raise Unfit(problem, fix)
    return patterns


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


def _entries(value: object, fix: str) -> dict[str, object]:
    if not isinstance(value, dict) or not value:
        raise Unfit("is empty or has nothing below it", fix)
    return value


def read_weekdays(value: object) -> tuple[int, ...]:
    """Read days of the week: `[mon, tue]`; 0 is Monday."""
    fix = f"write days: [{', '.join(WEEKDAYS)}]"
    return tuple(WEEKDAYS.index(_word(each, WEEKDAYS, fix)) for each in _items(value, fix))


def read_mode(value: object) -> Mode:
    """Read what becomes of a rule's verdicts."""
    return Mode(_word(value, Mode, f"write {_words(Mode)}"))


def read_drawdown_kind(value: object) -> DrawdownKind:
    """Read what a drawdown is measured from."""
    return DrawdownKind(_word(value, DrawdownKind, f"write {_words(DrawdownKind)}"))


def read_rule_scope(value: object) -> RuleScope:
    """Read whether each position is measured, or the account as a whole."""
    scopes = (RuleScope.POSITION, RuleScope.ACCOUNT)
    return RuleScope(_word(value, scopes, f"write {_words(scopes)}"))


def read_classes(value: object) -> tuple[AssetClass, ...]:
    """Read one asset class, or a list of them, or `none`."""
    fix = f"write asset classes: {_words(AssetClass)}"
    return tuple(AssetClass(_word(each, AssetClass, fix)) for each in _items(value, fix))


def _items(value: object, fix: str) -> list[object]:
    if value == NONE:
        return []
    return value if isinstance(value, list) else [_text(value, f"{fix}, or `none`")]


def read_bool(value: object) -> bool:
    """Read `true` or `false`, and no other word for it."""
    return _word(value, ("true", "false"), "write true or false") == "true"


def read_lot_method(value: object) -> LotMethod:
    """Read how closed quantity picks its cost."""
    return LotMethod(_word(value, LotMethod, f"write {_words(LotMethod)}"))


def read_asset_class(value: object) -> AssetClass:
    """Read an asset class."""
    return AssetClass(_word(value, AssetClass, f"write {_words(AssetClass)}"))


def read_status(value: object) -> InstrumentStatus:
    """Read an instrument's trading status; whether its market is open now, the calendars say."""
    words = [each for each in InstrumentStatus if each is not InstrumentStatus.OFF_HOURS]
    return InstrumentStatus(_word(value, words, f"write {_words(words)}"))


def _words(words: object) -> str:
    return ", ".join(str(word) for word in words)  # type: ignore[attr-defined]


def _word(value: object, words: object, fix: str) -> str:
    text = _text(value, fix)
    known = [str(word) for word in words]  # type: ignore[attr-defined]
    if text not in known:
        raise Unfit(f"{text!r} is not known", fix)
    return text


def one_of(*words: str) -> Callable[[object], str]:
    """Return a reader of one of these words."""
    return lambda value: _word(value, words, f"write {_words(words)}")


def matching(pattern: str, fix: str) -> Callable[[object], str]:
    """Return a reader of text that matches a pattern as a whole."""
    compiled = re.compile(pattern, re.ASCII)

    def read(value: object) -> str:
        text = _text(value, fix)
        if not compiled.fullmatch(text):
            raise Unfit(f"{text!r} does not fit", fix)
        return text

    return read


def read_zone(value: object) -> str:
    """Read an IANA time zone."""
    fix = "write an IANA zone such as America/New_York"
    text = _text(value, fix)
    if text not in resources.files("tzdata").joinpath("zones").read_text("ascii").split():
        raise Unfit(f"{text!r} is no time zone", fix)
    return text


def read_hours(value: object) -> tuple[LocalSpan, ...]:
    """Read a market's hours on one day: `-17:00 12:15`, `closed`."""
    fix = "write local openings and closings such as `09:30 13:00` or `-17:00 15:15, 15:30 16:00` (`-` is the evening"
    fix += " before), or `closed`"
    text = _text(value, fix)
    try:
        return parse_hours(text)
    except HoursRefused as refused:
        raise Unfit(str(refused), fix) from None


def read_time_of_day(value: object) -> str:
    """Read a time of day to the minute: `17:00`."""
    return matching(r"([01][0-9]|2[0-3]):[0-5][0-9]", "write hours and minutes such as 17:00")(value)


def render(value: object, reader: Callable[..., object] | None = None) -> str:
    """Return a setting's value in its human unit, as the configuration would have it."""
    if value is None or value == ():
        return NONE
    if isinstance(value, bool):
        return "true" if value else "false"
    if reader in (read_hours, read_weekdays) and isinstance(value, tuple):
        return render_hours(value) if reader is read_hours else f"[{', '.join(WEEKDAYS[day] for day in value)}]"
    if isinstance(value, tuple) and value and isinstance(value[0], LossTier):
        return f"{{{', '.join(f'{render_money(each.loss)}: {render_duration(each.cooldown)}' for each in value)}}}"
    if isinstance(value, dict):
        return f"{{{', '.join(f'{name}: {render_qty(qty)}' for name, qty in value.items())}}}"
    if isinstance(value, tuple):
        return f"[{', '.join(render(each) for each in value)}]"
    if isinstance(value, RateWindow):
        return f"{value.count} / {render_duration(value.window)}"
    if isinstance(value, int) and reader is not None:
        return _RENDER.get(reader, str)(value)
    return str(value)


_RENDER: Final[dict[Callable[..., object], Callable[[int], str]]] = {
    read_money: render_money,
    read_positive_money: render_money,
    read_signed_money: render_money,
    read_price: render_money,
    read_multiplier: render_money,
    read_qty: render_qty,
    read_positive_qty: render_qty,
    read_ratio: render_ratio,
    read_share: lambda ratio: f"{render_percent(ratio)} %",
    read_duration: render_duration,
    read_grace: render_duration,
    read_rule_window: render_duration,
    read_positive_share: lambda ratio: f"{render_percent(ratio)} %",
}
