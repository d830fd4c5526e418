"""What must hold of every state, whatever came before it: the simulator asserts it too, so it lives there."""

from stopline.sim.world.sound import (
    assert_bounded,
    assert_sound,
    assert_valued_from_scratch,
    go_live_with_quotes,
    held_by,
)

__all__ = ["assert_bounded", "assert_sound", "assert_valued_from_scratch", "go_live_with_quotes", "held_by"]
