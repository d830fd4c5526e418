"""One run from one seed: what became of it, and the same again as often as one likes."""

import logging
import sys
import warnings
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from hashlib import sha256

from msgspec import Struct

from stopline.sim.world.terms import Scale
from stopline.sim.world.told_apart import place_of
from stopline.sim.world.world import World

DAYS_A_YEAR = 252


class Outcome(Struct, frozen=True, kw_only=True):
    """What became of a run. `violation` is empty where everything held."""

    seed: int
    scale: Scale
    violation: str
    story: tuple[str, ...]
    acts: int
    events: int
    """Callbacks that ran, each looked at."""
    records: int
    restarts: int
    asked: int
    answered: int
    reached: dict[str, int]
    digest: str
    """Stands for all that happened: equal for equal seeds on equal code."""

    @property
    def account_days(self) -> int:
        """How many trading days of one account it lived through."""
        return self.scale.days * self.scale.accounts

    @property
    def rule(self) -> str:
        """Return which invariant was violated."""
        return self.violation.split(" ", 1)[0]


@contextmanager
def quiet() -> Iterator[None]:
    """Let a simulated process log into the void: it fails all the time.

    What a killed process was in the middle of cannot be unwound, and says so as it is thrown away.
    """
    disabled, hook = logging.root.manager.disable, sys.unraisablehook
    logging.disable(logging.CRITICAL)
    sys.unraisablehook = lambda trouble: None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)
            yield
    finally:
        logging.disable(disabled)
        sys.unraisablehook = hook


def live(
    seed: int, scale: Scale, only: Sequence[int] | None = None, progress: Callable[[int], None] = lambda day: None
) -> Outcome:
    """Live through one world; never raises for what goes wrong in it."""
    violation = ""
    with quiet():
        world = World(seed, scale, only)
        try:
            world.run(progress)
        except AssertionError as found:
            violation = str(found) or place_of(found)
        except Exception as error:
            violation = f"S15 {type(error).__name__}: {error} ({place_of(error)})"
        finally:
            world.close()
    return Outcome(
        seed=seed, scale=scale, violation=violation, story=tuple(world.story), acts=len(world.plan),
        events=world.timeline.steps, records=world.watch.shadow.seq, restarts=world.restarts,
        asked=world.traders.asked, answered=world.traders.answered, reached=dict(world.reach.seen),
        digest=_digest(world, violation),
    )  # fmt: skip


def _digest(world: World, violation: str) -> str:
    told = (
        world.disk.head.hash.hex(), world.timeline.steps, world.timeline.now, violation,
        sorted(Counter(world.reach.seen).items()), world.traders.answered,
    )  # fmt: skip
    return sha256(repr(told).encode()).hexdigest()[:16]
