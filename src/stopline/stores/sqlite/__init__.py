"""The SQLite store, through apsw only: one writer, fsync before anything is said, everything else rebuildable."""
