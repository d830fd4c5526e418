"""What was not as it must be."""


class Violated(AssertionError):
    """An invariant of reliability.md section 3 does not hold; the text begins with its number."""


def demand(holds: bool, text: str) -> None:
    """Raise Violated unless it holds."""
    if not holds:
        raise Violated(text)
