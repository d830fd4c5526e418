"""What is planted in a hunt: an edit, what it stands for, and why it is missed where it is."""

from typing import NamedTuple

from tests.mutations.catalog import MUTATIONS
from tests.mutations.planted import Mutation

_KNOWN = {mutation.name: mutation for mutation in MUTATIONS}


class Hunted(NamedTuple):
    """One bug. `tests` of its edit are not asked: see checkers.py."""

    stands_for: str
    edit: Mutation
    missed: str = ""
    """Why the budget does not find it; empty for what must be found."""

    @property
    def name(self) -> str:
        """What it is called."""
        return self.edit.name


def bug(stands_for: str, name: str, file: str, old: str, new: str, missed: str = "") -> Hunted:
    """Return a bug of its own; `file` is under src/stopline."""
    return Hunted(stands_for, Mutation(name, file, old, new, ()), missed)


def again(stands_for: str, name: str, missed: str = "") -> Hunted:
    """Return a bug whose edit is in the catalogue already."""
    return Hunted(stands_for, _KNOWN[name], missed)
