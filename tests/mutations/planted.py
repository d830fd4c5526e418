"""What a planted bug is."""

from typing import NamedTuple


class Mutation(NamedTuple):
    """One bug. `file` is under src/stopline; `tests` are files of tests, or single ones."""

    name: str
    file: str
    old: str
    new: str
    tests: tuple[str, ...]
