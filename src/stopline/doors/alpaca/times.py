"""Instants as clients hold them: in whole microseconds."""

from typing import Final

from stopline.model.numbers import Nanos

MICROSECOND: Final[Nanos] = 1_000


def moment(at: Nanos) -> Nanos:
    """Return an instant without what a client's datetime does not hold."""
    return at // MICROSECOND * MICROSECOND


def optional_moment(at: Nanos) -> Nanos | None:
    """Return an instant, or None for never."""
    return moment(at) if at else None
