"""The process dies after every record of a story: obligations are done once, no lock ends early, nothing is doubled.

A death between a record and its orders is told twice: once the orders had left, once they had not
(reliability.md F02, F03, I04, I09, I11).
"""

import pytest

from stopline.state.account import AccountState
from tests.properties.dying import Dying, picture, sent, settle
from tests.scenarios.runner import Scenario, read

STORIES = {
    "a day's loss, a stop in the way of the close, an intruder, the reset": """
        rules daily_total_loss loss_limit=500 consecutive_losses count=9
        quote AAPL 100 100
        quote AAPL 100 100
        buy AAPL 100 @ 100
        fill AAPL 100 @ 100
        sell AAPL 100 stop 90
        ack AAPL
        buy MSFT 1 @ 300
        ack MSFT
        quote AAPL 95 95
        gone MSFT
        gone AAPL
        fill AAPL 40 @ 95
        fill AAPL 60 @ 95
        reconcile
        buy AAPL 1 @ 95
        external buy AAPL 5 @ 95
        fill AAPL 5 @ 95
        reconcile
        next-session
        wait 1s
        buy AAPL 1 @ 95
        """,
    "the broker rejects the close, and takes it later": """
        rules daily_realized_loss loss_limit=100
        buy AAPL 200 @ 100
        fill AAPL 200 @ 100
        sell AAPL 100 @ 99
        fill AAPL 100 @ 99
        reject AAPL
        wait 1s
        reject AAPL
        wait 2s
        fill AAPL 30 @ 99
        gone AAPL
        wait 4s
        fill AAPL 70 @ 99
        reconcile
        wait 1s
        """,
    "too many contracts, too many trades, a rest": """
        rules max_contracts limit=1 trade_frequency windows=3/1min cooldown_after_loss tiers="{10: 5min}"
        buy ES 1 @ 4000
        fill ES 1 @ 4000
        buy MES 3 @ 4000
        fill MES 3 @ 4000
        fill MES 2 @ 3999
        fill MES 1 @ 3999
        buy AAPL 1 @ 100
        wait 5min
        buy AAPL 10 @ 100
        fill AAPL 10 @ 100
        external buy MSFT 1 @ 100
        external buy MSFT 1 @ 100
        external buy MSFT 1 @ 100
        external buy MSFT 1 @ 100
        wait 2min
        """,
    "stops and targets that are attached, moved and gone": """
        quote ES 4000 4000.25
        rules bracket stop_ticks=40 target_ticks=80 max_unrealized_profit target=5000
        buy ES 3 @ 4000
        fill ES 1 @ 4000
        ack ES
        wait 2s
        close ES
        wait 5s
        """,
    "kill, release, and lockouts by hand": """
        buy AAPL 10 @ 100
        fill AAPL 10 @ 100
        buy MSFT 5 @ 100
        ack MSFT
        kill by ann
        gone MSFT
        fill AAPL 10 @ 100
        external buy TSLA 3 @ 100
        fill TSLA 3 @ 100
        reconcile
        release bob it was nothing
        lockout 10min
        lockout 20min flatten
        external buy TSLA 3 @ 100
        fill TSLA 3 @ 100
        reconcile
        wait 19min
        buy AAPL 1 @ 100
        wait 1min
        buy AAPL 1 @ 100
        """,
}


def tell(story, dies=None, *, is_lost=False):
    """Play a story; yield the world after each line."""
    scenario, world = Scenario(), Dying(has_weeks=True)
    scenario._world = world
    world.is_lost = is_lost
    begins = len(world.records)
    world.dies = None if dies is None else lambda count: dies(count - begins)
    for line in read(story):
        if line.command:
            scenario.answer(line.command)
            yield line.command, world
    world.dies = None
    world.assert_replays()


def records_of(story):
    *_, (_, world) = tell(story)
    return len(world.records) - len(Dying(has_weeks=True).records)


def assert_same(story, dies):
    """Line by line the same, and the same orders."""
    pairs = zip(tell(story), tell(story, dies), strict=True)
    for (command, alive), (_, died) in pairs:
        found = picture(died)
        assert found == picture(alive), f"{command}, after {died.deaths} deaths"
    assert died.deaths
    assert sent(died) == sent(alive)


@pytest.mark.parametrize("story", STORIES.values(), ids=STORIES)
def test_dying_after_every_record_changes_nothing(story):
    assert_same(story, lambda count: True)


@pytest.mark.parametrize("story", STORIES.values(), ids=STORIES)
def test_dying_once_after_any_record_changes_nothing(story):
    for record in range(1, records_of(story) + 1):
        assert_same(story, lambda count, record=record: count == record)


def locks(account: AccountState) -> dict[str, int]:
    return {key: held.until for key, held in account.restrictions.items() if key.startswith(("lock", "cool", "kill"))}


@pytest.mark.parametrize("story", STORIES.values(), ids=STORIES)
def test_dying_before_anything_left_is_made_good(story):
    """What was decided and never sent is never sent; what is owed goes once more, until it is done."""
    for record in range(1, records_of(story) + 1):
        world = None
        try:
            for _, world in tell(story, lambda count, record=record: count == record, is_lost=True):
                if world.deaths:
                    break
        except (ValueError, AssertionError) as error:
            # The story goes on as if its orders had left: from here on it is another one.
            assert "at the broker" in str(error) or "no order" in str(error), error
        assert world is not None
        if not world.deaths:
            continue
        world.dies = None
        before = locks(world.account())
        signs = {each.instrument_id: each.qty > 0 for each in world.account().positions.values() if each.qty}
        had = any(each.kind == "flatten" for each in world.account().obligations.values())
        assert settle(world) < 20, f"still owed after record {record}: {world.account().obligations}"
        for each in world.account().positions.values():
            assert not each.qty or signs.get(each.instrument_id) == (each.qty > 0), "it was turned round"
            assert not (had and each.qty), "what is flattened is flat"
        assert {key: until for key, until in locks(world.account()).items() if key in before} == {
            key: until for key, until in before.items() if key in locks(world.account())
        }
        assert all(key in locks(world.account()) for key, until in before.items() if not until or until > world.at)
