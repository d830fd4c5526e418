"""A size that the gate lets through: the wish from the measures, cut to what passes every check.

The wish is checked as an order, without sending: the gate's own search finds the largest
quantity that passes, and its check of one lot more says which cap binds. Nothing here
decides; the order itself is asked again when it comes.

Source     semantics.md section 5 (`max_passing_qty`); architecture.md promise 10.
"""

from msgspec import Struct, structs

from stopline.measures.exposure import notional
from stopline.measures.sizing import amount_of, qty_for, stop_distance
from stopline.messages.inputs import CheckOrder, SubmitOrder
from stopline.messages.replies import Checked, Refused
from stopline.model.ids import AccountId
from stopline.model.instrument import Instrument
from stopline.model.numbers import Money, Nanos, Price, Qty, Ratio, render_money, render_qty
from stopline.model.order import OrderClass, OrderType, Side
from stopline.model.verdict import Finding
from stopline.ports.desk import Desk
from stopline.state.view import StateView

RISK, VALUE = "risk", "percent"
EQUITY, PRICE, LOT = "equity", "entry", "lot_size"
"""What binds where it is no check: equity or an entry price that nobody knows, or an amount below one lot."""


class SizeWish(Struct, frozen=True, kw_only=True):
    """What a person wants to risk or hold. Exactly one of percent, risk and risk_percent is given."""

    account: AccountId
    symbol: str
    side: Side
    price: Price | None = None
    """The entry: a limit price. Without one, a market order at the quote."""
    percent: Ratio | None = None
    risk: Money | None = None
    risk_percent: Ratio | None = None
    stop_price: Price | None = None
    atr: Price | None = None
    atr_times: Ratio = 2_000_000
    strategy: str = ""
    actor: str = "local"
    client: str = ""


class Sized(Struct, frozen=True, kw_only=True):
    """The answer. `bound_by` is the method (percent, risk), a check's name, or what was missing."""

    wish: SizeWish
    instrument: Instrument
    qty: Qty
    wanted_qty: Qty
    bound_by: str
    reason: str
    amount: Money | None = None
    """What may be risked, or held."""
    entry: Price | None = None
    stop_price: Price | None = None
    distance: Price | None = None
    equity: Money | None = None
    caps: tuple[Finding, ...] = ()
    """Every check that stands against the wanted quantity."""

    @property
    def at_risk(self) -> Money | None:
        """What the stop would cost, rounded up; None without a stop."""
        return None if self.distance is None else notional(self.qty, self.distance, self.instrument.multiplier)

    @property
    def notional(self) -> Money | None:
        """What the position would be worth at the entry, rounded up."""
        return None if self.entry is None else notional(self.qty, self.entry, self.instrument.multiplier)


class Basis(Struct, frozen=True):
    """What the wish is measured by."""

    instrument: Instrument | None
    equity: Money | None
    entry: Price | None
    is_entry: bool
    """Whether it opens or adds to a position: only then it brings a stop of its own."""


def find_basis(wish: SizeWish, state: StateView, at: Nanos) -> Basis:
    """Return the instrument, the account's equity, and the price of entry: the limit, or what the quote would cost."""
    account = state.accounts[wish.account]
    instrument = state.instruments.get(state.symbols.get(wish.symbol, ""))
    entry = wish.price
    if instrument is not None and entry is None:
        quote = state.market.quotes.get(instrument.instrument_id)
        if quote is not None and quote.usable:
            entry = quote.ask if wish.side is Side.BUY else quote.bid
    position = None if instrument is None else account.positions.get(instrument.instrument_id)
    held = 0 if position is None else position.qty
    is_entry = held >= 0 if wish.side is Side.BUY else held <= 0
    return Basis(instrument, account.equity(), entry, is_entry)


async def find_size(desk: Desk, wish: SizeWish) -> Sized | Refused:
    """Return the largest quantity that the wish and every check allow. Raises DeskUnavailable."""
    basis = await desk.look(lambda state, at: find_basis(wish, state, at))
    if basis.instrument is None:
        return Refused(
            "unknown_instrument", f"nobody knows {wish.symbol!r}", "a symbol such as AAPL, or a canonical id"
        )
    wished = measure(wish, basis, basis.instrument)
    if isinstance(wished, Refused) or wished.wanted_qty == 0:
        return wished
    return await _cap(desk, wished, basis)


def measure(wish: SizeWish, basis: Basis, instrument: Instrument) -> Sized | Refused:
    """Return the size that the wish alone comes to, or what is missing for it."""
    sized = Sized(
        wish=wish, instrument=instrument, qty=0, wanted_qty=0, bound_by="", reason="",
        entry=basis.entry, equity=basis.equity,
    )  # fmt: skip
    share = wish.percent if wish.percent is not None else wish.risk_percent
    if share is not None and basis.equity is None:
        return _missing(sized, EQUITY, "the account's equity is not known: a position has no price")
    if basis.entry is None:
        return _missing(sized, PRICE, f"{wish.symbol} has no usable quote: give a price")
    amount = wish.risk or 0 if share is None else amount_of(share, basis.equity or 0)
    sized = structs.replace(sized, amount=amount)
    if wish.percent is None:
        placed = _place_stop(sized)
        if isinstance(placed, Refused):
            return placed
        sized = placed
    per_unit = abs(basis.entry) if sized.distance is None else sized.distance
    qty = qty_for(amount, per_unit, instrument.multiplier, instrument.lot_size)
    if qty == 0:
        one = notional(instrument.lot_size, per_unit, instrument.multiplier)
        verb = "is worth" if sized.distance is None else "would lose"
        lot = render_qty(instrument.lot_size)
        return _missing(sized, LOT, f"{render_money(amount)} is less than a lot of {lot} {verb} ({render_money(one)})")
    method = VALUE if wish.percent is not None else RISK
    return structs.replace(sized, qty=qty, wanted_qty=qty, bound_by=method, reason=_explain(sized, qty))


def _missing(sized: Sized, bound_by: str, reason: str) -> Sized:
    return structs.replace(sized, bound_by=bound_by, reason=reason)


def _place_stop(sized: Sized) -> Sized | Refused:
    """Return where the stop is, and how far from the entry."""
    wish, entry = sized.wish, sized.entry or 0
    sign = 1 if wish.side is Side.BUY else -1
    if wish.atr is not None:
        distance = stop_distance(wish.atr, wish.atr_times, sized.instrument.tick_size)
        return structs.replace(sized, distance=distance, stop_price=entry - sign * distance)
    stop = wish.stop_price or 0
    distance = (entry - stop) * sign
    if distance <= 0:
        side = "below" if sign > 0 else "above"
        text = f"stop_price: a stop of a {wish.side.value} must be {side} its entry of {render_money(entry)}"
        return Refused("bad_request", text, f"a price {side} the entry")
    return structs.replace(sized, distance=distance, stop_price=stop)


def _explain(sized: Sized, qty: Qty) -> str:
    multiplier, amount = sized.instrument.multiplier, render_money(sized.amount or 0)
    if sized.distance is None:
        worth = render_money(notional(qty, sized.entry or 0, multiplier))
        return f"{render_qty(qty)} at {render_money(sized.entry or 0)} are worth {worth}, of {amount} to hold"
    loss = render_money(notional(qty, sized.distance, multiplier))
    return f"{render_qty(qty)} would lose {loss} at the stop, of {amount} that may be lost"


async def _cap(desk: Desk, sized: Sized, basis: Basis) -> Sized | Refused:
    """Return the wish cut to what the gate lets through, and which check binds."""
    wanted = await _check(desk, sized, basis, sized.wanted_qty)
    if not isinstance(wanted, Checked) or wanted.approved:
        return wanted if not isinstance(wanted, Checked) else sized
    caps = tuple(finding for finding in wanted.findings if finding.status == "denied")
    most, lot, binding = wanted.max_passing_qty, sized.instrument.lot_size, wanted
    if most is not None and most + lot < sized.wanted_qty:
        beyond = await _check(desk, sized, basis, most + lot)
        if isinstance(beyond, Checked) and not beyond.approved:
            binding = beyond
    if most:
        passing = await _check(desk, sized, basis, most)
        if isinstance(passing, Checked) and not passing.approved:
            # Something changed in between, or a smaller order meets another check: nothing is claimed.
            most, binding = 0, passing
    return structs.replace(sized, qty=most or 0, bound_by=binding.check, reason=binding.message, caps=caps)


async def _check(desk: Desk, sized: Sized, basis: Basis, qty: Qty) -> Checked | Refused:
    wish = sized.wish
    # So far away that no order could carry it: then the order goes without, and what it risks is measured all the same.
    is_placeable = sized.stop_price is not None and (sized.stop_price > 0 or sized.instrument.price_may_be_negative)
    has_stop = basis.is_entry and is_placeable
    order = SubmitOrder(
        account=wish.account,
        client_order_id="",
        symbol=wish.symbol,
        side=wish.side,
        order_qty=qty,
        order_type=OrderType.MARKET if wish.price is None else OrderType.LIMIT,
        limit_price=wish.price,
        strategy=wish.strategy,
        actor=wish.actor,
        client=wish.client,
        order_class=OrderClass.OTO if has_stop else OrderClass.SIMPLE,
        stop_loss=sized.stop_price if has_stop else None,
    )
    reply = await desk.ask(CheckOrder(order=order))
    assert isinstance(reply, Checked | Refused)
    return reply
