"""What all inputs have in common."""

from msgspec import Struct


class BaseInput(Struct, frozen=True, gc=False, tag=True, kw_only=True):
    """Base of all inputs."""
