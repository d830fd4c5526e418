"""`stopline size`: how much may be traded, and which cap binds."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from stopline.cli.examples import examples
from stopline.cli.options import DEFAULT_URL, Account, Json, Url
from stopline.cli.order_terms import LimitPrice, Side, Strategy, Symbol
from stopline.cli.outcome import Exit, Stop, say

if TYPE_CHECKING:
    from stopline.cli.client import Body

_COLUMNS = ("high", "low", "close")


def add_to(app: typer.Typer) -> None:
    """Add this command to the app."""
    app.command(
        epilog=examples(
            "stopline size buy AAPL --risk-percent 0.5 --stop 171.50 --limit 175.00",
            "stopline size buy AAPL --percent 5",
            "stopline size sell ESZ6 --risk 500 --atr 42.25 --times 2 --json",
            "stopline size buy SPY --risk 250 --bars spy.csv --period 14",
        )
    )(size)


def size(
    side: Side,
    symbol: Symbol,
    percent: Annotated[str, typer.Option(help="Fixed fraction: percent of equity to hold.")] = "",
    risk: Annotated[str, typer.Option(help="Money that may be lost down to the stop.")] = "",
    risk_percent: Annotated[str, typer.Option(help="Percent of equity that may be lost down to the stop.")] = "",
    stop: Annotated[str, typer.Option("--stop", help="Where the stop is.")] = "",
    atr: Annotated[str, typer.Option(help="Average true range; the stop is --times of it away.")] = "",
    bars: Annotated[
        Path | None, typer.Option(help="CSV with high, low, close, the oldest first: Wilder's ATR of it.")
    ] = None,
    period: Annotated[int, typer.Option(min=1, help="Period of the ATR of --bars.")] = 14,
    times: Annotated[str, typer.Option(help="How many ATR away the stop is.")] = "2",
    limit: LimitPrice = "",
    strategy: Strategy = "",
    url: Url = DEFAULT_URL,
    account: Account = "",
    json: Json = False,
) -> None:
    """Say how much may be traded.

    The largest quantity that the wish and every check allow, rounded down to the lot, and which cap binds. Say what to
    hold (--percent), or what may be lost (--risk, --risk-percent) down to a stop (--stop, --atr, --bars).

    Exit code 0: there is a size. 1: nothing may be traded. 4: the account is locked.
    """
    from stopline.cli.client import Client
    from stopline.cli.output import write_json

    said = {
        "price": limit, "percent": percent, "risk": risk, "risk_percent": risk_percent, "stop_price": stop,
        "atr": atr, "account": account, "strategy": strategy,
    }  # fmt: skip
    body: Body = {"symbol": symbol, "side": side.upper()} | {name: text for name, text in said.items() if text}
    if bars is not None:
        body |= {"bars": _read_bars(bars), "atr_period": period}
    if atr or bars is not None:
        body["atr_times"] = times
    found = Client(url).post("/api/size", body).or_stop()
    if json:
        write_json("size", **found)
    else:
        _show(found)
    if found["qty"] == "0":
        raise Stop(Exit.LOCKED if found["bound_by"] == "trading_state" else Exit.REFUSED)


def _show(found: "Body") -> None:
    from stopline.cli.figures import UNKNOWN, money, number
    from stopline.cli.output import facts
    from stopline.cli.verdict import write_findings

    wanted = "" if found["wanted_qty"] == found["qty"] else f", of {number(found['wanted_qty'])} wanted"
    stop = "" if found["stop_price"] is None else f"{number(found['stop_price'])}, {number(found['distance'])} away"
    at_risk = "" if found["at_risk"] is None else money(found["at_risk"])
    facts(
        [
            ("size", f"{found['side']} {number(found['qty'])} {found['symbol']}{wanted}"),
            ("bound by", f"{found['bound_by']}: {found['reason']}"),
            ("entry", number(found["entry"])),
            ("stop", stop),
            ("at risk", at_risk),
            ("worth", money(found["notional"])),
            ("equity", money(found["equity"]) if found["equity"] else UNKNOWN),
        ]
    )
    if found["caps"]:
        say()
        say(f"against {number(found['wanted_qty'])}:")
        write_findings({"checks": found["caps"]})


def _read_bars(path: Path) -> list[list[str]]:
    """Return [high, low, close] of each row of a CSV file."""
    import csv

    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = csv.DictReader(file)
            names = {(name or "").strip().lower(): name for name in rows.fieldnames or ()}
            missing = [name for name in _COLUMNS if name not in names]
            if missing:
                wrong = f"has no column {' and no column '.join(missing)}" if names else "is empty"
                raise Stop(Exit.USAGE, f"{path}: {wrong}; it needs the columns high, low and close")
            return [[(row[names[name]] or "").strip() for name in _COLUMNS] for row in rows]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise Stop(Exit.USAGE, f"{path}: cannot be read ({getattr(error, 'strerror', None) or error})") from None
