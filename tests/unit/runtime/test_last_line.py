"""The broker itself refuses orders only while the account is halted, flat and without orders."""

import asyncio

import pytest

from stopline.model.account import SEVERITY, AccountTerms, TradingState
from stopline.model.numbers import QTY_ONE
from stopline.ports.broker import SendOutcomeUnknown
from stopline.runtime.last_line import LastLine
from stopline.state.account import AccountState
from stopline.state.positions import Position
from stopline.state.state import State


class Broker:
    def __init__(self, is_suspended: bool = False) -> None:
        self.is_suspended = is_suspended
        self.told: list[bool] = []
        self.failures: list[Exception] = []

    async def suspend(self, is_suspended: bool) -> None:
        self.told.append(is_suspended)
        self.is_suspended = self.is_suspended or is_suspended
        if self.failures:
            raise self.failures.pop()
        self.is_suspended = is_suspended


def make(state: TradingState, held: int = 0) -> State:
    account = AccountState(AccountTerms("A1", "alpaca"), severity=SEVERITY[state])
    account.positions["eq:US:AAPL"] = Position("eq:US:AAPL", qty=held * QTY_ONE)
    return State(accounts={"A1": account})


@pytest.mark.parametrize(
    ("state", "held", "wanted"),
    [
        (TradingState.HALTED, 0, True),
        (TradingState.HALTED, 1, False),
        (TradingState.HALTED, -1, False),
        (TradingState.CANCEL_ONLY, 0, False),
        (TradingState.ACTIVE, 0, False),
    ],
)
def test_only_when_halted_and_flat(state, held, wanted):
    assert LastLine(Broker(), "A1", lambda: make(state, held)).is_wanted() is wanted


async def test_it_is_told_until_it_is_taken_and_taken_back(monkeypatch):
    broker, now = Broker(), [make(TradingState.HALTED)]
    broker.failures = [SendOutcomeUnknown("lost"), OSError("no space left")]
    line = LastLine(broker, "A1", lambda: now[0], retry_s=0)
    running = asyncio.ensure_future(line.run())
    async with asyncio.timeout(60):
        while len(broker.told) < 3:
            await asyncio.sleep(0)
        now[0] = make(TradingState.ACTIVE)
        line.hear(1, 1, ())
        while broker.is_suspended:
            await asyncio.sleep(0)
    running.cancel()
    assert broker.told == [True, True, True, False]


async def test_one_whose_answer_got_lost_is_taken_back_too():
    """It may be in force: then the account could not even leave a position."""
    broker, now = Broker(), [make(TradingState.HALTED)]
    broker.failures = [SendOutcomeUnknown("lost")]
    line = LastLine(broker, "A1", lambda: now[0], retry_s=0.05)
    running = asyncio.ensure_future(line.run())
    async with asyncio.timeout(60):
        while not broker.told:
            await asyncio.sleep(0)
        now[0] = make(TradingState.ACTIVE)
        while broker.is_suspended:
            await asyncio.sleep(0.001)
    running.cancel()
    assert broker.told == [True, False]


@pytest.mark.parametrize(("was", "told"), [(True, [True]), (False, [])])
async def test_after_a_restart_only_what_we_have_told_it_is_told_again(was, told):
    broker = Broker(is_suspended=was)
    line = LastLine(broker, "A1", lambda: make(TradingState.HALTED if was else TradingState.ACTIVE), retry_s=0)
    running = asyncio.ensure_future(line.run())
    for _ in range(20):
        await asyncio.sleep(0)
    running.cancel()
    assert broker.told == told
