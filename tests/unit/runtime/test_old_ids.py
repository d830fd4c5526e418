"""An id from long ago keeps its decision: the engine forgets it after two trading days, the journal never."""

import pytest

from stopline.messages import inputs as i
from stopline.messages.events import OrderApproved, OrderDenied
from stopline.messages.replies import Decided, Refused, Repeated
from stopline.model.limits import Limits
from stopline.model.numbers import PRICE_ONE, SECOND
from stopline.ports.desk import DeskUnavailable
from stopline.ports.journal import JournalError
from stopline.runtime.sessions import find_session
from tests.unit.runtime.rig import Rig, buy

DAY = 86_400 * SECOND


async def pass_days(rig: Rig, days: int) -> None:
    for _ in range(days):
        rig.clock.move(DAY)
        session = find_session(rig.state.accounts["paper"].terms, rig.clock.at())
        await rig.loop.ask(i.SessionScheduled(account="paper", session=session))


@pytest.fixture
async def aged() -> Rig:
    rig = await Rig().start(Limits(max_order_notional=1_000 * PRICE_ONE))
    await rig.loop.ask(buy("approved"))
    await rig.loop.ask(buy("denied", qty=100))
    await rig.settle()
    routed = rig.order("approved").routed_order_id
    gone = i.OrderGone(account="paper", routed_order_id=routed, outcome="expired", cum_qty=0)
    await rig.loop.ask(gone)
    await pass_days(rig, 3)
    assert rig.state.accounts["paper"].forgot_ids
    assert rig.order("approved") is None
    return rig


@pytest.mark.parametrize(("again", "kind"), [(buy("approved"), OrderApproved), (buy("denied", qty=100), OrderDenied)])
async def test_the_same_order_gets_its_old_decision(aged: Rig, again: i.SubmitOrder, kind: type):
    seq = aged.loop.durable_seq
    reply = await aged.loop.ask(again)
    assert isinstance(reply, Repeated)
    _, events = aged.loop.recorded(reply.seq)
    decision = next(event for event in events if isinstance(event, kind))
    assert decision.request.client_order_id == again.client_order_id
    assert aged.loop.durable_seq == seq, "nothing new was decided"


@pytest.mark.parametrize("again", [buy("approved", qty=2), buy("denied", qty=99), buy("approved", price=99)])
async def test_another_body_is_a_conflict(aged: Rig, again: i.SubmitOrder):
    reply = await aged.loop.ask(again)
    assert isinstance(reply, Refused) and reply.code == "client_order_id_conflict"


async def test_a_close_does_not_take_an_old_id(aged: Rig):
    reply = await aged.loop.ask(i.ClosePosition(account="paper", symbol="AAPL", client_order_id="approved"))
    assert isinstance(reply, Refused) and reply.code == "client_order_id_conflict"


async def test_a_new_id_is_decided(aged: Rig):
    assert isinstance(await aged.loop.ask(buy("new")), Decided)


async def test_a_journal_that_cannot_be_searched_is_no_new_decision(aged: Rig, monkeypatch: pytest.MonkeyPatch):
    def broken(account: str, client_order_id: str) -> int | None:
        raise JournalError("planted")

    monkeypatch.setattr(aged.journal, "find_decision", broken)
    with pytest.raises(DeskUnavailable):
        await aged.loop.ask(buy("approved"))
    assert not aged.loop.is_rebuilding
