"""Commands about one order: what would the gate say, send it, cancel it."""

from typing import TYPE_CHECKING, Annotated

import typer

from stopline.cli.examples import examples
from stopline.cli.options import DEFAULT_URL, Account, Json, Url
from stopline.cli.outcome import Exit, Stop, say

if TYPE_CHECKING:
    from stopline.cli.client import Answer, Body

Side = Annotated[str, typer.Argument(help="buy or sell.", metavar="buy|sell", show_default=False)]
Qty = Annotated[str, typer.Argument(help="How much, above 0.", show_default=False)]
Symbol = Annotated[str, typer.Argument(help="A symbol such as AAPL, or a canonical id.", show_default=False)]
LimitPrice = Annotated[str, typer.Option("--limit", help="Limit price; without one it is a market order.")]
StopPrice = Annotated[str, typer.Option("--stop", help="Stop price; with --limit a stop-limit order.")]
Tif = Annotated[str, typer.Option("--tif", help="How long it works: DAY, GTC, IOC, FOK.")]
ReduceOnly = Annotated[bool, typer.Option("--reduce-only", help="Deny it unless it provably reduces.")]
Strategy = Annotated[str, typer.Option("--strategy", help="Whose limits it also counts in.")]


def add_to(app: typer.Typer) -> None:
    """Add these commands to the app."""
    app.command(
        epilog=examples(
            "stopline check buy 100 AAPL --limit 175.00",
            "stopline check sell 5 SPY",
            "stopline check buy 1 TSLA --limit 250 --json | jq .checks",
        )
    )(check)
    app.command(
        epilog=examples(
            "stopline order buy 5 AAPL --limit 175.00 --id TEST-002",
            "stopline order sell 5 AAPL --reduce-only",
        )
    )(order)
    app.command(epilog=examples("stopline cancel TEST-002", "stopline cancel TEST-002 --account paper --json"))(cancel)


def check(
    side: Side,
    qty: Qty,
    symbol: Symbol,
    limit: LimitPrice = "",
    stop: StopPrice = "",
    tif: Tif = "DAY",
    reduce_only: ReduceOnly = False,
    strategy: Strategy = "",
    url: Url = DEFAULT_URL,
    account: Account = "",
    json: Json = False,
) -> None:
    """Show what the gate would say.

    Every check of an order, with nothing sent and nothing reserved.

    Exit code 0: it would go. 1: it would be denied. 4: the account is locked.
    """
    from stopline.cli.client import Client
    from stopline.cli.output import write_json
    from stopline.cli.verdict import write_findings

    body = _order(side, qty, symbol, limit, stop, tif, reduce_only, strategy, account)
    verdict = Client(url).post("/api/risk/check", body).or_stop()
    if json:
        write_json("check", **verdict)
    else:
        write_findings(verdict)
        say()
        say(_verdict_line(verdict))
    if not verdict["approved"]:
        raise Stop(_denied_code(verdict))


def _verdict_line(verdict: "Body") -> str:
    if verdict["approved"]:
        return f"approved{' as reducing' if verdict.get('reducing') else ''}"
    most = verdict.get("max_passing_qty")
    passing = f"; {most} would pass" if most not in (None, "0") else ""
    return f"denied by {verdict['check']}: {verdict['message']}{passing}"


def _denied_code(body: "Body") -> Exit:
    return Exit.LOCKED if body.get("check") == "trading_state" else Exit.REFUSED


def order(
    side: Side,
    qty: Qty,
    symbol: Symbol,
    limit: LimitPrice = "",
    stop: StopPrice = "",
    tif: Tif = "DAY",
    reduce_only: ReduceOnly = False,
    strategy: Strategy = "",
    order_id: Annotated[
        str, typer.Option("--id", help="Your own id of the order; a repeat gets the same answer.")
    ] = "",
    url: Url = DEFAULT_URL,
    account: Account = "",
    json: Json = False,
) -> None:
    """Send an order through the gate. Without --id one is made, and printed."""
    from stopline.cli.client import Client

    body = _order(side, qty, symbol, limit, stop, tif, reduce_only, strategy, account)
    body["client_order_id"] = order_id or _new_id()
    say(f"order {body['client_order_id']}")
    answer = Client(url).post("/api/order", body)
    _finish_order(answer, json=json)


def _finish_order(answer: "Answer", *, json: bool) -> None:
    from stopline.cli.output import facts, write_json
    from stopline.cli.verdict import write_findings

    body = answer.body
    if answer.status == 403 and "checks" in body:
        if json:
            write_json("order", accepted=False, **body)
        else:
            write_findings(body)
        say(_verdict_line({"approved": False, **body}))
        raise Stop(_denied_code(body))
    body = answer.or_stop()
    if json:
        return write_json("order", accepted=True, **body)
    names = ("client_order_id", "state", "side", "order_qty", "symbol", "order_type", "limit_price", "stop_price")
    facts([(name, str(body.get(name) or "")) for name in names])
    for warning in body.get("warnings", ()):
        say(f"warning: {warning}")
    return None


def cancel(
    order_id: Annotated[str, typer.Argument(help="Your own id of the order.", show_default=False)],
    url: Url = DEFAULT_URL,
    account: Account = "",
    json: Json = False,
) -> None:
    """Cancel a working order.

    Asks the broker; the order may still fill until the broker confirms.
    """
    from stopline.cli.client import Client, segment
    from stopline.cli.output import facts, write_json

    body = Client(url).delete(f"/api/order/{segment(order_id)}", account=account).or_stop()
    if json:
        return write_json("cancel", **body)
    return facts([(name, str(value)) for name, value in body.items()])


def _order(
    side: str,
    qty: str,
    symbol: str,
    limit: str,
    stop: str,
    tif: str,
    reduce_only: bool,
    strategy: str,
    account: str,
) -> "Body":
    kind = {(False, False): "MARKET", (True, False): "LIMIT", (False, True): "STOP", (True, True): "STOP_LIMIT"}
    body: Body = {
        "symbol": symbol,
        "side": side.upper(),
        "quantity": qty,
        "order_type": kind[bool(limit), bool(stop)],
        "time_in_force": tif.upper(),
    }
    said = {"price": limit, "stop_price": stop, "account": account, "strategy": strategy}
    body |= {name: value for name, value in said.items() if value}
    if reduce_only:
        body["reduce_only"] = True
    return body


def _new_id() -> str:
    """Return an id that this machine has not used: the time to the nanosecond."""
    import time

    return f"cli-{time.time_ns()}"
