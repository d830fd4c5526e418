"""Everything the engine remembers of one account, and of the wider scopes that accounts belong to."""

from typing import Any

from msgspec import Struct, field

from stopline.measures.margin import initial_ratio
from stopline.model.account import SEVERITY, AccountTerms, TradingState
from stopline.model.breach import OpenBreach
from stopline.model.ids import ClientOrderId, InstrumentId, RoutedOrderId
from stopline.model.limits import ScopeKind
from stopline.model.market_hours import MarketSpan
from stopline.model.numbers import Money
from stopline.model.obligation import Obligation
from stopline.model.rules import Rules
from stopline.state.bots import Bot
from stopline.state.day import Day
from stopline.state.history import History, Recent
from stopline.state.limits import LimitBook, RulesProposal
from stopline.state.lockouts import Restriction
from stopline.state.market import Valuation
from stopline.state.orders import DecidedId, OrderRecord
from stopline.state.positions import BookedFill, Position
from stopline.state.rates import RateLog
from stopline.state.valuing import revalue


class AccountState(Struct, gc=False, array_like=True):
    """One account. All fields but `valued`, `armed` and `recent` are durable.

    Ids, ended orders and fills are kept in two generations (this trading day and the one
    before it), each dropped whole, so that no container grows without end.
    """

    terms: AccountTerms
    cash: Money = 0
    positions: dict[InstrumentId, Position] = {}
    live: dict[ClientOrderId, OrderRecord] = {}
    ended: dict[ClientOrderId, OrderRecord] = {}
    ended_before: dict[ClientOrderId, OrderRecord] = {}
    routed: dict[RoutedOrderId, ClientOrderId] = {}
    routed_before: dict[RoutedOrderId, ClientOrderId] = {}
    decided: dict[ClientOrderId, DecidedId] = {}
    decided_before: dict[ClientOrderId, DecidedId] = {}
    forgot_ids: bool = False
    """Whether a generation was ever dropped: then an unknown id must be looked up in the journal."""
    fills: dict[str, BookedFill] = {}
    fills_before: dict[str, BookedFill] = {}
    transfers: dict[str, None] = {}
    day: Day = field(default_factory=Day)
    limits: LimitBook = field(default_factory=LimitBook)
    restrictions: dict[str, Restriction] = {}
    is_armed: bool = False
    """Whether loosening a limit waits (semantics.md section 10)."""
    severity: int = 0
    """The strictest restriction of the account, its group and its firm, as a number (0 is active)."""
    entry_times: RateLog = field(default_factory=RateLog)
    """When entries were accepted."""
    client_times: dict[str, RateLog] = {}
    """The same per `user:`, `client:`, `strategy:` and `symbol:`, where a limit asks for it."""
    trade_times: RateLog = field(default_factory=RateLog)
    """When entry orders got their first fill."""
    unfilled_entries: int = 0
    """Live entry orders without a fill."""
    reject_times: RateLog = field(default_factory=RateLog)
    """When the broker rejected an order."""
    valued: Valuation = field(default_factory=Valuation)
    """Volatile: what the account was worth when it was valued last; `valuation` is what it is worth."""
    armed: dict[str, Any] = {}
    """Volatile: armed check sets by instrument and strategy, as engine/assemble made them."""
    held: dict[ClientOrderId, None] = {}
    """Live orders that Stopline holds, or held: it looks after them until they end."""
    rules: Rules = Rules()
    rules_proposal: RulesProposal | None = None
    hours: tuple[MarketSpan, ...] = ()
    """When the account may trade, around now, where a rule sets it hours."""
    history: History = field(default_factory=History)
    breaches: dict[str, OpenBreach] = {}
    obligations: dict[int, Obligation] = {}
    bots: dict[str, Bot] = {}
    recent: Recent = field(default_factory=Recent)
    """Volatile."""

    @property
    def valuation(self) -> Valuation:
        """The running sums over its instruments, at their marks of now."""
        valued = self.valued
        if valued.behind:
            for instrument, quote in valued.behind.values():
                position = self.positions[instrument.instrument_id]
                revalue(valued, position, instrument, quote.mark, initial_ratio(self.terms, instrument))
            valued.behind.clear()
        return valued

    @property
    def trading_state(self) -> TradingState:
        """The enum of `severity`."""
        return STATE_BY_SEVERITY[self.severity]

    def order(self, client_order_id: ClientOrderId) -> OrderRecord | None:
        """Return an order, live or ended within two trading days."""
        return (
            self.live.get(client_order_id) or self.ended.get(client_order_id) or self.ended_before.get(client_order_id)
        )

    def order_routed(self, routed_order_id: RoutedOrderId) -> OrderRecord | None:
        """Return an order by the id that the broker knows."""
        client_order_id = self.routed.get(routed_order_id) or self.routed_before.get(routed_order_id)
        return None if client_order_id is None else self.order(client_order_id)

    def has_fill(self, exec_id: str) -> bool:
        """Whether a fill of this trading day or the one before it is booked."""
        return exec_id in self.fills or exec_id in self.fills_before

    def fill(self, exec_id: str) -> BookedFill | None:
        """Return a booked fill of this trading day or the one before it."""
        return self.fills.get(exec_id) or self.fills_before.get(exec_id)

    def is_over(self, routed_order_id: RoutedOrderId) -> bool:
        """Whether nothing a broker says of an order under this id changes it any more; fills are another matter."""
        order = self.order_routed(routed_order_id)
        return order is not None and (order.routed_order_id != routed_order_id or not order.is_live)

    def equity(self) -> Money | None:
        """Cash and market value; None while a position is unpriced."""
        valuation = self.valuation
        return None if valuation.unmarked else self.cash + valuation.market_value

    def total_pnl(self) -> Money | None:
        """Equity now - equity at the session's open - net transfers; None while either is unknown."""
        valuation, day = self.valuation, self.day
        if valuation.unmarked or day.baseline is None:
            return None
        return self.cash + valuation.market_value - day.baseline - day.transfers

    def realized_pnl(self) -> Money | None:
        """Today's realized P&L on the session basis, net of fees; with unrealized it makes total_pnl, exactly."""
        day = self.day
        if day.baseline is None:
            return None
        return self.cash - day.baseline - day.transfers + self.valuation.session_basis


class ScopeState(Struct, gc=False, array_like=True):
    """Positions and working orders of a strategy or user in one account, or of a group or firm over its accounts."""

    kind: ScopeKind
    scope_id: str
    positions: dict[InstrumentId, Position] = {}
    entry_times: RateLog = field(default_factory=RateLog)
    restrictions: dict[str, Restriction] = {}
    limits: LimitBook = field(default_factory=LimitBook)
    valuation: Valuation = field(default_factory=Valuation)


STATE_BY_SEVERITY = {number: state for state, number in SEVERITY.items()}
