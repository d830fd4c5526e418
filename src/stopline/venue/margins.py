"""Initial and maintenance margins of futures, per contract, from a date on.

A paper market's table: rounded to what the exchanges asked of an outright position in calm
weeks of those years, initial being 110 % of maintenance. They change all the time and
brokers ask for more; `instruments:` in the configuration replaces them. Before the first
date of a root nobody knows: the gate denies what it cannot margin.

Source     CME Group and Cboe performance bond notices, rounded.
"""

from datetime import date
from typing import Final

from msgspec import Struct

from stopline.model.numbers import Money, parse_money


class Margin(Struct, frozen=True, gc=False):
    """Money per contract, from `since` until the next row of its root."""

    since: date
    initial: Money
    maintenance: Money


# root  since  initial  maintenance
_TABLE: Final = """
    ES   2012-01-01   4400    4000
    ES   2014-01-01   4950    4500
    ES   2018-02-01   6600    6000
    ES   2020-03-12  13200   12000
    ES   2025-01-01  23100   21000
    MES  2019-05-01    660     600
    MES  2020-03-12   1320    1200
    MES  2025-01-01   2310    2100
    NQ   2012-01-01   2750    2500
    NQ   2016-01-01   4950    4500
    NQ   2018-02-01   7700    7000
    NQ   2020-03-12  16500   15000
    NQ   2025-01-01  33000   30000
    MNQ  2019-05-01    770     700
    MNQ  2020-03-12   1650    1500
    MNQ  2025-01-01   3300    3000
    YM   2025-01-01  14300   13000
    MYM  2025-01-01   1430    1300
    RTY  2025-01-01   9350    8500
    M2K  2025-01-01    935     850
    CL   2025-01-01   6600    6000
    MCL  2025-01-01    660     600
    GC   2025-01-01  16500   15000
    MGC  2025-01-01   1650    1500
    SI   2025-01-01  18700   17000
    SIL  2025-01-01   3740    3400
    HG   2025-01-01   7700    7000
    NG   2025-01-01   4400    4000
    ZB   2025-01-01   4070    3700
    ZN   2025-01-01   2090    1900
    ZF   2025-01-01   1430    1300
    ZT   2025-01-01   1155    1050
    6E   2025-01-01   2750    2500
    6J   2025-01-01   3300    3000
    6B   2025-01-01   2200    2000
    6A   2025-01-01   1650    1500
    ZC   2025-01-01   1320    1200
    ZS   2025-01-01   2200    2000
    ZW   2025-01-01   1870    1700
    NKD  2025-01-01  13200   12000
    VX   2025-01-01  11000   10000
    BTC  2025-01-01 165000  150000
    MBT  2025-01-01   3300    3000
"""


def _rows() -> dict[str, tuple[Margin, ...]]:
    """Return the table by root, newest first."""
    rows: dict[str, tuple[Margin, ...]] = {}
    for line in _TABLE.splitlines():
        if line.strip():
            root, since, initial, maintenance = line.split()
            row = Margin(date.fromisoformat(since), parse_money(initial), parse_money(maintenance))
            rows[root] = (row, *rows.get(root, ()))
    return rows


MARGINS: Final = _rows()


def margin_on(root: str, day: date) -> Margin | None:
    """Return what a contract of this root took on a day, or None where nobody knows."""
    return next((row for row in MARGINS.get(root, ()) if row.since <= day), None)
