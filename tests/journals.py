"""Records for journals: made by hand, or what a `World` said."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from stopline.messages.decided import decided_ids
from stopline.messages.events import SCHEMA_VERSION, AlertRaised, EngineStarted, Event, Evidence, OrderDenied
from stopline.messages.upcast import decode_events, encode_events
from stopline.model.order import OrderRequest, OrderType, Side
from stopline.ports.journal import GENESIS, Head, Record, chain_hash
from tests.build import World

EMPTY = Head(0, GENESIS, 0, SCHEMA_VERSION, "", "")


def started(epoch: int = 1) -> EngineStarted:
    return EngineStarted(epoch, f"code-{epoch}", f"config-{epoch}", SCHEMA_VERSION, "boot", "wall")


def alert(number: int, text: str = "look") -> AlertRaised:
    return AlertRaised(number, "A1", "TEST", "INFO", "AAPL", f"{text} {number}")


def bind(after: Head | Record, events: Sequence[Event], at: int | None = None, ids: object = None) -> Record:
    """Return the record of these events behind a head or a record."""
    seq = after.seq + 1
    body = encode_events(tuple(events))
    at = seq * 1_000 if at is None else at
    decided = decided_ids(events) if ids is None else tuple(ids)  # type: ignore[call-overload]
    return Record(seq, at, body, after.hash, chain_hash(after.hash, seq, at, body), decided)


def denied(client_order_id: str, text: str = "look", account: str = "A1") -> OrderDenied:
    request = OrderRequest(account, client_order_id, "eq:US:AAPL", Side.BUY, 10**9, OrderType.LIMIT, 175 * 10**8)
    return OrderDenied(request, "1-1", "max_order_qty", text, (), None, Evidence(1), "local")


def denials(after: Head | Record, count: int, text: str = "look") -> list[Record]:
    """Return `count` small records behind a head or a record; each decides one id, `order-<seq>` of A1."""
    made: list[Record] = []
    for _ in range(count):
        last = made[-1] if made else after
        made.append(bind(last, [denied(f"order-{last.seq + 1}", text)]))
    return made


def chained(world: World) -> list[Record]:
    """Return what a world said, as the runtime would append it."""
    return relinked((record.at, record.body) for record in world.records)


def relinked(bodies: Iterable[tuple[int, bytes]]) -> list[Record]:
    made: list[Record] = []
    for at, body in bodies:
        made.append(bind(made[-1] if made else EMPTY, decode_events(body), at))
    return made


def copy_of(data_dir: Path, to: Path) -> Path:
    """Copy a closed data directory, file by file, for our eyes only."""
    to.mkdir(mode=0o700, parents=True)
    for file in data_dir.iterdir():
        if file.is_file() and file.name != "owner.json":
            copied = to / file.name
            copied.write_bytes(file.read_bytes())
            copied.chmod(0o600)
    return to
