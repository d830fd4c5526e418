"""Planted bugs in Alpaca's broker (see catalog.py)."""
# ruff: noqa: E501  a planted text is as long as the line it stands in

from tests.mutations.planted import Mutation

TESTS = "tests/unit/brokers/alpaca"
NAMES = ("faults", "client", "budget", "memory", "kept", "feed")
FAULTS, CLIENT, BUDGET, MEMORY, KEPT, FEED = (f"{TESTS}/test_{name}.py" for name in NAMES)
IN_STEP = "tests/unit/bootstrap/test_in_step.py"


def broker(bug: str, file: str, old: str, new: str, *tests: str) -> Mutation:
    """A bug in one file of the adapter."""
    return Mutation(f"alpaca: {bug}", f"brokers/alpaca/{file}.py", old, new, tests)


BROKERS = (
    broker("a 504 is a rejection", "client", "422, 431})", "422, 431, 504})", CLIENT),
    broker("a lost answer means that it did not leave", "client", 'raise SendOutcomeUnknown(f"Alpaca: {error}") from None', 'raise BrokerUnreachable(f"Alpaca: {error}") from None', CLIENT),
    broker("entries use the whole budget", "budget", "reserve = 0 if is_exit else", "reserve = 0 if True else", BUDGET),
    broker("exits wait with the entries", "budget", "reserve = 0 if is_exit else", "reserve = 0 if False else", BUDGET),
    broker("what is under way does not count", "budget", "return self._left - self._under_way", "return self._left", BUDGET),
    broker("429 is forgotten", "budget", "        if status == TOO_MANY:\n            self._left = 0\n", "", BUDGET),
    broker("absent means dead at once", "broker", "waited_s < self._horizon_s:", "waited_s < 0:", FAULTS),
    broker("an exit may open", "sending", "_INTENTS[request.side] if order.reducing else None", "None", FAULTS),
    broker("any order under our id is ours", "sending", "(found.symbol, found.side, found.order_type, found.qty) != same", "False", FAULTS),
    broker("what comes after it was given up lives", "broker", "kept.routed_order_id in self._buried and kept.is_open", "False", FAULTS),
    broker("a replace that was turned down is never said", "hearing", 'update.event == "order_replace_rejected"', "False", FAULTS),
    broker("an execution counts again after a restart", "book", 'return f"{link}:{render_qty(cum_qty)}"', 'return f"{link}:{id(link)}:{render_qty(cum_qty)}"', FAULTS, "tests/contract/test_broker.py"),
    broker("a late report moves an order back", "kept", "        elif not _is_older(order, known):\n", "        else:\n", KEPT),
    broker("an end before its fills", "kept", "not self.end_told and not self.lacks_fills", "not self.end_told", KEPT),
    broker("an order that ended unseen is never told", "picture", "            said += await self._ended_unseen(working)\n", "", FAULTS),
    broker("the stream is not made whole after a reconnect", "session", "        self._on_up()\n        self._gap.set()\n", "        self._on_up()\n", FAULTS),
    broker("what was before us is told", "picture", "or at <= self._memory.since", "", MEMORY),
    broker("other keys open the same account", "picture", "account.id != self._memory.alpaca_account", "False", MEMORY),
    broker("a cancel gives up on an order that is being replaced", "broker", "if not kept.is_open or kept.current.id == link:", "if True:", FAULTS),
    broker("an old quote takes a newer one's place", "feed", "share.at < self._told.get(share.symbol, 0)", "False", FEED),
    broker("the newest quotes are not asked for", "feed", "in await self._client.latest_quotes(self._instruments):", "in ():", FEED),
    broker("a stream of quotes that is lost ends the market", "feed", "await asyncio.sleep(pause_s * random.uniform(0.5, 1.0))", "return", FEED),
    Mutation("alpaca: a price of 0 is a price", "dialects/alpaca/quotes.py", "plain.read(value) or None", "plain.read(value)", ("tests/unit/dialects/alpaca/test_quotes.py",)),
    Mutation("alpaca: a recording begins at its own time", "bootstrap/in_step.py", "    clock.advance_to(theirs)\n", "", (IN_STEP,)),
    Mutation("alpaca: any other recording will do", "bootstrap/in_step.py", "    if not survey.starts_at <= theirs <= survey.ends_at + RUNS_ON:\n", "    if False:\n", (IN_STEP,)),
    Mutation("alpaca sim: what is past trades with what rests", "sim/alpaca/simulator.py", "if quote.source_at < self.market.begins_at:", "if False:", ("tests/unit/sim/alpaca/test_recorded.py",)),
)  # fmt: skip
