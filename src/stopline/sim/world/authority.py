"""Who may do what, and why: of each durable event, held against the state in front of it.

I13   whoever releases, loosens, arms or states is one of the people of this world; nobody releases his own kill
      within a quarter of an hour.
I14   a position limit of an armed account is raised only by a proposal that somebody else approved, or that has waited.
I26   a decision says what it saw, and its verdict follows from that.
"""

from typing import Final

from stopline.messages import events as e
from stopline.messages.events import Event, OrderApproved, OrderDenied
from stopline.model.numbers import SECOND, Nanos
from stopline.sim.world.violation import demand
from stopline.state.account import AccountState
from stopline.state.state import State

PEOPLE: Final = ("ann", "bob", "local")
"""Who asks in this world."""
MACHINES: Final = ("engine", "config", "")
COOLING_OFF: Final[Nanos] = 72 * 3600 * SECOND
OWN_KILL: Final[Nanos] = 900 * SECOND
_BY_PEOPLE: Final = (e.BaselineStated, e.AccountArmed, e.ClockTrusted, e.LimitsRefused)
EVERYTHING: Final = 2**62


def judge_authority(state: State, event: Event, events: tuple[Event, ...], at: Nanos) -> None:
    """Look at one event; `state` is the one in front of its record."""
    if isinstance(event, _BY_PEOPLE):
        _demand_person(event, event.actor)
    elif isinstance(event, e.RestrictionLifted) and event.key == "kill":
        _judge_release(state, event, at)
    elif isinstance(event, e.LimitsChanged):
        demand(event.actor in (*PEOPLE, *MACHINES), f"I13 limits are changed by {event.actor!r}, whom nobody knows")
        _judge_limits(state, event, events, at)
    elif isinstance(event, OrderApproved | OrderDenied):
        _judge_verdict(event)
        if event is events[0]:
            _judge_evidence(state, event)


def _demand_person(event: Event, actor: str) -> None:
    demand(actor in PEOPLE, f"I13 {type(event).__name__} by {actor!r}, who is nobody here")


def _judge_release(state: State, event: e.RestrictionLifted, at: Nanos) -> None:
    """A kill is released by a second person, or by the first one after a while."""
    _demand_person(event, event.actor)
    account = state.accounts.get(event.scope_id)
    held = None if account is None else account.restrictions.get(event.key)
    if held is not None:
        is_other = held.actor != event.actor
        demand(is_other or at - held.since >= OWN_KILL, f"I13 {event.actor} releases a kill of his own")


def _judge_limits(state: State, event: e.LimitsChanged, events: tuple[Event, ...], at: Nanos) -> None:
    """A limit that is looser than before was proposed, and approved by another or waited for."""
    account = state.accounts.get(event.account)
    if account is None or not account.is_armed or event.scope_id:
        return
    before, after = (each.max_position_qty or EVERYTHING for each in (account.limits.own(), event.limits))
    if after <= before:
        return
    closed = next((each for each in events if isinstance(each, e.ProposalClosed) and each.applied), None)
    demand(closed is not None, f"I14 {event.account}: the limit goes from {before} to {after} without a proposal")
    assert closed is not None
    proposal = account.limits.proposals[closed.proposal_id]
    has_waited = at - proposal.proposed_at >= COOLING_OFF
    demand(
        has_waited or closed.actor != proposal.actor,
        f"I14 {event.account}: {closed.actor} approves what he proposed himself",
    )


def _judge_verdict(decision: OrderApproved | OrderDenied) -> None:
    """A denial names the check that said no, and nothing is approved that one denied."""
    name = decision.request.client_order_id
    denied = [finding.check for finding in decision.findings if not finding.passed]
    if isinstance(decision, OrderApproved):
        demand(not denied, f"I26 {name} is approved, and {denied} denied it")
    elif decision.findings:
        demand(decision.check in denied, f"I26 {name} is denied by {decision.check}, and the findings name {denied}")


def _judge_evidence(state: State, decision: OrderApproved | OrderDenied) -> None:
    """What a decision says that it saw is what there was."""
    account = state.accounts.get(decision.request.account)
    if account is None:
        return
    seen, name = decision.evidence, decision.request.client_order_id
    demand(
        seen.limits_version == account.limits.version,
        f"I26 {name}: decided on limits {seen.limits_version}, and {account.limits.version} were in force",
    )
    _judge_position(account, decision)


def _judge_position(account: AccountState, decision: OrderApproved | OrderDenied) -> None:
    position, seen = account.positions.get(decision.request.instrument_id), decision.evidence
    if position is None:
        return
    there = (position.qty, position.working_buys, position.working_sells)
    told = (seen.position, seen.working_buys, seen.working_sells)
    demand(there == told, f"I26 {decision.request.client_order_id}: saw {told}, and there was {there}")
