"""Arithmetic on scaled ints, one quantity per file. No state, no messages."""
