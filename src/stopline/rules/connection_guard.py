"""Say so when the broker is gone, and take no new risk until its picture agrees with ours again.

Measures   whether the account's broker is connected and reconciled since.
Units      0 connected and reconciled, 1 not.
Boundary   connected but not reconciled is a breach still.
Scope      the account.
No data    while Stopline starts, and waits for the broker's first picture, nothing can be said (the account
           is `cancel_only` then).
Enforces   an alert (`connection_lost` WARNING, `auth_failed` ERROR, with what to do), and `reducing`
           until reconciled.
Does not   close anything: what cannot be seen cannot be closed. Entries are asked to be cancelled, as
           whenever an account only reduces; protection stays. What may still leave is section 3's to say.
Source     document 002, RULE-010; semantics.md sections 6 (010) and 13.
"""

from collections.abc import Iterator
from typing import ClassVar

from stopline.model.breach import Action, ActionKind, RuleScope
from stopline.model.rules import ConnectionGuardTerms
from stopline.model.verdict import Unit
from stopline.rules.base import Reading, Rule, Situation

_LOST = "connection_lost: look at the network and at the broker's own status page; it is tried again by itself"
_AUTH = "auth_failed: the broker refused the login; renew its key or password, then restart the session"
_DIFFERS = "reconciling: nothing to do, unless it lasts"


class ConnectionGuard(Rule, frozen=True, gc=False):
    """Observes 1 while the broker's picture is not ours."""

    terms: ConnectionGuardTerms

    name: ClassVar[str] = "connection_guard"
    unit: ClassVar[Unit] = Unit.COUNT
    scope: ClassVar[RuleScope] = RuleScope.ACCOUNT
    hangs_on_marks: ClassVar[bool] = False

    def readings(self, seen: Situation) -> Iterator[Reading]:
        """Measure the session to the broker."""
        if seen.broker.is_starting:
            yield Reading("", None, 0, False)
            return
        is_gone = not (seen.broker.is_connected and seen.broker.is_reconciled)
        yield Reading("", int(is_gone), 0, is_gone)

    def reason(self, reading: Reading, seen: Situation) -> str:
        """Return what is not there."""
        broker = seen.broker
        if broker.is_connected:
            return "the broker is back, and its picture is not reconciled with ours yet"
        return f"the broker is not connected: {broker.reason or 'no session'}"

    def actions(self, reading: Reading, seen: Situation) -> tuple[Action, ...]:
        """Tell people, and only reduce."""
        broker = seen.broker
        if broker.is_connected:
            text = _DIFFERS
        else:
            text = _AUTH if broker.auth_failed else _LOST
        return (Action(ActionKind.WARN, text=text), Action(ActionKind.REDUCING))
