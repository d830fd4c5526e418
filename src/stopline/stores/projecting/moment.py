"""Which event of which record, and when."""

from functools import lru_cache

from msgspec import Struct

from stopline.model.numbers import SECOND, Nanos
from stopline.views.wire import instant


class Moment(Struct, frozen=True):
    """Where an event stands. `id` grows with the journal and is the same in every rebuild."""

    id: int
    time: str

    @property
    def seq(self) -> int:
        """The record's."""
        return self.id >> 16


def event_id(seq: int, index: int) -> int:
    """Return the id of the `index`-th event of a record."""
    return seq << 16 | index


def instant_text(at: Nanos) -> str:
    """Return views.wire.instant, faster: most instants share their second with the one before."""
    seconds, rest = divmod(at, SECOND)
    return f"{_second(seconds)}.{rest:09d}Z"


@lru_cache(maxsize=256)
def _second(seconds: int) -> str:
    return instant(seconds * SECOND).partition(".")[0]
