"""A scripted trader on a recorded market at the simulated Alpaca, through `stopline run --broker alpaca`.

    python -m tests.acceptance.alpaca_day FILE FOLDER [SPEED [BEGIN [UNTIL]]]     and prints what came out

Simulator and Stopline are two real processes that play the same file in step. The trader sends
every kind of order by HTTP, a turn a minute of the market, and at the end both sides must hold
the same: positions, cash, and every execution once.
"""

import csv
import gzip
import json
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from datetime import UTC, datetime
from decimal import Decimal
from itertools import count, takewhile
from pathlib import Path
from typing import Any

from tests.acceptance.alpaca_stage import Stage
from tests.acceptance.wire import Answer

USUAL = ("60", "2013-10-07T13:31:00Z", "2013-10-07T19:50:00Z")
"""Ten minutes before the close what rests is cancelled, and both books are compared."""
SIZES = {"SPY": 4, "AIG": 15, "BAC": 50, "IBM": 4}
OVER = ("filled", "canceled", "expired", "rejected", "denied")
RESTS = ("working", "partially_filled", *OVER)
Rows = dict[str, list[tuple[str, Decimal, Decimal]]]


def read_quotes(path: Path) -> Rows:
    """Return the file's bids and asks, by symbol, in order of time."""
    rows: Rows = {}
    with gzip.open(path, "rt", newline="") as file:
        for row in csv.DictReader(file):
            if row["bid"] and row["ask"]:
                rows.setdefault(row["symbol"], []).append((row["ts_utc"], Decimal(row["bid"]), Decimal(row["ask"])))
    return rows


class Trader:
    """Takes a turn with one symbol after the other. It draws no lots, and waits for what it asked for."""

    def __init__(self, stage: Stage, quotes: Rows) -> None:
        self._stage, self._quotes = stage, quotes
        self.answers: Counter[str] = Counter()
        self.ends: Counter[str] = Counter()
        self._count = 0

    def at(self) -> str:
        """Return what time it is at the simulated Alpaca."""
        return str(self._stage.alpaca("GET", "/v2/clock")["timestamp"])

    def price(self, symbol: str) -> tuple[Decimal, Decimal]:
        """Return the bid and ask that stand now."""
        now = self.at()
        return next((bid, ask) for at, bid, ask in reversed(self._quotes[symbol]) if at <= now)

    def turn(self, number: int) -> None:
        """Do what this turn is for."""
        symbol = tuple(SIZES)[number % len(SIZES)]
        size, (bid, ask) = SIZES[symbol], self.price(symbol)
        match number // len(SIZES) % 8:
            case 0:
                self.settled(self.order(symbol, "BUY", "MARKET", size))
            case 1:
                resting = self.order(symbol, "BUY", "LIMIT", size, price=bid - Decimal("0.10"))
                self.settled(resting, RESTS)
                self.ask("PATCH", f"/api/order/{resting}", {"price": str(bid - Decimal("0.08"))})
                self.ask("DELETE", f"/api/order/{resting}")
                self.settled(resting)
            case 2:
                stop = self.order(symbol, "SELL", "STOP", 1, stop_price=bid - Decimal("0.03"), time_in_force="GTC")
                self.settled(stop, RESTS)
            case 3:
                self.settled(self.order(symbol, "BUY", "LIMIT", 2, price=ask, time_in_force="IOC"))
            case 4:
                legs = {"take_profit": str(ask + Decimal("0.02")), "stop_loss": str(bid - Decimal("0.03"))}
                self.settled(self.order(symbol, "BUY", "LIMIT", 2, price=ask, order_class="bracket", **legs), RESTS)
            case 5:
                self.settled(self.order(symbol, "SELL", "TRAILING_STOP", 1, trail_amount="0.02"), RESTS)
            case 6:
                self.ask("POST", f"/api/positions/{symbol}/close", {"percent": 50})
            case _:
                self.ask("POST", "/api/flatten", {"symbol": symbol, "reason": "end of the round"})

    def order(self, symbol: str, side: str, kind: str, quantity: int, **more: Any) -> str:
        """Send an order; a denial is an answer too."""
        self._count += 1
        name = f"T{self._count}"
        terms = {"client_order_id": name, "symbol": symbol, "side": side, "order_type": kind, "quantity": quantity}
        self.ask("POST", "/api/order", terms | {key: str(each) for key, each in more.items()})
        return name

    def ask(self, method: str, path: str, body: Any = None) -> None:
        """Ask until it is answered otherwise than `later`."""
        answers: list[Answer] = []

        def answered() -> bool:
            answers.append(self._stage.line.ask(method, path, body))
            return answers[-1].status != 503

        self._stage.wait_for(answered, f"an answer to {method} {path}")
        assert answers[-1].status in (200, 201, 202, 403, 404, 409), answers[-1]
        self.answers[f"{method} {path.split('/')[2]} {answers[-1].status}"] += 1

    def settled(self, name: str, states: tuple[str, ...] = OVER) -> None:
        """Wait until an order is what it is going to be."""

        def look() -> str:
            return str(self._stage.line.get(f"/api/order/{name}")["state"])

        self._stage.wait_for(lambda: look() in (*states, "held"), f"{name} is settled")
        self.ends[look()] += 1


def play(stage: Stage, trader: Trader, turns: Iterable[int]) -> None:
    """Let the trader take his turns, one a minute of the market."""
    for number in turns:
        minute = trader.at()[:16]
        trader.turn(number)
        stage.wait_for(lambda minute=minute: trader.at()[:16] > minute, "the next minute of the market")  # type: ignore[misc]


def books(stage: Stage) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return positions, cash, working orders and executions as Stopline says and as Alpaca says."""
    working = [each for each in stage.line.get("/api/orders?limit=500")["orders"] if is_at_broker(each)]
    ours = {
        "positions": {symbol: Decimal(qty) for symbol, qty in stage.holdings().items()},
        "cash": Decimal(stage.line.get("/api/account")["cash"]),
        "working": len(working),
        "executions": Counter(
            (each["symbol"], each["side"].lower(), Decimal(each["qty"]), Decimal(each["price"]))
            for each in executions(stage)
        ),
    }
    theirs = {
        "positions": {each["symbol"]: Decimal(each["qty"]) for each in stage.alpaca("GET", "/v2/positions")},
        "cash": Decimal(stage.alpaca("GET", "/v2/account")["cash"]),
        "working": len(stage.alpaca("GET", "/v2/orders?status=open&limit=500")),
        "executions": Counter(
            (each["symbol"], each["side"].lower(), Decimal(each["qty"]), Decimal(each["price"]))
            for each in activities(stage)
        ),
    }
    return ours, theirs


def is_at_broker(order: dict[str, Any]) -> bool:
    return order["state"] in ("working", "partially_filled", "pending_cancel", "pending_replace", "unknown")


def executions(stage: Stage) -> list[dict[str, Any]]:
    """Return all executions that Stopline knows."""
    return all_pages(lambda cursor: stage.line.get(f"/api/executions?limit=500{cursor}"), "executions")


def all_pages(page: Callable[[str], Any], name: str) -> list[dict[str, Any]]:
    found, cursor = [], ""
    while True:
        told = page(cursor)
        found += told[name]
        if not told.get("next_cursor"):
            return found
        cursor = f"&cursor={told['next_cursor']}"


def activities(stage: Stage) -> list[dict[str, Any]]:
    """Return all executions that Alpaca knows."""
    found: list[dict[str, Any]] = []
    while True:
        after = f"&page_token={found[-1]['id']}" if found else ""
        page = stage.alpaca("GET", f"/v2/account/activities/FILL?page_size=100{after}")
        found += page
        if len(page) < 100:
            return found


def expect_equal(stage: Stage) -> dict[str, Any]:
    """Wait until nothing works any more and both books say the same; return what they say."""

    def cancelled() -> bool:
        orders = stage.line.get("/api/orders?limit=500")["orders"]
        live = [each for each in orders if each["state"] == "held" or is_at_broker(each)]
        for each in live:
            stage.line.ask("DELETE", f"/api/order/{each['client_order_id'].replace('/', '%2F')}")
        return not live

    stage.wait_for(cancelled, "nothing works any more")
    stage.wait_for(lambda: stage.is_ready() and stage.trading_state() == "active", "everything is reconciled")
    said: list[tuple[Any, Any]] = []

    def equal() -> bool:
        said.append(books(stage))
        return said[-1][0] == said[-1][1]

    try:
        stage.wait_for(equal, "both books say the same")
    except AssertionError as late:
        ours, theirs = said[-1]
        raise AssertionError(f"{late}\nours {ours}\ntheirs {theirs}") from None
    ids = [each["client_order_id"] for each in stage.at_alpaca()]
    assert len(ids) == len(set(ids)), "an order was sent twice"
    return said[-1][0]


def main() -> None:
    """Play a day, and say what came out."""
    path, folder = Path(sys.argv[1]), Path(sys.argv[2])
    speed, begin, until = (*sys.argv[3:], *USUAL[len(sys.argv) - 3 :])
    folder.mkdir(parents=True)
    stage = Stage(folder, ("--market", str(path.resolve()), "--speed", speed))
    began = time.monotonic()
    with ExitStack() as stack:
        stack.callback(stage.close)
        stage.start_sim("--begin", begin, "--hours", "market")
        stage.start()
        trader = Trader(stage, read_quotes(path))
        play(stage, trader, takewhile(lambda number: trader.at() < until, count()))
        found = expect_equal(stage)
        print(f"until {trader.at()}, {time.monotonic() - began:.0f} s, on {datetime.now(UTC):%Y-%m-%d}")
        print(json.dumps({"answers": trader.answers, "ends": trader.ends}, indent=1))
        print(f"executions {sum(found['executions'].values())}, cash {found['cash']}, positions {found['positions']}")
        print(f"realized {stage.line.get('/api/account')['realized_pnl']}, alerts {sorted(stage.alerts())}")


if __name__ == "__main__":
    main()
