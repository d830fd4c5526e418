"""Commands about one new order: what would the gate say, and send it."""

from typing import TYPE_CHECKING, Annotated

import typer

from stopline.cli.examples import examples
from stopline.cli.options import DEFAULT_URL, Account, Json, Url
from stopline.cli.order_terms import (
    After,
    CancelAfter,
    Class,
    ExpireAt,
    LimitPrice,
    Notional,
    OcaGroup,
    OnPartialFill,
    OrderTerms,
    PartialTimeout,
    Qty,
    ReduceOnly,
    Side,
    SideAndQty,
    StopLoss,
    StopLossLimit,
    StopPrice,
    Strategy,
    Symbol,
    TakeProfit,
    Tif,
    Trail,
    TrailPercent,
    When,
    body_of,
)
from stopline.cli.outcome import Stop, say

if TYPE_CHECKING:
    from stopline.cli.client import Answer


def add_to(app: typer.Typer) -> None:
    """Add these commands to the app."""
    app.command(
        cls=SideAndQty,
        epilog=examples(
            "stopline check buy 100 AAPL --limit 175.00",
            "stopline check sell 5 SPY",
            "stopline check buy 2 AAPL --limit 175 --take-profit 182 --stop-loss 171",
            "stopline check buy 1 TSLA --limit 250 --json | jq .checks",
        ),
    )(check)
    app.command(
        cls=SideAndQty,
        epilog=examples(
            "stopline order buy 5 AAPL --limit 175.00 --id TEST-002",
            "stopline order sell 5 AAPL --reduce-only",
            "stopline order buy AAPL --notional 500 --expire-at 2026-11-20T20:30:00Z --limit 175",
            "stopline order buy 5 AAPL --limit 175 --take-profit 182 --stop-loss 171",
            "stopline order sell 5 AAPL --limit 182 --stop-loss 171 --class oco",
            "stopline order sell 5 AAPL --trail-percent 2",
            "stopline order buy 2 AAPL --limit 175 --when 'MSFT >= 400' --after 2026-11-20T15:00:00Z",
            "stopline order buy 2 AAPL --limit 170 --oca-group dip",
            "stopline order buy 5 AAPL --limit 175 --cancel-after 30s",
            "stopline order buy 5 AAPL --limit 175 --on-partial-fill cancel_rest --partial-timeout 5s",
        ),
    )(order)


def check(
    side: Side,
    qty: Qty,
    symbol: Symbol = "",
    limit: LimitPrice = "",
    stop: StopPrice = "",
    trail: Trail = "",
    trail_percent: TrailPercent = "",
    take_profit: TakeProfit = "",
    stop_loss: StopLoss = "",
    stop_loss_limit: StopLossLimit = "",
    order_class: Class = "",
    oca_group: OcaGroup = "",
    when: When = "",
    after: After = "",
    notional: Notional = "",
    expire_at: ExpireAt = "",
    tif: Tif = "DAY",
    cancel_after: CancelAfter = "",
    on_partial_fill: OnPartialFill = "",
    partial_timeout: PartialTimeout = "",
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
    from stopline.cli.verdict import denied_code, verdict_line, write_findings

    body = body_of(
        OrderTerms(
            side=side, qty=qty, symbol=symbol, limit=limit, stop=stop, trail=trail, trail_percent=trail_percent,
            take_profit=take_profit, stop_loss=stop_loss, stop_loss_limit=stop_loss_limit, order_class=order_class,
            oca_group=oca_group, when=when, after=after, notional=notional, expire_at=expire_at, tif=tif,
            cancel_after=cancel_after, on_partial_fill=on_partial_fill, partial_timeout=partial_timeout,
            reduce_only=reduce_only, strategy=strategy, account=account,
        )
    )  # fmt: skip
    verdict = Client(url).post("/api/risk/check", body).or_stop()
    if json:
        write_json("check", **verdict)
    else:
        write_findings(verdict)
        say()
        say(verdict_line(verdict))
    if not verdict["approved"]:
        raise Stop(denied_code(verdict))


def order(
    side: Side,
    qty: Qty,
    symbol: Symbol = "",
    limit: LimitPrice = "",
    stop: StopPrice = "",
    trail: Trail = "",
    trail_percent: TrailPercent = "",
    take_profit: TakeProfit = "",
    stop_loss: StopLoss = "",
    stop_loss_limit: StopLossLimit = "",
    order_class: Class = "",
    oca_group: OcaGroup = "",
    when: When = "",
    after: After = "",
    notional: Notional = "",
    expire_at: ExpireAt = "",
    tif: Tif = "DAY",
    cancel_after: CancelAfter = "",
    on_partial_fill: OnPartialFill = "",
    partial_timeout: PartialTimeout = "",
    reduce_only: ReduceOnly = False,
    strategy: Strategy = "",
    order_id: Annotated[
        str, typer.Option("--id", help="Your own id of the order; a repeat gets the same answer.")
    ] = "",
    url: Url = DEFAULT_URL,
    account: Account = "",
    json: Json = False,
) -> None:
    """Send an order through the gate. Without --id one is made, and printed.

    What the broker does not take (a type, legs, a condition, a group, an end of its own) Stopline keeps and looks after
    itself, as long as it runs; the answer says so: handling synthetic.
    """
    from stopline.cli.client import Client

    body = body_of(
        OrderTerms(
            side=side, qty=qty, symbol=symbol, limit=limit, stop=stop, trail=trail, trail_percent=trail_percent,
            take_profit=take_profit, stop_loss=stop_loss, stop_loss_limit=stop_loss_limit, order_class=order_class,
            oca_group=oca_group, when=when, after=after, notional=notional, expire_at=expire_at, tif=tif,
            cancel_after=cancel_after, on_partial_fill=on_partial_fill, partial_timeout=partial_timeout,
            reduce_only=reduce_only, strategy=strategy, account=account,
        )
    )  # fmt: skip
    body["client_order_id"] = order_id or _new_id()
    say(f"order {body['client_order_id']}")
    answer = Client(url).post("/api/order", body)
    _finish_order(answer, json=json)


def _finish_order(answer: "Answer", *, json: bool) -> None:
    from stopline.cli.output import facts, write_json
    from stopline.cli.verdict import stop_if_denied

    stop_if_denied("order", answer, json=json)
    body = answer.or_stop()
    if json:
        return write_json("order", accepted=True, **body)
    names = ("client_order_id", "state", "side", "order_qty", "symbol", "order_type", "limit_price", "stop_price")
    ends = ("cancel_after_s", "on_partial_fill", "partial_timeout_s")
    shown = [(name, str(body.get(name) or "")) for name in (*names, "order_class", "handling", "waits_for", *ends)]
    if body.get("handling") == "native":
        shown = shown[: len(names)]
    facts([*shown, ("legs", ", ".join(body.get("legs", ())))])
    for warning in body.get("warnings", ()):
        say(f"warning: {warning}")
    return None


def _new_id() -> str:
    """Return an id that this machine has not used: the time to the nanosecond."""
    import time

    return f"cli-{time.time_ns()}"
