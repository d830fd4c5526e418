"""People, about account rules."""

from typing import TypeAlias

from stopline.messages.inputs.base import BaseInput
from stopline.model.ids import AccountId
from stopline.model.market_hours import MarketSpan
from stopline.model.rules import Rules


class ChangeRules(BaseInput, frozen=True, gc=False):
    """Set all rules of one account; `hours` as in SessionScheduled, for the rules that are set now."""

    account: AccountId
    rules: Rules
    hours: tuple[MarketSpan, ...] = ()
    reason: str = ""
    actor: str = "local"


class ApproveRules(BaseInput, frozen=True, gc=False):
    """A second person approves a proposed loosening of rules."""

    account: AccountId
    actor: str = "local"


RuleInput: TypeAlias = ChangeRules | ApproveRules
