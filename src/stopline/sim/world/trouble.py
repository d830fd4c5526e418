"""The faults there are, which of reliability.md's they are, and the mixes of them."""

from enum import StrEnum
from typing import Final


class Trouble(StrEnum):
    """One kind of fault. Its text begins with the fault's number in reliability.md."""

    KILL = "F01-F04 the process is killed at some event"
    POWER = "F05 the power is cut"
    RESTART = "F03 the process is stopped and started"
    KILL_AGAIN = "F04 the process is killed, and killed again while it recovers"
    DISK_FULL = "F06 the disk is full"
    SPOOL_FULL = "F06 the disk and the spool are full"
    SYNC_FAILS = "F07 a sync fails"
    DISK_LOCKED = "F08 the disk is locked"
    DISK_SLOW = "F12 the disk is slow"
    STOPPED = "F17 the process is stopped and goes on"
    CUT = "F20 the line is cut"
    DOWN = "F20 the line is down"
    HALF_OPEN = "F20 the line is half open"
    LOSES = "F21 requests and replies are lost"
    HOLDS = "F21 nothing comes back for hours"
    DISORDER = "F22 reports come late, twice and out of order"
    LATE_FILL = "F22 a canceled order has filled"
    STUBBORN = "F23 the broker cancels and changes nothing"
    BUST = "F24 an execution is taken back"
    CORRECTION = "F24 an execution is corrected"
    DAILY_RESTART = "F25 the broker restarts and renumbers"
    OUTSIDE_FILL = "F26 somebody else trades on the account"
    OUTSIDE_ORDER = "F26 somebody else works an order"
    FLOOD = "F27 more messages than the broker takes"
    LIES = "F28 the broker's picture is not true"
    CLOCK_STEP = "F30 the machine's clock is set"
    GAP = "F38 the price jumps by up to 40 %"
    CROSSED = "F38 quotes are crossed"
    STUB = "F38 quotes are stubs"
    FROZEN = "F38 quotes stop"
    NEGATIVE = "F38 prices fall below zero"
    REJECTS = "F43 the broker rejects"

    @property
    def fault(self) -> str:
        """Return its number."""
        return self.split(" ", 1)[0]


_T = Trouble
TROUBLES: Final = (
    (8, _T.KILL), (3, _T.POWER), (2, _T.RESTART), (3, _T.KILL_AGAIN), (3, _T.DISK_FULL), (1, _T.SPOOL_FULL),
    (2, _T.SYNC_FAILS), (2, _T.DISK_LOCKED), (3, _T.DISK_SLOW), (3, _T.STOPPED), (4, _T.CUT), (3, _T.DOWN),
    (4, _T.HALF_OPEN), (5, _T.LOSES), (4, _T.HOLDS), (5, _T.DISORDER), (4, _T.LATE_FILL), (3, _T.STUBBORN),
    (3, _T.BUST), (3, _T.CORRECTION), (2, _T.DAILY_RESTART), (3, _T.OUTSIDE_FILL), (2, _T.OUTSIDE_ORDER),
    (2, _T.FLOOD), (3, _T.LIES), (2, _T.CLOCK_STEP), (2, _T.GAP), (1, _T.CROSSED), (1, _T.STUB), (2, _T.FROZEN),
    (1, _T.NEGATIVE), (2, _T.REJECTS),
)  # fmt: skip
"""How often each is drawn where it is among the chosen."""
CRASHES: Final = frozenset({_T.KILL, _T.POWER, _T.RESTART, _T.KILL_AGAIN})
STORE: Final = frozenset({_T.DISK_FULL, _T.SPOOL_FULL, _T.SYNC_FAILS, _T.DISK_LOCKED, _T.DISK_SLOW})
NETWORK: Final = frozenset({_T.CUT, _T.DOWN, _T.HALF_OPEN, _T.LOSES, _T.HOLDS, _T.DISORDER, _T.FLOOD})
BROKER: Final = frozenset(
    {
        _T.LATE_FILL, _T.STUBBORN, _T.BUST, _T.CORRECTION, _T.DAILY_RESTART, _T.OUTSIDE_FILL, _T.OUTSIDE_ORDER,
        _T.LIES, _T.REJECTS,
    }
)  # fmt: skip
MARKET: Final = frozenset({_T.GAP, _T.CROSSED, _T.STUB, _T.FROZEN, _T.NEGATIVE})
CLOCK: Final = frozenset({_T.CLOCK_STEP, _T.STOPPED})
MIXES: Final[dict[str, frozenset[Trouble]]] = {
    "none": frozenset(),
    "crash": CRASHES,
    "store": STORE | CRASHES,
    "network": NETWORK,
    "broker": BROKER,
    "market": MARKET,
    "clock": CLOCK | CRASHES,
    "mix": frozenset(Trouble),
}
"""What `--faults` may say."""
ALPACA_TROUBLES: Final = frozenset(Trouble) - {_T.LATE_FILL, _T.BUST, _T.CORRECTION, _T.LIES, _T.NEGATIVE}
"""What can go wrong with the simulated Alpaca: it takes nothing back and tells no lies, and shares cost money."""
PAPER_TROUBLES: Final = CRASHES | STORE | MARKET | CLOCK
"""What can go wrong with the paper broker: it has no network, and it does not lie."""
