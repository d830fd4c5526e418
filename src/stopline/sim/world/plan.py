"""What is to happen in a world: a list of acts, made from the seed before anything runs.

An act brings its own numbers along, so that a story without some of its acts is a story
too: that is how a failing seed is shortened. What an act comes to depends on the world it
meets: "cancel the third order" cancels what is there then.
"""

from typing import Final

from msgspec import Struct

from stopline.model.numbers import SECOND, Nanos
from stopline.sim.world.chance import Chance
from stopline.sim.world.trouble import MIXES, TROUBLES, Trouble

MINUTE: Final[Nanos] = 60 * SECOND
HOUR: Final[Nanos] = 60 * MINUTE
DAY: Final[Nanos] = 24 * HOUR
BEGINS_AT: Final[Nanos] = 1_767_618_000 * SECOND
"""2026-01-05T13:00Z, a Monday."""
SATURDAY, SUNDAY = 5, 6
DEEDS: Final = (
    (26, "entry"), (6, "market entry"), (6, "bracket"), (8, "close"), (8, "protect"), (8, "cancel"), (10, "replace"),
    (5, "repeat"), (3, "other body"), (4, "stop entry"), (3, "flatten"), (2, "kill"), (2, "trip"), (5, "at the limit"),
    (2, "tighten"), (2, "loosen"), (3, "cancel all"), (5, "burst"), (3, "oco"), (3, "race"), (2, "trail"), (2, "lock"),
    (2, "arm"), (3, "approve"), (1, "own release"),
)  # fmt: skip
"""What people and bots do, and how often."""
STORM: Final = (
    (14, "entry"), (3, "market entry"), (4, "bracket"), (5, "close"), (4, "protect"), (9, "cancel"), (26, "replace"),
    (8, "repeat"), (4, "other body"), (3, "flatten"), (1, "kill"), (7, "at the limit"), (5, "burst"), (14, "race"),
    (7, "crowd"), (4, "locked"),
)  # fmt: skip
"""What they do while something is wrong."""


class Act(Struct, frozen=True):
    """One thing that happens. `numbers` are whatever it may need of chance."""

    no: int
    at: Nanos
    deed: str
    account: int
    instrument: int
    numbers: tuple[int, ...]
    trouble: Trouble | None = None
    lasts: Nanos = 0

    def __str__(self) -> str:
        return str(self.trouble) if self.trouble else self.deed


def make_plan(
    seed: int,
    days: int,
    mix: str,
    *,
    accounts: int,
    instruments: int,
    acts_a_day: int,
    troubles_a_day: int,
    possible: frozenset[Trouble] = frozenset(Trouble),
) -> list[Act]:
    """Return all acts of a world, in order. `possible` are the faults that its broker can have."""
    chance, acts = Chance(seed, "plan"), list[Act]()
    chosen = [(weight, trouble) for weight, trouble in TROUBLES if trouble in MIXES[mix] & possible]
    for opens_at in trading_days(days):
        for _ in range(acts_a_day):
            at = opens_at + chance.below(20 * 60) * MINUTE + chance.below(60) * SECOND
            acts.append(_deed(chance, at, accounts, instruments))
        for _ in range(chance.between(1, 2 * troubles_a_day - 1) if chosen else 0):
            at = opens_at + chance.below(20 * 60) * MINUTE
            acts += _trouble(chance, at, chance.weighted(chosen), accounts, instruments)
    acts.sort(key=lambda act: act.at)
    return [Act(no, a.at, a.deed, a.account, a.instrument, a.numbers, a.trouble, a.lasts) for no, a in enumerate(acts)]


def trading_days(days: int) -> list[Nanos]:
    """Return where so many days begin, Saturdays and Sundays left out."""
    found, at = list[Nanos](), BEGINS_AT
    while len(found) < days:
        if (at // DAY + 3) % 7 not in (SATURDAY, SUNDAY):
            found.append(at)
        at += DAY
    return found


def _numbers(chance: Chance) -> tuple[int, ...]:
    return tuple(chance.below(1 << 30) for _ in range(6))


def _deed(
    chance: Chance, at: Nanos, accounts: int, instruments: int, deeds: tuple[tuple[int, str], ...] = DEEDS
) -> Act:
    return Act(0, at, chance.weighted(deeds), chance.below(accounts), chance.below(instruments), _numbers(chance))


def _trouble(chance: Chance, at: Nanos, trouble: Trouble, accounts: int, instruments: int) -> list[Act]:
    """Return a trouble, and what people do in the middle of it: that is where it hurts."""
    lasts = chance.long_tail(2 * MINUTE, 3 * HOUR)
    acts = [Act(0, at, "", chance.below(accounts), chance.below(instruments), _numbers(chance), trouble, lasts)]
    for _ in range(chance.between(2, 8)):
        when = at - 5 * SECOND + chance.below(max(min(lasts, 3 * MINUTE) // SECOND, 1)) * SECOND
        acts.append(_deed(chance, when, accounts, instruments, STORM))
    return acts
