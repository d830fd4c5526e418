"""Climb down the ladder until somebody has done it, and say what was done."""

from msgspec import structs

from stopline.cli.client import Body
from stopline.cli.confirm import confirm
from stopline.cli.ladder.climb import Where, rungs
from stopline.cli.ladder.server import Rung
from stopline.cli.ladder.wanted import Lost, Steps, Wanted
from stopline.cli.outcome import Exit, Stop, say
from stopline.cli.output import facts, write_json

SCOPES = ("account", "group", "firm")


def stop_trading(wanted: Wanted, where: Where, *, yes: bool, json: bool) -> None:
    """Have it done on the first rung that holds; ends the command with what was said."""
    if wanted.scope not in SCOPES:
        raise Stop(Exit.USAGE, f"--scope {wanted.scope!r} is not known; write {', '.join(SCOPES)}")
    steps = Steps()
    has_agreed = False
    for rung in rungs(where, wanted.account, steps):
        try:
            if not has_agreed:
                wanted = structs.replace(wanted, account=rung.account(wanted.account))
                wanted, has_agreed = _agreed(rung, wanted, yes=yes), True
            done = rung.do(wanted)
        except Lost as lost:
            steps.tell(rung.name, f"{lost}; nobody knows whether it was done, so it is asked for again")
            continue
        show(wanted.word, done, via=rung.name, steps=steps.listed, json=json)
        return


def _agreed(rung: Rung, wanted: Wanted, *, yes: bool) -> Wanted:
    """Let a person see and agree to it; returns it with the reason."""
    plan = [wanted.headline(), *rung.plan(wanted)]
    return structs.replace(wanted, reason=confirm(wanted.account, plan, yes=yes, reason=wanted.reason))


def show(kind: str, done: Body, *, json: bool, **beside: object) -> None:
    """Say what was done, or set in motion; the exit code says whether something is left."""
    if json:
        write_json(kind, **done, **beside)
    else:
        facts([(name, _text(value)) for name, value in done.items() if name != "accounts"])
    left_open = done.get("not_closed")
    if left_open:
        say(f"still open, the close was denied: {', '.join(left_open)} (stopline alerts says why)")
    for each in done.get("accounts", ()):
        _show_account(each)
    if left_open:
        raise Stop(Exit.REFUSED)
    if done.get("confirmed") is False:
        raise Stop(Exit.DEGRADED, "NOT CONFIRMED: look at your broker, and run this again")


def _show_account(account: Body) -> None:
    """Say how an account stands at the end."""
    held = [f"{one['side']} {one['qty']} {one['symbol']}" for one in account["positions"]]
    worked = [one["client_order_id"] for one in account["orders"]]
    state = "killed" if account["is_killed"] else account["trading_state"]
    say(f"{account['account']}: {state}, holds {', '.join(held) or 'nothing'}, works {', '.join(worked) or 'nothing'}")


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(str(each) for each in value) or "-"
    return "-" if value is None else str(value)
