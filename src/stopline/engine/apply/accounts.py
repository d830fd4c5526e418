"""Events of the engine, accounts, instruments, sessions, cash, brokers and timers."""

from stopline.engine.apply.reservation import scope_position
from stopline.engine.assemble import forget_armed
from stopline.engine.held.families import family_of
from stopline.engine.severity import settle_account
from stopline.engine.tables import Appliers
from stopline.engine.valuation import revalue_holders, touch
from stopline.measures.pnl import Holding, rebase
from stopline.messages import events as e
from stopline.model.account import AccountTerms
from stopline.model.instrument import Instrument
from stopline.model.numbers import Nanos
from stopline.state.account import AccountState
from stopline.state.connectivity import BrokerStatus
from stopline.state.day import Day
from stopline.state.history import Recent
from stopline.state.positions import Basis, Position
from stopline.state.state import Booted, State
from stopline.state.timers import Timer


def _started(state: State, event: e.EngineStarted, seq: int, at: Nanos) -> None:
    state.epoch, state.clock, state.boot_id = event.epoch, event.clock, event.boot_id
    state.market.started_at = at
    if event.boot_offset:
        state.booted = Booted(event.boot_id, event.boot_offset)


def _opened(state: State, event: e.AccountOpened, seq: int, at: Nanos) -> None:
    terms = event.terms
    account = state.accounts.get(terms.account)
    if account is None:
        account = state.accounts[terms.account] = AccountState(terms, cash=terms.opening_cash)
    else:
        left, account.terms = account.terms, terms
        for position in account.positions.values():
            instrument = state.instruments[position.instrument_id]
            touch(state, account, instrument, _change_scopes(state, left, terms, position, instrument))
    account.armed = {}
    settle_account(state, account)


def _change_scopes(
    state: State, left: AccountTerms, joined: AccountTerms, position: Position, instrument: Instrument
) -> tuple[str, ...]:
    """Take what an account holds and works out of the group and firm it leaves, into those it joins; return both."""
    changed = []
    for kind, old, new in (("firm", left.firm, joined.firm), ("group", left.group, joined.group)):
        for name, sign in ((old, -1), (new, 1)) if old != new else ():
            if not name:
                continue
            key = f"{kind}:{name}"
            shared = scope_position(state, key, instrument)
            shared.qty += sign * position.qty
            shared.working_buys += sign * position.working_buys
            shared.working_sells += sign * position.working_sells
            shared.buy_money += sign * position.buy_money
            shared.sell_money += sign * position.sell_money
            shared.unvalued_orders += sign * position.unvalued_orders
            shared.waiting_buys += sign * position.waiting_buys
            shared.waiting_sells += sign * position.waiting_sells
            changed.append(key)
    return tuple(changed)


def _listed(state: State, event: e.InstrumentListed, seq: int, at: Nanos) -> None:
    instrument = event.instrument
    before = state.instruments.get(instrument.instrument_id)
    if before is not None and before.status is not instrument.status:
        state.market.status_since[instrument.instrument_id] = at
    state.instruments[instrument.instrument_id] = instrument
    state.symbols[instrument.instrument_id] = instrument.instrument_id
    state.symbols[instrument.symbol] = instrument.instrument_id
    if state.is_live:
        forget_armed(state)
        revalue_holders(state, instrument)


def _session_opened(state: State, event: e.SessionOpened, seq: int, at: Nanos) -> None:
    account = state.accounts[event.account]
    had_session = account.day.session is not None
    account.day = Day(event.session, event.baseline, event.source, last_marks=event.marks)
    account.hours = event.hours or account.hours
    account.recent = Recent()
    if had_session:
        _turn_generations(account)
    marks = dict(event.marks)
    for position in account.positions.values():
        instrument = state.instruments[position.instrument_id]
        held = Holding(position.qty, position.cost, position.session_cost, position.lots)
        mark = marks.get(position.instrument_id)
        if mark is not None and position.qty:
            held = rebase(held, mark, instrument.multiplier)
        position.qty, position.cost, position.session_cost, position.lots = held
        position.session_mark = mark
        position.previous_basis = position.open_basis if had_session else Basis()
        position.open_basis = Basis(*held)
        position.realized_session = position.realized_entry = position.fees = 0
        touch(state, account, instrument)


def _turn_generations(account: AccountState) -> None:
    """Today becomes yesterday, the day before goes; what is still live stays."""
    account.forgot_ids = account.forgot_ids or bool(account.decided_before)
    families = {family_of(account.live[cid]) for cid in account.held}
    kept = {cid: order for cid, order in account.ended_before.items() if family_of(order) in families}
    account.ended_before, account.ended = {**kept, **account.ended}, {}
    account.decided_before, account.decided = account.decided, {}
    account.routed_before, account.routed = account.routed, {}
    account.fills_before, account.fills = account.fills, {}
    for order in account.live.values():
        account.routed[order.routed_order_id] = order.client_order_id
        decided = account.decided_before.get(order.client_order_id)
        if decided is not None:
            account.decided[order.client_order_id] = decided


def _baseline_stated(state: State, event: e.BaselineStated, seq: int, at: Nanos) -> None:
    day = state.accounts[event.account].day
    day.baseline, day.baseline_source = event.equity, "stated"


def _pnl_marked(state: State, event: e.PnlMarked, seq: int, at: Nanos) -> None:
    day = state.accounts[event.account].day
    day.last_equity, day.last_total_pnl, day.last_marks = event.equity, event.total_pnl, event.marks


def _cash_reported(state: State, event: e.CashReported, seq: int, at: Nanos) -> None:
    state.accounts[event.account].cash = event.cash


def _cash_moved(state: State, event: e.CashMoved, seq: int, at: Nanos) -> None:
    account = state.accounts[event.account]
    account.cash += event.amount
    account.day.transfers += event.amount
    account.transfers[event.transfer_id] = None


def _broker_changed(state: State, event: e.BrokerStatusChanged, seq: int, at: Nanos) -> None:
    before = state.brokers.get(event.broker)
    capabilities = event.capabilities or (None if before is None else before.capabilities)
    state.brokers[event.broker] = BrokerStatus(event.connected, at, event.reason, capabilities)
    forget_armed(state)


def _timer_set(state: State, event: e.TimerSet, seq: int, at: Nanos) -> None:
    state.timers[event.timer_id] = Timer(event.timer_id, event.due_at, event.account)


def _timer_ended(state: State, event: e.TimerEnded, seq: int, at: Nanos) -> None:
    state.timers.pop(event.timer_id, None)


def _alert_raised(state: State, event: e.AlertRaised, seq: int, at: Nanos) -> None:
    state.next_alert_id = event.alert_id + 1


def _clock_stepped(state: State, event: e.ClockSteppedBy, seq: int, at: Nanos) -> None:
    state.clock_drift += event.by


def _clock_trusted(state: State, event: e.ClockTrusted, seq: int, at: Nanos) -> None:
    state.clock_drift, state.booted = 0, None


def _nothing(state: State, event: object, seq: int, at: Nanos) -> None:
    """Evidence only: it changes nothing that the engine remembers."""


APPLY_ACCOUNTS: Appliers = {
    e.EngineStarted: _started,
    e.AccountOpened: _opened,
    e.InstrumentListed: _listed,
    e.SessionOpened: _session_opened,
    e.BaselineStated: _baseline_stated,
    e.PnlMarked: _pnl_marked,
    e.CashReported: _cash_reported,
    e.CashMoved: _cash_moved,
    e.BrokerStatusChanged: _broker_changed,
    e.AccountProven: _nothing,
    e.MismatchFound: _nothing,
    e.TimerSet: _timer_set,
    e.TimerEnded: _timer_ended,
    e.AlertRaised: _alert_raised,
    e.ClockSteppedBy: _clock_stepped,
    e.ClockTrusted: _clock_trusted,
}
