"""Events: facts, in the past tense, with the evidence they were decided on. The journal holds these.

Schema version 1. Fields are only ever added, at the end, with a default; anything else
goes through `messages/upcast.py`. One file per subject; everybody imports from here.
"""

from typing import TypeAlias

from stopline.messages.events.accounts import (
    AccountEvent,
    AccountOpened,
    BaselineStated,
    CashMoved,
    CashReported,
    PnlMarked,
    SessionOpened,
)
from stopline.messages.events.bots import BotEvent, BotHeard, BotSilent, BotWatched
from stopline.messages.events.brokers import AccountProven, BrokerEvent, BrokerStatusChanged, MismatchFound
from stopline.messages.events.decisions import (
    DecisionEvent,
    Evidence,
    OrderApproved,
    OrderDenied,
    ReplaceApproved,
    ReplaceDenied,
    SelfMatchAvoided,
)
from stopline.messages.events.fills import ExternalFilled, FillEvent, FillVoided, OrderFilled
from stopline.messages.events.held import HeldEvent, OrderHeld, OrderReleased, OrderTriggered, StopTrailed
from stopline.messages.events.limits import (
    AccountArmed,
    LimitEvent,
    LimitsChanged,
    LimitsProposed,
    LimitsRefused,
    ProposalClosed,
    SymbolLimitChanged,
)
from stopline.messages.events.obligations import ObligationChanged, ObligationClosed, ObligationEvent, ObligationOpened
from stopline.messages.events.orders import (
    CancelRejected,
    CancelRequested,
    ExternalOrderBooked,
    OrderBecameUnknown,
    OrderCanceled,
    OrderEvent,
    OrderExpired,
    OrderRejected,
    OrderReplaced,
    OrderRouted,
    OrderWorking,
    ReplaceRejected,
)
from stopline.messages.events.restrictions import (
    BreakerReset,
    BreakerTripped,
    RestrictionEvent,
    RestrictionLifted,
    RestrictionPlaced,
)
from stopline.messages.events.rules import (
    BestMarkMoved,
    BreachEnded,
    PeakRaised,
    RuleBreached,
    RuleEvent,
    RuleEvidence,
    RulesChanged,
    RulesProposalClosed,
    RulesProposed,
)
from stopline.messages.events.system import (
    AlertRaised,
    ClockSteppedBy,
    ClockTrusted,
    EngineStarted,
    InstrumentListed,
    SystemEvent,
    TimerEnded,
    TimerSet,
)

__all__ = [
    "SCHEMA_VERSION", "AccountArmed", "AccountOpened", "AccountProven", "AlertRaised", "BaselineStated",
    "BestMarkMoved", "BotHeard", "BotSilent", "BotWatched", "BreachEnded", "BreakerReset", "BreakerTripped",
    "BrokerStatusChanged", "CancelRejected", "CancelRequested", "CashMoved", "CashReported", "ClockSteppedBy",
    "ClockTrusted", "EngineStarted", "Event", "Evidence", "ExternalFilled", "ExternalOrderBooked", "FillVoided",
    "InstrumentListed", "LimitsChanged", "LimitsProposed", "LimitsRefused", "MismatchFound", "ObligationChanged",
    "ObligationClosed", "ObligationOpened", "OrderApproved", "OrderBecameUnknown", "OrderCanceled", "OrderDenied",
    "OrderExpired", "OrderFilled", "OrderHeld", "OrderRejected", "OrderReleased", "OrderReplaced", "OrderRouted",
    "OrderTriggered", "OrderWorking", "PeakRaised", "PnlMarked", "ProposalClosed", "ReplaceApproved",
    "ReplaceDenied", "ReplaceRejected", "RestrictionLifted", "RestrictionPlaced", "RuleBreached", "RuleEvidence",
    "RulesChanged", "RulesProposalClosed", "RulesProposed", "SelfMatchAvoided", "SessionOpened", "StopTrailed",
    "SymbolLimitChanged", "TimerEnded", "TimerSet",
]  # fmt: skip

SCHEMA_VERSION = 1

Event: TypeAlias = (
    DecisionEvent
    | HeldEvent
    | OrderEvent
    | FillEvent
    | AccountEvent
    | BrokerEvent
    | RestrictionEvent
    | LimitEvent
    | RuleEvent
    | ObligationEvent
    | BotEvent
    | SystemEvent
)
