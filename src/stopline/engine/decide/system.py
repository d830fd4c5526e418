"""What the runtime brings: a process starting, accounts and instruments, sessions, timers, quotes."""

from typing import Final

from stopline.engine.breakers import reset_events
from stopline.engine.decide.limits import apply_proposal, concerned_by
from stopline.engine.decide.reconcile import CONNECTION, NOT_YET, restrict
from stopline.engine.decide.risk import BASELINE
from stopline.engine.decide.rules import apply_rules_proposal
from stopline.engine.enforce.locks import end_lock
from stopline.engine.held.ending import CONDITION, ENDINGS, PARTIAL, end
from stopline.engine.held.triggers import see_instant
from stopline.engine.quotes import expire_marks, is_of_one_quote, receive_quote
from stopline.engine.tables import Deciders
from stopline.engine.turn import Turn
from stopline.measures.pnl import money_of
from stopline.messages import events as e
from stopline.messages import inputs as i
from stopline.messages.replies import Done
from stopline.model.account import AccountTerms, TradingState
from stopline.model.instrument import AssetClass
from stopline.model.limits import ScopeKind
from stopline.model.numbers import MAX_SCALED, SECOND, Money, Nanos, Price
from stopline.model.order import OrderState, TimeInForce
from stopline.state.account import AccountState
from stopline.state.limits import Proposal

OBSERVED_WITHIN: Final[Nanos] = 60 * SECOND
"""A session met later than this after its open was missed: its baseline must be rebuilt."""
Marks = tuple[tuple[str, Price], ...]


def _start(turn: Turn, message: i.StartEngine) -> None:
    epoch = turn.state.epoch + 1
    turn.say(
        e.EngineStarted(
            epoch,
            message.code_version,
            message.config_version,
            e.SCHEMA_VERSION,
            message.boot_id,
            message.clock,
            message.boot_offset,
        )
    )
    for account in turn.state.accounts.values():
        restrict(turn, account, CONNECTION, NOT_YET)
        for order in account.live.values():
            # Decided, perhaps sent, never answered: only the broker knows. It is asked, never sent again.
            if order.state in (OrderState.APPROVED, OrderState.SENT):
                turn.say(e.OrderBecameUnknown(account.terms.account, order.client_order_id, "restart before an answer"))
    for name, status in turn.state.brokers.items():
        if status.connected:
            turn.say(e.BrokerStatusChanged(name, False, "restart"))
    turn.reply = Done((("epoch", str(epoch)),))


def _open_account(turn: Turn, message: i.OpenAccount) -> None:
    name = message.terms.account
    known = turn.state.accounts.get(name)
    if known is not None:
        kept = known.terms
        if kept.broker != message.terms.broker or kept.currency != message.terms.currency:
            turn.refuse(
                "not_allowed",
                f"account {name!r} cannot change its broker or currency",
                "open another account",
            )
        elif kept != message.terms:
            turn.say(e.AccountOpened(message.terms))
            _take_along(turn, known, message.terms)
        return
    turn.say(e.AccountOpened(message.terms))
    turn.say(
        e.RestrictionPlaced(
            ScopeKind.ACCOUNT, name, CONNECTION, TradingState.CANCEL_ONLY, NOT_YET,
            message.terms.broker, 0,
        )
    )  # fmt: skip
    turn.reply = Done((("account", name),))


def _take_along(turn: Turn, account: AccountState, terms: AccountTerms) -> None:
    """What holds a group or firm holds an account that leaves it, too: a line in a file releases no kill."""
    for kind, old, new in (("group", account.terms.group, terms.group), ("firm", account.terms.firm, terms.firm)):
        left = turn.state.scopes.get(f"{kind}:{old}")
        for key, held in {} if old == new or left is None else left.restrictions.items():
            if key not in account.restrictions:
                reason = f"{held.reason} (of {kind} {old}, which the account has left)"
                turn.say(
                    e.RestrictionPlaced(
                        ScopeKind.ACCOUNT, terms.account, key, held.state, reason, held.actor, held.until,
                        held.keeps_flat,
                    )
                )  # fmt: skip


def _list(turn: Turn, message: i.ListInstrument) -> None:
    if turn.state.instruments.get(message.instrument.instrument_id) != message.instrument:
        turn.say(e.InstrumentListed(message.instrument))


def _session(turn: Turn, message: i.SessionScheduled) -> None:
    account = turn.account(message.account)
    if account is None:
        return
    session, current = message.session, account.day.session
    if current is not None and (
        session.session_id <= current.session_id or session.opens_at < current.resets_at or turn.at < current.resets_at
    ):
        return
    baseline, source, marks = _baseline(turn, account, session.opens_at)
    turn.say(e.SessionOpened(message.account, session, baseline, source, marks, message.week, message.hours))
    held = BASELINE in account.restrictions
    if baseline is None and not held:
        reason = f"nobody knows the equity at the open of {session.session_id}: an admin must state it"
        turn.say(
            e.RestrictionPlaced(
                ScopeKind.ACCOUNT, message.account, BASELINE, TradingState.REDUCING, reason, "engine", 0
            )
        )
        turn.alert(message.account, "BASELINE_UNKNOWN", "CRITICAL", reason)
    elif baseline is not None and held:
        turn.say(e.RestrictionLifted(ScopeKind.ACCOUNT, message.account, BASELINE, "new session", "engine"))
    for cid in account.held:
        order = account.live[cid]
        is_of_day = order.request.time_in_force is TimeInForce.DAY and not order.request.closes_position
        if is_of_day and not order.is_at_broker:
            turn.say(e.OrderExpired(message.account, cid, "its day is over"))
    if account.limits.own().breakers_reset_with_session:
        for breaker in turn.state.breakers.values():
            if breaker.active and breaker.account == message.account:
                reset_events(turn, breaker, f"session {session.session_id}", "engine")


def _baseline(turn: Turn, account: AccountState, opened_at: Nanos) -> tuple[Money | None, str, Marks]:
    """Return (equity at the session's open, where it comes from, the marks it was made with)."""
    held = [position for position in account.positions.values() if position.qty]
    if not held:
        source = "opening_cash" if account.day.session is None else "observed"
        return account.cash, source, ()
    seen = _confirmed_marks(turn, account)
    if turn.at - opened_at <= OBSERVED_WITHIN and all(seen.get(p.instrument_id) is not None for p in held):
        return _equity_at(turn, account, seen), "observed", _marks(seen)
    marked: dict[str, Price | None] = dict(account.day.last_marks)
    if all(marked.get(p.instrument_id) is not None for p in held):
        used = {p.instrument_id: marked[p.instrument_id] for p in held}
        return _equity_at(turn, account, used), "last_marked", _marks(used)
    return None, "unknown", ()


def _confirmed_marks(turn: Turn, account: AccountState) -> dict[str, Price | None]:
    """Return the marks of what is held; for one that a single quote made, what was marked before it.

    A day opens on them, and with it floors move: one bad quote at the reset must not.
    """
    before = dict(account.day.last_marks)
    return {
        name: before.get(name, value.mark)
        if value.mark is not None and is_of_one_quote(turn.state, name)
        else value.mark
        for name, value in sorted(account.valuation.by_instrument.items())
        if account.positions[name].qty
    }


def _marks(marks: dict[str, Price | None]) -> Marks:
    return tuple(sorted((name, mark) for name, mark in marks.items() if mark is not None))


def _equity_at(turn: Turn, account: AccountState, marks: dict[str, Price | None]) -> Money:
    equity = account.cash
    for name, mark in marks.items():
        if mark is None:
            continue
        position, instrument = account.positions[name], turn.state.instruments[name]
        equity += money_of(position.qty, mark, instrument.multiplier)
        if instrument.asset_class is AssetClass.FUTURE:
            equity -= position.cost
    return equity


def _timer(turn: Turn, message: i.TimerDue) -> None:
    timer = turn.state.timers.get(message.timer_id)
    if timer is None or timer.due_at > turn.at:
        return
    turn.say(e.TimerEnded(message.timer_id))
    kind, _, rest = message.timer_id.partition(":")
    if kind == "breaker":
        breaker = turn.state.breakers.get(int(rest))
        if breaker is not None and breaker.active:
            key = f"breaker:{breaker.breaker_id}"
            turn.say(
                e.BreakerReset(breaker.breaker_id, breaker.account, "expired", "engine"),
                e.RestrictionLifted(ScopeKind.ACCOUNT, breaker.account, key, "expired", "engine"),
            )
    elif kind == "lock":
        end_lock(turn, turn.state.accounts[timer.account], rest.removeprefix(f"{timer.account}:"))
    elif kind == "rules":
        apply_rules_proposal(turn, turn.state.accounts[timer.account], "cooling-off")
    elif kind == CONDITION or kind in ENDINGS:
        _order_timer(turn, kind, timer.account, rest.removeprefix(f"{timer.account}:"))
    elif kind == "proposal":
        account = turn.state.accounts[timer.account]
        proposal = account.limits.proposals.get(int(rest.rpartition(":")[2]))
        if proposal is not None:
            _end_cooling_off(turn, account, proposal)


def _end_cooling_off(turn: Turn, account: AccountState, proposal: Proposal) -> None:
    """A proposed loosening takes effect, unless an account that it concerns is restricted: then it lapses."""
    held = next((one for one in concerned_by(turn, account, proposal.scope) if one.severity), None)
    if held is None:
        apply_proposal(turn, account, proposal, "cooling-off")
        return
    reason = f"account {held.terms.account!r} is {held.trading_state}: propose it again afterwards"
    turn.say(e.ProposalClosed(account.terms.account, proposal.proposal_id, False, "engine", reason))


def _order_timer(turn: Turn, kind: str, name: str, client_order_id: str) -> None:
    account = turn.state.accounts[name]
    order = account.live.get(client_order_id)
    if order is None:
        return
    if kind == CONDITION:
        see_instant(turn, account, order)
    elif kind != PARTIAL or order.cum_qty:
        # Else the fill was taken back meanwhile.
        end(turn, account, order, kind)


def _mark_pnl(turn: Turn, message: i.MarkPnl) -> None:
    expire_marks(turn.state, turn.at)
    for account in turn.state.accounts.values():
        event = pnl_mark(turn, account)
        if event is not None:
            turn.say(event)


def pnl_mark(turn: Turn, account: AccountState) -> e.PnlMarked | None:
    """Return the account's P&L as an event, or None while it is unknown or nothing of it has moved.

    The marks count too: with them a missed reset is made up for, and a purchase at the mark moves no equity.
    """
    total, realized, equity = account.total_pnl(), account.realized_pnl(), account.equity()
    session = account.day.session
    if total is None or realized is None or equity is None or session is None:
        return None
    if max(abs(equity), abs(total), abs(realized), abs(account.valuation.unrealized)) > MAX_SCALED:
        return None
    marks = _marks(_confirmed_marks(turn, account))
    if (equity, total, marks) == (account.day.last_equity, account.day.last_total_pnl, account.day.last_marks):
        return None
    return e.PnlMarked(
        account.terms.account,
        session.session_id,
        equity,
        realized,
        account.valuation.unrealized,
        total,
        marks,
    )


def _look_again(turn: Turn, message: i.LookAgain) -> None:
    """Volatile: the monitor looks."""


def _quote(turn: Turn, message: i.QuoteReceived) -> None:
    """Volatile: quotes and what they make of valuations are not journaled."""
    receive_quote(turn.state, message.quote, turn.at)


DECIDE_SYSTEM: Deciders = {
    i.StartEngine: _start,
    i.OpenAccount: _open_account,
    i.ListInstrument: _list,
    i.SessionScheduled: _session,
    i.TimerDue: _timer,
    i.MarkPnl: _mark_pnl,
    i.LookAgain: _look_again,
    i.QuoteReceived: _quote,
}
