"""The engine: a pure function behind one door, `step`."""
