"""Commands that look at account rules: what they are, what they found, and what is owed for it."""

from typing import TYPE_CHECKING, Annotated, Final

import typer

from stopline.cli.examples import examples
from stopline.cli.options import DEFAULT_URL, Account, Json, Limit, Url
from stopline.cli.outcome import say

if TYPE_CHECKING:
    from stopline.cli.client import Body


_NOTHING: Final = ("none", "{}", "[]")
"""Terms that say nothing."""


def add_to(app: typer.Typer) -> None:
    """Add these commands to the app."""
    app.command(epilog=examples("stopline rules", "stopline rules --breaches", "stopline rules --json | jq .rules"))(
        rules
    )
    app.command(epilog=examples("stopline obligations", "stopline obligations --past", "stopline obligations --json"))(
        obligations
    )


def rules(
    url: Url = DEFAULT_URL,
    account: Account = "",
    breaches: Annotated[bool, typer.Option("--breaches", help="What they found, now and before.")] = False,
    limit: Limit = 50,
    json: Json = False,
) -> None:
    """Show the account rules.

    Each rule that is armed, what becomes of its verdicts (enforce, warn or shadow), its terms, and what it finds now.
    Rules are set in the configuration: `stopline config show`.
    """
    from stopline.cli.client import Client
    from stopline.cli.output import table, write_json

    if breaches:
        return _breaches(url, account, limit, json=json)
    body = Client(url).get("/api/rules", account=account).or_stop()
    if json:
        return write_json("rules", **body)
    armed = [each for each in body["rules"] if each["status"] == "armed"]
    rows = [(str(each["rule"]), str(each["mode"]), _terms(each), _now(each)) for each in armed]
    table(("rule", "mode", "terms", "now"), rows, nothing="no rule is armed: nothing watches this account")
    unarmed = [str(each["rule"]) for each in body["rules"] if each["status"] != "armed"]
    if armed and unarmed:
        say(f"not armed, so that nothing watches for it: {', '.join(unarmed)}")
    waiting = body["proposal"]
    if waiting:
        from stopline.cli.figures import instant

        text = f"a loosening of {waiting['actor']} waits until {instant(waiting['effective_at'])}"
        say(f"{text}, or for a second person: POST /api/rules/approve")
    return None


def _terms(rule: "Body") -> str:
    return ", ".join(f"{name} {value}" for name, value in rule["terms"].items() if value not in _NOTHING) or "-"


def _now(rule: "Body") -> str:
    """Return what it finds, else what it measures beside its limit."""
    found = "; ".join(str(each["reason"]) for each in rule["breaches"])
    return found or "; ".join(_measure(each) for each in rule["measures"]) or "in bounds"


def _measure(each: "Body") -> str:
    from stopline.cli.verdict import in_unit

    seen, limit = (in_unit(each[name], each["unit"]) for name in ("observed", "limit"))
    what = f"{each['key']}: " if each["key"] else ""
    return f"{what}{'unknown' if each['observed'] is None else seen}, limit {limit}"


def _breaches(url: str, account: str, limit: int, *, json: bool) -> None:
    from stopline.cli.client import Client
    from stopline.cli.figures import instant
    from stopline.cli.output import table, write_json

    body = Client(url).get("/api/risk/breaches", account=account, limit=limit).or_stop()
    if json:
        return write_json("breaches", **body)
    rows = [
        (instant(each["since"]), "-", str(each["rule"]), str(each["mode"]), str(each["reason"]), _asked(each))
        for each in body["open"]
    ]
    rows += [
        (
            instant(each["time"]),
            instant(each["ended_at"]),
            str(each["rule"]),
            str(each["mode"]),
            str(each["reason"]),
            _asked(each),
        )
        for each in body["past"]
    ]
    table(("since", "ended", "rule", "mode", "what it found", "asks for"), rows, nothing="no rule was ever broken")
    return None


def _asked(breach: "Body") -> str:
    return ", ".join(breach["asks_for"])


def obligations(
    url: Url = DEFAULT_URL,
    account: Account = "",
    past: Annotated[bool, typer.Option("--past", help="Those that ended, the newest first.")] = False,
    limit: Limit = 50,
    json: Json = False,
) -> None:
    """List what Stopline owes the account.

    A flat account, a closed position, a stop: since when, how often it failed, when it is tried again, and how often
    people were told. It ends when it is done, and not before.
    """
    from stopline.cli.client import Client
    from stopline.cli.output import table, write_json

    body = Client(url).get("/api/risk/obligations", account=account, limit=limit).or_stop()
    if json:
        return write_json("obligations", **body)
    if past:
        ended = ("id", "opened", "ended", "what", "cause", "outcome", "why")
        table(ended, [_past_row(each) for each in body["past"]], nothing="nothing was ever owed")
        return None
    columns = ("id", "what", "cause", "state", "age", "failed", "told", "next try", "text")
    table(columns, [_open_row(each) for each in body["open"]], right=("failed", "told"), nothing="nothing is owed")
    return None


def _open_row(each: "Body") -> tuple[str, ...]:
    from stopline.cli.durations import span
    from stopline.cli.figures import instant, words

    return (
        str(each["obligation_id"]),
        _what(each),
        str(each["cause"]),
        str(each["state"]),
        span(each["age_s"]),
        str(each["attempts"]),
        str(each["escalations"]),
        instant(each["next_at"]),
        words(each["text"]),
    )


def _past_row(each: "Body") -> tuple[str, ...]:
    from stopline.cli.figures import instant

    return (
        str(each["obligation_id"]),
        instant(each["opened_at"]),
        instant(each["closed_at"]),
        _what(each),
        str(each["cause"]),
        str(each["outcome"]),
        str(each["end_reason"]),
    )


def _what(each: "Body") -> str:
    most = f" to {each['qty']}" if each["qty"] else ""
    return f"{each['kind']} {each['symbol']}".rstrip() + most
