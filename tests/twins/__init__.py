"""In-memory twins of the ports: what a unit test uses instead of a disk, a socket or a clock."""
