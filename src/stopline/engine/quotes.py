"""Take a quote into the volatile market: is it usable, and what mark does it make?

Source     semantics.md sections 9 (mark) and 12 (prices); incident N5 (stub quotes).
"""

from typing import Final

from stopline.engine.valuation import follow_mark, revalue_holders
from stopline.measures.price_quality import clip, mid, usable
from stopline.model.ids import InstrumentId
from stopline.model.numbers import RATIO_ONE, SECOND, Nanos, Price, Ratio
from stopline.model.quote import Quote
from stopline.state.market import QuoteRecord
from stopline.state.state import State

STUB_SPREAD: Final[Ratio] = 100_000
"""A quote whose spread is more than a tenth of its mid is a stub: it marks and triggers nothing."""
JUMP: Final[Ratio] = 100_000
JUMP_TICKS: Final = 100
"""A mark more than a tenth, and more than so many ticks, away from the one before it has to be confirmed by a second
quote: until then nothing is closed on it."""
TRUSTED_STREAK: Final = 2
"""So many usable quotes in a row make a mark trusted; a single stub in front of a close would be the first."""
MARK_MAX_AGE: Final[Nanos] = 60 * SECOND


def receive_quote(state: State, quote: Quote, at: Nanos) -> bool:
    """Store the quote and revalue its holders if the mark moved; return whether it did."""
    instrument = state.instruments.get(quote.instrument_id)
    if instrument is None:
        return False
    record = state.market.quotes.get(quote.instrument_id)
    if record is None:
        record = state.market.quotes[quote.instrument_id] = QuoteRecord(quote.instrument_id)
    record.bid, record.ask = quote.bid, quote.ask
    record.bid_size, record.ask_size = quote.bid_size, quote.ask_size
    record.received_at, record.valid_until = at, quote.valid_until
    record.usable = usable(quote.bid, quote.ask, STUB_SPREAD, instrument.price_may_be_negative)
    record.usable_streak = record.usable_streak + 1 if record.usable else 0
    if quote.last_price is not None and (quote.last_price > 0 or instrument.price_may_be_negative):
        record.last_price, record.last_at = quote.last_price, at
    mark = _mark(record, at)
    if mark is not None:
        record.mark_at = at
        if _is_jump(record.mark, mark, instrument.tick_size):
            record.usable_streak = min(record.usable_streak, 1)
    if mark == record.mark:
        return False
    if mark is None and at - record.mark_at <= MARK_MAX_AGE:
        # An unusable quote says nothing: the mark stands until it is too old (see `expire_marks`).
        return False
    record.mark = mark
    follow_mark(state, instrument, record)
    return True


def is_trusted(state: State, instrument_id: InstrumentId) -> bool:
    """Return whether two usable quotes in a row stand behind the mark of an instrument."""
    quote = state.market.quotes.get(instrument_id)
    return quote is not None and quote.mark is not None and quote.usable_streak >= TRUSTED_STREAK


def is_of_one_quote(state: State, instrument_id: InstrumentId) -> bool:
    """Return whether one usable quote alone made the mark; a source of last prices alone has none, and is believed."""
    quote = state.market.quotes.get(instrument_id)
    return quote is not None and quote.usable_streak == 1


def _is_jump(before: Price | None, mark: Price, tick_size: Price) -> bool:
    if before is None:
        return False
    moved = abs(mark - before)
    return moved * RATIO_ONE > abs(before) * JUMP and moved > JUMP_TICKS * tick_size


def _mark(record: QuoteRecord, at: Nanos) -> Price | None:
    last = record.last_price if at - record.last_at <= MARK_MAX_AGE else None
    if record.usable and record.bid is not None and record.ask is not None:
        return mid(record.bid, record.ask) if last is None else clip(last, record.bid, record.ask)
    return last


def expire_marks(state: State, at: Nanos) -> None:
    """Take away marks that nothing has confirmed for 60 s and that no source vouches for any longer."""
    for record in state.market.quotes.values():
        if record.mark is None or at <= record.valid_until or at - record.mark_at <= MARK_MAX_AGE:
            continue
        # The first quote after a silence has nothing before it that it could be confirmed by.
        record.mark, record.usable_streak = None, 0
        revalue_holders(state, state.instruments[record.instrument_id])
