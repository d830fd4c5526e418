"""Before something that cannot be taken back: show what it will do, and have the account typed."""

import sys
from collections.abc import Sequence

from stopline.cli.outcome import Exit, Stop, say


def confirm(account: str, plan: Sequence[str], *, yes: bool, reason: str, needs_reason: bool = False) -> str:
    """Show the plan on stderr, ask, and return the reason; ends the command where nobody agrees.

    Without a terminal nobody is asked: a script says --yes and --reason.
    """
    for line in plan:
        say(line)
    if yes:
        if not reason:
            raise Stop(Exit.USAGE, "--yes needs --reason: it is journaled in place of your answer")
        return reason
    if not sys.stdin.isatty():
        raise Stop(Exit.USAGE, "there is no terminal to ask at; a script says --yes and --reason TEXT")
    if _ask(f"type the account to go on ({account}): ") != account:
        raise Stop(Exit.USAGE, "not done")
    while needs_reason and not reason:
        reason = _ask("reason: ")
    return reason


def _ask(question: str) -> str:
    sys.stderr.write(question)
    sys.stderr.flush()
    line = sys.stdin.readline()
    if not line:
        raise Stop(Exit.USAGE, "", "not done")
    return line.strip()
