"""What an assertion found, in words: the invariant's number, the place, and where two states differ."""

from collections.abc import Callable

from stopline.engine.replay import encode_state
from stopline.sim.world.violation import Violated
from stopline.state.state import State


def named(rule: str, look: Callable[[], None]) -> None:
    """Give what an assertion finds the invariant's number."""
    try:
        look()
    except AssertionError as found:
        raise Violated(f"{rule} {found or place_of(found)}") from found


def place_of(error: BaseException) -> str:
    """Return the place of an assertion that says nothing itself."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return "somewhere" if trace is None else f"{trace.tb_frame.f_code.co_name}, line {trace.tb_lineno}"


def first_difference(one: State, other: State) -> str:
    """Return a hint of where two states differ."""
    for name in one.__struct_fields__:
        if name in ("market", "is_live", "store_failing"):
            continue
        if name == "accounts":
            for account in one.accounts:
                for field in one.accounts[account].__struct_fields__:
                    if field in ("valuation", "armed"):
                        continue
                    mine, theirs = (
                        getattr(one.accounts[account], field),
                        getattr(other.accounts.get(account), field, None),
                    )
                    if mine != theirs:
                        return f"{account}.{field}: {str(mine)[:300]} is not {str(theirs)[:300]}"
        elif getattr(one, name) != getattr(other, name):
            return name
    return "the bytes" if encode_state(one) != encode_state(other) else "nothing that is stored"
