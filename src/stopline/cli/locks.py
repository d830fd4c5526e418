"""Commands about locks: what stands, locking oneself out, the release before the end; and a clock that is right."""

from typing import TYPE_CHECKING, Annotated

import typer

from stopline.cli.examples import examples
from stopline.cli.options import DEFAULT_URL, Account, Json, Limit, Reason, Url, Yes
from stopline.cli.outcome import Exit, Stop, say

if TYPE_CHECKING:
    from stopline.cli.client import Body

clock = typer.Typer(help="Say that the wall clock is right.", no_args_is_help=True)


def add_to(app: typer.Typer) -> None:
    """Add these commands to the app."""
    app.command(epilog=examples("stopline lockouts", "stopline lockouts --past", "stopline lockouts --json"))(lockouts)
    app.command(
        epilog=examples(
            'stopline lock --for 2h --reason "lunch"',
            'stopline lock --until 2026-11-20T22:00:00Z --flatten --reason "enough for today"',
            'stopline lock --for 30min --account paper --yes --reason "news at 14:00"',
        )
    )(lock)
    app.command(
        epilog=examples(
            'stopline unlock lock:self --reason "back at the desk"',
            'stopline unlock lock:daily_total_loss --yes --reason "a bad print, the desk agrees"',
        )
    )(unlock)


def lockouts(
    url: Url = DEFAULT_URL,
    account: Account = "",
    past: Annotated[bool, typer.Option("--past", help="Those that ended, the newest first.")] = False,
    limit: Limit = 50,
    json: Json = False,
) -> None:
    """List what locks the account.

    All that restricts it, its group and its firm: since when, until when, why, and what ends it.
    """
    from stopline.cli.client import Client
    from stopline.cli.output import table, write_json

    body = Client(url).get("/api/risk/lockouts", account=account, limit=limit).or_stop()
    if json:
        return write_json("lockouts", **body)
    if past:
        columns = ("key", "state", "since", "until", "ended", "by", "why it ended", "reason")
        table(columns, [_past_row(each) for each in body["past"]], nothing="nothing was ever locked")
        return None
    columns = ("key", "state", "since", "until", "left", "keeps flat", "reason", "ends by")
    table(columns, [_row(each) for each in body["standing"]], nothing="nothing is locked")
    for each in body["standing"]:
        if each["one_person_from"]:
            from stopline.cli.figures import instant

            say(f"{each['key']}: one person alone may release it from {instant(each['one_person_from'])} on")
    return None


def _row(each: "Body") -> tuple[str, ...]:
    from stopline.cli.client import in_commands
    from stopline.cli.durations import span
    from stopline.cli.figures import instant

    return (
        _key(each),
        str(each["state"]),
        instant(each["since"]),
        instant(each["until"]),
        span(each["left_s"]),
        "yes" if each["keeps_flat"] else "-",
        str(each["reason"]),
        in_commands(str(each["ends"])),
    )


def _past_row(each: "Body") -> tuple[str, ...]:
    from stopline.cli.figures import instant

    return (
        str(each["key"]),
        str(each["state"]),
        instant(each["time"]),
        instant(each["until"]),
        instant(each["lifted_at"]),
        str(each["lifted_by"]),
        str(each["lift_reason"]),
        str(each["reason"]),
    )


def _key(each: "Body") -> str:
    wider = "" if each["scope"] == "account" else f" ({each['scope']} {each['scope_id']})"
    return f"{each['key']}{wider}"


def lock(
    length: Annotated[str, typer.Option("--for", help="How long: 30min, 2h; at most 31 days.")] = "",
    until: Annotated[str, typer.Option(help="Or until when, such as 2026-11-20T22:00:00Z.")] = "",
    flatten: Annotated[
        bool, typer.Option("--flatten", help="Close everything first, and whatever comes up later.")
    ] = False,
    url: Url = DEFAULT_URL,
    account: Account = "",
    yes: Yes = False,
    reason: Reason = "",
    json: Json = False,
) -> None:
    """Lock yourself out for a while.

    No new risk, entries are cancelled, exits go on. It may be lengthened, and not shortened.
    """
    from stopline.cli.client import Client
    from stopline.cli.confirm import confirm
    from stopline.cli.durations import seconds_of
    from stopline.cli.instants import checked
    from stopline.cli.ladder.command import show

    if bool(length) is bool(until):
        raise Stop(Exit.USAGE, "say how long: --for 2h, or --until 2026-11-20T22:00:00Z")
    term = {"for_s": seconds_of("--for", length)} if length else {"until": checked("--until", until)}
    client = Client(url)
    found = client.get("/api/account", account=account).or_stop()
    name = str(found["account"])
    ends = f"for {length}" if length else f"until {until}"
    plan = [f"lock {name} out {ends}: no new risk, entries are cancelled; it cannot be shortened"]
    if flatten:
        plan.append(f"  and close everything: {found['open_positions']} positions, {found['working_orders']} orders")
    reason = confirm(name, plan, yes=yes, reason=reason)
    body: Body = {"account": name, "flatten": flatten, "reason": reason, **term}
    show("lock", client.post("/api/risk/lockout", body).or_stop(), json=json)


def unlock(
    key: Annotated[str, typer.Argument(help="Which lock; `stopline lockouts` lists them.", show_default=False)],
    url: Url = DEFAULT_URL,
    account: Account = "",
    yes: Yes = False,
    reason: Reason = "",
    json: Json = False,
) -> None:
    """Release a lock before its end.

    By a second person; or by one alone once 15 minutes have passed since it began (72 hours where the account is
    armed). Always with a reason.
    """
    from stopline.cli.client import Client
    from stopline.cli.confirm import confirm
    from stopline.cli.ladder.command import show

    client = Client(url)
    name = str(client.get("/api/account", account=account).or_stop()["account"])
    standing = client.get("/api/risk/lockouts", account=name).or_stop()["standing"]
    one = next((each for each in standing if each["key"] == key), None)
    if one is None:
        known = ", ".join(str(each["key"]) for each in standing) or "none"
        raise Stop(Exit.USAGE, f"no lock {key!r} holds {name}", f"locks: {known}")
    plan = [f"release {key} of {name} before its end: {one['reason']}"]
    reason = confirm(name, plan, yes=yes, reason=reason, needs_reason=True)
    body = {"account": name, "key": key, "reason": reason}
    show("unlock", client.post("/api/risk/lockout/release", body).or_stop(), json=json)


@clock.command(epilog=examples('stopline clock trust --reason "set by hand after the power cut"'))
def trust(
    reason: Annotated[str, typer.Option("--reason", help="How it was set, and by whom; it is journaled.")] = "",
    url: Url = DEFAULT_URL,
    json: Json = False,
) -> None:
    """Say that the wall clock is right as it is now.

    While it has stepped away from engine time, accounts only reduce and no lock ends.
    """
    from stopline.cli.client import Client
    from stopline.cli.ladder.command import show

    if not reason:
        raise Stop(Exit.USAGE, "say how the clock was set, and by whom: --reason TEXT; it is journaled")
    show("clock_trust", Client(url).post("/api/clock/trust", {"reason": reason}).or_stop(), json=json)
