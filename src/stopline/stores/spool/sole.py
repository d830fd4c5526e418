"""One process per file: a lock that the operating system drops when the process ends, however it ends."""

import os


class Taken(Exception):
    """Another process holds it."""


def hold_alone(descriptor: int) -> None:
    """Hold a file until its descriptor is closed; raises Taken."""
    try:
        if os.name == "nt":
            import msvcrt

            os.lseek(descriptor, 2**30, os.SEEK_SET)  # beyond all content: the lock must not keep readers out
            getattr(msvcrt, "locking")(descriptor, getattr(msvcrt, "LK_NBLCK"), 1)  # noqa: B009  (not there elsewhere)
        else:
            import fcntl

            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        raise Taken(str(error)) from error
