"""Events: facts, in the past tense, with the evidence they were decided on. The journal holds these.

Schema version 1. Fields are only ever added, at the end, with a default; anything else
goes through `messages/upcast.py`.
"""

from typing import TypeAlias

from msgspec import Struct

from stopline.model.account import AccountTerms, TradingState
from stopline.model.breach import RuleVerdict
from stopline.model.calendar import Session
from stopline.model.capabilities import Capabilities
from stopline.model.fill import Fill
from stopline.model.ids import AccountId, ClientOrderId, InstrumentId, RoutedOrderId
from stopline.model.instrument import Instrument
from stopline.model.limits import Limits, ScopeKind, SymbolLimit
from stopline.model.market_hours import MarketSpan
from stopline.model.numbers import Money, Nanos, Price, Qty
from stopline.model.obligation import Obligation, ObligationState
from stopline.model.order import Hold, Leg, OrderRequest
from stopline.model.rules import Rules
from stopline.model.verdict import Finding
from stopline.model.week import Week

SCHEMA_VERSION = 1


class _Event(Struct, frozen=True, gc=False, tag=True, array_like=True):
    """Base of all events."""


class Evidence(Struct, frozen=True, gc=False, array_like=True):
    """What a decision saw: prices, equity, the interval before the order, the limits in force. None is unknown."""

    limits_version: int
    bid: Price | None = None
    ask: Price | None = None
    mark: Price | None = None
    equity: Money | None = None
    position: Qty = 0
    working_buys: Qty = 0
    working_sells: Qty = 0
    day_pnl: Money | None = None


class RuleEvidence(Struct, frozen=True, gc=False, array_like=True):
    """What a rule saw: the day, equity, and (instrument, signed quantity, trusted mark) of what is held."""

    realized_pnl: Money
    total_pnl: Money | None
    equity: Money | None
    positions: tuple[tuple[InstrumentId, Qty, Price | None], ...] = ()


class OrderApproved(_Event, frozen=True, gc=False):
    """The gate let an order go. The broker port takes nothing else.

    `reserve_price` is the worst price (or the mark, if that is worse) at which its leaves
    are held against the limits; None when nothing could value it (an exit).
    """

    request: OrderRequest
    decision_id: str
    routed_order_id: RoutedOrderId
    reducing: bool
    reserve_price: Price | None
    evidence: Evidence
    actor: str
    client: str = ""
    findings: tuple[Finding, ...] = ()
    """Warnings only: a passing check says nothing."""
    hold: Hold | None = None
    """What it waits for here; None goes to the broker at once."""
    parent: ClientOrderId = ""
    leg: Leg | None = None
    is_resting: bool = False
    """While it is held: it goes to rest at the broker whenever there is room for it."""


class OrderDenied(_Event, frozen=True, gc=False):
    """The gate refused an order; `findings` holds every check, the first denial decides."""

    request: OrderRequest
    decision_id: str
    check: str
    message: str
    findings: tuple[Finding, ...]
    max_passing_qty: Qty | None
    evidence: Evidence
    actor: str
    client: str = ""
    symbol: str = ""
    """As the caller wrote it (the instrument may be unknown)."""


class OrderTriggered(_Event, frozen=True, gc=False):
    """What a held order waited for has come: its price, its condition, its turn. `price` is what was seen, if any."""

    account: AccountId
    client_order_id: ClientOrderId
    reason: str
    price: Price | None = None


class OrderReleased(_Event, frozen=True, gc=False):
    """The gate lets a held order go: `order` is what the broker gets, simpler than what was asked for."""

    order: OrderApproved


class OrderHeld(_Event, frozen=True, gc=False):
    """Stopline keeps an order, or keeps it again after it came back from the broker."""

    account: AccountId
    client_order_id: ClientOrderId
    hold: Hold
    reason: str
    is_resting: bool = False


class StopTrailed(_Event, frozen=True, gc=False):
    """The stop of a held trailing stop followed the market to a new price; it never moves back."""

    account: AccountId
    client_order_id: ClientOrderId
    stop_price: Price


class OrderRouted(_Event, frozen=True, gc=False):
    """The order was handed to the broker's connection."""

    account: AccountId
    client_order_id: ClientOrderId


class OrderWorking(_Event, frozen=True, gc=False):
    """The broker acknowledged the order."""

    account: AccountId
    client_order_id: ClientOrderId
    broker_order_id: str


class OrderRejected(_Event, frozen=True, gc=False):
    """The broker rejected the order."""

    account: AccountId
    client_order_id: ClientOrderId
    reason: str
    code: str


class OrderCanceled(_Event, frozen=True, gc=False):
    """The order is dead by cancel."""

    account: AccountId
    client_order_id: ClientOrderId
    reason: str
    actor: str = ""
    """Who ended what Stopline held; empty where the broker says so."""


class OrderExpired(_Event, frozen=True, gc=False):
    """The order is dead by expiry."""

    account: AccountId
    client_order_id: ClientOrderId
    reason: str


class OrderBecameUnknown(_Event, frozen=True, gc=False):
    """The order was sent and nothing proves what became of it; its leaves stay reserved."""

    account: AccountId
    client_order_id: ClientOrderId
    reason: str


class CancelRequested(_Event, frozen=True, gc=False):
    """A cancel goes to the broker. `cause` names who or what asked."""

    account: AccountId
    client_order_id: ClientOrderId
    cause: str
    actor: str
    is_recall: bool = False
    """The order is not to end by it: Stopline keeps it once the broker has let go of it."""


class CancelRejected(_Event, frozen=True, gc=False):
    """The broker would not cancel."""

    account: AccountId
    client_order_id: ClientOrderId
    reason: str


class ReplaceApproved(_Event, frozen=True, gc=False):
    """The gate let a change go; old and new both count until the broker proves one dead."""

    account: AccountId
    client_order_id: ClientOrderId
    decision_id: str
    order_qty: Qty
    limit_price: Price | None
    stop_price: Price | None
    reserve_price: Price | None
    evidence: Evidence
    actor: str


class ReplaceDenied(_Event, frozen=True, gc=False):
    """The gate refused a change; the order works on."""

    account: AccountId
    client_order_id: ClientOrderId
    decision_id: str
    check: str
    message: str
    findings: tuple[Finding, ...]
    evidence: Evidence
    actor: str


class OrderReplaced(_Event, frozen=True, gc=False):
    """The broker carried out the change."""

    account: AccountId
    client_order_id: ClientOrderId
    order_qty: Qty
    limit_price: Price | None
    stop_price: Price | None


class ReplaceRejected(_Event, frozen=True, gc=False):
    """The broker would not replace; the order works on its old terms."""

    account: AccountId
    client_order_id: ClientOrderId
    reason: str


class OrderFilled(_Event, frozen=True, gc=False):
    """An execution of an order we know."""

    client_order_id: ClientOrderId
    fill: Fill
    mark: Price | None = None


class ExternalFilled(_Event, frozen=True, gc=False):
    """An execution of an order we did not send."""

    broker: str
    fill: Fill
    mark: Price | None = None


class FillVoided(_Event, frozen=True, gc=False):
    """A bust: the execution `exec_id` never was. A correction is a void followed by the corrected fill."""

    account: AccountId
    exec_id: str
    by_exec_id: str


class ExternalOrderBooked(_Event, frozen=True, gc=False):
    """A live order that we did not send; its leaves count from now on."""

    broker: str
    request: OrderRequest
    routed_order_id: RoutedOrderId
    cum_qty: Qty
    reserve_price: Price | None


class SelfMatchAvoided(_Event, frozen=True, gc=False):
    """An exit would have traded with a resting entry of its own account: the entry is cancelled first."""

    account: AccountId
    resting: ClientOrderId
    incoming: ClientOrderId


class EngineStarted(_Event, frozen=True, gc=False):
    """A new process took the journal."""

    epoch: int
    code_version: str
    config_version: str
    schema_version: int
    boot_id: str
    clock: str
    boot_offset: Nanos = 0
    """Engine time when the boot clock showed nothing; 0 where engine time does not hang on it."""


class AccountOpened(_Event, frozen=True, gc=False):
    """An account exists from now on, or has new terms."""

    terms: AccountTerms


class InstrumentListed(_Event, frozen=True, gc=False):
    """An instrument exists, or has new terms or status."""

    instrument: Instrument


class SessionOpened(_Event, frozen=True, gc=False):
    """A trading day began for an account, on this equity. `marks` are (instrument_id, session-open mark).

    `source` is observed, last_marked, stated or opening_cash: where the baseline comes from.
    """

    account: AccountId
    session: Session
    baseline: Money | None
    source: str
    marks: tuple[tuple[InstrumentId, Price], ...]
    week: Week | None = None
    """The trading week that the day is in."""
    hours: tuple[MarketSpan, ...] = ()
    """When the account may trade, around now, where a rule sets it hours."""


class BaselineStated(_Event, frozen=True, gc=False):
    """An admin stated the session's opening equity."""

    account: AccountId
    session_id: str
    equity: Money
    reason: str
    actor: str


class PnlMarked(_Event, frozen=True, gc=False):
    """The day's P&L of an account at this instant. `marks` are the trusted marks it was made with."""

    account: AccountId
    session_id: str
    equity: Money
    realized_pnl: Money
    unrealized_pnl: Money
    total_pnl: Money
    marks: tuple[tuple[InstrumentId, Price], ...]


class CashReported(_Event, frozen=True, gc=False):
    """The broker's cash differs from ours; the broker's stands. The difference is P&L unless a transfer."""

    broker: str
    account: AccountId
    cash: Money
    difference: Money


class CashMoved(_Event, frozen=True, gc=False):
    """A transfer in or out."""

    broker: str
    account: AccountId
    transfer_id: str
    amount: Money


class BrokerStatusChanged(_Event, frozen=True, gc=False):
    """A broker's session came up or went down."""

    broker: str
    connected: bool
    reason: str
    capabilities: Capabilities | None = None


class AccountProven(_Event, frozen=True, gc=False):
    """Our book of the account equals the broker's."""

    broker: str
    account: AccountId


class MismatchFound(_Event, frozen=True, gc=False):
    """Our book differs from the broker's; `differences` names each in a sentence."""

    broker: str
    account: AccountId
    differences: tuple[str, ...]


class RestrictionPlaced(_Event, frozen=True, gc=False):
    """An account (or group, or firm) may do less from now on. The strictest restriction wins.

    `key` is unique per scope and cause, e.g. `breaker:3`, `kill`, `connection`, `baseline`.
    """

    scope: ScopeKind
    scope_id: str
    key: str
    state: TradingState
    reason: str
    actor: str
    until: Nanos
    keeps_flat: bool = False
    """Nothing may be held or worked while it stands: what comes up is closed."""
    zone: str = ""
    tzdata: str = ""
    """Where `until` was computed in, for a lock that ends with a session."""


class RestrictionLifted(_Event, frozen=True, gc=False):
    """A restriction ended."""

    scope: ScopeKind
    scope_id: str
    key: str
    reason: str
    actor: str


class BreakerTripped(_Event, frozen=True, gc=False):
    """A circuit breaker opened: DAILY_LOSS, REJECT_BURST or MANUAL. `expires_at` 0 means until reset.

    `trigger_value` and `threshold` are money for DAILY_LOSS and counts for REJECT_BURST.
    """

    breaker_id: int
    account: AccountId
    trigger_type: str
    trigger_value: int
    threshold: int
    reason: str
    actor: str
    expires_at: Nanos


class BreakerReset(_Event, frozen=True, gc=False):
    """A circuit breaker closed: by hand, by expiry, or at the account's reset."""

    breaker_id: int
    account: AccountId
    reason: str
    actor: str


class LimitsChanged(_Event, frozen=True, gc=False):
    """One scope's limits are these from now on."""

    account: AccountId
    scope: ScopeKind
    scope_id: str
    limits: Limits
    version: int
    actor: str
    reason: str


class SymbolLimitChanged(_Event, frozen=True, gc=False):
    """One symbol's limit is this from now on."""

    account: AccountId
    symbol: str
    limit: SymbolLimit
    version: int
    actor: str
    reason: str


class LimitsRefused(_Event, frozen=True, gc=False):
    """A change of limits was refused."""

    account: AccountId
    reason: str
    actor: str


class LimitsProposed(_Event, frozen=True, gc=False):
    """A loosening waits: until `effective_at`, or for a second person."""

    account: AccountId
    proposal_id: int
    scope: ScopeKind
    scope_id: str
    limits: Limits | None
    symbol: str
    symbol_limit: SymbolLimit | None
    effective_at: Nanos
    actor: str
    reason: str


class ProposalClosed(_Event, frozen=True, gc=False):
    """A proposal took effect (`applied`) or lapsed."""

    account: AccountId
    proposal_id: int
    applied: bool
    actor: str
    reason: str


class AccountArmed(_Event, frozen=True, gc=False):
    """Loosening this account's limits waits from now on."""

    account: AccountId
    actor: str


class AlertRaised(_Event, frozen=True, gc=False):
    """Something a person should see. Severity INFO, WARNING, ERROR or CRITICAL."""

    alert_id: int
    account: AccountId
    alert_type: str
    severity: str
    symbol: str
    message: str


class TimerSet(_Event, frozen=True, gc=False):
    """A timer will come due."""

    timer_id: str
    due_at: Nanos
    account: AccountId


class TimerEnded(_Event, frozen=True, gc=False):
    """A timer came due, or is needed no more."""

    timer_id: str


class ClockSteppedBy(_Event, frozen=True, gc=False):
    """The wall clock moved against the boot clock; engine time did not."""

    by: Nanos


class ClockTrusted(_Event, frozen=True, gc=False):
    """A person says that the wall clock is right as it is now."""

    actor: str
    reason: str


class RulesChanged(_Event, frozen=True, gc=False):
    """An account's rules are these from now on; `hours` as in SessionOpened."""

    account: AccountId
    rules: Rules
    hours: tuple[MarketSpan, ...]
    actor: str
    reason: str


class RulesProposed(_Event, frozen=True, gc=False):
    """A loosening of an armed account's rules waits: until `effective_at`, or for a second person."""

    account: AccountId
    rules: Rules
    hours: tuple[MarketSpan, ...]
    effective_at: Nanos
    actor: str
    reason: str


class RulesProposalClosed(_Event, frozen=True, gc=False):
    """A proposed change of rules took effect (`applied`) or lapsed."""

    account: AccountId
    applied: bool
    actor: str
    reason: str


class RuleBreached(_Event, frozen=True, gc=False):
    """A rule found the account out of bounds, and it was within them before. `evidence` is what it was judged on."""

    account: AccountId
    verdict: RuleVerdict
    evidence: RuleEvidence


class BreachEnded(_Event, frozen=True, gc=False):
    """What a rule had found is over: won back, or its period ended."""

    account: AccountId
    rule: str
    key: str
    reason: str


class PeakRaised(_Event, frozen=True, gc=False):
    """The highest P&L of the day, or equity ever (net of transfers), that floors hang on."""

    account: AccountId
    peak_pnl: Money
    peak_equity: Money | None


class BestMarkMoved(_Event, frozen=True, gc=False):
    """A trusted mark went further in a position's favour than any since it was opened."""

    account: AccountId
    instrument_id: InstrumentId
    mark: Price


class ObligationOpened(_Event, frozen=True, gc=False):
    """Something is owed to the account from now on."""

    account: AccountId
    obligation: Obligation


class ObligationChanged(_Event, frozen=True, gc=False):
    """An obligation came a step further, was tried in vain, or is told to people once more."""

    account: AccountId
    obligation: Obligation


class ObligationClosed(_Event, frozen=True, gc=False):
    """An obligation ended: `done` or `superseded`."""

    account: AccountId
    obligation_id: int
    outcome: ObligationState
    reason: str
    obligation: Obligation | None = None
    """As it stood last."""


class BotWatched(_Event, frozen=True, gc=False):
    """Somebody promised to say that he lives: a strategy, or all who trade through one door (`client`)."""

    account: AccountId
    bot: str
    timeout: Nanos
    actor: str


class BotSilent(_Event, frozen=True, gc=False):
    """He did not: his working entries are cancelled, his stops stay."""

    account: AccountId
    bot: str
    silent_for: Nanos


class BotHeard(_Event, frozen=True, gc=False):
    """He is back, or takes his leave (`is_leaving`)."""

    account: AccountId
    bot: str
    is_leaving: bool = False


Event: TypeAlias = (
    OrderApproved
    | OrderDenied
    | OrderTriggered
    | OrderReleased
    | OrderHeld
    | StopTrailed
    | OrderRouted
    | OrderWorking
    | OrderRejected
    | OrderCanceled
    | OrderExpired
    | OrderBecameUnknown
    | CancelRequested
    | CancelRejected
    | ReplaceApproved
    | ReplaceDenied
    | OrderReplaced
    | ReplaceRejected
    | OrderFilled
    | ExternalFilled
    | FillVoided
    | ExternalOrderBooked
    | SelfMatchAvoided
    | EngineStarted
    | AccountOpened
    | InstrumentListed
    | SessionOpened
    | BaselineStated
    | PnlMarked
    | CashReported
    | CashMoved
    | BrokerStatusChanged
    | AccountProven
    | MismatchFound
    | RestrictionPlaced
    | RestrictionLifted
    | BreakerTripped
    | BreakerReset
    | LimitsChanged
    | SymbolLimitChanged
    | LimitsRefused
    | LimitsProposed
    | ProposalClosed
    | AccountArmed
    | AlertRaised
    | TimerSet
    | TimerEnded
    | ClockSteppedBy
    | ClockTrusted
    | RulesChanged
    | RulesProposed
    | RulesProposalClosed
    | RuleBreached
    | BreachEnded
    | PeakRaised
    | BestMarkMoved
    | ObligationOpened
    | ObligationChanged
    | ObligationClosed
    | BotWatched
    | BotSilent
    | BotHeard
)
