"""`stopline limits`: show them, change them. Loosening is asked for twice; tightening is not."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from stopline.cli.examples import examples
from stopline.cli.options import DEFAULT_URL, Account, Json, Reason, Url, Yes
from stopline.cli.outcome import say

if TYPE_CHECKING:
    from stopline.cli.client import Answer, Body, Client

limits = typer.Typer(help="Show and change limits.", no_args_is_help=True)
Symbol = Annotated[str, typer.Option("--symbol", help="The limit of one symbol or futures product.")]


@limits.command(
    epilog=examples("stopline limits show", "stopline limits show --symbol TSLA", "stopline limits show --json")
)
def show(url: Url = DEFAULT_URL, account: Account = "", symbol: Symbol = "", json: Json = False) -> None:
    """Show every limit of the account.

    What is `none` is not armed and protects nothing.
    """
    from stopline.cli.client import Client
    from stopline.cli.limit_text import shown
    from stopline.cli.output import facts, write_json

    now = _current(Client(url), account, symbol)
    if json:
        return write_json("limits", symbol=symbol or None, limits=now)
    return facts([(name, shown(name, value)) for name, value in now.items()])


@limits.command(
    "set",
    epilog=examples(
        "stopline limits set daily_loss=2500 max_order_notional=500",
        "stopline limits set concentration=20% order_rate='5 / 1 s' --dry-run",
        "stopline limits set --symbol TSLA max_position=2000",
        'stopline limits set max_order_notional=5000 --yes --reason "agreed with risk"',
    ),
)
def set_(
    changes: Annotated[list[str], typer.Argument(help="name=value, in the units of the configuration; none disarms.")],
    url: Url = DEFAULT_URL,
    account: Account = "",
    symbol: Symbol = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would change, and change nothing.")] = False,
    yes: Yes = False,
    reason: Reason = "",
    json: Json = False,
) -> None:
    """Change limits, by the names and in the units of the configuration.

    Tightening takes effect at once. Loosening is shown first and wants the account typed; on
    an armed account it waits, or needs a second person.
    """
    from stopline.cli.client import Client
    from stopline.cli.confirm import confirm
    from stopline.cli.limit_text import loosens, read_changes, shown, to_json
    from stopline.cli.output import write_json

    wanted = read_changes(changes, symbol=bool(symbol))
    client = Client(url)
    now = _current(client, account, symbol)
    plan = [
        f"{name}: {shown(name, now.get(name))} -> {shown(name, to_json(name, new))}" for name, new in wanted.items()
    ]
    loose = loosens(now, wanted, symbol=bool(symbol))
    if dry_run:
        for line in plan:
            say(line)
        say(f"loosens: {', '.join(loose)}" if loose else "nothing is loosened")
        return None
    if loose:
        name = str(client.get("/api/account", account=account).or_stop()["account"])
        plan.append(f"this loosens {', '.join(loose)} of {name}")
        reason = confirm(name, plan, yes=yes, reason=reason)
    answer = _put(client, {name: to_json(name, value) for name, value in wanted.items()}, account, symbol, reason)
    done = answer.or_stop()
    if json:
        return write_json("limits_set", status=answer.status, **done)
    if answer.status == 202:
        return say(str(done["message"]))
    for line in plan[: len(wanted)]:
        say(line)
    return None


def _put(client: "Client", body: "Body", account: str, symbol: str, reason: str) -> "Answer":
    from stopline.cli.client import segment

    if symbol and "concentration" in body:
        body["max_concentration_pct"] = _as_percent(body.pop("concentration"))
    body |= {name: value for name, value in (("account", account), ("reason", reason)) if value}
    return client.put(f"/api/risk/position-limits/{segment(symbol)}" if symbol else "/api/risk/limits", body)


def _current(client: "Client", account: str, symbol: str) -> "Body":
    """Return the limits as exact text under their own names."""
    from stopline.cli.client import segment

    if not symbol:
        return client.get("/api/risk/limits", account=account, detail="all").or_stop()
    found = client.get(f"/api/risk/position-limits/{segment(symbol)}", account=account).or_stop()
    share = found.get("max_concentration_pct")
    return {
        "max_position": found.get("max_position"),
        "concentration": None if share is None else _as_ratio(share),
        "max_position_qty": found.get("max_position_qty"),
    }


def _as_ratio(percent: Any) -> str:
    from stopline.model.numbers import parse_percent, render_ratio

    return render_ratio(parse_percent(str(percent)))


def _as_percent(ratio: Any) -> str | None:
    from stopline.model.numbers import parse_ratio, render_percent

    return None if ratio is None else render_percent(parse_ratio(ratio))
