"""What crossed in the life of an order is counted, whatever came first; and what was not reached is named."""

from collections import Counter
from types import SimpleNamespace

import pytest

from stopline.model.order import OrderState
from stopline.sim.world.crossings import Crossings
from stopline.sim.world.reachable import to_reach, unreached

WORKING = SimpleNamespace(state=OrderState.WORKING, pending=None)
CHANGING = SimpleNamespace(state=OrderState.PENDING_REPLACE, pending=object())


def counted(*happenings: str, order: SimpleNamespace = WORKING) -> Counter[str]:
    seen: Counter[str] = Counter()
    crossings = Crossings(lambda what: seen.update([what]))
    for what in happenings:
        if what == "change unanswered":
            crossings.unanswered("A1 c1")
        else:
            crossings.happens("A1 c1", order, what.removesuffix(" up"), fills_up=what == "filled up")  # type: ignore[arg-type]
    return seen


@pytest.mark.parametrize(
    ("happenings", "crossed"),
    [
        pytest.param(("lost track of", "filled", "canceled"), {"unknown x fill"}, id="unknown, then a part"),
        pytest.param(("lost track of", "acknowledged", "filled"), set(), id="proven before it filled"),
        pytest.param(("asked to change", "filled up"), {"fill x replace"}, id="filled while it was changed"),
        pytest.param(("asked to change", "changed"), set(), id="changed"),
        pytest.param(
            ("asked to change", "change unanswered", "filled", "change refused"),
            {"unknown x fill", "unknown x replace", "fill x replace", "unknown x fill x replace"},
            id="all three",
        ),
    ],
)
def test_a_path_is_counted_by_what_crossed_in_it(happenings, crossed):
    seen = counted(*happenings)
    assert {name.removeprefix("crossing ") for name in seen if name.startswith("crossing")} == crossed


def test_an_order_that_is_lost_track_of_while_it_is_changed_crosses_both():
    assert counted("lost track of", "canceled", order=CHANGING)["crossing unknown x replace"] == 1


def test_a_fill_of_a_dead_order_is_a_late_one():
    dead = SimpleNamespace(state=OrderState.CANCELED, pending=None)
    assert counted("filled", order=dead) == {"crossing late fill": 1}


def test_what_was_not_reached_is_named_by_its_kind():
    names = [name for kind in to_reach().values() for name in kind]
    reached = {name: 1 for name in names if not name.startswith("state ")} | {
        f"order {name.removeprefix('state ')} filled": 1 for name in names if name.startswith("state ")
    }
    assert unreached(reached) == {}
    reached.pop("trading state halted")
    reached.pop("order unknown filled")
    assert unreached(reached) == {"trading states": ["trading state halted"], "order states": ["state unknown"]}
