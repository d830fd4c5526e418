"""A simulator that is killed goes on where it was."""

import msgspec
import pytest

from stopline.sim.alpaca.book import Book
from stopline.sim.alpaca.memory import MemoryLost, load_book, save_book
from tests.unit.sim.alpaca.build import Room
from tests.unit.sim.alpaca.test_families import BRACKET


def test_the_book_survives_and_its_orders_work_on(tmp_path):
    room = Room()
    room.hold("5")
    entry = room.submit(type="limit", limit_price="99", **BRACKET)
    room.quote("AAPL", "98.90", "98.95")
    save_book(tmp_path / "book.json", room.book)
    book = load_book(tmp_path / "book.json")
    assert book == room.book
    later = Room(book=book, at="2026-01-06T12:30:00-05:00")
    profit, stop = (book.orders[leg] for leg in entry.legs)
    assert (profit.status, stop.status, later.held) == ("new", "held", 15)
    assert later.updates == []
    later.quote("AAPL", "94.00", "94.02", last="94.00")
    assert (profit.status, stop.status, later.held) == ("canceled", "filled", 5)
    assert later.submit(client_order_id="new").id not in room.book.orders


def test_a_day_that_has_ended_meanwhile_has_ended():
    room = Room(hours="market")
    order = room.submit(type="limit", limit_price="99")
    later = Room(book=room.book, hours="market", at="2026-01-07T12:00:00-05:00")
    assert (order.status, later.book.open_orders()) == ("expired", [])


def test_no_file_is_a_new_book_and_another_file_is_refused(tmp_path):
    assert load_book(tmp_path / "none.json") is None
    (tmp_path / "other.json").write_bytes(b'{"cash": "much"}')
    with pytest.raises(MemoryLost, match="is no book of this simulator"):
        load_book(tmp_path / "other.json")


def test_the_file_is_whole_at_any_moment(tmp_path):
    room, path = Room(), tmp_path / "book.json"
    save_book(path, room.book)
    (tmp_path / "book.json.new").write_bytes(b"half a bo")  # killed while it wrote
    assert load_book(path) == msgspec.json.decode(path.read_bytes(), type=Book)
