"""Take a quote into the volatile market: is it usable, and what mark does it make?

Source     semantics.md sections 9 (mark) and 12 (prices); incident N5 (stub quotes).
"""

from typing import Final

from stopline.engine.valuation import revalue_holders
from stopline.measures.price_quality import clip, mid, usable
from stopline.model.numbers import SECOND, Nanos, Price, Ratio
from stopline.model.quote import Quote
from stopline.state.market import QuoteRecord
from stopline.state.state import State

STUB_SPREAD: Final[Ratio] = 100_000
"""A quote whose spread is more than a tenth of its mid is a stub: it marks and triggers nothing."""
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
    if mark == record.mark:
        return False
    if mark is None and at - record.mark_at <= MARK_MAX_AGE:
        # An unusable quote says nothing: the mark stands until it is too old (see `expire_marks`).
        return False
    record.mark = mark
    revalue_holders(state, instrument)
    return True


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
        record.mark = None
        revalue_holders(state, state.instruments[record.instrument_id])
