"""Compare the gate with its Decimal twin over millions of random decisions (performance.md P5).

    python -m tests.properties.campaign --decisions 10000000 [--first SEED] [--workers N]

Prints how far it is. Ends with 1 at the first difference, naming the seed that makes it
again: `--first SEED --decisions 1000 --workers 1`.
"""

import argparse
import os
import sys
import time
from multiprocessing import Pool

from tests.properties.worlds import Difference, Story

PER_STORY = 500


def play(job: tuple[int, int]) -> tuple[int, int, str]:
    """Play one story; return its seed, how many decisions were compared, and the difference if there is one."""
    seed, decisions = job
    story = Story(seed)
    try:
        story.play(decisions)
    except Difference as found:
        return seed, story.decisions, str(found)
    except Exception as fault:
        return seed, story.decisions, f"seed {seed}, decision {story.decisions}: {type(fault).__name__}: {fault}"
    return seed, story.decisions, ""


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.properties.campaign", description=__doc__)
    parser.add_argument("--decisions", type=int, default=100_000)
    parser.add_argument("--first", type=int, default=1_000_000, help="the first seed")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    asked = parser.parse_args(arguments)
    stories = -(-asked.decisions // PER_STORY)
    jobs = ((asked.first + n, min(PER_STORY, asked.decisions)) for n in range(stories))
    made, started, told = 0, time.monotonic(), 0.0
    with Pool(asked.workers) as pool:
        for seed, decisions, difference in pool.imap_unordered(play, jobs, chunksize=4):
            made += decisions
            if difference:
                print(difference)
                print(f"again: python -m tests.properties.campaign --first {seed} --decisions {PER_STORY} --workers 1")
                return 1
            passed = time.monotonic() - started
            if passed - told >= 10:
                told = passed
                rate = made / passed
                left = (asked.decisions - made) / rate
                print(
                    f"{made:>12,} of {asked.decisions:,} decisions, {rate:,.0f}/s, {left / 60:.0f} min left", flush=True
                )
    print(f"{made:,} decisions in {stories:,} worlds, 0 differences, {time.monotonic() - started:.0f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
