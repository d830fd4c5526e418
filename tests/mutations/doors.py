"""Planted bugs in Alpaca's door (see catalog.py)."""
# ruff: noqa: E501  a planted text is as long as the line it stands in

from tests.mutations.planted import Mutation

DOOR, CONFIG = "tests/unit/doors/alpaca/test_door.py", "tests/unit/config/test_doors.py"


def door(bug: str, file: str, old: str, new: str, *tests: str) -> Mutation:
    """A bug in one file of the door, or of its configuration."""
    return Mutation(f"alpaca's door: {bug}", f"{file}.py", old, new, tests or (DOOR,))


DOORS = (
    door("any secret opens", "doors/alpaca/keyring", "return bot if is_right and bot is not _NOBODY else None", "return bot if bot is not _NOBODY else None"),
    door("an id of another account names an order", "doors/alpaca/book", "name is not None and name[0] == account", "name is not None"),
    door("others' orders are heard", "doors/alpaca/hub", "if listener.is_listening and listener.account == account:", "if listener.is_listening:"),
    door("what is ahead is told", "doors/alpaca/updates", "filled_qty=heard.cum_qty,", "filled_qty=record.cum_qty,"),
    door("a bust counts on", "doors/alpaca/book", "booked.client_order_id, state, -1)", "booked.client_order_id, state, 0)"),
    door("a position is not the event's", "doors/alpaca/updates", "position_qty=heard.position_qty,", "position_qty=state.accounts[heard.account].positions[record.request.instrument_id].qty + 1,"),
    door("orders are remembered for ever", "doors/alpaca/book", "            self._filled.pop(self._names.pop(order_id), None)\n", "            pass\n"),
    door("to close may open", "doors/alpaca/asked", "reduce_only=intent in _CLOSES,", "reduce_only=False,"),
    door("all bots are one", "doors/alpaca/asked", "client=bot.name,", 'client="",'),
    door("an order without an id gets that of its body", "doors/alpaca/ids", "return str(uuid4())", 'return "same"'),
    door("a failing store is a fault of ours", "doors/alpaca/front", "            return error(unavailable(fault))\n", "            return error(internal())\n"),
    door("an unpriced account is worth nothing", "doors/alpaca/figures", "return shown if equity is not None else shown | dict.fromkeys(_OF_EQUITY)", "return shown"),
    door("futures are shares", "doors/alpaca/figures", "instrument.asset_class is AssetClass.EQUITY", "True"),
    door("an unknown order is dead", "doors/alpaca/show", "_S.UNKNOWN: Status.PENDING_REVIEW", "_S.UNKNOWN: Status.CANCELED"),
    door("a secret may stand in the file", "config/doors", "not stands.variables", "False", CONFIG),
    door("two bots have one key", "config/doors", "section.key == bot.key for bot in before", "False for bot in before", CONFIG),
    door("it binds anywhere", "bootstrap/process", 'with bind(door.host, door.port, "doors.alpaca.port")', 'with bind("127.0.0.1", door.port, "doors.alpaca.port")'),
)  # fmt: skip
