"""G18: a thousand journals that were tampered with, all found, the first bad record named; as many sound ones pass."""

import pytest

from stopline.stores.sqlite import journal as journals
from stopline.stores.sqlite import verifying
from tests.tamper import EDITS, run

COUNT = 1_000


@pytest.fixture(autouse=True)
def small_wal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journals, "WAL_PREALLOCATED", 0)


def test_every_one_is_found_and_there_is_no_false_alarm():
    done = run(COUNT, seed=1)
    assert sum(done.values()) == COUNT
    assert set(done) == {edit.__name__ for edit in EDITS}


def test_control_without_the_anchor_a_forged_end_is_seen_to_pass(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(verifying, "check_anchor", lambda anchor, head, hash_then: None)
    with pytest.raises(AssertionError, match=r"not found: .*(cut_off|forge)"):
        run(COUNT, seed=1)


def test_control_without_the_index_a_forgotten_id_is_seen_to_pass(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(verifying.Verifying, "_check_decided", lambda self, reader, record, events: None)
    monkeypatch.setattr(verifying.Verifying, "_check_indexes", lambda self, reader, last: None)
    with pytest.raises(AssertionError, match=r"not found: .*(forget_an_id|reword_the_epoch)"):
        run(COUNT, seed=1)
