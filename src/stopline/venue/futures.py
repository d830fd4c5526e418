"""US futures: contract terms, contract months, and which contract is the front one.

Multiplier and tick are exact, and their product is the tick value. Grains are in dollars
a bushel, not in cents. A micro counts as a tenth of a contract, as prop firms count.

Front contract: the nearest listed month whose roll has not come. The roll is the second
Friday (00:00 UTC) of the contract month, and for what is delivered or expires before its
month begins, of as many months earlier as `lead` says. It is a rule for a paper market;
a broker's own calendar decides elsewhere.

Source     brokers.md section 6; ranges of months: the exchanges' contract specifications.
"""

import re
from datetime import UTC, date, datetime, timedelta
from typing import Final

from msgspec import Struct

from stopline.model.instrument import AssetClass, Instrument
from stopline.model.numbers import PRICE_ONE, QTY_ONE, SECOND, Multiplier, Nanos, Price, Ratio, parse_price, parse_ratio
from stopline.venue.margins import margin_on

MONTH_CODES: Final = "FGHJKMNQUVXZ"
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_FRIDAY: Final = 4
_MICRO: Final = parse_ratio("0.1")
_WHOLE: Final = parse_ratio("1")
STRESS_MOVE: Final = parse_ratio("0.10")
_INSTRUMENT_ID = re.compile(r"fut:([A-Z0-9]{1,4}):([0-9]{4})-(0[1-9]|1[0-2])", re.ASCII)
_SYMBOL = re.compile(r"([A-Z0-9]{1,4})([FGHJKMNQUVXZ])([0-9])", re.ASCII)

# root  multiplier  tick  tick value  contract months  lead  notes (micro, negative: its price may fall below zero)
_TABLE: Final = """
    ES       50  0.25        12.50   HMUZ          0  -
    MES       5  0.25         1.25   HMUZ          0  micro
    NQ       20  0.25         5      HMUZ          0  -
    MNQ       2  0.25         0.50   HMUZ          0  micro
    YM        5  1            5      HMUZ          0  -
    MYM     0.5  1            0.50   HMUZ          0  micro
    RTY      50  0.1          5      HMUZ          0  -
    M2K       5  0.1          0.50   HMUZ          0  micro
    CL     1000  0.01        10      FGHJKMNQUVXZ  1  negative
    MCL     100  0.01         1      FGHJKMNQUVXZ  1  micro,negative
    GC      100  0.1         10      GJMQZ         1  -
    MGC      10  0.1          1      GJMQZ         1  micro
    SI     5000  0.005       25      HKNUZ         1  -
    SIL    1000  0.005        5      HKNUZ         1  micro
    HG    25000  0.0005      12.50   HKNUZ         1  -
    NG    10000  0.001       10      FGHJKMNQUVXZ  1  negative
    ZB     1000  0.03125     31.25   HMUZ          1  -
    ZN     1000  0.015625    15.625  HMUZ          1  -
    ZF     1000  0.0078125    7.8125 HMUZ          1  -
    ZT     2000  0.00390625   7.8125 HMUZ          1  -
    6E   125000  0.00005      6.25   HMUZ          0  -
    6J 12500000  0.0000005    6.25   HMUZ          0  -
    6B    62500  0.0001       6.25   HMUZ          0  -
    6A   100000  0.00005      5      HMUZ          0  -
    ZC     5000  0.0025      12.50   HKNUZ         1  -
    ZS     5000  0.0025      12.50   FHKNQUX       1  -
    ZW     5000  0.0025      12.50   HKNUZ         1  -
    NKD       5  5           25      HMUZ          0  -
    VX     1000  0.05        50      FGHJKMNQUVXZ  0  -
    BTC       5  5           25      FGHJKMNQUVXZ  0  -
    MBT     0.1  5            0.50   FGHJKMNQUVXZ  0  micro
"""


class FutureTerms(Struct, frozen=True, gc=False):
    """What all contracts of one root have in common."""

    root: str
    multiplier: Multiplier
    tick_size: Price
    tick_value: Price
    months: str
    lead: int
    weight: Ratio
    price_may_be_negative: bool


def _terms(line: str) -> FutureTerms:
    root, multiplier, tick, value, months, lead, notes = line.split()
    terms = FutureTerms(
        root=root,
        multiplier=parse_price(multiplier),
        tick_size=parse_price(tick),
        tick_value=parse_price(value),
        months=months,
        lead=int(lead),
        weight=_MICRO if "micro" in notes else _WHOLE,
        price_may_be_negative="negative" in notes,
    )
    if terms.tick_size * terms.multiplier != terms.tick_value * PRICE_ONE:
        raise ValueError(f"{root}: tick {tick} x multiplier {multiplier} is not tick value {value}")
    return terms


FUTURES: Final[dict[str, FutureTerms]] = {
    terms.root: terms for terms in (_terms(line) for line in _TABLE.splitlines() if line.strip())
}


def future(root: str, year: int, month: int, at: Nanos) -> Instrument:
    """Return one contract, with the margins of `at`; raises KeyError for an unknown root."""
    terms = FUTURES[root]
    margin = margin_on(root, _day_of(at))
    return Instrument(
        instrument_id=f"fut:{root}:{year:04}-{month:02}",
        symbol=f"{root}{MONTH_CODES[month - 1]}{year % 10}",
        product=f"fut:{root}",
        asset_class=AssetClass.FUTURE,
        currency="USD",
        tick_size=terms.tick_size,
        lot_size=QTY_ONE,
        multiplier=terms.multiplier,
        price_may_be_negative=terms.price_may_be_negative,
        initial_margin=None if margin is None else margin.initial,
        maintenance_margin=None if margin is None else margin.maintenance,
        contract_weight=terms.weight,
        stress_move=STRESS_MOVE,
    )


def front_month(root: str, at: Nanos) -> tuple[int, int]:
    """Return (year, month) of the front contract at `at`; raises KeyError for an unknown root."""
    terms, today = FUTURES[root], _day_of(at)
    year, month = today.year, today.month
    while MONTH_CODES[month - 1] not in terms.months or today >= _roll(year, month, terms.lead):
        year, month = _later(year, month, 1)
    return year, month


def front_contract(root: str, at: Nanos) -> Instrument:
    """Return the front contract at `at`; raises KeyError for an unknown root."""
    return future(root, *front_month(root, at), at)


def find_future(name: str, at: Nanos) -> Instrument | None:
    """Return the contract of `ES` (the front one), `ESZ6` (the nearest such year from last year on) or its id."""
    if name in FUTURES:
        return front_contract(name, at)
    if (match := _INSTRUMENT_ID.fullmatch(name)) is not None:
        root, year, month = match[1], int(match[2]), int(match[3])
    elif (match := _SYMBOL.fullmatch(name)) is not None:
        since = _day_of(at).year - 1
        root, month = match[1], MONTH_CODES.index(match[2]) + 1
        year = since + (int(match[3]) - since) % 10
    else:
        return None
    if root not in FUTURES or MONTH_CODES[month - 1] not in FUTURES[root].months:
        return None
    return future(root, year, month, at)


def _roll(year: int, month: int, lead: int) -> date:
    """Return the second Friday, `lead` months before a contract month."""
    first = date(*_later(year, month, -lead), 1)
    return first + timedelta(days=(_FRIDAY - first.weekday()) % 7 + 7)


def _later(year: int, month: int, by: int) -> tuple[int, int]:
    years, index = divmod(month - 1 + by, 12)
    return year + years, index + 1


def _day_of(at: Nanos) -> date:
    return (_EPOCH + timedelta(seconds=at // SECOND)).date()
