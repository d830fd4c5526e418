"""The ballast: room on the disk that nobody else can take, let go of so that a start on a full disk gets through.

Who starts on it can leave his positions; new risk waits until the ballast can be set aside again.

Source     reliability.md F06.
"""

import logging
import os
from pathlib import Path
from typing import Final

from stopline.stores.spool.file import set_aside
from stopline.stores.sqlite.check import disk_free

BALLAST_BYTES: Final = 8 * 2**20
START_NEEDS: Final = 4 * 2**20
"""What a start may take: the journal's log moved into the database, and the first records."""
_log = logging.getLogger(__name__)


class Ballast:
    """One file that holds nothing."""

    def __init__(self, path: Path, size: int | None = None) -> None:
        self._path, self._size = path, BALLAST_BYTES if size is None else size

    @property
    def is_there(self) -> bool:
        """Whether it is set aside, whole."""
        return self._path.exists() and self._path.stat().st_size >= self._size

    def release_if_full(self) -> bool:
        """Let go of it where the disk has no room for a start; return whether that was so."""
        if not self._path.exists() or disk_free(self._path.parent).free_bytes >= START_NEEDS:
            return False
        self._path.unlink()
        _log.critical("the disk under %s is full: the ballast is let go of", self._path.parent)
        return True

    def set_aside(self) -> bool:
        """Set it aside if there is room to spare; return whether it is there."""
        if self.is_there:
            return True
        if disk_free(self._path.parent).free_bytes < self._size + START_NEEDS:
            return False
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            set_aside(descriptor, self._size)
        except OSError as error:
            _log.warning("no ballast is set aside: %s", error)
            return False
        finally:
            os.close(descriptor)
        return True
