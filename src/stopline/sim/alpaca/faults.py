"""Faults on demand: what goes wrong between a client and the broker, how often, and for which requests.

Each fault is spent by what it hits: `times` says how often (0: until it is cleared), `seen`
how often it has hit so far. Nothing here is left to chance.
"""

from enum import StrEnum
from typing import Final

from msgspec import Struct, structs

USUAL_LATENCY_MS: Final = 250
FORM: Final = "KIND, or KIND:times=1,ms=250,method=POST,path=/v2/orders"


class Kind(StrEnum):
    """What can go wrong."""

    LATENCY = "latency"
    """The answer comes `ms` later."""
    LOST_REQUEST = "lost_request"
    """The connection is cut before anything was done."""
    LOST_REPLY = "lost_reply"
    """It is done, and the connection is cut in place of an answer."""
    GATEWAY_TIMEOUT = "gateway_timeout"
    """It is done, and the answer is 504."""
    UNAVAILABLE = "unavailable"
    """503, nothing was done."""
    RATE_LIMITED = "rate_limited"
    """429, nothing was done."""
    OUTAGE = "outage"
    """Every request is cut, streams too, and none can be opened."""
    REPLACE_REJECTED = "replace_rejected"
    """A replace is answered as taken; then the new order is rejected and the old one works on."""
    CANCEL_REJECTED = "cancel_rejected"
    """A cancel is answered as taken; then it is rejected and the order works on."""
    STREAM_DROP = "stream_drop"
    """The next event is lost, and every stream is cut in its place."""
    LOST_EVENT = "lost_event"
    """The next event is lost; the streams stay."""
    DUPLICATE_EVENT = "duplicate_event"
    """The next event comes twice."""
    REORDER_EVENTS = "reorder_events"
    """The next event comes after the one that follows it (or after `ms`, if none does)."""


MEANINGS: Final[dict[Kind, str]] = {
    Kind.LATENCY: "the answer comes ms milliseconds later",
    Kind.LOST_REQUEST: "the connection is cut, nothing was done",
    Kind.LOST_REPLY: "it is done, and the connection is cut in place of an answer",
    Kind.GATEWAY_TIMEOUT: "it is done, and the answer is 504",
    Kind.UNAVAILABLE: "503, nothing was done",
    Kind.RATE_LIMITED: "429, nothing was done",
    Kind.OUTAGE: "every request is cut, and so are the streams; none can be opened",
    Kind.REPLACE_REJECTED: "a replace is answered as taken, then the new order is rejected and the old one works on",
    Kind.CANCEL_REJECTED: "a cancel is answered as taken, then it is rejected and the order works on",
    Kind.STREAM_DROP: "an event is lost, and every stream is cut in its place",
    Kind.LOST_EVENT: "an event is lost; the streams stay",
    Kind.DUPLICATE_EVENT: "an event comes twice",
    Kind.REORDER_EVENTS: "an event comes after the one that follows it",
}


class BadFault(ValueError):
    """A fault that cannot be read; the message says what would be right."""


class Fault(Struct, kw_only=True):
    """One thing that goes wrong. `method` and `path` (its beginning) say for which requests."""

    kind: Kind
    times: int = 1
    ms: int = USUAL_LATENCY_MS
    method: str = ""
    path: str = ""
    seen: int = 0

    @property
    def is_spent(self) -> bool:
        """Whether it hits no more."""
        return 0 < self.times <= self.seen

    def hits(self, method: str, path: str) -> bool:
        """Return whether it concerns a request (an event of the stream has neither method nor path)."""
        return not self.is_spent and self.method in ("", method) and path.startswith(self.path)

    def __str__(self) -> str:
        often = "until it is cleared" if self.times == 0 else f"{self.times} times" if self.times > 1 else "once"
        where = " ".join(part for part in (self.method, self.path) if part)
        meaning = MEANINGS[self.kind].replace("ms milliseconds", f"{self.ms} ms")
        return f"{self.kind} {often}: {meaning}{f' ({where})' if where else ''}"


class Faults:
    """All faults that are set, oldest first."""

    def __init__(self) -> None:
        self.set: list[Fault] = []

    def add(self, fault: Fault) -> None:
        """Set one more."""
        self.set.append(fault)

    def clear(self) -> None:
        """Take all of them back."""
        self.set.clear()

    def take(self, kind: Kind, method: str = "", path: str = "") -> Fault | None:
        """Return the first fault of a kind that hits, and count the hit."""
        fault = next((each for each in self.set if each.kind is kind and each.hits(method, path)), None)
        if fault is not None:
            fault.seen += 1
        return fault

    def is_out(self) -> bool:
        """Return whether there is an outage, without counting it."""
        return any(each.kind is Kind.OUTAGE and not each.is_spent for each in self.set)


def parse_fault(text: str) -> Fault:
    """Read `lost_reply`, or `lost_reply:times=2,method=POST`; raises BadFault."""
    kind, _, rest = text.partition(":")
    said = [part.partition("=") for part in rest.split(",")] if rest else []
    return make_fault({"kind": kind} | {name.strip(): value.strip() for name, _, value in said})


def make_fault(said: dict[str, str]) -> Fault:
    """Return the fault that these words describe; raises BadFault."""
    words = dict(said)
    try:
        fault = Fault(kind=Kind(words.pop("kind", "")))
    except ValueError:
        raise BadFault(f"kind must be one of {', '.join(Kind)}; write {FORM}") from None
    for name in ("times", "ms"):
        if name in words:
            fault = structs.replace(fault, **{name: _whole(name, words.pop(name))})
    fault.method, fault.path = words.pop("method", "").upper(), words.pop("path", "")
    if words:
        raise BadFault(f"{next(iter(words))!r} is nothing that a fault has; write {FORM}")
    return fault


def _whole(name: str, text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 7):
        raise BadFault(f"{name} must be a whole number, not {text!r}")
    return int(text)
