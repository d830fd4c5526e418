import pytest

from tests.oracles.alpaca_door.stage import run_stage


@pytest.fixture
def stage(tmp_path):
    with run_stage(tmp_path) as running:
        yield running


@pytest.fixture
def bot(stage):
    with stage.bot() as client:
        yield client
