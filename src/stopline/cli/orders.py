"""`stopline orders`: the list, legs under their parents, and what became of one order, step by step."""

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated

import typer

from stopline.cli.options import DEFAULT_URL, Account, Json, Limit, Url
from stopline.cli.outcome import say

if TYPE_CHECKING:
    from stopline.cli.client import Body, Client


def orders(
    url: Url = DEFAULT_URL,
    account: Account = "",
    status: Annotated[str, typer.Option(help="A state, denied, live or ended.")] = "",
    symbol: Annotated[str, typer.Option(help="Only this symbol.")] = "",
    limit: Limit = 50,
    history: Annotated[str, typer.Option(help="One order, by its id: each change that it went through.")] = "",
    json: Json = False,
) -> None:
    """List orders, the newest first.

    Legs stand under their parents. Handling native: the broker has it as it was asked for. Synthetic: Stopline
    keeps it, or part of it, and looks after that only while it runs.
    """
    from stopline.cli.client import Client

    if history:
        return _history(Client(url), account, history, json=json)
    query = {"account": account, "status": status, "symbol": symbol, "limit": limit}
    return _list(Client(url).get("/api/orders", **query).or_stop(), limit, json=json)


def _list(body: "Body", limit: int, *, json: bool) -> None:
    from stopline.cli.figures import instant, number
    from stopline.cli.output import table, write_json

    if json:
        return write_json("orders", **body)
    columns = (
        "time", "id", "state", "handling", "side", "qty", "filled", "symbol", "type", "limit", "stop", "average", "",
    )  # fmt: skip
    rows = [
        (
            instant(each["updated_at"]),
            name,
            str(each["state"]),
            str(each.get("handling") or "") if each["state"] != "denied" else "",
            str(each["side"]),
            number(each["order_qty"]),
            number(each["cum_qty"]),
            str(each["symbol"]),
            _type(each),
            number(each["limit_price"]),
            number(each["stop_price"]),
            number(each["avg_price"]),
            _why(each),
        )
        for name, each in _families(body["orders"])
    ]
    table(columns, rows, right=("qty", "filled", "limit", "stop", "average"), nothing="no orders")
    if body.get("next_cursor"):
        say(f"there are more; --limit shows more than {limit}")
    return None


def _families(found: list["Body"]) -> Iterable[tuple[str, "Body"]]:
    """Yield orders with the names to show: legs indented after their parent, where that is on the page."""
    listed = {(each.get("account"), each["client_order_id"]) for each in found}
    legs: dict[tuple[object, object], list[Body]] = {}
    for each in found:
        if each.get("parent"):
            legs.setdefault((each.get("account"), each["parent"]), []).append(each)
    for each in found:
        if (each.get("account"), each.get("parent")) in listed:
            continue
        yield str(each["client_order_id"]), each
        for leg in reversed(legs.get((each.get("account"), each["client_order_id"]), ())):
            yield f"  {leg['client_order_id']}", leg


def _type(order: "Body") -> str:
    sent_as = order.get("sent_as")
    return f"{order['order_type']} as {sent_as}" if sent_as else str(order["order_type"])


def _why(order: "Body") -> str:
    waits_for = order.get("waits_for")
    return f"waits for {waits_for}" if waits_for else str(order["reason"])


def _history(client: "Client", account: str, order_id: str, *, json: bool) -> None:
    from stopline.cli.client import segment
    from stopline.cli.figures import instant, number
    from stopline.cli.output import table, write_json

    path = f"/api/order/{segment(order_id)}"
    body = client.get(path, account=account, history="true").or_stop()
    if json:
        return write_json("order_history", **body)
    columns = ("time", "what", "state", "qty", "filled", "limit", "stop", "id at the broker", "by", "why")
    rows = [
        (
            instant(each["time"]),
            event_words(str(each["event"])),
            str(each["state"]),
            number(each["order_qty"]),
            number(each["cum_qty"]),
            number(each["limit_price"]),
            number(each["stop_price"]),
            str(each["routed_order_id"]),
            str(each["actor"]),
            str(each["reason"]),
        )
        for each in body["history"]
    ]
    table(columns, rows, right=("qty", "filled", "limit", "stop"), nothing="nothing happened to it yet")
    for name in ("waits_for", "parent", "legs"):
        if body.get(name):
            words = body[name] if isinstance(body[name], str) else ", ".join(body[name])
            say(f"{name.replace('_', ' ')} {words}")
    return None


def event_words(event: str) -> str:
    """Return an event's name as words: OrderReleased is `released`, CancelRequested `cancel requested`."""
    found = [word.lower() for word in re.findall("[A-Z][a-z]*", event)]
    return " ".join(found[1:] if found[:1] == ["order"] and len(found) > 1 else found)
