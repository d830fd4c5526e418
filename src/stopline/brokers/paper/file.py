"""The paper broker's file: SQLite in WAL mode, synced before a commit returns. Called from one thread at a time.

Writing the same rows twice is the same as once, so that a refused commit may be tried again.
"""

import os
import sys
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import apsw
import msgspec
from msgspec import Struct

from stopline.brokers.paper.records import Changes, PaperAccount, PaperOrder
from stopline.measures.pnl import Holding
from stopline.model.fill import Fill
from stopline.model.ids import AccountId, InstrumentId, RoutedOrderId
from stopline.model.instrument import Instrument
from stopline.model.numbers import Nanos
from stopline.model.order import OrderState, OrderType, Side, TimeInForce
from stopline.ports.broker import BrokerError
from stopline.venue.orders import VenueOrder

SCHEMA: Final = Path(__file__).with_name("schema.sql")
VERSION: Final = 1
BUSY_MS: Final = 250
LOG_SET_ASIDE: Final = 4 * 2**20
"""Bytes of the WAL that exist from the start: exits must get through while the disk is full (reliability.md F06)."""
_PRAGMAS: Final = (
    ("journal_mode", "wal", "wal"),
    ("synchronous", "full", 2),
    *((("fullfsync", 1, 1), ("checkpoint_fullfsync", 1, 1)) if sys.platform == "darwin" else ()),
)
_PASSING: Final = (apsw.FullError, apsw.BusyError, apsw.LockedError)
"""What may go away by itself, or when somebody makes room."""
_ORDER_COLUMNS: Final = (
    "order_id, number, account, instrument_id, side, order_type, time_in_force, order_qty, cum_qty, limit_price, "
    "stop_price, reserve_price, expires_at, rank, is_triggered, state, entered_at, ended_at, code, reason"
)
_FILL_COLUMNS: Final = "exec_no, account, order_id, instrument_id, side, qty, price, fee, executed_at"
_INSERTS: Final = (
    "INSERT OR REPLACE INTO accounts VALUES (?, ?, ?, ?, ?)",
    "INSERT OR REPLACE INTO instruments VALUES (?, ?)",
    "INSERT OR REPLACE INTO holdings VALUES (?, ?, ?, ?, ?)",
    f"INSERT OR REPLACE INTO orders ({_ORDER_COLUMNS}) VALUES ({', '.join('?' * 20)})",
    f"INSERT OR REPLACE INTO fills ({_FILL_COLUMNS}) VALUES ({', '.join('?' * 9)})",
)
Rows = tuple[list[tuple[object, ...]], ...]
"""What to write, a list per statement of `_INSERTS`."""


class FileRefused(BrokerError):
    """Nothing was written, and trying again may help."""


class FileLost(BrokerError):
    """Nobody knows what is on disk, or the file is not what it should be."""


class Remembered(Struct, frozen=True):
    """What an earlier life left behind."""

    book_id: str
    accounts: dict[AccountId, tuple[int, Nanos, Nanos, Nanos]]
    """Cash, since, day_opens_at, day_resets_at."""
    instruments: tuple[Instrument, ...]
    holdings: dict[tuple[AccountId, InstrumentId], Holding]
    working: tuple[PaperOrder, ...]
    next_number: int
    next_exec: int
    has_ended: bool


class PaperFile:
    """One open file. Raises FileLost if it is damaged, or was written by a newer Stopline."""

    def __init__(self, path: Path, at: Nanos) -> None:
        try:
            _create_private(path)
            self._db = apsw.Connection(str(path))
            self._db.set_busy_timeout(BUSY_MS)
            for name, value, expected in _PRAGMAS:
                self._db.pragma(name, value)
                if (found := self._db.pragma(name)) != expected:
                    raise FileLost(f"{path.name}: SQLite answers {name}={found} where {expected} was asked for")
            version = self._db.pragma("user_version")
            if version == 0:
                self._create(at)
            elif version != VERSION:
                raise FileLost(f"{path.name} has schema {version}, this Stopline knows {VERSION}: run the newer one")
            _set_aside(path.with_name(path.name + "-wal"))
        except (apsw.Error, OSError) as error:
            raise FileLost(f"{path} cannot be opened as the paper broker's book: {error}") from error

    def _create(self, at: Nanos) -> None:
        with self._db:
            self._db.execute(SCHEMA.read_text(encoding="utf-8"))
            self._db.execute("INSERT INTO book VALUES (?, ?)", (f"p{at // 1_000_000:x}", at))
            self._db.pragma("user_version", VERSION)

    def remembered(self) -> Remembered:
        """Return what is in the file."""
        try:
            return self._remembered()
        except apsw.Error as error:
            raise FileLost(f"the paper broker's book cannot be read: {error}") from error

    def _remembered(self) -> Remembered:
        select = self._db.execute
        accounts = select("SELECT account, cash, since, day_opens_at, day_resets_at FROM accounts")
        holdings = select("SELECT account, instrument_id, qty, cost, lots FROM holdings")
        return Remembered(
            book_id=str(select("SELECT book_id FROM book").get),
            accounts={row[0]: row[1:] for row in accounts},
            instruments=tuple(
                msgspec.json.decode(terms, type=Instrument) for (terms,) in select("SELECT terms FROM instruments")
            ),
            # What is realized on the session's basis is the engine's affair: here both costs are one.
            holdings={row[:2]: Holding(row[2], row[3], row[3], row[4]) for row in holdings},
            working=self._orders("state = 'working' ORDER BY number", ()),
            next_number=(select("SELECT max(number) FROM orders").get or 0) + 1,
            next_exec=(select("SELECT max(exec_no) FROM fills").get or 0) + 1,
            has_ended=bool(select("SELECT EXISTS (SELECT 1 FROM orders WHERE state <> 'working')").get),
        )

    # --- looking things up -----------------------------------------------------------------------

    def order(self, order_id: RoutedOrderId) -> PaperOrder | None:
        """Return an order, however old."""
        found = self._orders("order_id = ?", (order_id,))
        return found[0] if found else None

    def ended_since(self, account: AccountId, since: Nanos) -> list[RoutedOrderId]:
        """Return which orders of an account ended at `since` or later."""
        wanted = "account = ? AND state <> 'working' AND ended_at >= ?"
        found = self._db.execute(f"SELECT order_id FROM orders WHERE {wanted} ORDER BY number", (account, since))
        return [order_id for (order_id,) in found]

    def orders(self, order_ids: Iterable[RoutedOrderId]) -> list[PaperOrder]:
        """Return these orders, in this order."""
        return [order for order_id in order_ids for order in self._orders("order_id = ?", (order_id,))]

    def fills_of(self, order_id: RoutedOrderId) -> list[tuple[int, Fill]]:
        """Return an order's fills with their numbers, oldest first."""
        return self._fills("order_id = ? ORDER BY exec_no", (order_id,))

    def filled_since(self, account: AccountId, since: Nanos, most: int) -> list[int]:
        """Return the numbers of an account's newest fills at `since` or later, at most so many, oldest first."""
        wanted = "account = ? AND executed_at >= ? ORDER BY exec_no DESC LIMIT ?"
        found = self._db.execute(f"SELECT exec_no FROM fills WHERE {wanted}", (account, since, most))
        return [number for (number,) in found][::-1]

    def fills(self, numbers: Iterable[int]) -> list[tuple[int, Fill]]:
        """Return these fills with their numbers, in this order."""
        return [fill for number in numbers for fill in self._fills("exec_no = ?", (number,))]

    def _orders(self, where: str, values: tuple[object, ...]) -> tuple[PaperOrder, ...]:
        found = self._db.execute(f"SELECT {_ORDER_COLUMNS} FROM orders WHERE {where}", values)
        return tuple(_order(row) for row in found)

    def _fills(self, where: str, values: tuple[object, ...]) -> list[tuple[int, Fill]]:
        found = self._db.execute(f"SELECT {_FILL_COLUMNS} FROM fills WHERE {where}", values)
        return [(row[0], _fill(row)) for row in found]

    # --- writing ---------------------------------------------------------------------------------

    def commit(self, rows: Rows) -> None:
        """Make rows durable, all or none; raises FileRefused or FileLost."""
        try:
            with self._db:
                for statement, values in zip(_INSERTS, rows, strict=True):
                    if values:
                        self._db.executemany(statement, values)
        except _PASSING as error:
            raise FileRefused(f"the paper broker's book takes nothing: {error}") from error
        except apsw.Error as error:
            raise FileLost(f"the paper broker's book is lost: {type(error).__name__}: {error}") from error

    def close(self) -> None:
        """Let go of the file."""
        self._db.close()


def rows_of(changes: Changes, accounts: dict[AccountId, PaperAccount]) -> Rows:
    """Return what to write, as of now."""
    books = [(name, instrument_id, accounts[name].books[instrument_id]) for name, instrument_id in changes.holdings]
    return (
        [_account_row(accounts[name]) for name in changes.accounts],
        [(each.instrument_id, msgspec.json.encode(each)) for each in changes.instruments.values()],
        [(name, each, book.holding.qty, book.holding.cost, book.holding.lots) for name, each, book in books],
        [_order_row(order) for order in changes.orders.values()],
        [_fill_row(number, fill) for number, fill in changes.fills],
    )


def _account_row(account: PaperAccount) -> tuple[object, ...]:
    return account.terms.account, account.cash, account.since, account.day_opens_at, account.day_resets_at


def _order_row(order: PaperOrder) -> tuple[object, ...]:
    terms = order.terms
    return (
        terms.order_id, order.number, terms.owner, terms.instrument_id, terms.side.value, terms.order_type.value,
        terms.time_in_force.value, terms.order_qty, terms.cum_qty, terms.limit_price, terms.stop_price,
        order.reserve_price, terms.expires_at, terms.rank, int(terms.is_triggered), order.state.value,
        order.entered_at, order.ended_at, order.code, order.reason,
    )  # fmt: skip


def _order(row: tuple[Any, ...]) -> PaperOrder:
    found: dict[str, Any] = dict(zip(_ORDER_COLUMNS.split(", "), row, strict=True))
    found["order_type"], found["time_in_force"] = OrderType(found["order_type"]), TimeInForce(found["time_in_force"])
    found["side"], found["state"] = Side(found["side"]), OrderState(found["state"])
    found["is_triggered"], found["owner"] = bool(found["is_triggered"]), found["account"]
    terms = {name: found[name] for name in VenueOrder.__struct_fields__ if name in found}
    rest = {name: found[name] for name in PaperOrder.__struct_fields__ if name in found}
    return PaperOrder(terms=VenueOrder(**terms), **rest)


def _fill_row(number: int, fill: Fill) -> tuple[object, ...]:
    return (
        number, fill.account, fill.routed_order_id, fill.instrument_id, fill.side.value, fill.qty, fill.price,
        fill.fee, fill.executed_at,
    )  # fmt: skip


def _fill(row: tuple[object, ...]) -> Fill:
    """Return a fill, its exec_id still to be named by the book."""
    _, account, order_id, instrument_id, side, qty, price, fee, executed_at = row
    return msgspec.convert(
        (account, "", instrument_id, side, qty, price, fee, executed_at, order_id), type=Fill, strict=True
    )


def _create_private(path: Path) -> None:
    """Create the file for its owner alone, if there is none; SQLite gives the files beside it the same rights."""
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    except FileExistsError:
        return
    if os.name != "nt":
        descriptor = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _set_aside(log: Path) -> None:
    """Reserve the log's blocks where the system can; a disk without room for them is no reason not to start."""
    if hasattr(os, "posix_fallocate") and log.exists() and log.stat().st_size < LOG_SET_ASIDE:
        descriptor = os.open(log, os.O_WRONLY)
        try:
            with suppress(OSError):
                os.posix_fallocate(descriptor, 0, LOG_SET_ASIDE)
        finally:
            os.close(descriptor)
