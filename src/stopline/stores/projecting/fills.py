"""Fills and positions: cost by the account's lot method, with the arithmetic of measures/pnl.

A bust books the instrument's fills again from the first, which gives what the engine has.
"""

from stopline.measures.average import average_price
from stopline.measures.pnl import FLAT, Holding, book_fill, money_of
from stopline.messages import events as e
from stopline.model.account import LotMethod
from stopline.model.fill import Fill
from stopline.model.ids import AccountId, InstrumentId
from stopline.model.numbers import (
    PRICE_ONE,
    Money,
    Multiplier,
    Price,
    Qty,
    parse_money,
    parse_price,
    parse_qty,
    render_money,
    render_price,
    render_qty,
)
from stopline.model.order import Side
from stopline.stores.projecting import figures
from stopline.stores.projecting.days import day_row
from stopline.stores.projecting.keeping import put_order
from stopline.stores.projecting.moment import Moment, instant_text
from stopline.stores.projecting.orders import fill_order, note, order_row, void_fill
from stopline.stores.projecting.shelf import Shelf
from stopline.stores.projecting.tables import Row
from stopline.views.positions import side_of
from stopline.views.wire import SIDE_WORDS, symbol_of


def project_filled(shelf: Shelf, event: e.OrderFilled, now: Moment) -> None:
    """An execution of an order we know."""
    fill = event.fill
    _keep(shelf, fill, now, event.mark, client_order_id=event.client_order_id)
    multiplier = _multiplier(shelf, fill.instrument_id)
    row = order_row(shelf, fill.account, event.client_order_id)
    is_open = shelf.get("positions", fill.account, fill.instrument_id) is not None
    fill_order(row, fill, money_of(fill.qty, fill.price, multiplier), multiplier, now, is_open=is_open)
    put_order(shelf, row)
    note(shelf, row, event, now, reason=f"{render_qty(fill.qty)} at {render_price(fill.price)}")


def project_external_fill(shelf: Shelf, event: e.ExternalFilled, now: Moment) -> None:
    """An execution of an order we did not send."""
    _keep(shelf, event.fill, now, event.mark)


def project_voided(shelf: Shelf, event: e.FillVoided, now: Moment) -> None:
    """A bust."""
    voided = shelf.get("fills", event.account, event.exec_id)
    if voided is None:
        raise LookupError(f"a bust names fill {event.exec_id!r} of {event.account!r}, which no event made")
    voided["voided"], voided["voided_by"] = 1, event.by_exec_id
    shelf.put("fills", voided)
    instrument_id = str(voided["instrument_id"])
    _rebook(shelf, event.account, instrument_id, now)
    _count(shelf, event.account, -1, -parse_money(str(voided["fee"])), now, since=str(voided["time"]))
    if voided["client_order_id"]:
        multiplier = _multiplier(shelf, instrument_id)
        qty, price = parse_qty(str(voided["qty"])), parse_price(str(voided["price"]))
        money, fee = money_of(qty, price, multiplier), parse_money(str(voided["fee"]))
        row = order_row(shelf, event.account, str(voided["client_order_id"]))
        why = f"fill {event.exec_id} was busted"
        void_fill(row, qty, money, fee, multiplier, now, why)
        put_order(shelf, row)
        note(shelf, row, event, now, reason=why)


def _keep(shelf: Shelf, fill: Fill, now: Moment, mark: Price | None, client_order_id: str | None = None) -> None:
    shelf.put(
        "fills",
        {
            "id": now.id,
            "time": now.time,
            "account": fill.account,
            "exec_id": fill.exec_id,
            "client_order_id": client_order_id or "",
            "routed_order_id": fill.routed_order_id,
            "instrument_id": fill.instrument_id,
            "symbol": symbol_of(fill.instrument_id),
            "side": SIDE_WORDS[fill.side],
            "qty": render_qty(fill.qty),
            "price": render_price(fill.price),
            "fee": render_money(fill.fee),
            "mark": None if mark is None else render_price(mark),
            "executed_at": instant_text(fill.executed_at),
            "external": int(client_order_id is None),
            "replaces": fill.replaces,
            "rounded": int(fill.rounded),
            "voided": 0,
            "voided_by": "",
        },
    )
    signed = fill.qty if fill.side is Side.BUY else -fill.qty
    row = shelf.get("positions", fill.account, fill.instrument_id)
    held = _held(row)
    booked = _book(shelf, held, fill.account, fill.instrument_id, signed, fill.price)
    turned = held.qty == 0 or (held.qty > 0) != (booked.qty > 0)
    opened_at = now.time if row is None or turned else str(row["opened_at"])
    _settle(shelf, fill.account, fill.instrument_id, booked, opened_at, now)
    _count(shelf, fill.account, 1, fill.fee, now)


def _book(
    shelf: Shelf, held: Holding, account: AccountId, instrument_id: InstrumentId, signed: Qty, price: Price
) -> Holding:
    terms = shelf.get("accounts", account)
    fifo = terms is not None and terms["lot_method"] == LotMethod.FIFO.value
    money = money_of(abs(signed), price, _multiplier(shelf, instrument_id))
    return book_fill(held, signed, money, fifo=fifo).holding


def _rebook(shelf: Shelf, account: AccountId, instrument_id: InstrumentId, now: Moment) -> None:
    held, opened_at = FLAT, now.time
    for row in shelf.rows_of("fills", account=account, instrument_id=instrument_id):
        if not row["voided"]:
            qty = parse_qty(str(row["qty"]))
            signed = qty if row["side"] == SIDE_WORDS[Side.BUY] else -qty
            after = _book(shelf, held, account, instrument_id, signed, parse_price(str(row["price"])))
            if held.qty == 0 or (held.qty > 0) != (after.qty > 0):
                opened_at = str(row["time"])
            held = after
    _settle(shelf, account, instrument_id, held, opened_at, now)


def _held(row: Row | None) -> Holding:
    if row is None:
        return FLAT
    cost = figures.money(row, "cost")
    return Holding(figures.qty(row, "qty"), cost, cost, bytes.fromhex(str(row["lots"])))


def _settle(
    shelf: Shelf, account: AccountId, instrument_id: InstrumentId, held: Holding, opened_at: str, now: Moment
) -> None:
    row: Row = {"account": account, "instrument_id": instrument_id}
    if held.qty == 0:
        shelf.drop("positions", row)
        return
    price = average_price(held.cost, held.qty, _multiplier(shelf, instrument_id))
    row |= {
        "symbol": symbol_of(instrument_id),
        "side": side_of(held.qty),
        "avg_entry_price": None if price is None else render_price(price),
        "opened_at": opened_at,
        "updated_at": now.time,
        "lots": held.lots.hex(),
    }
    figures.set_qty(row, "qty", held.qty)
    figures.set_money(row, "cost", held.cost)
    shelf.put("positions", row)


def _count(shelf: Shelf, account: AccountId, fills: int, fee: Money, now: Moment, since: str = "") -> None:
    """Add to the day's number of fills and fees, unless it is about a fill of an earlier day (`since`)."""
    day = day_row(shelf, account)
    if day is not None and (since or now.time) >= str(day["opened_at"]):
        day["fills"] = int(day["fills"] or 0) + fills
        figures.set_money(day, "fees", figures.money(day, "fees") + fee)
        day["updated_at"] = now.time
        shelf.put("daily_pnl_tracking", day)


def _multiplier(shelf: Shelf, instrument_id: InstrumentId) -> Multiplier:
    row = shelf.get("instruments", instrument_id)
    return PRICE_ONE if row is None else figures.money(row, "multiplier")
