"""A seed and a version repeat a run exactly, whatever the process and its hash seed."""

import json
import os
import subprocess
import sys

from stopline.sim.world.run import live
from stopline.sim.world.terms import ALPACA, Scale

SCALE = Scale(days=1, troubles_a_day=14)


def digest_in_another_process(hash_seed: str, *more: str) -> str:
    variables = {**os.environ, "PYTHONHASHSEED": hash_seed}
    words = "-m stopline simulate --seed 11 --days 1 --troubles 14 --json".split()
    done = subprocess.run([sys.executable, *words, *more], env=variables, capture_output=True, text=True, check=True)
    return str(json.loads(done.stdout)["digest"])


def test_the_same_seed_is_the_same_run():
    one, two = live(11, SCALE), live(11, SCALE)
    assert one == two
    assert one.digest == digest_in_another_process("0") == digest_in_another_process("4242")


def test_the_same_seed_is_the_same_run_with_alpaca_too():
    scale = Scale(accounts=1, troubles_a_day=14, broker=ALPACA)
    one = live(11, scale)
    assert one == live(11, scale)
    assert one.digest == digest_in_another_process("4242", "--broker", "alpaca")


def test_another_seed_is_another_run():
    assert live(11, SCALE).digest != live(12, SCALE).digest


def test_a_story_with_fewer_acts_is_a_story_too():
    acts = [3, 5, 8, 13]
    outcome = live(11, SCALE, acts)
    assert (outcome.violation, outcome.acts) == ("", len(acts))
    assert outcome == live(11, SCALE, acts)
