"""Fuzz the number parser: any bytes are an exact number within bounds, or refused.

    python -m tests.fuzz.numbers --seconds 5 [--seed 1]

With atheris installed it is guided by coverage; without it, a seeded mutator starts from
the corpus, so that the same seed makes the same inputs.
"""

import argparse
import json
import random
import sys
import time
from decimal import Decimal
from pathlib import Path

from stopline.model.numbers import (
    MAX_SCALED,
    NumberRefused,
    parse_rounded,
    parse_scaled,
    render_scaled,
)

CORPUS = Path(__file__).parents[1] / "corpus" / "numbers.json"
PLACES = (4, 6, 8, 9)
ALPHABET = b"0123456789" * 3 + b"..--++eE _,x\x00\n\xff\xef\xbc\x91nNaif"


def try_one(raw: bytes) -> None:
    """Parse one input at every scale; raises AssertionError where a promise breaks."""
    for places in PLACES:
        try:
            scaled = parse_scaled(raw, places)
        except NumberRefused:
            _try_rounded(raw, places)
            continue
        assert type(scaled) is int, scaled
        assert abs(scaled) <= MAX_SCALED, scaled
        assert Decimal(raw.decode("ascii")).scaleb(places) == scaled
        assert parse_scaled(render_scaled(scaled, places), places) == scaled
        assert parse_rounded(raw, places) == (scaled, False)


def _try_rounded(raw: bytes, places: int) -> None:
    """What is refused from people is refused from brokers, or it was only too fine."""
    try:
        scaled, rounded = parse_rounded(raw, places)
    except NumberRefused:
        return
    assert rounded, raw
    exact = Decimal(raw.decode("ascii")).scaleb(places)
    assert abs(exact - scaled) <= Decimal("0.5"), (raw, scaled)


def seeds() -> list[bytes]:
    """Return the corpus as bytes, without its giants."""
    corpus = json.loads(CORPUS.read_text(encoding="utf-8"))
    found = []
    for case in corpus["accepted"] + corpus["refused"]:
        if "bytes" in case:
            found.append(bytes.fromhex(case["bytes"]))
        elif "text" in case:
            found.append(case["text"].encode("utf-8", "surrogatepass"))
    return found


def mutate(chance: random.Random, raw: bytes, other: bytes) -> bytes:
    """Return `raw` with a few bytes changed, dropped, doubled or spliced with `other`."""
    made = bytearray(raw)
    for _ in range(chance.randint(1, 4)):
        place = chance.randint(0, len(made))
        match chance.randint(0, 4):
            case 0:
                made[place:place] = bytes([chance.choice(ALPHABET)])
            case 1:
                made[place : place + 1] = bytes([chance.choice(ALPHABET)])
            case 2:
                del made[place : place + chance.randint(1, 3)]
            case 3:
                made[place:place] = made[place : place + chance.randint(1, 30)]
            case _:
                made[place:] = other[chance.randint(0, len(other)) :]
    return bytes(made)


def run_seeded(seconds: float, seed: int) -> int:
    """Fuzz for so long; return the number of inputs tried."""
    chance, corpus, tried = random.Random(seed), seeds(), 0
    for raw in corpus:
        try_one(raw)
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        for _ in range(200):
            raw = mutate(chance, chance.choice(corpus), chance.choice(corpus))
            try_one(raw)
            tried += 1
    return tried


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    try:
        import atheris
    except ImportError:
        tried = run_seeded(asked.seconds, asked.seed)
        print(f"{tried} inputs from seed {asked.seed}: each exact, or refused")
        return
    atheris.instrument_func(parse_scaled)
    atheris.instrument_func(parse_rounded)
    atheris.Setup([sys.argv[0], f"-max_total_time={int(asked.seconds)}", f"-seed={asked.seed}"], try_one)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
