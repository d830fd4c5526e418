"""Commands that stop trading, and those that let it go on: flatten, kill, release, breaker."""

from typing import TYPE_CHECKING, Annotated

import typer

from stopline.cli.examples import examples
from stopline.cli.options import DEFAULT_URL, Account, Json, Reason, Url, Yes
from stopline.cli.outcome import Exit, Stop, say

if TYPE_CHECKING:
    from stopline.cli.client import Body, Client

breaker = typer.Typer(help="Trip or reset a circuit breaker.", no_args_is_help=True)


def add_to(app: typer.Typer) -> None:
    """Add these commands to the app."""
    app.command(
        epilog=examples(
            "stopline flatten",
            "stopline flatten --symbol AAPL",
            'stopline flatten --account paper --yes --reason "end of day"',
        )
    )(flatten)
    app.command(
        epilog=examples(
            "stopline kill",
            "stopline kill --keep-positions",
            'stopline kill --account paper --yes --reason "bot runs wild"',
        )
    )(kill)
    app.command(epilog=examples("stopline release", 'stopline release --yes --reason "bot fixed and tested"'))(release)
    app.add_typer(breaker, name="breaker")


def flatten(
    url: Url = DEFAULT_URL,
    account: Account = "",
    symbol: Annotated[str, typer.Option(help="Only this instrument.")] = "",
    yes: Yes = False,
    reason: Reason = "",
    json: Json = False,
) -> None:
    """Cancel all orders, close all positions.

    Of the account, or of one symbol.
    """
    client, name = _agree(url, account)
    plan = [f"flatten {name}{f', only {symbol}' if symbol else ''}:", *_plan(client, name, symbol)]
    reason = _confirm(name, plan, yes=yes, reason=reason)
    body = {"account": name, "reason": reason, "symbol": symbol}
    _done(client, "flatten", "/api/flatten", body, json=json)


def kill(
    url: Url = DEFAULT_URL,
    account: Account = "",
    scope: Annotated[str, typer.Option(help="How wide: account, group or firm.")] = "account",
    keep_positions: Annotated[bool, typer.Option("--keep-positions", help="Close nothing.")] = False,
    yes: Yes = False,
    reason: Reason = "",
    json: Json = False,
) -> None:
    """Pull the kill switch.

    Halts the account, cancels entries, and closes positions unless --keep-positions. Only `stopline release` lifts it.
    """
    client, name = _agree(url, account)
    closing = [] if keep_positions else _plan(client, name, "")
    kept = "positions are kept" if keep_positions else "positions are closed"
    plan = [f"kill {scope} of {name}: no new orders, entries are cancelled, {kept}", *closing]
    reason = _confirm(name, plan, yes=yes, reason=reason)
    body: Body = {"account": name, "reason": reason, "scope": scope}
    if keep_positions:
        body["keep_positions"] = True
    _done(client, "kill", "/api/kill", body, json=json)


def release(
    url: Url = DEFAULT_URL,
    account: Account = "",
    yes: Yes = False,
    reason: Reason = "",
    json: Json = False,
) -> None:
    """Release the kill switch.

    By a second person, or after 15 minutes; always with a reason.
    """
    client, name = _agree(url, account)
    plan = [f"release the kill switch of {name}: new orders may go again"]
    reason = _confirm(name, plan, yes=yes, reason=reason, needs_reason=True)
    _done(client, "release", "/api/release", {"account": name, "reason": reason}, json=json)


@breaker.command(
    epilog=examples(
        "stopline breaker reset 1",
        'stopline breaker reset 1 --yes --reason "limit raised, position closed"',
    )
)
def reset(
    breaker_id: Annotated[int, typer.Argument(help="Which breaker; `stopline breakers` lists them.")],
    url: Url = DEFAULT_URL,
    account: Account = "",
    yes: Yes = False,
    reason: Reason = "",
    json: Json = False,
) -> None:
    """Reset a circuit breaker. Refused while what tripped it still holds; the day's baseline never moves."""
    from stopline.cli.client import Client

    client = Client(url)
    found = client.get("/api/risk/circuit-breakers", account=account).or_stop()["circuit_breakers"]
    one = next((each for each in found if each["breaker_id"] == breaker_id), None)
    if one is None:
        raise Stop(Exit.USAGE, f"there is no breaker {breaker_id}", "`stopline breakers` lists them")
    name = str(one["account"])
    plan = [f"reset breaker {breaker_id} of {name}: {one['trigger_type']}, {one['reason']}"]
    reason = _confirm(name, plan, yes=yes, reason=reason)
    body = {"breaker_id": breaker_id, "reason": reason}
    _done(client, "breaker_reset", "/api/risk/circuit-breaker/reset", body, json=json)


@breaker.command(epilog=examples("stopline breaker trip", 'stopline breaker trip --yes --reason "news at 14:00"'))
def trip(
    url: Url = DEFAULT_URL,
    account: Account = "",
    expires_at: Annotated[str, typer.Option(help="Closes by itself then, such as 2026-11-20T21:00:00Z.")] = "",
    yes: Yes = False,
    reason: Reason = "",
    json: Json = False,
) -> None:
    """Trip a circuit breaker by hand: no new risk, exits go on, entries are cancelled."""
    client, name = _agree(url, account)
    until = f"until {expires_at}" if expires_at else "until somebody resets it"
    plan = [f"trip a circuit breaker of {name}: only reducing orders go, {until}"]
    reason = _confirm(name, plan, yes=yes, reason=reason)
    body = {"account": name, "reason": reason, "expires_at": expires_at}
    _done(client, "breaker_trip", "/api/risk/circuit-breaker/trip", body, json=json)


def _agree(url: str, account: str) -> tuple["Client", str]:
    """Return a client, and the account that is meant."""
    from stopline.cli.client import Client

    client = Client(url)
    return client, str(client.get("/api/account", account=account).or_stop()["account"])


def _plan(client: "Client", account: str, symbol: str) -> list[str]:
    """Return what is held and worked, for a person to agree to; what cannot be listed is no reason to stop."""
    lines = []
    held = client.get("/api/positions", account=account)
    if not held.is_done:
        return ["  (what is held cannot be listed now)"]
    for each in held.body["positions"]:
        if symbol not in ("", each["symbol"], each["instrument_id"]):
            continue
        worked = f", working {each['working_buys']} to buy and {each['working_sells']} to sell"
        lines.append(f"  {each['symbol']}: {each['side']} {each['qty']}{worked}")
    return lines or ["  nothing is held or worked"]


def _confirm(account: str, plan: list[str], *, yes: bool, reason: str, needs_reason: bool = False) -> str:
    from stopline.cli.confirm import confirm

    return confirm(account, plan, yes=yes, reason=reason, needs_reason=needs_reason)


def _done(client: "Client", kind: str, path: str, body: "Body", *, json: bool) -> None:
    """Have it done, and say what was set in motion."""
    from stopline.cli.output import facts, write_json

    done = client.post(path, {name: value for name, value in body.items() if value != ""}).or_stop()
    if json:
        return write_json(kind, **done)
    facts([(name, _text(value)) for name, value in done.items()])
    blocked = done.get("protective_order_working")
    if blocked:
        say(f"not closed yet, own orders stand in the way: {', '.join(blocked)}")
    left_open = done.get("not_closed")
    if left_open:
        say(f"still open, the close was denied: {', '.join(left_open)} (stopline alerts says why)")
    if blocked or left_open:
        raise Stop(Exit.REFUSED)
    return None


def _text(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(str(each) for each in value) or "-"
    return "-" if value is None else str(value)
