"""The shortest story of a failing seed: acts are left out, many at a time and then fewer, while it still fails so.

Source     after Zeller and Hildebrandt, Simplifying and Isolating Failure-Inducing Input, 2002.
"""

from collections.abc import Callable, Sequence

from stopline.sim.world.run import Outcome, live
from stopline.sim.world.terms import Scale

MOST_RUNS = 400


def shorten(
    failed: Outcome, numbers: Sequence[int], tell: Callable[[int, int], None] = lambda runs, left: None
) -> tuple[list[int], Outcome]:
    """Return the acts that suffice, and the outcome with only them. `tell` hears of runs and of acts left."""
    best, outcome, runs = list(numbers), failed, 0
    size = max(len(best) // 2, 1)
    while runs < MOST_RUNS:
        begin, has_shrunk = 0, False
        while begin < len(best) and runs < MOST_RUNS:
            fewer = best[:begin] + best[begin + size :]
            runs += 1
            tell(runs, len(best))
            tried = live(failed.seed, failed.scale, fewer)
            if tried.rule == failed.rule:
                best, outcome, has_shrunk = fewer, tried, True
            else:
                begin += size
        if size == 1 and not has_shrunk:
            break
        size = max(size // 2, 1)
    return best, outcome


def command(outcome: Outcome, only: Sequence[int] | None = None) -> str:
    """Return the command that repeats a run."""
    scale, usual = outcome.scale, Scale()
    words = [f"stopline simulate --seed {outcome.seed} --days {scale.days} --faults {scale.mix}"]
    if scale.broker != usual.broker:
        words.append(f"--broker {scale.broker}")
    elif scale.accounts != usual.accounts:
        words.append(f"--accounts {scale.accounts}")
    if scale.acts_a_day != usual.acts_a_day:
        words.append(f"--acts {scale.acts_a_day}")
    if scale.troubles_a_day != usual.troubles_a_day:
        words.append(f"--troubles {scale.troubles_a_day}")
    if only is not None:
        words.append(f"--only {','.join(map(str, only))}")
    return " ".join(words)
