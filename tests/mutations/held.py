"""Planted bugs of orders that Stopline holds (engine/held): each must turn a test red."""

from tests.mutations.planted import Mutation

HERE = ("tests/unit/engine/test_held_orders.py",)
ENDS = ("tests/unit/engine/test_own_ends.py", "tests/scenarios/test_scenarios.py")
_IS_UNKNOWN = "    elif order.state is OrderState.UNKNOWN and not is_known_to_live:"
STORIES = (*HERE, "tests/scenarios/test_scenarios.py")


def held(name: str, file: str, old: str, new: str, tests: tuple[str, ...] = STORIES) -> Mutation:
    """A bug in a room of the engine."""
    return Mutation(f"held: {name}", f"engine/{file}", old, new, tests)


HELD: tuple[Mutation, ...] = (
    held(
        "both ways out go in one pass",
        "held/settle.py",
        "            sent.add(family_of(order))\n",
        "            pass\n",
    ),
    held("both entries go in one pass", "held/settle.py", "            entered.add(family_of(order))\n", ""),
    held("rivals stay at the broker", "held/settle.py", "    if rivals:\n", "    if False:\n"),
    held(
        "protection gives way while nothing can be sent",
        "held/settle.py",
        "    if turn.events or is_unproven(turn.state, account):",
        "    if turn.events:",
    ),
    held(
        "a leg covers more than its parent filled",
        "held/families.py",
        "return min(order.asked_qty, root.cum_qty) - filled",
        "return order.asked_qty - filled",
    ),
    held(
        "an oco sells twice",
        "held/families.py",
        "return order.asked_qty - filled - root.cum_qty",
        "return order.asked_qty - order.cum_qty",
    ),
    held("a family parts at the end of a day", "apply/accounts.py", "{**kept, **account.ended}", "account.ended"),
    held(
        "legs of a dead parent live on",
        "held/settle.py",
        'return f"its parent {order.parent} ended unfilled"',
        'return ""',
    ),
    held("a recall ends the order", "decide/reports.py", "(order.is_recalled and not expired)", "False"),
    held(
        "reports of an old id count",
        "decide/reports.py",
        "    if order.routed_order_id != routed_order_id or not",
        "    if not",
    ),
    held(
        "a released order keeps its old id",
        "apply/held.py",
        "    order.routed_order_id, order.decision_id = approved.routed_order_id, approved.decision_id\n",
        "",
    ),
    held(
        "a stub triggers",
        "held/triggers.py",
        "or quote is None or not quote.usable or quote.mark is None",
        "or quote is None or quote.mark is None",
    ),
    held(
        "a trailing stop follows the market back",
        "held/triggers.py",
        "if tick is None or (stop > tick if order.request.side is Side.SELL else stop < tick):",
        "if stop != tick:",
    ),
    held(
        "a sell stop triggers above",
        "held/triggers.py",
        "return mark if (mark >= stop if buys else mark <= stop) else None",
        "return mark if (mark <= stop if buys else mark >= stop) else None",
    ),
    held(
        "held entries count nowhere",
        "apply/reservation.py",
        "        if order.reducing:\n            return _NOTHING\n",
        "        return _NOTHING\n",
    ),
    held(
        "held exits count as working",
        "apply/reservation.py",
        "        if order.reducing:\n            return _NOTHING\n",
        "",
    ),
    held(
        "a held order is released without the gate's checks",
        "gate.py",
        "    verdict = judge(state, ticket)\n    if verdict.check:\n        return verdict\n    decided, order",
        "    verdict = judge(state, ticket)\n    decided, order",
    ),
    held(
        "kill stops a stop",
        "gate.py",
        "ticket = structs.replace(ticket, request=structs.replace(sent, closes_position=True))",
        "pass",
    ),
    held("a restart forgets what to watch", "replay.py", "    watch_all(state)\n", "", HERE),
    held("an oca_group trades twice", "held/settle.py", "        if is_rival(filled, other):\n", "        if False:\n"),
    held(
        "a refused recall is asked at once again",
        "cancels.py",
        "    return bool(order.refused_at) and",
        "    return False and",
    ),
    held(
        "a held day order outlives its day",
        "decide/system.py",
        "order.request.time_in_force is TimeInForce.DAY",
        "False",
    ),
    held(
        "gtd never ends",
        "held/ending.py",
        '        request_cancel(turn, order, cause, "engine")\n',
        "        pass\n",
    ),
    held("an order of unknown outcome is cancelled blindly", "held/ending.py", _IS_UNKNOWN, "    elif False:", ENDS),
    held(
        "what guards a position ends with its time", "held/ending.py", "    if guards_position(", "    if not (", ENDS
    ),
    held(
        "a refused cancel is forgotten",
        "held/ending.py",
        "    kind = _over_by(turn, order)\n    if kind:\n        turn.say(",
        '    kind = ""\n    if kind:\n        turn.say(',
        ENDS,
    ),
    held("the grace begins with every fill", "held/ending.py", "    elif not order.cum_qty:", "    else:", ENDS),
    held("a condition takes no time along", "held/triggers.py", "            begin(turn, order.request)\n", "", ENDS),
    held(
        "a bust leaves the grace", "decide/system.py", "    elif kind != PARTIAL or order.cum_qty:", "    else:", ENDS
    ),
    held(
        "what gave way waits for its turn again",
        "decide/reports.py",
        "    if order.is_recalled or hold is Hold.CONDITION:",
        "    if False:",
    ),
    held(
        "a stop of a triggered order is sent as a stop",
        "held/release.py",
        "    if is_triggered or not is_native(kind, offer):",
        "    if not is_native(kind, offer):",
    ),
    held(
        "nobody covers what a parent fills later",
        "held/settle.py",
        '        recall(turn, order, "there is more to cover")\n',
        "        pass\n",
    ),
    held(
        "an entry in the way of a close stays",
        "held/settle.py",
        "    if order.request.closes_position or is_stop:\n        # New risk",
        "    if False:\n        # New risk",
    ),
)
