"""`DELETE /v2/positions/{symbol}`: how much of a position to close, in the query string."""

from collections.abc import Mapping

from msgspec import Struct

from stopline.dialects.alpaca.codecs import ASKED_PERCENT, ASKED_QTY
from stopline.dialects.alpaca.exact_json import Malformed
from stopline.model.numbers import RATIO_ONE, Qty, Ratio


class ClosePosition(Struct, frozen=True, kw_only=True):
    """So many shares, or this share of them (a ratio, 1_000_000 is all); neither means all."""

    qty: Qty | None = None
    percentage: Ratio | None = None

    def amount(self, held: Qty) -> Qty:
        """Return how much to close of what is held (both unsigned), rounded down."""
        if self.qty is not None:
            return self.qty
        return held if self.percentage is None else held * self.percentage // RATIO_ONE


def parse_close(query: Mapping[str, str]) -> ClosePosition:
    """Return what a query asks for; raises Malformed."""
    qty, percentage = query.get("qty") or None, query.get("percentage") or None
    if qty is not None and percentage is not None:
        raise Malformed("qty and percentage: give one, not both")
    found = ClosePosition(
        qty=None if qty is None else ASKED_QTY.read(qty),
        percentage=None if percentage is None else ASKED_PERCENT.read(percentage),
    )
    if found.qty is not None and found.qty <= 0:
        raise Malformed("qty must be > 0")
    if found.percentage is not None and not 0 < found.percentage <= RATIO_ONE:
        raise Malformed("percentage must be more than 0 and at most 100")
    return found


def render_close(close: ClosePosition) -> dict[str, str]:
    """Return the query to send."""
    query = {}
    if close.qty is not None:
        query["qty"] = ASKED_QTY.write(close.qty)
    if close.percentage is not None:
        query["percentage"] = ASKED_PERCENT.write(close.percentage)
    return query
