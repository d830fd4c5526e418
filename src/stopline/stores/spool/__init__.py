"""The spool in a file of its own: preallocated, so that a full disk still takes it."""

from stopline.stores.spool.file import SPOOL_BYTES, FileSpool, NoRoom, open_spool

__all__ = ["SPOOL_BYTES", "FileSpool", "NoRoom", "open_spool"]
