"""A size as people see it: how much, why no more, and every cap that stands against the wish."""

from msgspec import Struct

from stopline.model.instrument import Instrument
from stopline.model.numbers import Money, Price, Qty, render_qty
from stopline.model.order import Side
from stopline.model.verdict import Finding
from stopline.views.decisions import CheckBody, check_body
from stopline.views.wire import SIDE_WORDS, DecimalText, optional_money, optional_price


class SizeBody(Struct, kw_only=True):
    """A size that the wish and every check allow now; nothing was sent and nothing is reserved."""

    account: str
    symbol: str
    side: str
    qty: DecimalText
    wanted_qty: DecimalText
    """What the wish alone comes to."""
    lot_size: DecimalText
    bound_by: str
    """percent or risk where the wish itself binds, else the check (or what is missing) that does."""
    reason: str
    amount: DecimalText | None
    entry: DecimalText | None
    stop_price: DecimalText | None
    distance: DecimalText | None
    at_risk: DecimalText | None
    notional: DecimalText | None
    equity: DecimalText | None
    caps: tuple[CheckBody, ...]


def size_body(
    *,
    account: str,
    symbol: str,
    side: Side,
    instrument: Instrument,
    qty: Qty,
    wanted_qty: Qty,
    bound_by: str,
    reason: str,
    amount: Money | None,
    entry: Price | None,
    stop_price: Price | None,
    distance: Price | None,
    at_risk: Money | None,
    notional: Money | None,
    equity: Money | None,
    caps: tuple[Finding, ...],
) -> SizeBody:
    """Return the size's figures as exact text."""
    return SizeBody(
        account=account,
        symbol=symbol,
        side=SIDE_WORDS[side],
        qty=render_qty(qty),
        wanted_qty=render_qty(wanted_qty),
        lot_size=render_qty(instrument.lot_size),
        bound_by=bound_by,
        reason=reason,
        amount=optional_money(amount),
        entry=optional_price(entry),
        stop_price=optional_price(stop_price),
        distance=optional_price(distance),
        at_risk=optional_money(at_risk),
        notional=optional_money(notional),
        equity=optional_money(equity),
        caps=tuple(check_body(finding) for finding in caps),
    )
