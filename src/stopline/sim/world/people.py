"""People who watch over accounts: they flatten, kill, lock, loosen, tighten, approve and release."""

from typing import Any

from msgspec import structs

from stopline.messages import inputs as i
from stopline.model.limits import Limits
from stopline.model.numbers import QTY_ONE, SECOND, Money, Nanos
from stopline.sim.world.plan import Act
from stopline.state.account import AccountState


def risk_deed(act: Act, account: AccountState, now: Nanos) -> list[i.Input]:
    """Return what is asked, mostly by ann."""
    n, name = act.numbers, account.terms.account
    match act.deed:
        case "flatten":
            return [i.Flatten(account=name, reason="simulated")]
        case "kill":
            return [i.Kill(account=name, keep_positions=n[1] % 3 == 0, reason="simulated", actor="ann")]
        case "own release":
            kill = i.Kill(account=name, keep_positions=True, reason="simulated", actor="ann")
            return [kill, i.ReleaseKill(account=name, reason="simulated: he thinks again", actor="ann")]
        case "lock":
            until = now + (1 + n[1] % 90) * 60 * SECOND
            return [i.LockOut(account=name, until=until, flatten=n[2] % 2 == 0, reason="simulated", actor="ann")]
        case "arm":
            return [i.ArmAccount(account=name, actor="ann")]
        case "approve":
            who = "ann" if n[1] % 3 == 0 else "bob"
            return [i.ApproveLimits(account=name, proposal_id=each, actor=who) for each in account.limits.proposals]
        case "trip":
            return [i.TripBreaker(account=name, reason="simulated")]
        case _:
            return _limits(act, account)


def _limits(act: Act, account: AccountState) -> list[i.Input]:
    limits: Limits = account.limits.own()
    most = limits.max_position_qty or 20 * QTY_ONE
    change = -5 if act.deed == "tighten" else 5
    wanted = min(max(most + change * QTY_ONE, 5 * QTY_ONE), 30 * QTY_ONE)
    changed = structs.replace(limits, max_position_qty=wanted)
    return [i.ChangeLimits(account=account.terms.account, limits=changed, reason="simulated", actor="ann")]


def going_on(account: AccountState, breakers: Any, equity: Money) -> list[i.Input]:
    """Return what a second person, who knows the `equity`, does so that an account may trade again."""
    name = account.terms.account
    asks: list[i.Input] = []
    if "baseline" in account.restrictions:
        asks.append(i.StateBaseline(account=name, equity=equity, reason="simulated: statement", actor="bob"))
    asks += [
        i.ReleaseLock(account=name, key=key, reason="simulated: let it go", actor="bob")
        for key in account.restrictions
        if key.startswith(("lock", "cooldown"))
    ]
    if "clock" in account.restrictions:
        asks.append(i.TrustClock(reason="simulated: looked at another clock", actor="bob"))
    if "kill" in account.restrictions:
        asks.append(i.ReleaseKill(account=name, reason="simulated: it is over", actor="bob"))
    asks += [
        i.ResetBreaker(breaker_id=breaker.breaker_id, reason="simulated: it is over", actor="bob")
        for breaker in breakers
        if breaker.active and breaker.account == name
    ]
    return asks
