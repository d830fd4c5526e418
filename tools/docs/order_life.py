"""The page of an order's life: the one transition table, drawn."""

import importlib
from collections.abc import Mapping

from tools.docs.markdown import codes, page, table

FIRST = ("approved", "held", "pending_release")
"""Where an approval begins."""


def render_order_life() -> str:
    """Draw the transition table of `stopline.model.order`: a diagram of the moves, a table of all of them."""
    order = importlib.import_module("stopline.model.order")
    moves: dict[tuple[str, str], list[str]] = {}
    for state in order.OrderState:
        for signal in order.OrderSignal:
            target = order.TRANSITIONS.get((state, signal))
            if target is not None:
                moves.setdefault((state.value, target.value), []).append(signal.value)
    live = [state.value for state in order.OrderState if state in order.LIVE]
    over = [state.value for state in order.OrderState if state in order.TERMINAL]
    held = [state.value for state in order.OrderState if state in order.STOPLINE_HOLDS]
    rows = [
        [f"`{source}`", codes(signals), "stays" if source == target else f"`{target}`"]
        for (source, target), signals in moves.items()
    ]
    return page(
        "# An order's life",
        "Before this table an order is *requested*: the gate denies it, and it never lives, or approves it, "
        "and the approval is on disk before anything is sent.",
        _draw_life(moves, live, over),
        f"**Live**, able to fill: {codes(live)}. Stopline itself keeps what is {codes(held)}: no broker has it "
        "([order types](order-types.md)).",
        f"**Over**: {codes(over)}. A late fill is booked all the same.",
        "An arrow from the box *live* holds for every state in it that has the signal. The diagram leaves "
        "out signals that change nothing; the table has them all. What is not in the table is not a "
        "transition: the signal is stale and says nothing.",
        table(["state", "signal", "next"], rows),
        "Code: [order.py](../src/stopline/model/order.py).",
    )


def _draw_life(moves: Mapping[tuple[str, str], list[str]], live: list[str], over: list[str]) -> str:
    """Return the diagram; a signal that ends the order the same way everywhere is one arrow from the box."""
    ends = {
        signal: {target for (source, target), signals in moves.items() if source in live and signal in signals}
        for signal in dict.fromkeys(signal for signals in moves.values() for signal in signals)
    }
    common = {signal: next(iter(targets)) for signal, targets in ends.items() if len(targets) == 1}
    common = {signal: target for signal, target in common.items() if target in over}
    inside: list[str] = []
    outside = [f"    live --> {target}: {signal}" for signal, target in common.items()]
    for (source, target), signals in moves.items():
        left = [signal for signal in signals if source not in live or signal not in common]
        if left and source != target:
            box = inside if source in live and target in live else outside
            box.append(f"    {source} --> {target}: {', '.join(left)}")
    starts = [f"    [*] --> {state}" for state in FIRST]
    closes = [f"    {state} --> [*]" for state in over]
    box = ["    state live {", *(f"    {line}" for line in starts + inside), "    }"]
    return "\n".join(["```mermaid", "stateDiagram-v2", *box, *outside, *closes, "```"])
