"""Commands about what is there already: change or cancel an order, close a position."""

from typing import TYPE_CHECKING, Annotated

import typer

from stopline.cli.examples import examples
from stopline.cli.options import DEFAULT_URL, Account, Json, Url
from stopline.cli.outcome import Exit, Stop

if TYPE_CHECKING:
    from stopline.cli.client import Answer

OrderId = Annotated[str, typer.Argument(help="Your own id of the order.", show_default=False)]


def add_to(app: typer.Typer) -> None:
    """Add these commands to the app."""
    app.command(
        epilog=examples(
            "stopline close AAPL",
            "stopline close AAPL --percent 50",
            "stopline close ESZ6 --qty 1 --account topstep --json",
        )
    )(close)
    app.command(
        epilog=examples(
            "stopline replace TEST-002 --limit 174.50",
            "stopline replace TEST-002 --qty 3 --limit 174.50",
            "stopline replace TEST-002/stop_loss --stop 172",
        )
    )(replace)
    app.command(epilog=examples("stopline cancel TEST-002", "stopline cancel TEST-002 --account paper --json"))(cancel)


def close(
    symbol: Annotated[str, typer.Argument(help="Whose position.", show_default=False)],
    qty: Annotated[str, typer.Option("--qty", help="Only so much of it.")] = "",
    percent: Annotated[str, typer.Option("--percent", help="Only so many percent of it, in whole lots.")] = "",
    url: Url = DEFAULT_URL,
    account: Account = "",
    json: Json = False,
) -> None:
    """Close a position at the market, or a part of it.

    It never turns the position round. Orders of your own that stand in its way are called back first. `flatten` closes
    everything, and cancels all orders.
    """
    from stopline.cli.client import Client, segment

    if qty and percent:
        raise Stop(Exit.USAGE, "give --qty or --percent, not both")
    body = {"account": account, "qty": qty, "percent": percent}
    answer = Client(url).post(f"/api/positions/{segment(symbol)}/close", {k: v for k, v in body.items() if v})
    _finish("close", answer, ("client_order_id", "state", "side", "order_qty", "symbol", "waits_for"), json=json)


def replace(
    order_id: OrderId,
    qty: Annotated[str, typer.Option("--qty", help="Its quantity, what has filled included.")] = "",
    limit: Annotated[str, typer.Option("--limit", help="Its limit price.")] = "",
    stop: Annotated[str, typer.Option("--stop", help="Its stop price.")] = "",
    url: Url = DEFAULT_URL,
    account: Account = "",
    json: Json = False,
) -> None:
    """Change the quantity or the prices of a working order.

    What is left out stays. The gate judges the new terms; until the broker has carried them out old and new both count.
    """
    from stopline.cli.client import Client, segment

    body = {"account": account, "quantity": qty, "price": limit, "stop_price": stop}
    if not any((qty, limit, stop)):
        raise Stop(Exit.USAGE, "nothing to change: give --qty, --limit or --stop")
    answer = Client(url).patch(f"/api/order/{segment(order_id)}", {k: v for k, v in body.items() if v})
    _finish("replace", answer, ("client_order_id", "state", "order_qty", "limit_price", "stop_price"), json=json)


def _finish(kind: str, answer: "Answer", names: tuple[str, ...], *, json: bool) -> None:
    from stopline.cli.output import facts, write_json
    from stopline.cli.verdict import stop_if_denied

    stop_if_denied(kind, answer, json=json)
    body = answer.or_stop()
    if json:
        return write_json(kind, accepted=True, **body)
    return facts([(name, str(body.get(name) or "")) for name in names])


def cancel(
    order_id: OrderId,
    url: Url = DEFAULT_URL,
    account: Account = "",
    json: Json = False,
) -> None:
    """Cancel a working order.

    Asks the broker; the order may still fill until the broker confirms. What Stopline keeps is canceled at once.
    """
    from stopline.cli.client import Client, segment
    from stopline.cli.output import facts, write_json

    body = Client(url).delete(f"/api/order/{segment(order_id)}", account=account).or_stop()
    if json:
        return write_json("cancel", **body)
    return facts([(name, str(value)) for name, value in body.items()])
