"""What a verdict asks for, in words."""

import pytest

from stopline.model.breach import Action, ActionKind
from stopline.views.rules import action_text
from tests.build import money, qty

AT = 1_767_736_800 * 10**9


@pytest.mark.parametrize(
    ("action", "text"),
    [
        (Action(ActionKind.WARN, text="look"), "warn"),
        (Action(ActionKind.REDUCING), "reduce only"),
        (Action(ActionKind.CANCEL), "cancel entries"),
        (Action(ActionKind.FLATTEN), "flatten"),
        (Action(ActionKind.KILL), "kill switch"),
        (Action(ActionKind.LOCK, until=AT), "lock until 2026-01-06T22:00:00Z"),
        (Action(ActionKind.LOCK), "lock until a person lifts it"),
        (Action(ActionKind.COOLDOWN, until=AT), "cool down until 2026-01-06T22:00:00Z"),
        (Action(ActionKind.CLOSE_POSITION, "fut:ES:2026-12", qty("2")), "close 2 fut:ES:2026-12"),
        (Action(ActionKind.REDUCE_EXCESS, "eq:US:AAPL", qty("0.5")), "close 0.5 eq:US:AAPL"),
        (
            Action(ActionKind.ATTACH, "eq:US:AAPL", qty("3"), stop_price=money("99.5"), trail=money("2")),
            "attach a trailing stop at 99.50 to 3 eq:US:AAPL",
        ),
        (
            Action(ActionKind.ATTACH, "eq:US:AAPL", qty("3"), target_price=money("109")),
            "attach a target at 109.00 to 3 eq:US:AAPL",
        ),
    ],
)
def test_every_demand_has_its_words(action, text):
    assert action_text(action) == text


def test_no_kind_is_without_words():
    assert all(action_text(Action(kind, "x", 1)) for kind in ActionKind)
