"""A note to the next process: what happened makes the journal doubtful, so verify all of it before anything else.

A failed fsync leaves it once; the second one is no accident any more, and Stopline does not
start again until a person has looked (reliability.md F07). Damage that was met while it ran
leaves it too, so that the next start names the first bad record (F09).
"""

import json
import logging
from contextlib import suppress
from typing import Final

from msgspec import Struct

from stopline.ports.journal import JournalCorrupt, JournalError
from stopline.stores.sqlite.layout import Layout, write_atomically
from stopline.stores.sqlite.verifying import Verifying

TOO_OFTEN: Final = 2
_log = logging.getLogger(__name__)


class Distrust(Struct, frozen=True):
    """Why, and how often a disk has not confirmed a write."""

    reason: str
    failed_syncs: int


def read_distrust(layout: Layout) -> Distrust | None:
    """Return the note, or None where there is none."""
    try:
        fields = json.loads(layout.distrust.read_bytes())
        return Distrust(str(fields["reason"]), int(fields["failed_syncs"]))
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError):
        return Distrust("the note itself cannot be read", 1)


def note_distrust(layout: Layout, reason: str, *, failed_sync: bool) -> None:
    """Leave the note. A disk that takes not even that is not held up by it."""
    with suppress(OSError):
        before = read_distrust(layout)
        failed = (before.failed_syncs if before else 0) + failed_sync
        write_atomically(layout.distrust, (json.dumps({"reason": reason, "failed_syncs": failed}) + "\n").encode())


def refuse_unreliable(layout: Layout) -> None:
    """Raise JournalError where a disk has failed to confirm a write once too often."""
    note = read_distrust(layout)
    if note is not None and note.failed_syncs >= TOO_OFTEN:
        raise JournalError(
            f"the disk under {layout.root} has not confirmed a write {note.failed_syncs} times ({note.reason}). It "
            "cannot be relied on. Copy the directory to another disk, run `stopline journal verify` there, and start "
            f"with --data-dir; to go on all the same, delete {layout.distrust.name}"
        )


def settle_distrust(layout: Layout) -> str:
    """Verify all of a doubtful journal, and return what a person should still know of it; raises JournalCorrupt."""
    note = read_distrust(layout)
    if note is None:
        return ""
    _log.warning("the whole journal is verified first: %s", note.reason)
    found = Verifying(layout, None, 1).run()
    if found.message:
        raise JournalCorrupt(found.first_bad_seq, found.message)
    if note.failed_syncs == 0:
        layout.distrust.unlink(missing_ok=True)
        return ""
    return (
        f"the disk has once not confirmed a write ({note.reason}); all records were verified since. At the second "
        f"time Stopline does not start again: look after the disk, then delete {layout.distrust.name}"
    )
