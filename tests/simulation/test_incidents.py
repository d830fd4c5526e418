"""Every incident of reliability.md section 1 is a play, and Stopline comes out of each as its file says."""

from pathlib import Path

import pytest

from stopline.sim.incidents import INCIDENTS, incident
from stopline.sim.world.run import quiet


@pytest.mark.parametrize("name", INCIDENTS)
def test_stopline_comes_through(name: str):
    with quiet():
        stage = incident(name).play()
        stage.world.close()


@pytest.mark.parametrize("name", INCIDENTS)
def test_each_file_says_what_happened_and_what_happens_here(name: str):
    told = incident(name).__doc__ or ""
    assert told.startswith(f"{name}  ")
    for part in ("Then  ", "Here  ", "Source  "):
        assert f"\n{part}" in told


def test_every_file_is_an_incident():
    folder = Path(incident("N1").__file__ or "").parent
    assert {path.stem for path in folder.glob("n*.py")} == set(INCIDENTS.values())
