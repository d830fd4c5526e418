"""The highest head ever seen, written beside the journal and outside SQLite.

A journal that ends before its anchor is an older copy: what it decided since then is
missing, and nothing in the file itself would show it (reliability.md I19). Written now
and then, and at close; never ahead of what is durable.
"""

import json
from hashlib import sha256
from pathlib import Path

from msgspec import Struct

from stopline.ports.journal import Head, JournalCorrupt
from stopline.stores.sqlite.layout import write_atomically


class Anchor(Struct, frozen=True):
    """A head that was durable once."""

    seq: int
    hash: bytes


def write_anchor(path: Path, anchor: Anchor) -> None:
    """Replace the anchor; raises OSError."""
    fields = {"seq": anchor.seq, "hash": anchor.hash.hex(), "check": _check(anchor)}
    write_atomically(path, (json.dumps(fields) + "\n").encode())


def read_anchor(path: Path) -> Anchor | None:
    """Return the anchor, or None where there is none; raises JournalCorrupt where it is damaged."""
    try:
        text = path.read_bytes()
    except FileNotFoundError:
        return None
    try:
        fields = json.loads(text)
        anchor = Anchor(int(fields["seq"]), bytes.fromhex(fields["hash"]))
        whole = fields["check"] == _check(anchor)
    except (ValueError, KeyError, TypeError, OverflowError):
        whole = False
    if not whole:
        raise JournalCorrupt(
            0,
            f"{path.name} is damaged, so nothing shows whether the journal is an older copy. Compare the "
            "journal's head with a backup or a report; if it is right, delete the file and start again.",
        )
    return anchor


def check_anchor(anchor: Anchor, head: Head, hash_then: bytes | None) -> None:
    """Raise JournalCorrupt unless `head` continues from the anchor. `hash_then` is what record anchor.seq has."""
    if head.seq < anchor.seq:
        raise JournalCorrupt(
            head.seq + 1,
            f"the journal ends at record {head.seq}, but it once reached {anchor.seq}: an older copy was "
            f"restored, and what was decided since is missing. Restore the newest copy together with its "
            f"anchor.json. To go on from the older one all the same, delete anchor.json: the broker knows "
            f"orders and fills that this journal does not.",
        )
    if hash_then != anchor.hash:
        raise JournalCorrupt(
            anchor.seq,
            f"record {anchor.seq} is not the one that anchor.json remembers: this is another journal, or its "
            "history was rewritten",
        )


def _check(anchor: Anchor) -> str:
    return sha256(f"{anchor.seq}:{anchor.hash.hex()}".encode()).hexdigest()[:16]
