"""Tightening a limit never turns a denial into an approval (reliability.md I25): two runs, no oracle."""

from random import Random
from typing import Any

import pytest
from msgspec import structs

from stopline.engine.replay import decode_state, encode_state, go_live
from stopline.engine.step import step
from stopline.engine.strictest import is_looser
from stopline.messages import inputs as i
from stopline.messages import replies as r
from stopline.model.limits import Limits, RateWindow, SymbolLimit
from stopline.model.numbers import SECOND
from stopline.state.state import State
from tests.build import money, qty, ratio
from tests.invariants import go_live_with_quotes
from tests.properties.worlds import Story

NUMBERS = """
    daily_loss max_order_qty max_order_notional max_position max_position_qty max_contracts max_open_positions
    gross_exposure net_exposure concentration sector_concentration tag_concentration leverage quote_max_age
    quote_max_spread price_collar trades_per_session
""".split()
FIRST = {
    "daily_loss": money("1000"),
    "max_order_qty": qty("20"),
    "max_order_notional": money("3000"),
    "max_position": money("6000"),
    "max_position_qty": qty("30"),
    "max_contracts": ratio("3"),
    "max_open_positions": 3,
    "gross_exposure": ratio("2"),
    "net_exposure": ratio("1"),
    "concentration": ratio("0.5"),
    "sector_concentration": ratio("0.5"),
    "tag_concentration": ratio("0.5"),
    "leverage": ratio("2"),
    "quote_max_age": 60 * SECOND,
    "quote_max_spread": ratio("0.05"),
    "price_collar": ratio("0.1"),
    "trades_per_session": 10,
    "drawdown_floor": money("500"),
    "quote_min_size": qty("10"),
    "duplicate_window": 5 * SECOND,
    "order_rate": (RateWindow(5, SECOND),),
    "trade_frequency": (RateWindow(5, SECOND),),
}
SWITCHES = "buying_power open_risk stop_required session_hours self_match".split()


def tighter(limits: Limits, rng: Random) -> Limits:
    """Return these limits with one made stricter, or armed."""
    name = rng.choice(
        [*NUMBERS, *SWITCHES, "drawdown_floor", "quote_min_size", "duplicate_window", "order_rate", "deny"]
    )
    old: Any = getattr(limits, name)
    if name in SWITCHES:
        new: Any = True
    elif name == "deny":
        new = (*old, rng.choice(["AAPL", "fut:*", "cr:*", "*"]))
    elif not old:
        new = FIRST[name]
    elif name == "order_rate":
        new = (*old, RateWindow(1, SECOND))
    elif name in ("drawdown_floor", "quote_min_size", "duplicate_window"):
        new = old * 2
    else:
        new = max(old * rng.choice([9, 5, 1]) // 10, 1)
    return structs.replace(limits, **{name: new})


def twin(story: Story) -> State:
    """Return a second engine in the same state."""
    state = decode_state(encode_state(story.world.state), story.world.state.at)
    go_live(state)
    go_live_with_quotes(state, story.world.state.market.quotes)
    return state


@pytest.mark.parametrize("seed", range(40))
def test_tightening_never_turns_a_denial_into_an_approval(seed):
    story, rng = Story(seed), Random(seed)
    for _ in range(6):
        story.play(15)
        world = story.world
        loose, tight = twin(story), twin(story)
        limits = world.account().limits.own()
        for _ in range(rng.randint(1, 3)):
            limits = tighter(limits, rng)
        assert not is_looser(world.account().limits.own(), limits)
        change = i.ChangeLimits(account="A1", limits=limits)
        if isinstance(step(tight, change, world.at).reply, r.Refused):
            continue
        for _ in range(12):
            asked = i.CheckOrder(order=structs.replace(story._asking(), account="A1"))
            before, after = step(loose, asked, world.at).reply, step(tight, asked, world.at).reply
            assert isinstance(before, r.Checked)
            assert isinstance(after, r.Checked)
            assert before.approved or not after.approved, (asked, limits)
            if before.reducing and before.approved:
                assert after.approved, "no limit holds an exit"
            if None not in (before.max_passing_qty, after.max_passing_qty) and not before.reducing:
                assert (after.max_passing_qty or 0) <= (before.max_passing_qty or 0)


@pytest.mark.parametrize("seed", range(12))
def test_a_new_symbol_limit_only_takes_away(seed):
    story, rng = Story(seed), Random(seed)
    story.play(40)
    loose, tight = twin(story), twin(story)
    symbol = rng.choice(story.focus)
    old = story.world.account().limits.symbols.get(symbol, SymbolLimit())
    limit = SymbolLimit(
        min(old.max_position or money("2000"), money("2000")),
        min(old.concentration or ratio("0.1"), ratio("0.1")),
        min(old.max_position_qty or qty("5"), qty("5")),
    )
    step(tight, i.ChangeSymbolLimit(account="A1", symbol=symbol, limit=limit), story.world.at)
    for _ in range(40):
        asked = i.CheckOrder(order=structs.replace(story._asking(), account="A1"))
        before, after = (step(state, asked, story.world.at).reply for state in (loose, tight))
        assert isinstance(before, r.Checked)
        assert isinstance(after, r.Checked)
        assert before.approved or not after.approved
