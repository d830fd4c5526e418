"""What there is to reach, and what of it runs have not: where a simulation never came it has proven nothing."""

from collections.abc import Mapping
from typing import Final

from stopline.model.account import TradingState
from stopline.model.order import LIVE, OrderState
from stopline.sim.world.crossings import CROSSINGS, LATE
from stopline.sim.world.plan import DEEDS, STORM
from stopline.sim.world.sides import troubles_of
from stopline.sim.world.terms import ALPACA, BROKER, PAPER
from stopline.sim.world.trouble import MIXES

WIRE: Final = (
    "F20 report lost on a half-open line", "F21 reply lost", "F21 report held back", "F21 request lost",
    "F22 report lost", "F22 report overtaken", "F22 report twice", "F22 request twice", "F23 cancel refused",
    "F23 replace refused", "F27 message budget spent", "F43 order rejected",
)  # fmt: skip
"""What the network and the broker did to single messages."""
OWN_WIRE: Final = (
    "F28 a position is missing from the picture", "F28 the picture is an old one",
    "F28 the picture is of another account",
)  # fmt: skip
MESSAGES: Final = {BROKER: (*WIRE, *OWN_WIRE), ALPACA: WIRE, PAPER: ()}
NEVER: Final[dict[str, tuple[str, ...]]] = {
    BROKER: (),
    ALPACA: (LATE,),
    PAPER: tuple(name for name in CROSSINGS if name == LATE or "unknown" in name),
}
"""Crossings that a broker has not: neither the simulated Alpaca nor the paper broker fills what it has cancelled, and
the paper broker loses no answer."""
UNSEEN: Final[dict[str, set[OrderState]]] = {BROKER: set(), ALPACA: set(), PAPER: {OrderState.SENT}}
"""Whoever answers with the order at work has none that is only sent."""
ENDS: Final = ("killed", "power", "stopped", "aborted")
FATES: Final = ("idle", "kept", "lost")


def to_reach(broker: str = BROKER, mix: str = "mix") -> dict[str, tuple[str, ...]]:
    """Return what there is to reach with a broker and a mix of faults, by its kind; names as runs count them."""
    faults = sorted(MIXES[mix] & troubles_of(broker))
    found = {
        "deeds": _named("deed", sorted({f"{deed} while active" for _, deed in (*DEEDS, *STORM)})),
        "trading states": _named("trading state", [str(state) for state in TradingState]),
        "order states": tuple(f"state {state}" for state in sorted({*LIVE, OrderState.HELD} - UNSEEN[broker])),
        "faults": _named("fault", [str(fault) for fault in faults]),
    }
    if mix == "mix":
        found["ends of processes"] = _named("process ended:", ENDS)
        found["batches at an end"] = _named("batch under way at the end:", FATES)
        found["crossings"] = _named("crossing", [name for name in CROSSINGS if name not in NEVER[broker]])
        found["single messages"] = MESSAGES[broker]
    return found


def unreached(reached: Mapping[str, int], broker: str = BROKER, mix: str = "mix") -> dict[str, list[str]]:
    """Return what was not reached, by its kind; kinds of which all was reached are left out."""
    missing = {
        kind: [name for name in names if not count_of(reached, name)] for kind, names in to_reach(broker, mix).items()
    }
    return {kind: names for kind, names in missing.items() if names}


def _named(beginning: str, names: list[str] | tuple[str, ...]) -> tuple[str, ...]:
    return tuple(f"{beginning} {name}" for name in names)


def count_of(reached: Mapping[str, int], name: str) -> int:
    """Return how often one of them was reached."""
    if not name.startswith("state "):
        return reached.get(name, 0)
    beginning = f"order {name.removeprefix('state ')} "
    return sum(count for known, count in reached.items() if known.startswith(beginning))
