"""Who has the data directory: seen from beside it, without getting in his way."""

import json
import re
from pathlib import Path

import pytest

from stopline.ports.journal import JournalBusy
from stopline.stores import processes
from stopline.stores.sqlite.layout import Layout
from stopline.stores.sqlite.owner import Holder, Ownership, find_holder


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    return Layout(tmp_path)


def test_nobody_has_it(layout):
    assert find_holder(layout) is None
    assert list(layout.root.iterdir()) == [], "a look leaves nothing behind"
    Ownership(layout).release()
    assert find_holder(layout) is None


def test_somebody_has_it(layout):
    ownership = Ownership(layout)
    holder = find_holder(layout)
    assert holder is not None and holder.mark == processes.own_mark()
    assert str(holder).startswith(f"process {processes.own_mark().pid}, since ")
    with pytest.raises(JournalBusy, match=re.escape(f"in use by {holder}")):
        Ownership(layout)
    ownership.release()
    Ownership(layout).release()


def test_a_note_without_a_lock_says_nothing(layout):
    ownership = Ownership(layout)
    left = layout.owner_note.read_bytes()
    ownership.release()
    layout.owner_note.write_bytes(left)
    assert find_holder(layout) is None


@pytest.mark.parametrize("note", ["", "[]", "null", '{"pid": "x"}', "{"])
def test_an_unreadable_note(layout, note):
    ownership = Ownership(layout)
    layout.owner_note.write_text(note)
    assert find_holder(layout) == Holder(None)
    assert str(Holder(None)) == "another process"
    ownership.release()


def test_a_note_of_an_earlier_version_names_nobody_who_could_be_ended(layout):
    ownership = Ownership(layout)
    layout.owner_note.write_text(json.dumps({"pid": 1, "since": "2026-11-20T14:00:00+00:00"}))
    holder = find_holder(layout)
    assert holder is not None and holder.mark == processes.ProcessMark(1, "")
    ownership.release()
