"""`stopline simulate`."""
