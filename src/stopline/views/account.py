"""An account as people see it: what it may do, what it is worth, and how today went."""

from msgspec import Struct

from stopline.model.numbers import Money, Nanos, render_money
from stopline.state.account import AccountState
from stopline.state.view import StateView
from stopline.views.breaches import BreachBody, breaches_of
from stopline.views.obligations import ObligationBody, obligations_of
from stopline.views.positions import unpriced_symbols
from stopline.views.risk import RestrictionBody, has_open_breaker, restrictions_of
from stopline.views.wire import DecimalText, InstantText, optional_instant, optional_money


class AccountBody(Struct):
    """One account. Null is unknown, and `unpriced` names the instruments that hold the figures back."""

    account: str
    broker: str
    mode: str
    currency: str
    trading_state: str
    restrictions: list[RestrictionBody]
    breaches: list[BreachBody]
    obligations: list[ObligationBody]
    circuit_breaker_triggered: bool
    equity: DecimalText | None
    cash: DecimalText
    market_value: DecimalText | None
    total_pnl: DecimalText | None
    realized_pnl: DecimalText | None
    unrealized_pnl: DecimalText | None
    open_pnl: DecimalText | None
    gross_exposure: DecimalText | None
    initial_margin: DecimalText | None
    available_margin: DecimalText | None
    open_positions: int
    working_orders: int
    unpriced: list[str]
    trading_day: str | None
    opened_at: InstantText | None
    resets_at: InstantText | None
    baseline: DecimalText | None
    baseline_source: str
    transfers: DecimalText
    armed: bool
    limits_version: int


def account_body(account: AccountState, state: StateView, at: Nanos) -> AccountBody:
    """Return one account at an instant."""
    terms, day, valuation = account.terms, account.day, account.valuation
    session, equity = day.session, account.equity()
    marked, priced = valuation.unmarked == 0, valuation.unpriced == 0
    return AccountBody(
        account=terms.account,
        broker=terms.broker,
        mode="PAPER" if terms.paper else "LIVE",
        currency=terms.currency,
        trading_state=account.trading_state.value,
        restrictions=restrictions_of(account, state),
        breaches=breaches_of(account),
        obligations=obligations_of(account, at),
        circuit_breaker_triggered=has_open_breaker(terms.account, state),
        equity=optional_money(equity),
        cash=render_money(account.cash),
        market_value=_if(marked, valuation.market_value),
        total_pnl=optional_money(account.total_pnl()),
        realized_pnl=optional_money(account.realized_pnl()),
        unrealized_pnl=_if(marked, valuation.unrealized),
        open_pnl=_if(marked, valuation.open_pnl),
        gross_exposure=_if(priced, valuation.gross_worst),
        initial_margin=_if(priced and not valuation.unmargined, valuation.margin),
        available_margin=_available(account, equity),
        open_positions=sum(1 for position in account.positions.values() if position.qty),
        working_orders=len(account.live),
        unpriced=unpriced_symbols(account),
        trading_day=None if session is None else session.session_id,
        opened_at=None if session is None else optional_instant(session.opens_at),
        resets_at=None if session is None else optional_instant(session.resets_at),
        baseline=optional_money(day.baseline),
        baseline_source=day.baseline_source,
        transfers=render_money(day.transfers),
        armed=account.is_armed,
        limits_version=account.limits.version,
    )


def _available(account: AccountState, equity: Money | None) -> str | None:
    if equity is None or account.valuation.unmargined:
        return None
    return render_money(equity - account.valuation.margin)


def _if(known: bool, value: Money) -> str | None:
    return render_money(value) if known else None
