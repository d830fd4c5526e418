"""What must not be forgotten between two runs, in a small file of its own: where our account with Alpaca began.

Before the first order the account is read once: what it holds then is taken over as fills of
that moment, at the prices of the last close, and the cash is such that the equity is Alpaca's.
Everything that Alpaca reports from before that moment is left alone. After that, executions are
reported again as far back as the engine remembers them: two trading days on which we ran.

Source     semantics.md sections 8 and 9; architecture.md promise 11 (reports again after a restart).
"""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Final

import msgspec
from msgspec import Struct

from stopline.model.account import AccountTerms
from stopline.model.calendar import Session
from stopline.model.fill import Fill
from stopline.model.numbers import SECOND, Money, Nanos

EARLY: Final[Nanos] = 600 * SECOND
"""So long before a trading day ends we count it as over: never may the engine forget more than we do."""
TradingDay = Callable[[AccountTerms, Nanos], Session]


class MemoryUnusable(ValueError):
    """The file cannot be used; the message says why, and what would be right."""


class Memory(Struct, kw_only=True):
    """`adopted` are the positions that were there before us. `known` are the activities of that day."""

    account: str
    """Ours."""
    alpaca_account: str
    """Alpaca's id of it: other keys than before must not open another account under the same name."""
    opening_cash: Money
    adopted_at: Nanos
    adopted: tuple[Fill, ...] = ()
    known: tuple[str, ...] = ()
    since: Nanos = 0
    day_opens_at: Nanos = 0
    is_suspended: bool = False
    """Whether we have suspended trading there, and nobody has lifted it since."""

    def roll(self, terms: AccountTerms, trading_day: TradingDay, at: Nanos) -> bool:
        """Come to an instant; return whether a new trading day has begun."""
        opens_at = trading_day(terms, at + EARLY).opens_at
        if opens_at <= self.day_opens_at:
            return False
        self.since = max(self.day_opens_at, self.adopted_at)
        self.day_opens_at = opens_at
        return True

    def remembered(self) -> tuple[Fill, ...]:
        """Return the positions taken over, as long as the engine knows that it has them."""
        return self.adopted if self.adopted_at >= self.since else ()


def load_memory(path: Path, account: str) -> Memory | None:
    """Return what the file says, None where there is none; raises MemoryUnusable."""
    try:
        memory = msgspec.json.decode(path.read_bytes(), type=Memory)
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError, msgspec.MsgspecError) as fault:
        raise MemoryUnusable(f"{path} cannot be read ({fault}): restore it from a backup") from None
    if memory.account != account:
        raise MemoryUnusable(f"{path} is of account {memory.account!r}, not {account!r}: use another data directory")
    return memory


def save_memory(path: Path, memory: Memory) -> None:
    """Write the file; it is whole at any moment, and on disk before anything follows from it."""
    beside = path.with_name(path.name + ".new")
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(msgspec.json.encode(memory))
        file.flush()
        os.fsync(file.fileno())
    os.replace(beside, path)
