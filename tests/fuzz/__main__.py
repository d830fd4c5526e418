"""`python -m tests.fuzz [--target NAME] [--seconds 30] [--seed 1] [--list] [--keep FOLDER]`: fuzz the ways in.

With atheris it is guided by coverage (`make fuzz`); without, a seeded mutator starts from the corpus and makes the
same inputs again from the same seed. Ends with 1 where an input broke a promise, and says which.
"""

import argparse
import random
import re
import subprocess
import sys
import tempfile
import time
import traceback
from importlib.util import find_spec
from pathlib import Path

from tests.fuzz.target import Target, mutate
from tests.fuzz.targets import TARGETS


def run_seeded(target: Target, seconds: float, seed: int) -> tuple[int, str]:
    """Fuzz without a guide for so long; return how many inputs were tried, and what broke."""
    chance, corpus, tried = random.Random(seed), target.corpus(), 0
    until = time.monotonic() + seconds
    raw = b""
    try:
        for raw in corpus:
            target.try_one(raw)
        while time.monotonic() < until:
            raw = mutate(chance, chance.choice(corpus), chance.choice(corpus))
            target.try_one(raw)
            tried += 1
    except Exception:
        return tried, f"{raw!r}\n{traceback.format_exc()}"
    return tried, ""


def run_guided(target: Target, seconds: int, seed: int, folder: Path) -> tuple[int, str]:
    """Fuzz under atheris, in a process of its own."""
    corpus = folder / "corpus"
    corpus.mkdir(parents=True, exist_ok=True)
    for number, raw in enumerate(target.corpus()):
        (corpus / f"start-{number}").write_bytes(raw)
    terms = (target.name, str(seconds), str(seed), str(folder), ",".join(target.modules))
    command = [sys.executable, "-m", "tests.fuzz.guided", *terms]
    ended = subprocess.run(command, capture_output=True, text=True, errors="replace", timeout=seconds * 3 + 300)
    told = ended.stdout + ended.stderr
    found = re.search(r"stat::number_of_executed_units:\s+(\d+)", told)
    tried = int(found[1]) if found else 0
    return tried, "" if ended.returncode == 0 and tried else told[-4000:]


def main(arguments: list[str] | None = None) -> int:
    """Run from the command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--target", choices=[target.name for target in TARGETS], help="only this one")
    parser.add_argument("--seconds", type=int, default=30, help="for each target")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--list", action="store_true", help="name the targets and end")
    parser.add_argument("--keep", type=Path, help="where guided runs leave their corpus and what broke")
    asked = parser.parse_args(arguments)
    chosen = [target for target in TARGETS if asked.target in (None, target.name)]
    if asked.list:
        for target in chosen:
            print(f"{target.name:<16} {len(target.corpus()):>3} inputs to start from; {target.try_one.__doc__}")
        return 0
    is_guided = find_spec("atheris") is not None
    print("guided by atheris" if is_guided else "without atheris: a seeded mutator, blind to branches")
    broken = []
    with tempfile.TemporaryDirectory(prefix="stopline-fuzzing-") as folder:
        for target in chosen:
            began = time.monotonic()
            if is_guided:
                kept = (asked.keep or Path(folder)) / target.name
                tried, broke = run_guided(target, asked.seconds, asked.seed, kept.resolve())
            else:
                tried, broke = run_seeded(target, asked.seconds, asked.seed)
            elapsed = asked.seconds if is_guided and not broke else time.monotonic() - began
            print(f"{target.name:<16} {tried:>9} inputs, {tried / elapsed:>8.0f}/s", flush=True)
            if broke:
                broken.append(target.name)
                print(broke, flush=True)
    print(f"broken: {', '.join(broken)}" if broken else "each input was read, or refused as its target says")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
