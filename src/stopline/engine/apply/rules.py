"""Events of rules, breaches, obligations and bots."""

from typing import Any

from msgspec import structs

from stopline.engine.history import PROTECTS, guard, remember
from stopline.engine.tables import Appliers
from stopline.messages import events as e
from stopline.messages.events import Event
from stopline.model.breach import OpenBreach
from stopline.model.ids import AccountId
from stopline.model.numbers import Nanos
from stopline.state.bots import Bot
from stopline.state.limits import RulesProposal
from stopline.state.state import State


def note(state: State, event: Event, at: Nanos) -> None:
    """Let an account's history take an event that was just applied."""
    account = state.accounts.get(_account_of(event))
    if account is None:
        return
    remember(account.history, account, event, at)
    if type(event) in PROTECTS and account.rules.stop_loss_grace is not None:
        guard(account.history, account, state.instruments, at)


def _account_of(event: Any) -> AccountId:
    """Return whose event it is; it names him itself, or what it holds does."""
    for part in ("fill", "request", "order"):
        held = getattr(event, part, None)
        if held is not None:
            return _account_of(held)
    account: AccountId = event.account
    return account


def _changed(state: State, event: e.RulesChanged, seq: int, at: Nanos) -> None:
    account = state.accounts[event.account]
    account.rules, account.hours, account.armed = event.rules, event.hours, {}


def _proposed(state: State, event: e.RulesProposed, seq: int, at: Nanos) -> None:
    state.accounts[event.account].rules_proposal = RulesProposal(
        event.rules, event.hours, at, event.effective_at, event.actor, event.reason
    )


def _proposal_closed(state: State, event: e.RulesProposalClosed, seq: int, at: Nanos) -> None:
    state.accounts[event.account].rules_proposal = None


def _breached(state: State, event: e.RuleBreached, seq: int, at: Nanos) -> None:
    state.accounts[event.account].breaches[event.verdict.name] = OpenBreach(event.verdict, at)


def _breach_ended(state: State, event: e.BreachEnded, seq: int, at: Nanos) -> None:
    state.accounts[event.account].breaches.pop(f"{event.rule}:{event.key}", None)


def _opened(state: State, event: e.ObligationOpened, seq: int, at: Nanos) -> None:
    obligation = event.obligation
    state.accounts[event.account].obligations[obligation.obligation_id] = obligation
    state.next_obligation_id = obligation.obligation_id + 1


def _moved(state: State, event: e.ObligationChanged, seq: int, at: Nanos) -> None:
    state.accounts[event.account].obligations[event.obligation.obligation_id] = event.obligation


def _closed(state: State, event: e.ObligationClosed, seq: int, at: Nanos) -> None:
    state.accounts[event.account].obligations.pop(event.obligation_id, None)


def _bot_watched(state: State, event: e.BotWatched, seq: int, at: Nanos) -> None:
    state.accounts[event.account].bots[event.bot] = Bot(event.bot, event.timeout)


def _bot_silent(state: State, event: e.BotSilent, seq: int, at: Nanos) -> None:
    bots = state.accounts[event.account].bots
    bots[event.bot] = structs.replace(bots[event.bot], is_silent=True)


def _bot_heard(state: State, event: e.BotHeard, seq: int, at: Nanos) -> None:
    bots = state.accounts[event.account].bots
    if event.is_leaving:
        bots.pop(event.bot, None)
    else:
        bots[event.bot] = structs.replace(bots[event.bot], is_silent=False)


def _nothing(state: State, event: object, seq: int, at: Nanos) -> None:
    """The account's history takes it (`note`)."""


APPLY_RULES: Appliers = {
    e.RulesChanged: _changed,
    e.RulesProposed: _proposed,
    e.RulesProposalClosed: _proposal_closed,
    e.RuleBreached: _breached,
    e.BreachEnded: _breach_ended,
    e.PeakRaised: _nothing,
    e.BestMarkMoved: _nothing,
    e.ObligationOpened: _opened,
    e.ObligationChanged: _moved,
    e.ObligationClosed: _closed,
    e.BotWatched: _bot_watched,
    e.BotSilent: _bot_silent,
    e.BotHeard: _bot_heard,
}
