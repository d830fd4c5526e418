"""Account rules: how they come to change, what they found, what they remember."""

from typing import TypeAlias

from msgspec import Struct

from stopline.messages.events.base import BaseEvent
from stopline.model.breach import RuleVerdict
from stopline.model.ids import AccountId, InstrumentId
from stopline.model.market_hours import MarketSpan
from stopline.model.numbers import Money, Nanos, Price, Qty
from stopline.model.rules import Rules


class RuleEvidence(Struct, frozen=True, gc=False, array_like=True):
    """What a rule saw: the day, equity, and (instrument, signed quantity, trusted mark) of what is held."""

    realized_pnl: Money
    total_pnl: Money | None
    equity: Money | None
    positions: tuple[tuple[InstrumentId, Qty, Price | None], ...] = ()


class RulesChanged(BaseEvent, frozen=True, gc=False):
    """An account's rules are these from now on; `hours` as in SessionOpened."""

    account: AccountId
    rules: Rules
    hours: tuple[MarketSpan, ...]
    actor: str
    reason: str


class RulesProposed(BaseEvent, frozen=True, gc=False):
    """A loosening of an armed account's rules waits: until `effective_at`, or for a second person."""

    account: AccountId
    rules: Rules
    hours: tuple[MarketSpan, ...]
    effective_at: Nanos
    actor: str
    reason: str


class RulesProposalClosed(BaseEvent, frozen=True, gc=False):
    """A proposed change of rules took effect (`applied`) or lapsed."""

    account: AccountId
    applied: bool
    actor: str
    reason: str


class RuleBreached(BaseEvent, frozen=True, gc=False):
    """A rule found the account out of bounds, and it was within them before. `evidence` is what it was judged on."""

    account: AccountId
    verdict: RuleVerdict
    evidence: RuleEvidence


class BreachEnded(BaseEvent, frozen=True, gc=False):
    """What a rule had found is over: won back, or its period ended."""

    account: AccountId
    rule: str
    key: str
    reason: str


class PeakRaised(BaseEvent, frozen=True, gc=False):
    """The highest P&L of the day, or equity ever (net of transfers), that floors hang on."""

    account: AccountId
    peak_pnl: Money
    peak_equity: Money | None


class BestMarkMoved(BaseEvent, frozen=True, gc=False):
    """A trusted mark went further in a position's favour than any since it was opened."""

    account: AccountId
    instrument_id: InstrumentId
    mark: Price


RuleEvent: TypeAlias = (
    RulesChanged | RulesProposed | RulesProposalClosed | RuleBreached | BreachEnded | PeakRaised | BestMarkMoved
)
