"""What an account's rules must know of its past, kept from events that were just applied.

`remember` takes one event, in order, right after `apply`; `sample` and `observe` take what has no
event: what is seen of prices and P&L, how far they came, and since when a position is bare (a
live engine says those two: PeakRaised, BestMarkMoved; `guard` finds the third in the orders).
Only marks that two usable quotes confirm (or that somebody vouches for) move anything.

Source     semantics.md sections 6 and 9; architecture.md promise 3.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from stopline.measures.round_trip import take_apart
from stopline.measures.window import Sample
from stopline.messages import events as e
from stopline.messages.events import Event
from stopline.model.fill import Fill
from stopline.model.ids import InstrumentId
from stopline.model.instrument import Instrument
from stopline.model.numbers import Money, Nanos, Price, Qty
from stopline.model.order import Side
from stopline.model.week import Week
from stopline.state.account import AccountState
from stopline.state.coverage import bare_of, coverage
from stopline.state.history import KEPT_TRIPS, History, Increase, OpenTrip, Recent, Trip
from stopline.state.rates import LONGEST_WINDOW
from stopline.state.situation import HeldPosition, Situation


def remember(history: History, account: AccountState, event: Event, at: Nanos, week: Week | None = None) -> None:
    """Take one event, which `apply` has just applied, if it is this account's. `week` is the one that `at` is in."""
    follow = _FOLLOW.get(type(event))
    if follow is None or not _is_of(account, event):
        return
    follow(history, account, event, at)
    if type(event) is e.SessionOpened:
        _open_week(history, event.week or week, event.baseline)


def _is_of(account: AccountState, event: Any) -> bool:
    fill: Fill | None = getattr(event, "fill", None)
    return account.terms.account == (event.account if fill is None else fill.account)


def _open_session(history: History, account: AccountState, event: e.SessionOpened, at: Nanos) -> None:
    """The equity that a day opens on is the one at which the day before it ended."""
    history.session_since = at
    history.session_trades, history.peak_pnl = 0, 0
    history.realized_seen.clear()
    history.marked.clear()
    opened, history.day_equity = history.day_equity, None
    if event.baseline is None:
        return
    close = _note_baseline(history, account, event.baseline)
    if opened is not None:
        history.best_day = max(history.best_day, close - opened)


def _state_baseline(history: History, account: AccountState, event: e.BaselineStated, at: Nanos) -> None:
    """A person says what the day opened on, and with it the week, if that began with this day."""
    close = _note_baseline(history, account, event.equity)
    if history.week_baseline is None and history.week_since == history.session_since:
        history.week_baseline = close


def _note_baseline(history: History, account: AccountState, baseline: Money) -> Money:
    """Take the equity that the day opened on into what hangs on it; return it net of all transfers before."""
    close = baseline - (history.transfers - account.day.transfers)
    history.day_equity = close
    if history.start_equity is None:
        history.start_equity = history.peak_equity = close
    history.peak_close = close if history.peak_close is None else max(history.peak_close, close)
    return close


def _open_week(history: History, week: Week | None, baseline: Money | None) -> None:
    if week is not None and (history.week is None or history.week.week_id != week.week_id):
        history.week, history.week_since = week, history.session_since
        history.week_baseline = None if baseline is None else baseline - history.transfers


def _move_cash(history: History, account: AccountState, event: e.CashMoved, at: Nanos) -> None:
    history.transfers += event.amount


def _err(history: History, account: AccountState, event: Event, at: Nanos) -> None:
    history.error_times.append(at)


def _fill(history: History, account: AccountState, event: e.OrderFilled, at: Nanos) -> None:
    order, fill = account.order(event.client_order_id), event.fill
    opened = _book(history, account, fill, at)
    if order is None or order.cum_qty != fill.qty or fill.replaces:
        # Not its first fill; a corrected one is the trade that it was.
        return
    # Whether an order that we did not send is an entry, its fill shows.
    if opened if order.external else not order.reducing:
        _count_trade(history, at)


def _fill_external(history: History, account: AccountState, event: e.ExternalFilled, at: Nanos) -> None:
    """Of an order that we did not send nobody knows which fills are its own: those of one instant count as one."""
    fill = event.fill
    if _book(history, account, fill, at) and not fill.replaces:
        entry = (fill.instrument_id, fill.side, at)
        if history.newest_entry != entry:
            history.newest_entry = entry
            _count_trade(history, at)


def _count_trade(history: History, at: Nanos) -> None:
    history.trade_times.append(at)
    history.session_trades += 1


def _book(history: History, account: AccountState, fill: Fill, at: Nanos) -> Qty:
    """Take a fill into the trades and the increases; return how much of it opened."""
    name = fill.instrument_id
    signed = fill.qty if fill.side is Side.BUY else -fill.qty
    after = account.positions[name].qty
    parts = take_apart(after - signed, signed, fill.fee)
    realized = _realized_since(history, account, name)
    if parts.closed:
        _take_back(history, name, parts.closed)
        trip = history.open_trips.setdefault(name, OpenTrip(at))
        trip.realized_pnl += realized - parts.closing_fee
        if after == 0 or parts.opened:
            _end_trip(history, name, at)
    if parts.opened:
        trip = history.open_trips.setdefault(name, OpenTrip(at))
        trip.realized_pnl -= parts.opening_fee
        _increase(history, name, parts.opened)
    return parts.opened


def _increase(history: History, name: InstrumentId, qty: Qty) -> None:
    """What follows on an increase of the same instrument is one with it: the order of closing is the same."""
    newest = history.increases[-1] if history.increases else None
    if newest is not None and newest.instrument_id == name:
        history.increases[-1] = Increase(name, newest.qty + qty)
    else:
        history.increases.append(Increase(name, qty))


def _realized_since(history: History, account: AccountState, name: InstrumentId) -> Money:
    """Return what the position realized (before fees) since it was looked at last."""
    total = account.positions[name].realized_entry
    realized = total - history.realized_seen.get(name, 0)
    history.realized_seen[name] = total
    return realized


def _take_back(history: History, name: InstrumentId, closed: Qty) -> None:
    """A close takes back the instrument's latest increases."""
    kept: list[Increase] = []
    for each in reversed(history.increases):
        if each.instrument_id == name and closed:
            taken = min(closed, each.qty)
            closed -= taken
            if taken == each.qty:
                continue
            each = Increase(name, each.qty - taken)  # noqa: PLW2901  the rest of it
        kept.append(each)
    history.increases = kept[::-1]


def _end_trip(history: History, name: InstrumentId, at: Nanos) -> None:
    trip = history.open_trips.pop(name)
    history.trips_made += 1
    history.trips.append(Trip(history.trips_made, name, trip.opened_at, at, trip.realized_pnl))
    del history.trips[:-KEPT_TRIPS]


def _void(history: History, account: AccountState, event: e.FillVoided, at: Nanos) -> None:
    """A bust rebooks the position: what is held now is one increase, and its trade goes on or begins."""
    booked = account.fill(event.exec_id)
    if booked is None:
        return
    name = booked.fill.instrument_id
    realized, qty = _realized_since(history, account, name), account.positions[name].qty
    history.increases = [each for each in history.increases if each.instrument_id != name]
    if qty:
        trip = history.open_trips.setdefault(name, OpenTrip(at))
        trip.realized_pnl += realized + booked.fill.fee
        history.increases.append(Increase(name, abs(qty)))
    elif name in history.open_trips:
        trip = history.open_trips[name]
        trip.realized_pnl += realized + booked.fill.fee
        if trip.realized_pnl:
            _end_trip(history, name, at)
        else:
            # With its entry taken back there was no trade: it ends no streak.
            del history.open_trips[name]


def opening_profit(account: AccountState, history: History) -> Money | None:
    """Return what the account had made, net of transfers, when the day opened; None while nobody knows."""
    baseline, start = account.day.baseline, history.start_equity
    if baseline is None or start is None:
        return None
    return baseline - (history.transfers - account.day.transfers) - start


def guard(history: History, account: AccountState, instruments: Mapping[InstrumentId, Instrument], at: Nanos) -> None:
    """Note since when a position is bare, as the account's orders stand."""
    for name, trip in history.open_trips.items():
        qty = account.positions[name].qty
        if not bare_of(qty, coverage(account.live.values(), name, qty).stop_qty, instruments[name].lot_size):
            trip.unprotected_since = None
        elif trip.unprotected_since is None:
            trip.unprotected_since = at


def sample(recent: Recent, seen: Situation, worked: Mapping[InstrumentId, Price]) -> None:
    """Keep what is seen now of prices (`worked` are the trusted marks of what is worked) and of the day's P&L."""
    held = {each.instrument.instrument_id: each.mark for each in seen.positions if each.is_trusted}
    for name, mark in {**worked, **held}.items():
        if mark is not None:
            _sample(recent.prices.setdefault(name, []), seen.at, mark)
    if seen.total_pnl is not None:
        _sample(recent.pnl_marks, seen.at, seen.total_pnl)


def is_better(held: HeldPosition, best: Price | None) -> bool:
    """Return whether a position's trusted mark is further in its favour than the best so far."""
    if not held.is_trusted or held.mark is None:
        return False
    return best is None or (held.mark - best) * held.sign > 0


def observe(history: History, seen: Situation) -> None:
    """Raise peaks and best marks to what is seen, and note since when a position is bare."""
    for held in seen.positions:
        trip = history.open_trips.setdefault(held.instrument.instrument_id, OpenTrip(seen.at))
        if not bare_of(held.qty, held.stop_qty, held.instrument.lot_size):
            trip.unprotected_since = None
        elif trip.unprotected_since is None:
            trip.unprotected_since = seen.at
        if is_better(held, trip.best_mark):
            trip.best_mark = held.mark
    if seen.equity is not None and history.peak_equity is not None:
        history.peak_equity = max(history.peak_equity, seen.equity - history.transfers)
    if seen.total_pnl is not None:
        history.peak_pnl = max(history.peak_pnl, seen.total_pnl)


def _raise_peaks(history: History, account: AccountState, event: e.PeakRaised, at: Nanos) -> None:
    history.peak_pnl, history.peak_equity = event.peak_pnl, event.peak_equity


def _move_best(history: History, account: AccountState, event: e.BestMarkMoved, at: Nanos) -> None:
    history.open_trips.setdefault(event.instrument_id, OpenTrip(at)).best_mark = event.mark


def _mark(history: History, account: AccountState, event: e.PnlMarked, at: Nanos) -> None:
    if account.rules.loss_velocity is not None:
        _sample(history.marked, at, event.total_pnl)


def _sample(samples: list[Sample], at: Nanos, value: int) -> None:
    """Keep a figure, and forget what no window reaches."""
    horizon = at - LONGEST_WINDOW
    drop = 0
    while drop < len(samples) and samples[drop].at < horizon:
        drop += 1
    del samples[:drop]
    samples.append(Sample(at, value))


_FOLLOW: Final[dict[type, Callable[[History, AccountState, Any, Nanos], None]]] = {
    e.SessionOpened: _open_session,
    e.BaselineStated: _state_baseline,
    e.CashMoved: _move_cash,
    e.OrderFilled: _fill,
    e.ExternalFilled: _fill_external,
    e.FillVoided: _void,
    e.OrderRejected: _err,
    e.OrderBecameUnknown: _err,
    e.CancelRejected: _err,
    e.ReplaceRejected: _err,
    e.PeakRaised: _raise_peaks,
    e.BestMarkMoved: _move_best,
    e.PnlMarked: _mark,
}
REMEMBERED: Final = frozenset(_FOLLOW)
"""The events that `remember` takes."""
PROTECTS: Final[frozenset[type]] = frozenset(
    {
        e.OrderWorking, e.OrderRejected, e.OrderCanceled, e.OrderExpired, e.OrderBecameUnknown, e.OrderHeld,
        e.OrderReleased, e.OrderTriggered, e.CancelRequested, e.CancelRejected, e.OrderReplaced, e.ReplaceApproved,
        e.ReplaceRejected, e.OrderFilled, e.ExternalFilled, e.FillVoided, e.ExternalOrderBooked, e.RulesChanged,
        e.OrderApproved,
    }
)  # fmt: skip
"""Events after which a position may be covered by stops, or no longer."""
