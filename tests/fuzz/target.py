"""What a fuzz target is, the inputs that it starts from, and the mutator that needs nothing but a seed."""

import random
from collections.abc import Callable
from pathlib import Path
from typing import Final, NamedTuple

CORPUS: Final = Path(__file__).parent / "corpus"
ALPHABET: Final = b"0123456789" * 3 + b'..--++eE _,x\x00\n\xff\xef\xbc\x91nNaif":{}[];/\\T&=%\t'


class Target(NamedTuple):
    """One way in. `try_one` takes any bytes, and raises only where a promise breaks."""

    name: str
    try_one: Callable[[bytes], None]
    modules: tuple[str, ...]
    """What of stopline reads the bytes: the guided fuzzer looks at which of its branches are taken."""
    starts: tuple[bytes, ...] = ()
    """More inputs to start from, beside the files in corpus/<name>/."""

    def corpus(self) -> list[bytes]:
        """Return the inputs to start from; what was found once is among them."""
        files = sorted(path for path in (CORPUS / self.name).glob("*") if path.is_file())
        return [*self.starts, *(path.read_bytes() for path in files)] or [b""]


def mutate(chance: random.Random, raw: bytes, other: bytes) -> bytes:
    """Return `raw` with a few bytes changed, dropped, doubled or spliced with `other`."""
    made = bytearray(raw)
    for _ in range(chance.randint(1, 4)):
        place = chance.randint(0, len(made))
        match chance.randint(0, 5):
            case 0:
                made[place:place] = bytes([chance.choice(ALPHABET)])
            case 1:
                made[place : place + 1] = bytes([chance.choice(ALPHABET)])
            case 2:
                del made[place : place + chance.randint(1, 3)]
            case 3:
                made[place:place] = made[place : place + chance.randint(1, 30)]
            case 4:
                made[place : place + 1] = bytes([chance.randint(0, 255)])
            case _:
                made[place:] = other[chance.randint(0, len(other)) :]
    return bytes(made)


def try_seeded(target: Target, count: int, seed: int) -> None:
    """Try the corpus and `count` inputs made of it by a seed."""
    chance, corpus = random.Random(seed), target.corpus()
    for raw in corpus:
        target.try_one(raw)
    for _ in range(count):
        target.try_one(mutate(chance, chance.choice(corpus), chance.choice(corpus)))
