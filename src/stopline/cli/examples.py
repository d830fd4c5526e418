"""Examples at the foot of a command's help."""


def examples(*lines: str) -> str:
    """Return the epilog of a command: its examples, one to a line."""
    return "\b\nExamples:\n" + "\n".join(f"  {line}" for line in lines)
