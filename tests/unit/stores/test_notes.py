"""Notes beside the journal save time and nothing else: one that is damaged is none."""

import pytest

from stopline.sim.alpaca.memory import MemoryLost, load_book
from stopline.stores import control_note, last_run
from stopline.stores.sqlite.layout import Layout

DAMAGED = (b"", b"{", b'{"path":1}', b'{"path":"\xc0"}', b"\xff\xfe", b"[]")


@pytest.mark.parametrize("content", DAMAGED)
def test_a_damaged_note_is_none(content, tmp_path):
    layout = Layout(tmp_path)
    layout.control_note.write_bytes(content)
    layout.last_run.write_bytes(content)
    assert control_note.find(layout) is None
    assert last_run.find_last_run(layout) is None


@pytest.mark.parametrize("content", DAMAGED)
def test_a_damaged_book_of_the_simulated_broker_is_said(content, tmp_path):
    (tmp_path / "book").write_bytes(content)
    with pytest.raises(MemoryLost, match="is no book of this simulator"):
        load_book(tmp_path / "book")
