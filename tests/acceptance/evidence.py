"""What the files on a disk prove: the journal and its spool, and the paper broker's book, read without their writers.

Chain, gaps, decisions, orders and fills are worked out here once more from the stored rows;
of the product only the decoding of events and of the spool and the fold are used. `Evidence` goes on reading
where it stopped, so that a long journal is read once.
"""

import json
import shutil
import tempfile
from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path
from typing import Any

import apsw
from msgspec import Struct

from stopline.engine.replay import fold, state_hash
from stopline.messages import events as e
from stopline.messages.events import Event
from stopline.messages.upcast import decode_events
from stopline.model.fill import Fill
from stopline.model.order import OrderRequest
from stopline.state.state import State
from stopline.stores.spool import blocks
from tests.acceptance.wire import Answer

Terms = tuple[int, int | None, int | None]
"""Quantity, limit price, stop price."""


class Violation(AssertionError):
    """Something that must never happen has happened."""


def expect(fact: bool, text: str) -> None:
    if not fact:
        raise Violation(text)


class Approved(Struct):
    """An order as the gate let it go, and the terms it may have had since."""

    request: OrderRequest
    seq: int
    at: int
    epoch: int
    terms: set[Terms]


class Evidence:
    """The journal and the paper book of one data directory."""

    def __init__(self, data_dir: Path) -> None:
        self._data_dir = data_dir
        self.state = State()
        """The journal folded from its first record."""
        self._last_hash = bytes(32)
        self._last_at = 0
        self.epochs: dict[int, int] = {}
        """Epoch to the instant at which it began."""
        self.decisions: dict[str, tuple[int, e.OrderApproved | e.OrderDenied]] = {}
        """client_order_id to the record and the decision."""
        self.approved: dict[str, Approved] = {}
        """routed_order_id to what was approved to go to the broker under it."""
        self.routed: dict[str, list[str]] = {}
        """client_order_id to every id under which it was let go, oldest first, or decided."""
        self.booked: dict[str, int] = {}
        """client_order_id to what has filled of it."""
        self.base: dict[str, int] = {}
        """routed_order_id to what had filled of the order when it was let go under it."""
        self.most: dict[str, int] = {}
        """client_order_id to the most that was decided of it."""
        self.said: dict[tuple[type, str], set[str]] = {}
        """(kind of event, client_order_id) to the decision_ids of such events, empty text where they have none."""
        self.heard_of: dict[str, int] = {}
        """routed_order_id to the epoch in which its acknowledgement was first heard."""
        self.fills: dict[str, Fill] = {}
        self.sessions: list[str] = []
        """Trading days, as they opened."""
        self.proven: set[int] = set()
        """Epochs in which the paper broker's picture agreed with ours."""
        self.paper_orders: dict[str, dict[str, Any]] = {}
        self.paper_fills: dict[str, dict[str, Any]] = {}
        self.paper_cash: int | None = None
        self.paper_positions: dict[str, int] = {}

    @property
    def seq(self) -> int:
        """How far the journal was read."""
        return self.state.seq

    def read(self, seen: tuple[int, str] | None = None) -> None:
        """Take in what has come since; raises Violation for what must not be there.

        `seen` is the seq and the hash of a live state, which the fold must come by (I12). A copy is
        read, so that the next start finds the files as the last process left them.
        """
        with tempfile.TemporaryDirectory() as scratch:
            copies = {name: _copy(self._data_dir / name, Path(scratch)) for name in ("journal.db", "paper.db")}
            if seen is not None:
                self._read_journal(copies["journal.db"], seen[0])
                self._read_spool(seen[0])
                self._expect_state(*seen)
            self._read_journal(copies["journal.db"])
            self._read_spool()
            self._read_paper(copies["paper.db"])
        self._compare()

    # --- the journal ---------------------------------------------------------------------------

    def _read_journal(self, path: Path, until_seq: int = 2**62) -> None:
        wanted = f"seq > {self.seq} AND seq <= {until_seq} ORDER BY seq"
        for row in _rows(path, "records", "seq, at, body, hash", wanted):
            self._read_record(*row)

    def _read_spool(self, until_seq: int = 2**62) -> None:
        """What a disk that was slow kept from the journal is in the spool: durable, and said."""
        try:
            found = blocks.read((self._data_dir / "spool.bin").read_bytes())
        except FileNotFoundError:
            return
        for record in found.records if found else ():
            if self.seq < record.seq <= until_seq:
                self._read_record(record.seq, record.at, record.body, record.hash)

    def _read_record(self, seq: int, at: int, body: bytes, stored: bytes) -> None:
        expect(seq == self.seq + 1, f"record {self.seq + 1} is missing: {seq} follows {self.seq}")
        expect(at >= self._last_at, f"time runs backwards in record {seq}")
        bound = self._last_hash + seq.to_bytes(8, "big") + at.to_bytes(8, "big") + body
        self._last_hash = sha256(bound).digest()
        expect(stored == self._last_hash, f"the chain breaks at record {seq}")
        self._last_at = at
        events = decode_events(body)
        for event in events:
            self._note(seq, at, event)
        fold(self.state, seq, at, events)

    def _expect_state(self, seq: int, digest: str) -> None:
        expect(self.seq == seq, f"a process stood at record {seq}, the journal ends at {self.seq}")
        expect(state_hash(self.state).hex() == digest, f"the live state after record {seq} is not what replay makes")

    def _note(self, seq: int, at: int, event: Event) -> None:
        about = getattr(event, "client_order_id", "")
        if about:
            self.said.setdefault((type(event), about), set()).add(getattr(event, "decision_id", ""))
        if isinstance(event, e.EngineStarted):
            expect(event.epoch == max(self.epochs, default=0) + 1, f"epoch {event.epoch} begins out of turn")
            self.epochs[event.epoch] = at
        elif isinstance(event, e.OrderApproved | e.OrderDenied):
            order_id = event.request.client_order_id
            expect(order_id not in self.decisions, f"{order_id} was decided twice, in record {seq} again")
            self.decisions[order_id] = (seq, event)
            if isinstance(event, e.OrderApproved):
                self._note_approved(seq, at, event, goes=event.hold is None)
                self.most[order_id] = event.request.order_qty
        elif isinstance(event, e.OrderReleased):
            self._note_approved(seq, at, event.order, goes=True)
        elif isinstance(event, e.ReplaceApproved):
            routed = self.routed[event.client_order_id][-1]
            if routed in self.approved:
                left = event.order_qty - self.base[routed]
                self.approved[routed].terms.add((left, event.limit_price, event.stop_price))
            self.most[event.client_order_id] = max(self.most[event.client_order_id], event.order_qty)
        elif isinstance(event, e.OrderWorking):
            self.heard_of.setdefault(self.routed[event.client_order_id][-1], max(self.epochs))
        elif isinstance(event, e.OrderFilled):
            expect(event.fill.exec_id not in self.fills, f"{event.fill.exec_id} was booked twice")
            self.fills[event.fill.exec_id] = event.fill
            self.booked[about] = self.booked.get(about, 0) + event.fill.qty
        elif isinstance(event, e.SessionOpened):
            self.sessions.append(event.session.session_id)
        elif isinstance(event, e.AccountProven):
            self.proven.add(max(self.epochs))
        elif isinstance(event, e.MismatchFound):
            # An order that was under way is in doubt until the broker was asked; anything else is a loss.
            found = [each for each in event.differences if not each.endswith("has an unknown outcome")]
            expect(not found, f"record {seq}: our book is not the broker's: {found}")
        elif isinstance(event, e.CashReported):
            raise Violation(f"record {seq}: our cash is not the broker's, by {event.difference}")
        elif isinstance(event, e.ExternalFilled | e.ExternalOrderBooked):
            raise Violation(f"record {seq}: the broker has what nobody here decided: {event}")

    def _note_approved(self, seq: int, at: int, approved: e.OrderApproved, *, goes: bool) -> None:
        """An approval is of this record; what goes to the broker by it may be there, what is held may not."""
        request, routed, epoch = approved.request, approved.routed_order_id, max(self.epochs)
        expect(routed.partition(".")[0] == f"sl{epoch}-{seq}", f"{routed} is no id of record {seq}")
        ids = self.routed.setdefault(request.client_order_id, [])
        expect(routed not in ids, f"{routed} was given twice")
        ids.append(routed)
        if goes:
            terms = {(request.order_qty, request.limit_price, request.stop_price)}
            self.approved[routed] = Approved(request, seq, at, epoch, terms)
            self.base[routed] = self.booked.get(request.client_order_id, 0)

    # --- the paper broker's book ---------------------------------------------------------------

    def _read_paper(self, path: Path) -> None:
        book = [row[0] for row in _rows(path, "book", "book_id")]
        before = self.paper_fills
        columns = (
            "order_id account instrument_id side order_type time_in_force order_qty cum_qty limit_price stop_price"
        )
        columns += " state entered_at"
        self.paper_orders = {row["order_id"]: row for row in _dicts(path, "orders", columns)}
        columns = "exec_no account order_id instrument_id side qty price fee"
        self.paper_fills = {f"{book[0]}-{row['exec_no']}": row for row in _dicts(path, "fills", columns)}
        lost = before.keys() - self.paper_fills.keys()
        expect(not lost, f"the paper broker's book has lost fills: {sorted(lost)[:3]}")
        self.paper_cash = next((row[0] for row in _rows(path, "accounts", "cash")), None)
        self.paper_positions = {row[0]: row[1] for row in _rows(path, "holdings", "instrument_id, qty", "qty <> 0")}

    def _compare(self) -> None:
        """Compare the broker's book with the decisions (I01, I03, F02)."""
        filled: dict[str, int] = {}
        for exec_id, fill in self.paper_fills.items():
            filled[fill["order_id"]] = filled.get(fill["order_id"], 0) + fill["qty"]
            expect(fill["order_id"] in self.paper_orders, f"{exec_id} fills an order that the broker does not have")
        working: dict[str, str] = {}
        total: dict[str, int] = {}
        for order_id, order in self.paper_orders.items():
            approved = self.approved.get(order_id)
            expect(approved is not None, f"the broker has {order_id}, which the journal did not approve: {order}")
            assert approved is not None
            self._compare_order(order_id, order, approved)
            name = approved.request.client_order_id
            if order["state"] == "working":
                twin = working.setdefault(name, order_id)
                expect(twin == order_id, f"{name} works at the broker twice: {twin}, {order_id}")
            total[name] = total.get(name, 0) + order["cum_qty"]
            expect(total[name] <= self.most[name], f"{name} has traded more than was decided")
            most = max(qty for qty, _, _ in approved.terms)
            expect(order["cum_qty"] == filled.get(order_id, 0) <= most, f"{order_id} is overfilled")
        for exec_id, booked in self.fills.items():
            found = self.paper_fills.get(exec_id)
            expect(found is not None, f"{exec_id} was reported before it was on the broker's disk")
            assert found is not None
            ours = (booked.routed_order_id, booked.side.value, booked.qty, booked.price, booked.fee)
            theirs = tuple(found[name] for name in "order_id side qty price fee".split())
            expect(ours == theirs, f"{exec_id} is {theirs} at the broker and {ours} in the journal")

    def _compare_order(self, order_id: str, order: dict[str, Any], approved: Approved) -> None:
        request = approved.request
        asked = (request.account, request.instrument_id, request.side, request.order_type, request.time_in_force)
        given = tuple(order[name] for name in "account instrument_id side order_type time_in_force".split())
        expect(given == asked, f"{order_id} is {given} at the broker, approved was {asked}")
        terms = (order["order_qty"], order["limit_price"], order["stop_price"])
        allowed = approved.terms | {(order["cum_qty"], *rest) for _, *rest in approved.terms}
        expect(terms in allowed, f"{order_id} has {terms} at the broker, approved were {approved.terms}")
        entered = order["entered_at"]
        expect(entered >= approved.at, f"{order_id} came to the broker before it was approved")
        ends = self.epochs.get(approved.epoch + 1)
        late = f"{order_id} was approved in epoch {approved.epoch} and sent as new in a later one"
        expect(ends is None or entered < ends, late)

    def found_later(self) -> int:
        """Return how many orders were acknowledged in a later epoch than the one that sent them."""
        return sum(epoch > self.approved[order_id].epoch for order_id, epoch in self.heard_of.items())

    # --- what must hold later ------------------------------------------------------------------

    def expect_answer(self, order_id: str, answer: Answer) -> None:
        """An answer that somebody was given is a decision in the journal, and says what it says."""
        said = json.loads(answer.body)
        found = self.decisions.get(order_id)
        expect(found is not None, f"{order_id} was answered {answer.status}, and the journal knows nothing of it")
        assert found is not None
        seq, event = found
        kind = e.OrderApproved if answer.status == 201 else e.OrderDenied
        expect(type(event) is kind, f"{order_id} was answered {answer.status}, the journal has {type(event).__name__}")
        expect(
            said["decision_id"] == event.decision_id, f"{order_id}: {said['decision_id']} is not {event.decision_id}"
        )
        expect(said["decision_id"].endswith(f"-{seq}"), f"{order_id}: {event.decision_id} is not of record {seq}")
        if isinstance(event, e.OrderDenied):
            expect(said["message"] == event.message, f"{order_id} was told {said['message']!r}, not {event.message!r}")
        else:
            expect(said["routed_order_id"] in self.routed[order_id], f"{order_id} has another routed_order_id")

    def expect_said(self, order_id: str, *kinds: type[Event], decision_id: str = "") -> None:
        """Something was said of an order, in whatever record."""
        names = " or ".join(kind.__name__ for kind in kinds)
        text = f"{order_id}: an answer says {names} {decision_id}, and the journal does not"
        expect(any(decision_id in self.said.get((kind, order_id), ()) for kind in kinds), text)

    def expect_booked(self, exec_ids: Iterable[str]) -> None:
        """Each of the broker's fills is in the journal."""
        missing = sorted(set(exec_ids) - self.fills.keys())
        expect(not missing, f"fills of the broker were never booked: {missing[:5]}")

    def expect_reconciled(self) -> None:
        """Nothing is under way, and both books are equal: orders, positions, cash (I06)."""
        self.expect_booked(self.paper_fills)
        account = self.state.accounts["paper"]
        ours = {name: position.qty for name, position in account.positions.items() if position.qty}
        expect(ours == self.paper_positions, f"positions: {ours} here, {self.paper_positions} at the broker")
        expect(account.cash == self.paper_cash, f"cash: {account.cash} here, {self.paper_cash} at the broker")
        working = {order_id for order_id, order in self.paper_orders.items() if order["state"] == "working"}
        live = {order.routed_order_id for order in account.live.values() if order.is_at_broker}
        expect(live == working, f"orders: {sorted(live ^ working)[:5]} live on one side only")


def _copy(path: Path, scratch: Path) -> Path:
    for suffix in ("", "-wal"):
        source = path.with_name(path.name + suffix)
        if source.exists():
            shutil.copyfile(source, scratch / source.name)
    return scratch / path.name


def _rows(path: Path, table: str, columns: str, where: str = "1") -> list[tuple[Any, ...]]:
    """Return rows of a copied database; none where it does not exist yet, or has no such table yet."""
    if not path.exists():
        return []
    connection = apsw.Connection(str(path))
    try:
        if not connection.execute("SELECT count(*) FROM sqlite_schema WHERE name = ?", (table,)).get:
            return []
        return connection.execute(f"SELECT {columns} FROM {table} WHERE {where}").fetchall()
    finally:
        connection.close()


def _dicts(path: Path, table: str, columns: str) -> list[dict[str, Any]]:
    names = columns.split()
    return [dict(zip(names, row, strict=True)) for row in _rows(path, table, ", ".join(names))]
