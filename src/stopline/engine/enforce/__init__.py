"""What becomes of a breach: locks, obligations, and the work on them until they are done."""
