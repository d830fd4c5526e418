"""The human units of the configuration: text to exact scaled ints, and back.

money 5000.00 · ratio 0.25 or 25 % · quantity 0.5 · duration 5 s · window 10 / 1 s · none
"""

import re
from collections.abc import Callable
from importlib import resources
from typing import Final, TypeVar

from stopline.model.account import LotMethod
from stopline.model.instrument import AssetClass, InstrumentStatus
from stopline.model.limits import RateWindow
from stopline.model.market_hours import HoursRefused, LocalSpan, parse_hours
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
    render_percent,
)
from stopline.model.patterns import defect

T = TypeVar("T")
NONE: Final = "none"
DURATION_UNITS: Final = {
    "ns": 1,
    "us": 1_000,
    "ms": 1_000_000,
    "s": SECOND,
    "min": 60 * SECOND,
    "h": 3_600 * SECOND,
    "d": 86_400 * SECOND,
}
DURATION: Final = re.compile(r"([0-9.]+)\s*([a-z]+)", re.ASCII)
_WINDOW: Final = re.compile(r"([0-9]+)\s*/\s*(?:([0-9.]+)\s*)?([a-z]+)", re.ASCII)
DURATION_FIX: Final = "write a number and a unit: 250 ms, 5 s, 15 min, 1 h, 1 d"
WINDOW_FIX: Final = "write how many in which time: 10 / 1 s, or a list of such: [10 / 1 s, 100 / 1 min]"


class Unfit(ValueError):
    """A value that does not fit its setting. `fix` never repeats the value, which may be a secret."""

    def __init__(self, problem: str, fix: str) -> None:
        super().__init__(problem)
        self.problem = problem
        self.fix = fix


def text_of(value: object, fix: str) -> str:
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


def number_of(value: object, parse: Callable[[str], int], fix: str, *, least: int = 0) -> int:
    """Return a number that is not below `least`."""
    text = text_of(value, fix)
    try:
        number = parse(text)
    except NumberRefused as refused:
        raise Unfit(str(refused), fix) from None
    if number < least:
        raise Unfit(f"{text!r} is too small", fix)
    return number


def read_money(value: object) -> Money:
    """Read an amount that is not negative: `5000.00`."""
    return number_of(value, parse_money, "write an amount such as 5000.00")


def read_positive_money(value: object) -> Money:
    """Read an amount above zero."""
    return number_of(value, parse_money, "write an amount above zero such as 5000.00", least=1)


def read_signed_money(value: object) -> Money:
    """Read an amount of either sign: an equity floor may lie below zero."""
    return number_of(value, parse_money, "write an amount such as 95000.00", least=-MAX_SCALED)


def read_price(value: object) -> int:
    """Read a price step: `0.01`."""
    return number_of(value, parse_money, "write a number above zero such as 0.01", least=1)


def read_multiplier(value: object) -> int:
    """Read what a point of price is worth: `50`."""
    return number_of(value, parse_money, "write what a point is worth, such as 50", least=1)


def read_qty(value: object) -> Qty:
    """Read a quantity: `100`, `0.5`."""
    return number_of(value, parse_qty, "write a quantity such as 100")


def read_positive_qty(value: object) -> Qty:
    """Read a quantity above zero."""
    return number_of(value, parse_qty, "write a quantity above zero such as 1", least=1)


def read_count(value: object) -> int:
    """Read a whole number: `10`."""
    return number_of(value, lambda text: parse_scaled(text, 0), "write a whole number such as 10")


def read_port(value: object) -> int:
    """Read a TCP port; 0 lets the system choose one."""
    fix = "write a port from 0 to 65535, such as 8082"
    port = number_of(value, lambda text: parse_scaled(text, 0), fix)
    if port > 65_535:
        raise Unfit(f"{port} is no port", fix)
    return port


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


def _ratio(value: object, fix: str) -> Ratio:
    if isinstance(value, str) and value.rstrip().endswith("%"):
        return number_of(value.rstrip()[:-1], parse_percent, fix)
    return number_of(value, parse_ratio, fix)


def read_duration(value: object) -> Nanos:
    """Read a duration with its unit: `250 ms`, `5 s`, `15 min`, `1 h`, `1 d`."""
    text = text_of(value, DURATION_FIX)
    match = DURATION.fullmatch(text)
    number, unit = match.groups() if match else (text, "")
    return _nanos(text, number, unit, DURATION_FIX)


def _nanos(text: str, number: str, unit: str, fix: str) -> Nanos:
    if unit not in DURATION_UNITS:
        raise Unfit(f"{text!r} is no duration" if not unit else f"{unit!r} is no unit of time", fix)
    try:
        scaled = parse_scaled(number, 9) * DURATION_UNITS[unit]
    except NumberRefused as refused:
        raise Unfit(str(refused), fix) from None
    nanos, rest = divmod(scaled, SECOND)
    if rest or not 0 < nanos <= MAX_SCALED:
        raise Unfit(f"{text!r} is too short, too fine or too long", fix)
    return nanos


def read_window(value: object) -> RateWindow:
    """Read a rate window: `10 / 1 s`."""
    text = text_of(value, WINDOW_FIX)
    match = _WINDOW.fullmatch(text)
    if match is None:
        raise Unfit(f"{text!r} is no rate", WINDOW_FIX)
    count, length, unit = match.groups()
    if int(count) < 1 or len(count) > 9:
        raise Unfit(f"{text!r} allows none, or too many to count", WINDOW_FIX)
    return RateWindow(int(count), _nanos(text, length or "1", unit, WINDOW_FIX))


def read_windows(value: object) -> tuple[RateWindow, ...]:
    """Read one rate window, or a list of them, or `none`."""
    return tuple(read_window(each) for each in items_of(value, WINDOW_FIX))


def read_patterns(value: object) -> tuple[str, ...]:
    """Read one pattern of instruments, or a list of them, or `none`."""
    fix = "write canonical ids, products or symbols: [AAPL, eq:US:*, fut:ES]"
    patterns = tuple(text_of(each, fix) for each in items_of(value, fix))
    for pattern in patterns:
        if problem := defect(pattern):
            raise Unfit(problem, fix)
    return patterns


def read_classes(value: object) -> tuple[AssetClass, ...]:
    """Read one asset class, or a list of them, or `none`."""
    fix = f"write asset classes: {words_of(AssetClass)}"
    return tuple(AssetClass(word_of(each, AssetClass, fix)) for each in items_of(value, fix))


def items_of(value: object, fix: str) -> list[object]:
    """Return the items of a list, or of the one item that was written; `none` has none."""
    if value == NONE:
        return []
    return value if isinstance(value, list) else [text_of(value, f"{fix}, or `none`")]


def read_bool(value: object) -> bool:
    """Read `true` or `false`, and no other word for it."""
    return word_of(value, ("true", "false"), "write true or false") == "true"


def read_lot_method(value: object) -> LotMethod:
    """Read how closed quantity picks its cost."""
    return LotMethod(word_of(value, LotMethod, f"write {words_of(LotMethod)}"))


def read_asset_class(value: object) -> AssetClass:
    """Read an asset class."""
    return AssetClass(word_of(value, AssetClass, f"write {words_of(AssetClass)}"))


def read_status(value: object) -> InstrumentStatus:
    """Read an instrument's trading status; whether its market is open now, the calendars say."""
    words = [each for each in InstrumentStatus if each is not InstrumentStatus.OFF_HOURS]
    return InstrumentStatus(word_of(value, words, f"write {words_of(words)}"))


def words_of(words: object) -> str:
    """Return words as a person is told them."""
    return ", ".join(str(word) for word in words)  # type: ignore[attr-defined]


def word_of(value: object, words: object, fix: str) -> str:
    """Return a text that is one of these words."""
    text = text_of(value, fix)
    known = [str(word) for word in words]  # type: ignore[attr-defined]
    if text not in known:
        raise Unfit(f"{text!r} is not known", fix)
    return text


def one_of(*words: str) -> Callable[[object], str]:
    """Return a reader of one of these words."""
    return lambda value: word_of(value, words, f"write {words_of(words)}")


_SIMULATOR: Final = re.compile(r"http://(127\.0\.0\.1|localhost|\[::1\]):[0-9]{1,5}", re.ASCII)


def read_environment(value: object) -> str:
    """Return `paper`, `live`, or the address of a simulator: keys go to nobody else."""
    fix = "write paper, live, or the address of a simulator on this machine such as http://127.0.0.1:8801"
    text = text_of(value, fix)
    if text not in ("paper", "live") and not _SIMULATOR.fullmatch(text):
        raise Unfit(f"{text!r} is no environment of Alpaca's", fix)
    return text


def matching(pattern: str, fix: str) -> Callable[[object], str]:
    """Return a reader of text that matches a pattern as a whole."""
    compiled = re.compile(pattern, re.ASCII)

    def read(value: object) -> str:
        text = text_of(value, fix)
        if not compiled.fullmatch(text):
            raise Unfit(f"{text!r} does not fit", fix)
        return text

    return read


def read_secret(value: object) -> str:
    """Read a secret; what it is stands in no message."""
    fix = "write ${NAME}, and set NAME in the environment to at least 16 printable characters"
    text = text_of(value, fix)
    if not (len(text) >= 16 and text.isascii() and text.isprintable()):
        raise Unfit("is no secret that is hard to guess", fix)
    return text


def read_sha256(value: object) -> str:
    """Read the SHA-256 of a secret."""
    fix = "write 64 hex digits: printf %s SECRET | sha256sum"
    text = text_of(value, fix).lower()
    if not re.fullmatch(r"[0-9a-f]{64}", text, re.ASCII):
        raise Unfit("is no SHA-256", fix)
    return text


def read_zone(value: object) -> str:
    """Read an IANA time zone."""
    fix = "write an IANA zone such as America/New_York"
    text = text_of(value, fix)
    if text not in resources.files("tzdata").joinpath("zones").read_text("ascii").split():
        raise Unfit(f"{text!r} is no time zone", fix)
    return text


def read_hours(value: object) -> tuple[LocalSpan, ...]:
    """Read a market's hours on one day: `-17:00 12:15`, `closed`."""
    fix = "write local openings and closings such as `09:30 13:00` or `-17:00 15:15, 15:30 16:00` (`-` is the evening"
    fix += " before), or `closed`"
    text = text_of(value, fix)
    try:
        return parse_hours(text)
    except HoursRefused as refused:
        raise Unfit(str(refused), fix) from None


def read_time_of_day(value: object) -> str:
    """Read a time of day to the minute: `17:00`."""
    return matching(r"([01][0-9]|2[0-3]):[0-5][0-9]", "write hours and minutes such as 17:00")(value)
