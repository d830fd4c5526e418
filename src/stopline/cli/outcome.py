"""How a command ends: its exit code, and what it says on stderr."""

import sys
from enum import IntEnum


class Exit(IntEnum):
    """Exit codes, the same for every command."""

    OK = 0
    REFUSED = 1
    """Refused by risk, or not done for a reason that was said."""
    USAGE = 2
    """The command, a file or a setting is not right."""
    UNREACHABLE = 3
    LOCKED = 4
    """The account is locked, or another process has the data directory."""
    DEGRADED = 5
    """It answers, but cannot do all of its work."""


class Stop(Exception):
    """End the command with this code; the lines go to stderr."""

    def __init__(self, code: Exit, *lines: str) -> None:
        super().__init__("\n".join(lines))
        self.code = code
        self.lines = lines


def say(text: str = "") -> None:
    """Talk to the person: on stderr, so that stdout is data only."""
    print(text, file=sys.stderr)
