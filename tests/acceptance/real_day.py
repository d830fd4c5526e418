"""A scripted trader on a recorded market, through the whole system: gate, journal, paper broker.

    python -m tests.acceptance.real_day FILE DATA_DIR     runs it and prints what came out, as JSON

The script draws no lots: what it does depends on the quotes alone, so that two runs must
give the same fills. It trades in turn with every kind of order, changes and cancels what
rests, closes what it holds, and tries market orders exactly when the quote is not to be trusted.
"""

import asyncio
import json
import logging
import sys
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import Any

from msgspec import Struct, field, structs

from stopline.bootstrap import System
from stopline.config.load import load
from stopline.config.settings import Market, Settings
from stopline.engine.replay import state_hash
from stopline.messages import events as e
from stopline.messages import inputs as i
from stopline.messages import replies as r
from stopline.model.ids import InstrumentId
from stopline.model.instrument import AssetClass, Instrument
from stopline.model.numbers import QTY_ONE, RATIO_ONE, SECOND, Nanos, Price
from stopline.model.order import Condition, OrderClass, OrderType, Relation, Side, TimeInForce
from stopline.model.quote import Quote
from stopline.runtime.clocks import RecordedClock
from stopline.state.orders import OrderRecord
from stopline.venue.recorded import RecordedFeed
from tests.invariants import assert_sound, assert_valued_from_scratch

ACCOUNT = "paper"
FLAWS = {1: "missing", 2: "unusable", 3: "stale", 4: "wide", 5: "thin"}
"""What `quote_usable` observes."""


class Story(Struct):
    """What came out of a run."""

    quotes: int = 0
    fed: Counter[str] = field(default_factory=Counter)
    """Quotes by what they are."""
    dropped: Counter[str] = field(default_factory=Counter)
    asked: int = 0
    replies: Counter[str] = field(default_factory=Counter)
    denied_by: Counter[str] = field(default_factory=Counter)
    quote_flaws: Counter[str] = field(default_factory=Counter)
    """Market orders denied for their quote, by what was wrong with it."""
    exits_on_bad_quotes: int = 0
    """Market orders that only reduced a position: these go at whatever price there is."""
    bad_quotes_traded: list[str] = field(default_factory=list)
    """Market orders that were approved though they risked more and their quote was not to be trusted."""
    fills: list[tuple[Any, ...]] = field(default_factory=list)
    seq: int = 0
    """The last record when the last quote was played."""
    state_hash: str = ""
    """Of the live state there."""
    step_failures: int = 0
    feed_error: str = ""


class Trader:
    """Hears each quote behind the engine and the exchange, and asks for something now and then."""

    def __init__(self, system: System, story: Story, quotes: list[Quote], every: int) -> None:
        self._system, self._story, self._every = system, story, every
        self._instruments = {each.instrument_id: each for each in system.loop.state.instruments.values()}
        self._quotes = iter(quotes)
        self._next: Quote | None = next(self._quotes, None)
        self._seen: dict[InstrumentId, Quote] = {}
        self._busy = next(iter(Counter(quote.instrument_id for quote in quotes).most_common(1)))[0]
        self._turns = 0
        self._tries = 0
        self._spared = 0
        self._last_id = 0
        self._resting: list[str] = []

    async def __call__(self, quote: Quote) -> None:
        story = self._story
        self._next = next(self._quotes, None)
        self._seen[quote.instrument_id] = quote
        story.quotes += 1
        kind = describe(quote)
        story.fed[kind] += 1
        if kind in ("one-sided", "crossed", "stub", "none"):
            self._spared += 1
            if self._spared % 5 == 1:
                await self._try_market(quote.instrument_id, kind)
        elif story.quotes % self._every == 0 and quote.instrument_id == self._busy:
            self._turns += 1
            await self._take_turn(quote, self._instruments[quote.instrument_id])
        elif story.quotes % self._every == 1:
            await self._try_stale(quote)

    # --- what must be denied -------------------------------------------------------------------

    async def _try_market(self, instrument_id: InstrumentId, why: str) -> None:
        self._tries += 1
        # Every fourth time a sale too: where something is held it is an exit, and goes at whatever price there is.
        for side in (Side.BUY, Side.SELL) if self._tries % 4 == 0 else (Side.BUY,):
            reply = await self._order(instrument_id, side, 1, OrderType.MARKET)
            if not isinstance(reply, r.Decided) or not isinstance(reply.decision, e.OrderApproved):
                continue
            if reply.decision.reducing:
                self._story.exits_on_bad_quotes += 1
            else:
                self._story.bad_quotes_traded.append(f"{why}: {reply.decision}")

    async def _try_stale(self, quote: Quote) -> None:
        """Another contract's quote has run out, or nothing was quoted for a while: not at market."""
        for other, last in self._seen.items():
            if last.valid_until and last.valid_until < quote.source_at:
                await self._try_market(other, "stale")
                return
        clock = self._system.market._clock
        assert isinstance(clock, RecordedClock)
        later = quote.source_at + 6 * SECOND
        if not quote.valid_until and self._next is not None and self._next.source_at > later:
            await self._system.loop.quiet()
            clock.advance_to(later)
            await self._try_market(quote.instrument_id, "stale")

    # --- what it does in turn ------------------------------------------------------------------

    async def _take_turn(self, quote: Quote, instrument: Instrument) -> None:
        name, tick = instrument.instrument_id, instrument.tick_size
        bid, ask = quote.bid or 0, quote.ask or 0
        size = 1 if instrument.asset_class is AssetClass.FUTURE else 2
        kinds, sides, times = OrderType, Side, TimeInForce
        match self._turns % 24:
            case 0:
                await self._order(name, sides.BUY, size, kinds.LIMIT, limit=bid - 2 * tick, rests=True)
            case 1:
                await self._order(name, sides.BUY, size, kinds.MARKET)
            case 2:
                await self._order(name, sides.SELL, 1, kinds.STOP, stop=bid - 12 * tick, rests=True)
            case 3:
                await self._change(limit=bid - tick)
            case 4:
                await self._order(name, sides.SELL, size, kinds.LIMIT, limit=ask + 3 * tick, rests=True)
            case 5:
                await self._order(name, sides.BUY, 2 * size, kinds.LIMIT, limit=ask, lives=times.IOC)
            case 6:
                await self._cancel()
            case 7:
                await self._order(name, sides.SELL, size, kinds.MARKET)
            case 8:
                await self._order(name, sides.BUY, 2 * size, kinds.LIMIT, limit=ask, lives=times.FOK)
            case 9:
                await self._order(
                    name, sides.BUY, 1, kinds.STOP_LIMIT, stop=ask + 4 * tick, limit=ask + 6 * tick, rests=True
                )
            case 10:
                await self._change(qty=size + 1)
            case 11:
                await self._ask(
                    i.ClosePosition(account=ACCOUNT, symbol=name, percent=RATIO_ONE // 2, client_order_id=self._id())
                )
            case 12:
                await self._order(name, sides.SELL, 2 * size, kinds.LIMIT, limit=bid, lives=times.IOC)
            case 13:
                await self._order(name, sides.BUY, 50 * size, kinds.MARKET)
            case 14:
                await self._cancel()
            case 15:
                legs = {"take_profit": ask + 6 * tick, "stop_loss": bid - 6 * tick}
                await self._order(name, sides.BUY, size, kinds.LIMIT, limit=ask, order_class=OrderClass.BRACKET, **legs)
            case 16:
                await self._order(name, sides.SELL, 1, kinds.TRAILING_STOP, trail_amount=8 * tick)
            case 17:
                way_out = {"order_class": OrderClass.OCO, "stop_loss": bid - 9 * tick}
                await self._order(name, sides.SELL, 1, kinds.LIMIT, limit=ask + 2 * tick, **way_out)
            case 18:
                when = Condition(name, Relation.AT_OR_BELOW, bid - 3 * tick)
                await self._order(name, sides.BUY, 1, kinds.LIMIT, limit=ask, condition=when, rests=True)
            case 19:
                for stop in (ask + 5 * tick, ask + 8 * tick):
                    await self._order(name, sides.BUY, 1, kinds.STOP, stop=stop, oca_group=f"up-{self._turns}")
            case 20:
                dated = {"lives": times.GTD, "expire_at": quote.source_at + 300 * SECOND}
                await self._order(name, sides.SELL, 1, kinds.LIMIT, limit=ask + 9 * tick, **dated)
            case 21:
                await self._order(name, sides.SELL, 1, kinds.MARKET)
            case 22:
                await self._ask(i.ClosePosition(account=ACCOUNT, symbol=name, client_order_id=self._id()))
            case _:
                await self._ask(i.Flatten(account=ACCOUNT, reason="end of the round"))
                self._resting.clear()

    async def _change(self, qty: int | None = None, limit: Price | None = None) -> None:
        order = self._oldest_resting()
        if order is not None and (limit is None or order.limit_price is not None):
            wanted = None if qty is None else qty * QTY_ONE
            name = order.client_order_id
            await self._ask(i.ReplaceOrder(account=ACCOUNT, client_order_id=name, order_qty=wanted, limit_price=limit))

    async def _cancel(self) -> None:
        order = self._oldest_resting()
        if order is not None:
            await self._ask(i.CancelOrder(account=ACCOUNT, client_order_id=order.client_order_id))

    def _oldest_resting(self) -> OrderRecord | None:
        live = self._system.loop.state.accounts[ACCOUNT].live
        self._resting = [name for name in self._resting if name in live]
        return live[self._resting[0]] if self._resting else None

    async def _order(
        self,
        name: InstrumentId,
        side: Side,
        qty: int,
        kind: OrderType,
        *,
        limit: Price | None = None,
        stop: Price | None = None,
        lives: TimeInForce = TimeInForce.DAY,
        rests: bool = False,
        **more: Any,
    ) -> r.Reply:
        order_id = self._id()
        order = i.SubmitOrder(
            account=ACCOUNT, client_order_id=order_id, symbol=name, side=side, order_qty=qty * QTY_ONE, order_type=kind,
            limit_price=limit, stop_price=stop, time_in_force=lives, **more,
        )  # fmt: skip
        if rests:
            self._resting.append(order_id)
        return await self._ask(order)

    def _id(self) -> str:
        self._last_id += 1
        return f"T{self._system.loop.state.epoch}-{self._last_id}"

    async def _ask(self, message: i.Input) -> r.Reply:
        reply = await self._system.desk.ask(message)
        # What follows comes to its end first: an order called back and one sent in its place race nobody.
        await self._system._settle()
        story, said = self._story, type(reply).__name__
        story.asked += 1
        if isinstance(reply, r.Decided):
            said = type(reply.decision).__name__
            if isinstance(reply.decision, e.OrderDenied | e.ReplaceDenied):
                story.denied_by[reply.decision.check] += 1
                self._note_flaw(reply.decision, message)
        elif isinstance(reply, r.Refused):
            said = f"{said} {reply.code}"
        story.replies[f"{type(message).__name__}: {said}"] += 1
        return reply

    def _note_flaw(self, denial: e.OrderDenied | e.ReplaceDenied, message: i.Input) -> None:
        for finding in denial.findings:
            if finding.check == "quote_usable" and not finding.passed and isinstance(message, i.SubmitOrder):
                self._story.quote_flaws[FLAWS[finding.observed or 0]] += 1


def describe(quote: Quote) -> str:
    """Say what a quote is, without asking the code that judges it."""
    bid, ask = quote.bid, quote.ask
    if bid is None and ask is None:
        return "none"
    if bid is None or ask is None:
        return "one-sided"
    if bid >= ask:
        return "crossed" if bid > ask else "locked"
    return "stub" if (ask - bid) * 10 > (ask + bid) / 2 else "two-sided"


def settings_for(path: Path, data_dir: Path) -> Settings:
    """The defaults, on a recorded market as fast as it goes."""
    return structs.replace(load(), data_dir=data_dir, market=Market(source=path.name, path=path, speed=0))


async def trade(settings: Settings, every: int, most: int) -> Story:
    """Play a recording from where the data directory stands to its end, or for so many quotes."""
    story = Story()
    path = settings.market.path
    assert path is not None
    async with System(settings) as system:
        quotes = quotes_from(path, system.loop.state.at if system.loop.state.epoch > 1 else 0)
        trader = Trader(system, story, quotes, every)
        last, is_over = min(len(quotes), most), asyncio.Event()

        async def listen(quote: Quote) -> None:
            if story.quotes == last:
                await asyncio.sleep(3600)  # no more is played; the system is stopped around us
            await trader(quote)
            if story.quotes == last:
                story.seq, story.state_hash = await system.desk.look(
                    lambda state, at: (state.seq, state_hash(state).hex())
                )
                assert_sound(system.loop.state)
                assert_valued_from_scratch(system.loop.state)
                is_over.set()

        system.market.listen(listen)
        while not is_over.is_set() and not system.market.ended:
            await asyncio.sleep(0.02)
        story.dropped = Counter(system.market._feed.dropped)
        story.step_failures, story.feed_error = system.loop.step_failures, system.market.error
    return story


def quotes_from(path: Path, resume_at: Nanos) -> list[Quote]:
    """Return what will be played: of what was played before, the quotes that still stand, and then the rest."""
    standing: dict[InstrumentId, Quote] = {}
    rest = []
    for quote in RecordedFeed(path).read():
        if quote.source_at < resume_at:
            standing[quote.instrument_id] = quote
        else:
            rest.append(quote)
    return [*standing.values(), *rest]


def fills_of(data_dir: Path) -> list[tuple[Any, ...]]:
    """Return what the journal has of fills, in order."""
    from tests.acceptance.evidence import Evidence

    evidence = Evidence(data_dir)
    evidence.read()
    return [structs.astuple(fill) for fill in evidence.fills.values()]


def run(path: Path, data_dir: Path, every: int, most: int = 1 << 62) -> Story:
    """Trade a file, on the event loop that `stopline run` uses where it exists."""
    factory = None
    with suppress(ImportError):
        import uvloop

        factory = uvloop.new_event_loop
    with asyncio.Runner(loop_factory=factory) as runner:
        story = runner.run(trade(settings_for(path, data_dir), every, most))
    story.fills = fills_of(data_dir)
    return story


def main() -> None:
    logging.disable(logging.WARNING)
    path, data_dir, every = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
    print(json.dumps(structs.asdict(run(path, data_dir, every)), default=str))


if __name__ == "__main__":
    main()
