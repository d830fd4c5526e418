"""The gate and its Decimal twin decide alike: approve or deny, by which check, with which figures (performance.md P5).

Here some thousand decisions. `python -m tests.properties.campaign --decisions 10000000` makes as many as wanted.
"""

from collections import Counter

import pytest

from stopline.checks import CHECKS
from tests.properties import oracle
from tests.properties.campaign import play
from tests.properties.worlds import Difference, Story

SEEDS = range(32)
DECISIONS = 120


@pytest.mark.parametrize("seed", SEEDS)
def test_the_gate_and_its_twin_decide_alike(seed):
    story = Story(seed)
    story.play(DECISIONS)
    story.world.assert_replays()


def test_the_worlds_reach_every_check():
    """A twin that is never asked proves nothing: each check decides in some world."""
    decided: Counter[str] = Counter()

    class Counting(Story):
        def _compare(self, asked, opinion, check, findings, reducing):
            decided[check or "approved"] += 1
            decided.update(f"failing {name}" for name in opinion.failing)
            super()._compare(asked, opinion, check, findings, reducing)

    for seed in range(100, 120):
        Counting(seed).play(DECISIONS)
    assert {check.name for check in CHECKS} <= {name.removeprefix("failing ") for name in decided}
    assert decided["approved"] > 0.2 * DECISIONS * 20


def test_the_twin_knows_the_checks_in_their_order():
    assert [check.name for check in CHECKS] == oracle.PRECEDENCE


def test_a_difference_is_found_and_named(monkeypatch):
    monkeypatch.setattr(oracle.Question, "max_order_qty", lambda self: True)
    with pytest.raises(Difference, match="seed 1, decision"):
        Story(1).play(DECISIONS)


def test_the_campaign_counts_what_it_compared():
    assert play((7, 30)) == (7, 30, "")


def test_the_campaign_says_where_the_twins_part(monkeypatch):
    monkeypatch.setattr(oracle.Question, "max_order_qty", lambda self: True)
    seed, _, text = play((1, DECISIONS))
    assert seed == 1
    assert "the oracle says 'max_order_qty'" in text
