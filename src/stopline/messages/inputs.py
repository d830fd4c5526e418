"""Inputs: what people, bots, brokers, feeds and timers bring to `step`. None of them is a fact yet."""

from typing import TypeAlias

from msgspec import Struct

from stopline.model.account import AccountTerms
from stopline.model.calendar import Session
from stopline.model.capabilities import Capabilities
from stopline.model.fill import Fill
from stopline.model.ids import AccountId, ClientOrderId, InstrumentId, RoutedOrderId
from stopline.model.instrument import Instrument
from stopline.model.limits import Limits, ScopeKind, SymbolLimit
from stopline.model.market_hours import MarketSpan
from stopline.model.numbers import Money, Nanos, Price, Qty, Ratio
from stopline.model.order import Condition, OrderClass, OrderType, Side, TimeInForce
from stopline.model.quote import Quote
from stopline.model.rules import Rules
from stopline.model.week import Week


class _Input(Struct, frozen=True, gc=False, tag=True, kw_only=True):
    """Base of all inputs."""


# --- people and bots -------------------------------------------------------


class SubmitOrder(_Input, frozen=True, gc=False):
    """An order as a door understood it: grammar checked, the instrument still a symbol."""

    account: AccountId
    client_order_id: ClientOrderId
    symbol: str
    """A venue symbol or a canonical instrument id."""
    side: Side
    order_qty: Qty
    order_type: OrderType
    limit_price: Price | None = None
    stop_price: Price | None = None
    time_in_force: TimeInForce = TimeInForce.DAY
    expire_at: Nanos | None = None
    extended_hours: bool = False
    reduce_only: bool = False
    strategy: str = ""
    tags: str = ""
    currency: str = ""
    order_class: OrderClass = OrderClass.SIMPLE
    notional: Money | None = None
    trail_amount: Price | None = None
    trail_percent: Ratio | None = None
    take_profit: Price | None = None
    stop_loss: Price | None = None
    stop_loss_limit: Price | None = None
    oca_group: str = ""
    condition: Condition | None = None
    cancel_after: Nanos | None = None
    cancels_rest: bool = False
    partial_timeout: Nanos | None = None
    actor: str = "local"
    client: str = ""
    """Which connection or bot sent it (order_rate counts per client)."""


class CheckOrder(_Input, frozen=True, gc=False):
    """The decision that `order` would get, without sending or reserving: the reply is a Checked, no event."""

    order: SubmitOrder


class CancelOrder(_Input, frozen=True, gc=False):
    """Ask the broker to cancel one working order."""

    account: AccountId
    client_order_id: ClientOrderId
    actor: str = "local"


class ReplaceOrder(_Input, frozen=True, gc=False):
    """Change quantity or prices of a working order; None keeps what is."""

    account: AccountId
    client_order_id: ClientOrderId
    order_qty: Qty | None = None
    limit_price: Price | None = None
    stop_price: Price | None = None
    actor: str = "local"


class ClosePosition(_Input, frozen=True, gc=False):
    """Close a position, or part of it (`qty` or `percent`, 1e-6), at market. Never flips it."""

    account: AccountId
    symbol: str
    qty: Qty | None = None
    percent: Ratio | None = None
    client_order_id: ClientOrderId = ""
    actor: str = "local"


class Flatten(_Input, frozen=True, gc=False):
    """Cancel every working order of the account and close every position (or one symbol's).

    Scope account, or group: every account of it.
    """

    account: AccountId
    symbol: str = ""
    reason: str = ""
    actor: str = "local"
    scope: ScopeKind = ScopeKind.ACCOUNT


class Kill(_Input, frozen=True, gc=False):
    """Kill switch: halt, cancel entries, flatten unless `keep_positions`. Scope account, group or firm."""

    account: AccountId
    scope: ScopeKind = ScopeKind.ACCOUNT
    keep_positions: bool = False
    reason: str = ""
    actor: str = "local"


class ReleaseKill(_Input, frozen=True, gc=False):
    """Release the kill switch: a second person, or the same one after 15 minutes, with a reason."""

    account: AccountId
    reason: str
    actor: str = "local"


class TripBreaker(_Input, frozen=True, gc=False):
    """Trip a circuit breaker by hand; `expires_at` 0 means until reset."""

    account: AccountId
    reason: str = ""
    expires_at: Nanos = 0
    actor: str = "local"


class ResetBreaker(_Input, frozen=True, gc=False):
    """Reset a circuit breaker; refused `condition_persists` while its cause holds."""

    breaker_id: int
    reason: str = ""
    actor: str = "local"


class ChangeLimits(_Input, frozen=True, gc=False):
    """Set the limits of one scope. `base_version` 0 skips the stale-version test."""

    account: AccountId
    limits: Limits
    scope: ScopeKind = ScopeKind.ACCOUNT
    scope_id: str = ""
    """Empty for the account itself; else the firm, group, user or strategy."""
    base_version: int = 0
    reason: str = ""
    actor: str = "local"


class ChangeSymbolLimit(_Input, frozen=True, gc=False):
    """Set the limit of one symbol or futures product in one account; None fields take the limit away."""

    account: AccountId
    symbol: str
    limit: SymbolLimit
    base_version: int = 0
    reason: str = ""
    actor: str = "local"


class ApproveLimits(_Input, frozen=True, gc=False):
    """A second person approves a proposed loosening."""

    account: AccountId
    proposal_id: int
    actor: str = "local"


class ArmAccount(_Input, frozen=True, gc=False):
    """From now on, loosening this account's limits waits or needs a second person."""

    account: AccountId
    actor: str = "local"


class StateBaseline(_Input, frozen=True, gc=False):
    """An admin states the session's opening equity that nobody could observe."""

    account: AccountId
    equity: Money
    reason: str = ""
    actor: str = "local"


class ChangeRules(_Input, frozen=True, gc=False):
    """Set all rules of one account; `hours` as in SessionScheduled, for the rules that are set now."""

    account: AccountId
    rules: Rules
    hours: tuple[MarketSpan, ...] = ()
    reason: str = ""
    actor: str = "local"


class ApproveRules(_Input, frozen=True, gc=False):
    """A second person approves a proposed loosening of rules."""

    account: AccountId
    actor: str = "local"


class LockOut(_Input, frozen=True, gc=False):
    """Lock an account out by hand until an instant, `flatten` first if asked. It cannot be taken back."""

    account: AccountId
    until: Nanos
    flatten: bool = False
    reason: str = ""
    actor: str = "local"


class ReleaseLock(_Input, frozen=True, gc=False):
    """Release a lockout or cooldown early: a second person, or the same one after the cooling-off time."""

    account: AccountId
    key: str
    reason: str
    actor: str = "local"


class TrustClock(_Input, frozen=True, gc=False):
    """An admin says that the wall clock is right as it is now."""

    reason: str
    actor: str = "local"


class Heartbeat(_Input, frozen=True, gc=False):
    """A bot lives. Should it not say so again within `timeout`, its working entries are cancelled; 0 takes leave."""

    account: AccountId
    bot: str
    """`strategy:<name>` or `client:<name>`: whose orders."""
    timeout: Nanos
    actor: str = "local"


class ResolveOrder(_Input, frozen=True, gc=False):
    """An admin states how an order of unknown outcome ended: `canceled`, `expired` or `rejected`."""

    account: AccountId
    client_order_id: ClientOrderId
    outcome: str
    reason: str
    actor: str = "local"


# --- the runtime -------------------------------------------------------------


class StartEngine(_Input, frozen=True, gc=False):
    """The first input of every process: a new epoch under this code and configuration.

    `clock` names where engine time comes from (`wall`, or `recorded:<file>`).
    """

    code_version: str
    config_version: str
    boot_id: str = ""
    clock: str = "wall"
    boot_offset: Nanos = 0
    """Engine time when the boot clock showed nothing; 0 where engine time does not hang on it."""


class OpenAccount(_Input, frozen=True, gc=False):
    """An account from the configuration; says nothing when it is known with equal terms."""

    terms: AccountTerms


class ListInstrument(_Input, frozen=True, gc=False):
    """Contract terms or status of an instrument; says nothing when unchanged."""

    instrument: Instrument


class SessionScheduled(_Input, frozen=True, gc=False):
    """The trading day an account is in (the runtime owns calendars and zones).

    `week` is the trading week around it, `hours` when the account may trade around now,
    where a rule sets it hours.
    """

    account: AccountId
    session: Session
    week: Week | None = None
    hours: tuple[MarketSpan, ...] = ()


class TimerDue(_Input, frozen=True, gc=False):
    """A timer that the state holds has come due."""

    timer_id: str


class MarkPnl(_Input, frozen=True, gc=False):
    """Write down every account's P&L (every 5 s), and look for marks that went stale."""


class LookAgain(_Input, frozen=True, gc=False):
    """Time alone may have changed what the account's rules say, or an obligation is to be tried again."""

    account: AccountId


class ClockStepped(_Input, frozen=True, gc=False):
    """The wall clock moved against the boot clock by `by` nanoseconds."""

    by: Nanos


class StoreFailing(_Input, frozen=True, gc=False):
    """The journal refuses appends (`reason`), or works again (empty)."""

    reason: str


class SpoolRecovered(_Input, frozen=True, gc=False):
    """The journal has taken the records that the spool kept for it while it refused."""

    first_seq: int
    last_seq: int
    reason: str
    torn: bool = False
    """Whether an entry behind them was cut off before it was finished."""


class DiskFilling(_Input, frozen=True, gc=False):
    """Less of the disk is free than there should be."""

    severity: str
    message: str


# --- brokers and feeds -------------------------------------------------------


class BrokerConnected(_Input, frozen=True, gc=False):
    """The session to a broker is up; nothing is proven until AccountReconciled."""

    broker: str
    capabilities: Capabilities


class BrokerDisconnected(_Input, frozen=True, gc=False):
    """The session to a broker is down: no position of its accounts is proven."""

    broker: str
    reason: str = ""


class AccountReconciled(_Input, frozen=True, gc=False):
    """The broker's own picture of one account, complete as of now, fills up to here already reported.

    `positions` are (instrument_id, signed qty, entry cost money); `working` are the
    routed_order_ids that the broker has live. A difference keeps the account
    `cancel_only` and is named; what agrees is proven.
    """

    broker: str
    account: AccountId
    cash: Money
    positions: tuple[tuple[InstrumentId, Qty, Money], ...]
    working: tuple[RoutedOrderId, ...]


class AccountReported(_Input, frozen=True, gc=False):
    """Cash (and margin in use, if the broker says) after the last fill that it reported."""

    broker: str
    account: AccountId
    cash: Money


class CashTransferred(_Input, frozen=True, gc=False):
    """Money paid in (positive) or out: shifts the baseline, is no P&L."""

    broker: str
    account: AccountId
    transfer_id: str
    amount: Money


class OrderSent(_Input, frozen=True, gc=False):
    """The dispatcher handed the order to the broker's connection."""

    account: AccountId
    routed_order_id: RoutedOrderId


class OrderAccepted(_Input, frozen=True, gc=False):
    """The broker acknowledged an order: it works."""

    account: AccountId
    routed_order_id: RoutedOrderId
    broker_order_id: str = ""


class OrderRefused(_Input, frozen=True, gc=False):
    """The broker rejected an order (proof that it will not fill)."""

    account: AccountId
    routed_order_id: RoutedOrderId
    reason: str
    code: str = ""


class OrderGone(_Input, frozen=True, gc=False):
    """The broker says an order is dead: `canceled` or `expired`, `cum_qty` filled until then."""

    account: AccountId
    routed_order_id: RoutedOrderId
    outcome: str
    cum_qty: Qty
    reason: str = ""


class OutcomeUnknown(_Input, frozen=True, gc=False):
    """A send ended in a timeout, a disconnect or a 5xx: the order may live or not."""

    account: AccountId
    routed_order_id: RoutedOrderId
    reason: str


class CancelRefused(_Input, frozen=True, gc=False):
    """The broker would not cancel."""

    account: AccountId
    routed_order_id: RoutedOrderId
    reason: str


class OrderAmended(_Input, frozen=True, gc=False):
    """The broker carried out a replace: these are the order's terms now."""

    account: AccountId
    routed_order_id: RoutedOrderId
    order_qty: Qty
    limit_price: Price | None
    stop_price: Price | None


class ReplaceRefused(_Input, frozen=True, gc=False):
    """The broker would not replace; the order works on its old terms."""

    account: AccountId
    routed_order_id: RoutedOrderId
    reason: str


class FillReported(_Input, frozen=True, gc=False):
    """An execution, ours or not (an unknown `routed_order_id` is booked as external)."""

    broker: str
    fill: Fill


class ExternalOrderSeen(_Input, frozen=True, gc=False):
    """A live order at the broker that we did not send: it counts everywhere."""

    broker: str
    account: AccountId
    routed_order_id: RoutedOrderId
    instrument_id: InstrumentId
    side: Side
    order_type: OrderType
    order_qty: Qty
    cum_qty: Qty
    limit_price: Price | None = None
    stop_price: Price | None = None


class QuoteReceived(_Input, frozen=True, gc=False):
    """A quote from a feed. Volatile: never journaled."""

    quote: Quote


Input: TypeAlias = (
    SubmitOrder
    | CheckOrder
    | CancelOrder
    | ReplaceOrder
    | ClosePosition
    | Flatten
    | Kill
    | ReleaseKill
    | TripBreaker
    | ResetBreaker
    | ChangeLimits
    | ChangeSymbolLimit
    | ApproveLimits
    | ArmAccount
    | StateBaseline
    | ChangeRules
    | ApproveRules
    | LockOut
    | ReleaseLock
    | TrustClock
    | Heartbeat
    | ResolveOrder
    | StartEngine
    | OpenAccount
    | ListInstrument
    | SessionScheduled
    | TimerDue
    | MarkPnl
    | LookAgain
    | ClockStepped
    | StoreFailing
    | SpoolRecovered
    | DiskFilling
    | BrokerConnected
    | BrokerDisconnected
    | AccountReconciled
    | AccountReported
    | CashTransferred
    | OrderSent
    | OrderAccepted
    | OrderRefused
    | OrderGone
    | OutcomeUnknown
    | CancelRefused
    | OrderAmended
    | ReplaceRefused
    | FillReported
    | ExternalOrderSeen
    | QuoteReceived
)
