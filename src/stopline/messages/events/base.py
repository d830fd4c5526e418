"""What all events have in common."""

from msgspec import Struct


class BaseEvent(Struct, frozen=True, gc=False, tag=True, array_like=True):
    """Base of all events."""
