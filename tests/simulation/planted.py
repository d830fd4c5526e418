"""Defects, planted one at a time into the production code that the simulated process runs.

Each is a mistake that a person might make. What must notice it is named by the invariant.
"""

from collections.abc import Callable
from contextlib import ExitStack
from typing import Any, NamedTuple
from unittest.mock import patch

from msgspec import structs

from stopline.brokers.alpaca import client
from stopline.checks.max_position import MaxPosition
from stopline.checks.order_rate import OrderRate
from stopline.checks.trading_state import TradingStateCheck
from stopline.engine import gate
from stopline.engine.apply import APPLIERS
from stopline.engine.decide import system
from stopline.messages import events as e
from stopline.messages import inputs as i
from stopline.model.numbers import QTY_ONE, SECOND
from stopline.model.order import TRANSITIONS, OrderSignal, OrderState
from stopline.ports.broker import BrokerUnreachable
from stopline.runtime import loop as loop_module
from stopline.runtime.commit import Committer
from stopline.runtime.dispatcher import Dispatcher
from stopline.runtime.reconcile import Reconciler
from stopline.runtime.repeats import Repeats
from stopline.sim.world.terms import ALPACA, BROKER


class Planted(NamedTuple):
    """A defect: how it is planted, which invariants may notice, and under which faults."""

    name: str
    plant: Callable[[ExitStack], None]
    noticed_by: tuple[str, ...]
    mix: str = "mix"
    broker: str = BROKER


def _effects_at_once(stack: ExitStack) -> None:
    honest = Committer.add

    def add(self: Any, said: Any, is_lazy: bool = False) -> None:
        publisher = self._on_durable.__self__
        publisher.carry_out(said.effects, False)
        said.effects = ()
        honest(self, said, is_lazy)

    stack.enter_context(patch.object(Committer, "add", add))


def _answers_at_once(stack: ExitStack) -> None:
    honest = Committer.add

    def add(self: Any, said: Any, is_lazy: bool = False) -> None:
        if said.answer is not None and not said.answer.done():
            said.answer.set_result(said.reply)
        honest(self, said, is_lazy)

    stack.enter_context(patch.object(Committer, "add", add))


def _timeout_is_a_rejection(stack: ExitStack) -> None:
    honest = Dispatcher.__init__

    def made(self: Any, tell: Any, *rest: Any, **more: Any) -> None:
        def told(message: Any) -> None:
            if isinstance(message, i.OutcomeUnknown):
                message = i.OrderRefused(
                    account=message.account, routed_order_id=message.routed_order_id, reason="timeout"
                )
            tell(message)

        honest(self, told, *rest, **more)

    stack.enter_context(patch.object(Dispatcher, "__init__", made))


def _asked_to_cancel_is_canceled(stack: ExitStack) -> None:
    stack.enter_context(
        patch.dict(TRANSITIONS, {(OrderState.WORKING, OrderSignal.REQUEST_CANCEL): OrderState.CANCELED})
    )


def _fills_are_not_remembered(stack: ExitStack) -> None:
    honest = APPLIERS[e.OrderFilled]

    def filled(state: Any, event: Any, seq: int, at: int) -> None:
        honest(state, event, seq, at)
        state.accounts[event.fill.account].fills.pop(event.fill.exec_id)

    stack.enter_context(patch.dict(APPLIERS, {e.OrderFilled: filled}))


def _a_lot_too_much(stack: ExitStack) -> None:
    honest = MaxPosition._qty
    stack.enter_context(patch.object(MaxPosition, "_qty", lambda self, *more: honest(self, *more) - QTY_ONE))


def _no_rate(stack: ExitStack) -> None:
    stack.enter_context(patch.object(OrderRate, "observe", lambda self, order, account: 0))


def _kill_holds_nothing(stack: ExitStack) -> None:
    stack.enter_context(patch.object(TradingStateCheck, "observe", lambda self, order, account: 0))


def _state_beside_the_journal(stack: ExitStack) -> None:
    honest = loop_module.engine_step

    def step(state: Any, message: Any, at: int) -> Any:
        outcome = honest(state, message, at)
        if isinstance(message, i.MarkPnl):
            state.next_alert_id += 1
        return outcome

    defaults = dict(loop_module.Loop.__init__.__kwdefaults__, step=step)
    stack.enter_context(patch.object(loop_module.Loop.__init__, "__kwdefaults__", defaults))


def _nobody_reconciles(stack: ExitStack) -> None:
    stack.enter_context(patch.object(Reconciler, "ask", lambda self, broker="", is_new_session=False: None))


def _old_ids_are_new(stack: ExitStack) -> None:
    stack.enter_context(patch.object(Repeats, "find", lambda self, state, message: None))
    honest = APPLIERS[e.OrderApproved]

    def approved(state: Any, event: Any, seq: int, at: int) -> None:
        honest(state, event, seq, at)
        state.accounts[event.request.account].decided.clear()

    stack.enter_context(patch.dict(APPLIERS, {e.OrderApproved: approved}))


def _the_spool_is_forgotten(stack: ExitStack) -> None:
    async def merge(journal: Any, spool: Any) -> None:
        await spool.clear()

    stack.enter_context(patch("stopline.bootstrap.system.merge_spool", merge))


def _voids_are_ignored(stack: ExitStack) -> None:
    stack.enter_context(patch.dict(APPLIERS, {e.FillVoided: lambda state, event, seq, at: None}))


def _he_releases_his_own_kill(stack: ExitStack) -> None:
    stack.enter_context(patch("stopline.engine.decide.kill.ONE_PERSON_RELEASE_WAIT", 0))


def _looser_is_taken_at_once(stack: ExitStack) -> None:
    stack.enter_context(patch("stopline.engine.decide.limits.is_looser", lambda old, new: False))


def _he_approves_his_own_proposal(stack: ExitStack) -> None:
    stack.enter_context(patch("stopline.engine.decide.limits.is_one_person", lambda one, other: False))


def _limits_of_before(stack: ExitStack) -> None:
    honest = gate._evidence

    def evidence(account: Any, verdict: Any) -> Any:
        seen = honest(account, verdict)
        return structs.replace(seen, limits_version=max(seen.limits_version - 1, 1))

    stack.enter_context(patch.object(gate, "_evidence", evidence))


def _a_lock_asks_for_ever(stack: ExitStack) -> None:
    honest = system.end_lock

    def end_lock(turn: Any, account: Any, key: str) -> None:
        honest(turn, account, key)
        if "clock" in account.restrictions and key in account.restrictions:
            name = account.terms.account
            turn.say(e.TimerSet(f"lock:{name}:{key}", turn.at + SECOND, name))

    stack.enter_context(patch.object(system, "end_lock", end_lock))


def _a_504_is_a_refusal(stack: ExitStack) -> None:
    stack.enter_context(patch.object(client, "NOT_DONE", client.NOT_DONE | {504}))


def _no_answer_is_not_sent(stack: ExitStack) -> None:
    stack.enter_context(patch.object(client, "SendOutcomeUnknown", BrokerUnreachable))


PLANTED = (
    Planted("effects before the disk", _effects_at_once, ("I01",)),
    Planted("answers before the disk", _answers_at_once, ("I17",)),
    Planted("a timeout is a rejection", _timeout_is_a_rejection, ("I04",), "network"),
    Planted("asked to cancel is canceled", _asked_to_cancel_is_canceled, ("I04", "I08"), "network"),
    Planted("fills are not remembered", _fills_are_not_remembered, ("I10", "I02"), "network"),
    Planted("a lot too much", _a_lot_too_much, ("I05",), "none"),
    Planted("no rate", _no_rate, ("I16",), "none"),
    Planted("a kill holds nothing", _kill_holds_nothing, ("I09",), "none"),
    Planted("state beside the journal", _state_beside_the_journal, ("I12",), "none"),
    Planted("nobody reconciles", _nobody_reconciles, ("I06", "I20"), "none"),
    Planted("old ids are new", _old_ids_are_new, ("I03", "I10", "I11"), "none"),
    Planted("the spool is forgotten", _the_spool_is_forgotten, ("I18", "I20", "I03"), "store"),
    Planted("he releases his own kill", _he_releases_his_own_kill, ("I13",), "none"),
    Planted("looser is taken at once", _looser_is_taken_at_once, ("I14",), "none"),
    Planted("he approves his own proposal", _he_approves_his_own_proposal, ("I14",), "none"),
    Planted("limits of before", _limits_of_before, ("I26",), "none"),
    Planted("a lock asks for ever", _a_lock_asks_for_ever, ("I20",), "clock"),
    Planted("a 504 is a refusal", _a_504_is_a_refusal, ("I04", "I08"), "network", ALPACA),
    Planted("no answer is not sent", _no_answer_is_not_sent, ("I04", "I08"), "network", ALPACA),
    Planted("voids are ignored", _voids_are_ignored, ("I02", "I10", "I06"), "broker"),
)
