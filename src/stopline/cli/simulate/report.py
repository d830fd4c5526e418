"""What people and programs hear of a simulation."""

import sys
import time
from collections.abc import Sequence

from stopline.cli.outcome import say
from stopline.cli.output import facts, table, write_json
from stopline.sim.world.campaign import Tally, live_through
from stopline.sim.world.reachable import count_of, to_reach, unreached
from stopline.sim.world.run import Outcome, live
from stopline.sim.world.shrink import command, shorten
from stopline.sim.world.terms import Scale
from stopline.sim.world.world import World

TOLD = 40
"""Lines of a story that are shown."""


class Progress:
    """One line on stderr that is written over, where stderr is a terminal."""

    def __init__(self) -> None:
        self._is_seen = sys.stderr.isatty()
        self._began_at = time.monotonic()

    def show(self, text: str) -> None:
        """Show how far it is."""
        if self._is_seen:
            print(f"\r\x1b[K{text}", end="", file=sys.stderr, flush=True)

    def end(self) -> None:
        """Take the line away."""
        if self._is_seen:
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)

    @property
    def elapsed_s(self) -> float:
        """Return how long it took."""
        return time.monotonic() - self._began_at


def tell_run(
    seed: int,
    scale: Scale,
    only: Sequence[int] | None,
    *,
    shrinks: bool,
    tells: bool,
    as_json: bool,
    tells_reach: bool = False,
) -> bool:
    """Run one seed and tell what became of it; False where something did not hold."""
    progress = Progress()
    outcome = live(seed, scale, only, lambda day: progress.show(f"seed {seed}: day {day + 1} of {scale.days}"))
    progress.end()
    acts = list(only) if only is not None else None
    if outcome.violation and shrinks and only is None:
        acts, outcome = _shorten(outcome, progress)
    if as_json:
        write_json("simulation", **_plain(outcome, acts), elapsed_s=round(progress.elapsed_s, 3))
        return not outcome.violation
    if outcome.violation:
        tell_failure(outcome, acts)
        return False
    if tells:
        print("\n".join(outcome.story))
    tally = Tally()
    tally.add(outcome)
    _tell_tally(tally, progress.elapsed_s)
    if tells_reach:
        tell_reach(tally, scale)
    say(f"everything held; digest {outcome.digest}; again: {command(outcome, acts)}")
    return True


def tell_campaign(
    seeds: range, scale: Scale, workers: int, *, shrinks: bool, as_json: bool, tells_reach: bool = False
) -> bool:
    """Run many seeds and tell what they came to; False where something did not hold."""
    progress = Progress()

    def tell(tally: Tally) -> None:
        bad = f", {len(tally.failed)} FAILED" if tally.failed else ""
        progress.show(f"{tally.runs} of {len(seeds)} seeds, {tally.account_years:.1f} account-years{bad}")

    tally = live_through(seeds, scale, workers, tell)
    progress.end()
    elapsed_s = progress.elapsed_s
    shown = [_shorten(each, progress) if shrinks else (None, each) for each in tally.failed[:3]]
    if as_json:
        write_json(
            "campaign", runs=tally.runs, seeds=[seeds[0], seeds[-1]], days=scale.days, faults=scale.mix,
            account_years=round(tally.account_years, 3), events=tally.events, records=tally.records,
            restarts=tally.restarts, answered=tally.answered, faults_injected=tally.faults,
            reached=dict(sorted(tally.reached.items())), violations=len(tally.failed),
            unreached=unreached(tally.reached, scale.broker, scale.mix),
            failed=[_plain(outcome, acts) for acts, outcome in shown], elapsed_s=round(elapsed_s, 3),
        )  # fmt: skip
        return not tally.failed
    _tell_tally(tally, elapsed_s)
    if tells_reach:
        tell_reach(tally, scale)
    else:
        _tell_unreached(tally, scale)
    for acts, outcome in shown:
        say()
        tell_failure(outcome, acts)
    if len(tally.failed) > len(shown):
        say(f"and {len(tally.failed) - len(shown)} more seeds: {[each.seed for each in tally.failed[3:]]}")
    return not tally.failed


def tell_reach(tally: Tally, scale: Scale) -> None:
    """Tell how often each of what there is to reach was reached, and which ways orders in doubt went."""
    for kind, names in to_reach(scale.broker, scale.mix).items():
        print()
        table((kind, "reached"), [(name, str(count_of(tally.reached, name))) for name in names], right=("reached",))
    paths = sorted(tally.of("path ").items(), key=lambda each: -each[1])
    print()
    table(("path of an order in doubt", "went"), [(name, str(count)) for name, count in paths], right=("went",))
    print()
    _tell_unreached(tally, scale)


def _tell_unreached(tally: Tally, scale: Scale) -> None:
    missing = unreached(tally.reached, scale.broker, scale.mix)
    wanted = sum(map(len, to_reach(scale.broker, scale.mix).values()))
    lacking = sum(map(len, missing.values()))
    say(f"reached {wanted - lacking} of {wanted} that there are to reach (--reach tells all)")
    for names in missing.values():
        for name in names:
            say(f"    not reached: {name}")


def tell_failure(outcome: Outcome, acts: Sequence[int] | None) -> None:
    """Tell what did not hold, how it came to it, and how to see it again."""
    say(f"seed {outcome.seed}: {outcome.violation}")
    for line in outcome.story[-TOLD:]:
        say(f"    {line}")
    say(f"again: {command(outcome, acts)}")


def _shorten(outcome: Outcome, progress: Progress) -> tuple[list[int] | None, Outcome]:
    numbers = [act.no for act in World(outcome.seed, outcome.scale).plan]
    acts, shorter = shorten(outcome, numbers, lambda runs, left: progress.show(f"{left} acts left after {runs} runs"))
    progress.end()
    return acts, shorter


def _plain(outcome: Outcome, acts: Sequence[int] | None) -> dict[str, object]:
    return {
        "seed": outcome.seed,
        "days": outcome.scale.days,
        "faults": outcome.scale.mix,
        "violation": outcome.violation,
        "story": list(outcome.story[-TOLD:]) if outcome.violation else [],
        "again": command(outcome, acts),
        "events": outcome.events,
        "records": outcome.records,
        "restarts": outcome.restarts,
        "reached": dict(sorted(outcome.reached.items())),
        "digest": outcome.digest,
    }


def _tell_tally(tally: Tally, elapsed_s: float) -> None:
    facts(
        (
            ("runs", str(tally.runs)),
            ("account-years", f"{tally.account_years:.2f} ({tally.account_days} trading days of an account)"),
            ("events", f"{tally.events}, the promises looked at after each"),
            ("records", str(tally.records)),
            ("faults begun", str(tally.faults)),
            ("processes ended", str(tally.restarts)),
            ("answers heard", str(tally.answered)),
            ("violations", str(len(tally.failed))),
            ("took", f"{elapsed_s:.1f} s, {tally.events / max(elapsed_s, 0.001):.0f} events/s"),
        )
    )
    print()
    rows = [(name, str(count)) for name, count in tally.of("fault ").items()]
    table(("fault", "begun"), rows, right=("begun",), nothing="no faults were asked for")
