"""The gate's findings as a table, and its verdict in a line."""

from typing import TYPE_CHECKING

from stopline.cli.figures import UNKNOWN, money, number, percent
from stopline.cli.outcome import Exit, Stop, say

if TYPE_CHECKING:
    from stopline.cli.client import Answer, Body

RATIOS_AS_FACTORS = frozenset({"leverage", "max_contracts"})
"""Ratios that are no shares of equity: a multiple of it, and a number of contracts."""


def in_unit(value: object, unit: str, check: str = "") -> str:
    """Return a figure as people read it in its unit."""
    if value is None:
        return UNKNOWN
    if unit == "money":
        return money(value)
    if unit == "ratio" and check not in RATIOS_AS_FACTORS:
        return percent(value)
    if unit == "nanos":
        return f"{value} s"
    return number(value)


def write_findings(body: "Body") -> None:
    """Write what every armed check found, and the names of the others."""
    from stopline.cli.output import table

    columns = ("check", "says", "observed", "limit", "headroom", "reason")
    armed = [each for each in body["checks"] if each["status"] != "not_armed"]
    rows = [
        (
            str(each["check"]),
            str(each["status"]),
            in_unit(each["observed"], each["unit"], each["check"]),
            in_unit(each["limit"], each["unit"], each["check"]),
            in_unit(each["headroom"], each["unit"], each["check"]),
            str(each["reason"]),
        )
        for each in armed
    ]
    table(columns, rows, right=("observed", "limit", "headroom"))
    resting = [str(each["check"]) for each in body["checks"] if each["status"] == "not_armed"]
    if resting:
        say(f"not armed: {', '.join(resting)}")


def verdict_line(verdict: "Body") -> str:
    """Return a verdict in one line."""
    if verdict["approved"]:
        return f"approved{' as reducing' if verdict.get('reducing') else ''}"
    most = verdict.get("max_passing_qty")
    passing = f"; {most} would pass" if most not in (None, "0") else ""
    return f"denied by {verdict['check']}: {verdict['message']}{passing}"


def denied_code(body: "Body") -> Exit:
    """Return the exit code of a denial."""
    return Exit.LOCKED if body.get("check") == "trading_state" else Exit.REFUSED


def stop_if_denied(kind: str, answer: "Answer", *, json: bool) -> None:
    """Write a denial by the gate, and end the command with it."""
    from stopline.cli.output import write_json

    body = answer.body
    if answer.status != 403 or "checks" not in body:
        return
    if json:
        write_json(kind, accepted=False, **body)
    else:
        write_findings(body)
    say(verdict_line({"approved": False, **body}))
    raise Stop(denied_code(body))
