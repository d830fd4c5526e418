"""What one step says: the facts, what to do about them once they are durable, and the answer to the caller."""

from msgspec import Struct

from stopline.messages.effects import Effect
from stopline.messages.events import Event
from stopline.messages.replies import Reply


class Outcome(Struct, frozen=True, gc=False):
    """A step without events gets no seq and writes nothing; it may still have a reply."""

    seq: int
    """The record's seq if there are events, else the seq the state stands at."""
    events: tuple[Event, ...] = ()
    effects: tuple[Effect, ...] = ()
    reply: Reply | None = None
