"""Commands that only look: status, orders, positions, headroom, alerts, breakers, fills."""

from typing import TYPE_CHECKING, Annotated

import typer

from stopline.cli.examples import examples
from stopline.cli.options import DEFAULT_URL, Account, Json, Limit, Url
from stopline.cli.orders import orders
from stopline.cli.outcome import Exit, Stop, say

if TYPE_CHECKING:
    from stopline.cli.client import Body, Client


def add_to(app: typer.Typer) -> None:
    """Add these commands to the app."""
    app.command(
        epilog=examples("stopline status", "stopline status --watch", "stopline status --json | jq .account.equity")
    )(status)
    app.command(
        epilog=examples(
            "stopline orders",
            "stopline orders --status live",
            "stopline orders --symbol AAPL --json",
            "stopline orders --history TEST-002",
        )
    )(orders)
    app.command(epilog=examples("stopline fills", "stopline fills --symbol SPY --limit 10 --json"))(fills)
    app.command(epilog=examples("stopline positions", "stopline positions --json"))(positions)
    app.command(epilog=examples("stopline headroom", "stopline headroom --json"))(headroom)
    app.command(epilog=examples("stopline alerts", "stopline alerts --limit 10 --json"))(alerts)
    app.command(epilog=examples("stopline breakers", "stopline breakers --json"))(breakers)


def _client(url: str) -> "Client":
    from stopline.cli.client import Client

    return Client(url)


def status(
    url: Url = DEFAULT_URL,
    account: Account = "",
    watch: Annotated[bool, typer.Option("--watch", help="Again every second, until Ctrl-C.")] = False,
    json: Json = False,
) -> None:
    """Show the account and Stopline's health.

    What it may do, what it is worth, how the day went, and what does not work.

    Exit code 4: the account is locked (reducing or halted). 5: Stopline cannot do all of its work.
    """
    import sys
    import time

    client = _client(url)
    if not watch:
        raise Stop(_status(client, account, json=json))
    if json or not sys.stdout.isatty():
        raise Stop(Exit.USAGE, "--watch draws on a terminal; leave it out for a script")
    while True:
        print("\x1b[2J\x1b[H", end="")
        _status(client, account, json=False)
        time.sleep(1)


def _status(client: "Client", account: str, *, json: bool) -> Exit:
    from stopline.cli.output import write_json

    health = client.get("/health").body
    found = client.get("/api/account", account=account)
    if not found.is_done and found.status < 500:
        found.or_stop()
    body: Body = found.body if found.is_done else {}
    if json:
        write_json("status", url=client.url, health=health, account=body or None)
    else:
        _show_status(client.url, health, body)
    return _status_code(health, body)


def _status_code(health: "Body", account: "Body") -> Exit:
    if account.get("trading_state") in ("reducing", "halted"):
        return Exit.LOCKED
    return Exit.OK if health.get("status") == "ok" and account else Exit.DEGRADED


def market_label(market: object) -> str:
    """Return a market's name, with the word that says that its prices are made up."""
    text = str(market)
    return f"{text} (made-up prices)" if text.startswith("synthetic") else text


def _show_status(url: str, health: "Body", body: "Body") -> None:
    from stopline.cli.figures import UNKNOWN, instant, money, words
    from stopline.cli.output import facts

    pnl = f"{money(body.get('total_pnl'), signed=True)}  realized {money(body.get('realized_pnl'), signed=True)}"
    pnl += f"  unrealized {money(body.get('unrealized_pnl'), signed=True)}"
    unpriced = body.get("unpriced") or []
    facts(
        [
            ("account", f"{words(body.get('account'))}  {words(body.get('mode'))}  at {url}"),
            ("market", market_label(health.get("market", UNKNOWN))),
            ("state", words(body.get("trading_state"))),
            *(("", f"{each['key']}: {_until(each, health.get('at'))}") for each in body.get("restrictions", [])),
            *(("breach", f"{each['rule']} ({each['mode']}): {each['reason']}") for each in body.get("breaches", [])),
            *(("owed", owed_line(each)) for each in body.get("obligations", [])),
            ("equity", f"{money(body.get('equity'))} {body.get('currency', '')}"),
            ("day P&L", pnl),
            ("cash", money(body.get("cash"))),
            ("margin", f"{money(body.get('initial_margin'))} used, {money(body.get('available_margin'))} available"),
            ("positions", words(body.get("open_positions"))),
            ("orders", f"{words(body.get('working_orders'))} working"),
            ("not priced", ", ".join(unpriced)),
            ("trading day", f"{words(body.get('trading_day'))}, ends {instant(body.get('resets_at'))}"),
            ("health", _health(health)),
            ("feed", f"last quote {words(health.get('feed_age_s'))} s ago"),
        ]
    )
    for problem in (*health.get("problems", []), *(f"waits for {each}" for each in health.get("waiting_for", []))):
        say(f"! {problem}")


def _until(restriction: "Body", at: object) -> str:
    """Return what restricts, and until when; the countdown is from the server's time."""
    from stopline.cli.durations import seconds_between, span
    from stopline.cli.figures import instant

    until = restriction.get("until")
    left = seconds_between(at, until)
    counted = "" if left is None else f" ({span(max(0, left))} left)"
    ends = f"until {instant(until)}{counted}" if until else "until lifted"
    flat = "; what comes up meanwhile is closed" if restriction.get("keeps_flat") else ""
    return f"{restriction['state']}, {restriction['reason']}, {ends}{flat}"


def owed_line(owed: "Body") -> str:
    """Return what is owed, since when, and how far it is."""
    from stopline.cli.durations import span

    what = f"{owed['kind']} {owed['symbol']}".rstrip()
    tries = f", failed {owed['attempts']} times" if owed["attempts"] else ""
    text = f": {owed['text']}" if owed["text"] else ""
    return f"{what} ({owed['cause']}), {owed['state']} for {span(owed['age_s'])}{tries}{text}"


def _health(health: "Body") -> str:
    status, mode, store = (health.get(name, "unknown") for name in ("status", "mode", "store"))
    return f"{status}, mode {mode}, store {store}"


def fills(
    url: Url = DEFAULT_URL,
    account: Account = "",
    symbol: Annotated[str, typer.Option(help="Only this symbol.")] = "",
    limit: Limit = 50,
    json: Json = False,
) -> None:
    """List executions, the newest first."""
    from stopline.cli.figures import instant, money, number
    from stopline.cli.output import table, write_json

    body = _client(url).get("/api/executions", account=account, symbol=symbol, limit=limit).or_stop()
    if json:
        return write_json("fills", **body)
    columns = ("time", "order", "side", "qty", "symbol", "price", "fee", "exec id")
    rows = [
        (
            instant(each["executed_at"]),
            str(each["client_order_id"]) or "(external)",
            str(each["side"]),
            number(each["qty"]),
            str(each["symbol"]),
            number(each["price"]),
            money(each["fee"]),
            f"{each['exec_id']}{' (taken back)' if each.get('voided') else ''}",
        )
        for each in body["executions"]
    ]
    table(columns, rows, right=("qty", "price", "fee"), nothing="no fills")
    return None


def positions(url: Url = DEFAULT_URL, account: Account = "", json: Json = False) -> None:
    """List positions.

    What is held or worked; lowest and highest are where working orders could take it.
    """
    from stopline.cli.figures import money, number
    from stopline.cli.output import table, write_json

    body = _client(url).get("/api/positions", account=account).or_stop()
    if json:
        return write_json("positions", **body)
    columns = ("symbol", "side", "qty", "average", "mark", "value", "day P&L", "open P&L", "lowest", "highest")
    rows = [
        (
            str(each["symbol"]),
            str(each["side"]),
            number(each["qty"]),
            number(each["avg_entry_price"]),
            number(each["mark_price"]),
            money(each["market_value"]),
            money(each["unrealized_pnl"], signed=True),
            money(each["open_pnl"], signed=True),
            number(each["lowest"]),
            number(each["highest"]),
        )
        for each in body["positions"]
    ]
    table(columns, rows, right=columns[2:], nothing="no positions")
    return None


def headroom(url: Url = DEFAULT_URL, account: Account = "", json: Json = False) -> None:
    """Show how far each limit is.

    The nearest first; limits that are not armed protect nothing, and stand last.
    """
    from stopline.cli.figures import words
    from stopline.cli.output import table, write_json
    from stopline.cli.verdict import in_unit

    body = _client(url).get("/api/headroom", account=account).or_stop()
    if json:
        return write_json("headroom", **body)
    columns = ("check or rule", "scope", "status", "used", "limit", "acts at", "left", "used %", "")
    rows = [
        (
            f"{each['check']} (rule)" if each.get("kind") == "rule" else str(each["check"]),
            str(each["scope"]),
            str(each["status"]),
            in_unit(each["used"], each["unit"], each["check"]),
            in_unit(each["limit"], each["unit"], each["check"]),
            _acts_at(each),
            in_unit(each["left"], each["unit"], each["check"]),
            words(each["used_pct"]),
            _remark(each),
        )
        for each in body["headroom"]
    ]
    table(columns, rows, right=columns[3:8], nothing="no limits")
    return None


def _acts_at(row: "Body") -> str:
    """Return where a rule acts, if not at its limit."""
    from stopline.cli.verdict import in_unit

    is_same = row.get("kind") != "rule" or row["acts_at"] == row["limit"]
    return "" if is_same else in_unit(row["acts_at"], row["unit"], row["check"])


def _remark(row: "Body") -> str:
    """Return what is wrong with a limit; else where it would stand tomorrow."""
    from stopline.cli.verdict import in_unit

    if row["defect"] or row.get("projected") in (None, row.get("acts_at")):
        return str(row["defect"] or "")
    return f"tomorrow {in_unit(row['projected'], row['unit'], row['check'])}, if the day ended now"


def alerts(url: Url = DEFAULT_URL, account: Account = "", limit: Limit = 50, json: Json = False) -> None:
    """List alerts, the newest first."""
    from stopline.cli.figures import instant
    from stopline.cli.output import table, write_json

    body = _client(url).get("/api/risk/alerts", account=account, limit=limit).or_stop()
    if json:
        return write_json("alerts", **body)
    rows = [
        (
            instant(each["time"]),
            str(each["severity"]),
            str(each["alert_type"]),
            str(each["symbol"]),
            str(each["message"]),
        )
        for each in body["alerts"]
    ]
    table(("time", "severity", "type", "symbol", "message"), rows, nothing="no alerts")
    return None


def breakers(url: Url = DEFAULT_URL, account: Account = "", json: Json = False) -> None:
    """List circuit breakers.

    Open and past ones, with what tripped them.
    """
    from stopline.cli.figures import instant
    from stopline.cli.output import table, write_json

    body = _client(url).get("/api/risk/circuit-breakers", account=account).or_stop()
    if json:
        return write_json("breakers", **body)
    columns = ("id", "open", "type", "value", "threshold", "tripped", "expires", "reset", "reason")
    rows = [
        (
            str(each["breaker_id"]),
            "open" if each["active"] else "past",
            str(each["trigger_type"]),
            str(each["trigger_value"]),
            str(each["threshold"]),
            instant(each["tripped_at"]),
            instant(each["expires_at"]) if each["expires_at"] else "by hand",
            f"{instant(each['reset_at'])} by {each['reset_by']}" if each["reset_at"] else "-",
            str(each["reason"]),
        )
        for each in body["circuit_breakers"]
    ]
    table(columns, rows, right=("value", "threshold"), nothing="no breaker was ever open")
    return None
