"""A Stopline on a machine that is busy with other tests: less disk set aside, and more patience with that disk.

    python tests/small.py run --data-dir data      is      stopline run --data-dir data

and nothing else differs; with `--whole` in front, it sets aside as much as ever.

Hundreds of data directories are made in one run of the tests. At full size they are gigabytes, and then a
decision waits for the disk longer than half a second, which is rightly answered 503. Tests of a slow disk set
their own patience.
"""

import sys
from pathlib import Path

from stopline.runtime import commit, health
from stopline.stores import ballast
from stopline.stores.spool import file as spool_file

COMMAND = [sys.executable, str(Path(__file__))]
"""What stands for `stopline` on a command line."""
WHOLE = [*COMMAND, "--whole"]
"""The same, for tests of a full disk."""


def set_small() -> None:
    """Set it for this process."""
    ballast.BALLAST_BYTES = 2**16  # type: ignore[misc]
    spool_file.SPOOL_BYTES = 2**20  # type: ignore[misc]
    set_patient()


def set_patient() -> None:
    """Set only the patience: with the disk, and with an event loop that others keep from running."""
    commit.SLOW_S = 30.0
    health.SLOW_LOOP_MS = 30_000.0


if __name__ == "__main__":
    from stopline.__main__ import main

    sys.path = [place for place in sys.path if place != str(Path(__file__).parent)]  # its neighbours are no libraries
    if sys.argv[1:2] == ["--whole"]:
        del sys.argv[1]
        set_patient()
    else:
        set_small()
    main()
