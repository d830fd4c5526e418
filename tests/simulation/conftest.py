"""In virtual time no other test keeps anybody waiting: here the disk's patience is that of production."""

import pytest

from stopline.runtime import commit

PATIENCE_S = 0.5


@pytest.fixture(autouse=True)
def usual_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(commit, "SLOW_S", PATIENCE_S)
