"""The same inputs make the same bytes and the same state, whoever runs them (reliability.md I12)."""

import os
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import pytest

from stopline.engine.replay import decode_state, encode_state, state_hash
from tests.properties.worlds import Story

ROOT = Path(__file__).parents[2]
SEEDS = (3, 11, 42)


def fingerprint() -> str:
    """Return a hash over the journals and states of some random worlds."""
    found = sha256()
    for seed in SEEDS:
        story = Story(seed)
        story.play(80)
        for record in story.world.records:
            found.update(record.seq.to_bytes(8, "little") + record.body)
        found.update(state_hash(story.world.state))
    return found.hexdigest()


@pytest.mark.parametrize("hash_seed", ["0", "1", "4242"])
def test_hash_seeds_make_no_difference(hash_seed):
    program = "from tests.properties.test_determinism import fingerprint; print(fingerprint())"
    environment = os.environ | {"PYTHONHASHSEED": hash_seed, "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'src'}"}
    made = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
        timeout=100,
    )
    assert made.stdout.strip() == fingerprint()


@pytest.mark.parametrize("seed", SEEDS)
def test_a_snapshot_is_the_same_bytes_again(seed):
    story = Story(seed)
    story.play(120)
    data = encode_state(story.world.state)
    assert encode_state(decode_state(data)) == data


@pytest.mark.parametrize("seed", SEEDS)
def test_a_world_that_went_on_from_a_snapshot_goes_the_same_way(seed):
    """Batch boundaries and restarts from snapshots leave no trace in the state."""
    story = Story(seed)
    story.play(60)
    story.world.assert_replays()
    before = state_hash(story.world.folded())
    assert before == state_hash(story.world.state)
