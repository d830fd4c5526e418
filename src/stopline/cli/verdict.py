"""The gate's findings as a table."""

from typing import TYPE_CHECKING

from stopline.cli.figures import UNKNOWN, money, number, percent

if TYPE_CHECKING:
    from stopline.cli.client import Body

_RATIOS_AS_FACTORS = frozenset({"leverage", "max_contracts"})


def in_unit(value: object, unit: str, check: str = "") -> str:
    """Return a figure as people read it in its unit."""
    if value is None:
        return UNKNOWN
    if unit == "money":
        return money(value)
    if unit == "ratio" and check not in _RATIOS_AS_FACTORS:
        return percent(value)
    if unit == "nanos":
        return f"{value} s"
    return number(value)


def write_findings(body: "Body") -> None:
    """Write what every check found."""
    from stopline.cli.output import table

    columns = ("check", "says", "observed", "limit", "headroom", "reason")
    rows = [
        (
            str(each["check"]),
            str(each["status"]),
            in_unit(each["observed"], each["unit"], each["check"]),
            in_unit(each["limit"], each["unit"], each["check"]),
            in_unit(each["headroom"], each["unit"], each["check"]),
            str(each["reason"]),
        )
        for each in body["checks"]
    ]
    table(columns, rows, right=("observed", "limit", "headroom"))
