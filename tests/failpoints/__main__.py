"""`python -m tests.failpoints --list`, or kill at each of them: `--rounds N --seed S --only NAME`."""

import argparse
import secrets
from pathlib import Path

from tests.acceptance.planted import BUGS
from tests.failpoints.campaign import run
from tests.failpoints.points import POINTS


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--list", action="store_true", help="name the points, and kill nothing")
    parser.add_argument("--rounds", type=int, default=1, help="how often to go through all; the first at first passes")
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument(
        "--only", action="append", metavar="TEXT", help="points whose name contains this; again for more"
    )
    parser.add_argument("--plant", choices=[*BUGS], default="", help="a bug that must be found")
    parser.add_argument("--keep", type=Path, help="an empty directory for the data, to look into afterwards")
    options = parser.parse_args()
    points = [point for name, point in POINTS.items() if not options.only or any(text in name for text in options.only)]
    if options.list:
        for point in points:
            print(f"{point.name:34} {point.scene.value:8} {point.moment:8} {point.at}")
        print(f"{len(points)} points")
        return
    if options.keep is not None:
        options.keep.mkdir(parents=True)
    seed = secrets.randbits(32) if options.seed is None else options.seed
    print(f"{len(points)} points, {options.rounds} rounds, seed {seed}", flush=True)
    figures = run(
        points, seed, rounds=options.rounds, plant=options.plant, root=options.keep,
        log=lambda line: print(line, flush=True),
    )  # fmt: skip
    print(figures)


if __name__ == "__main__":
    main()
