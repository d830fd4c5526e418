"""One function per event, gathered in one table; what is silent is listed too, so that none is forgotten."""

from collections.abc import Callable, Sequence
from typing import Any, Final

from stopline.messages import events as e
from stopline.model.numbers import Nanos
from stopline.stores.projecting import days, fills, held, limits, orders, risk, rules
from stopline.stores.projecting.moment import Moment, event_id, instant_text
from stopline.stores.projecting.shelf import RowStore, Shelf

Project = Callable[[Shelf, Any, Moment], None]

PROJECT: Final[dict[type, Project]] = {
    e.OrderApproved: orders.project_approved,
    e.OrderDenied: orders.project_denied,
    e.OrderRouted: orders.project_routed,
    e.OrderWorking: orders.project_working,
    e.OrderRejected: orders.project_rejected,
    e.OrderCanceled: orders.project_canceled,
    e.OrderExpired: orders.project_expired,
    e.OrderBecameUnknown: orders.project_unknown,
    e.CancelRequested: orders.project_cancel_requested,
    e.CancelRejected: orders.project_cancel_rejected,
    e.ReplaceApproved: orders.project_replace_approved,
    e.ReplaceDenied: orders.project_replace_denied,
    e.OrderReplaced: orders.project_replaced,
    e.ReplaceRejected: orders.project_replace_rejected,
    e.ExternalOrderBooked: orders.project_external,
    e.SelfMatchAvoided: orders.project_self_match,
    e.OrderTriggered: held.project_triggered,
    e.OrderReleased: held.project_released,
    e.OrderHeld: held.project_held,
    e.StopTrailed: held.project_trailed,
    e.OrderFilled: fills.project_filled,
    e.ExternalFilled: fills.project_external_fill,
    e.FillVoided: fills.project_voided,
    e.SessionOpened: days.project_session,
    e.BaselineStated: days.project_baseline,
    e.PnlMarked: days.project_pnl,
    e.CashMoved: days.project_transfer,
    e.AlertRaised: risk.project_alert,
    e.BreakerTripped: risk.project_tripped,
    e.BreakerReset: risk.project_breaker_reset,
    e.RestrictionPlaced: risk.project_placed,
    e.RestrictionLifted: risk.project_lifted,
    e.TimerSet: risk.project_timer,
    e.TimerEnded: risk.project_timer_ended,
    e.LimitsChanged: limits.project_limits,
    e.SymbolLimitChanged: limits.project_symbol_limit,
    e.LimitsRefused: limits.project_refused,
    e.LimitsProposed: limits.project_proposed,
    e.ProposalClosed: limits.project_closed,
    e.AccountArmed: limits.project_armed,
    e.EngineStarted: limits.project_started,
    e.AccountOpened: limits.project_account,
    e.InstrumentListed: limits.project_instrument,
    e.RulesChanged: rules.project_rules,
    e.RulesProposed: rules.project_proposed,
    e.RulesProposalClosed: rules.project_closed,
    e.RuleBreached: rules.project_breached,
    e.BreachEnded: rules.project_breach_ended,
    e.ObligationOpened: rules.project_obligation,
    e.ObligationChanged: rules.project_obligation,
    e.ObligationClosed: rules.project_obligation_closed,
}
SILENT: Final = frozenset(
    {
        e.CashReported, e.BrokerStatusChanged, e.AccountProven, e.MismatchFound, e.ClockSteppedBy, e.ClockTrusted,
        e.PeakRaised, e.BestMarkMoved, e.BotWatched, e.BotSilent, e.BotHeard,
    }
)  # fmt: skip
"""Events that no table tells of; the restrictions and alerts that they lead to do."""


class Projector:
    """Turns records into rows. One batch at a time, inside the store's transaction."""

    def __init__(self, store: RowStore) -> None:
        """Read and write rows in `store`."""
        self._shelf = Shelf(store)

    def project(self, seq: int, at: Nanos, events: Sequence[e.Event]) -> None:
        """Put one record into the rows."""
        time = instant_text(at)
        for index, event in enumerate(events):
            project = PROJECT.get(type(event))
            if project is not None:
                project(self._shelf, event, Moment(event_id(seq, index), time))

    def flush(self) -> None:
        """Write the rows of this batch."""
        self._shelf.flush()

    def forget(self) -> None:
        """Drop what was not written: the batch failed."""
        self._shelf.forget()
