"""Inputs: what people, bots, brokers, feeds and timers bring to `step`. None of them is a fact yet.

One file per subject; everybody imports from here.
"""

from typing import TypeAlias

from stopline.messages.inputs.accounts import (
    AccountInput,
    LookAgain,
    MarkPnl,
    OpenAccount,
    SessionScheduled,
    StateBaseline,
)
from stopline.messages.inputs.bots import Heartbeat
from stopline.messages.inputs.brokers import (
    AccountReconciled,
    AccountReported,
    BrokerConnected,
    BrokerDisconnected,
    BrokerInput,
    CashTransferred,
)
from stopline.messages.inputs.exits import ClosePosition, ExitInput, Flatten
from stopline.messages.inputs.limits import ApproveLimits, ArmAccount, ChangeLimits, ChangeSymbolLimit, LimitInput
from stopline.messages.inputs.market import QuoteReceived
from stopline.messages.inputs.orders import CancelOrder, CheckOrder, OrderInput, ReplaceOrder, ResolveOrder, SubmitOrder
from stopline.messages.inputs.reports import (
    CancelRefused,
    ExternalOrderSeen,
    FillReported,
    OrderAccepted,
    OrderAmended,
    OrderGone,
    OrderRefused,
    OrderSent,
    OutcomeUnknown,
    ReplaceRefused,
    ReportInput,
)
from stopline.messages.inputs.restrictions import (
    Kill,
    LockOut,
    ReleaseKill,
    ReleaseLock,
    ResetBreaker,
    RestrictionInput,
    TripBreaker,
)
from stopline.messages.inputs.rules import ApproveRules, ChangeRules, RuleInput
from stopline.messages.inputs.store import DiskFilling, SpoolRecovered, StoreFailing, StoreInput
from stopline.messages.inputs.system import ClockStepped, ListInstrument, StartEngine, SystemInput, TimerDue, TrustClock

__all__ = [
    "AccountReconciled", "AccountReported", "ApproveLimits", "ApproveRules", "ArmAccount", "BrokerConnected",
    "BrokerDisconnected", "CancelOrder", "CancelRefused", "CashTransferred", "ChangeLimits", "ChangeRules",
    "ChangeSymbolLimit", "CheckOrder", "ClockStepped", "ClosePosition", "DiskFilling", "ExternalOrderSeen",
    "FillReported", "Flatten", "Heartbeat", "Input", "Kill", "ListInstrument", "LockOut", "LookAgain", "MarkPnl",
    "OpenAccount", "OrderAccepted", "OrderAmended", "OrderGone", "OrderRefused", "OrderSent", "OutcomeUnknown",
    "QuoteReceived", "ReleaseKill", "ReleaseLock", "ReplaceOrder", "ReplaceRefused", "ResetBreaker",
    "ResolveOrder", "SessionScheduled", "SpoolRecovered", "StartEngine", "StateBaseline", "StoreFailing",
    "SubmitOrder", "TimerDue", "TripBreaker", "TrustClock",
]  # fmt: skip

Input: TypeAlias = (
    OrderInput
    | ExitInput
    | RestrictionInput
    | LimitInput
    | RuleInput
    | Heartbeat
    | AccountInput
    | SystemInput
    | StoreInput
    | BrokerInput
    | ReportInput
    | QuoteReceived
)
